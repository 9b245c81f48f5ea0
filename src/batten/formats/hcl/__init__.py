"""HCL 2, the language of Terraform and OpenTofu: text -> parts with places, and edits of them."""

from __future__ import annotations
