"""Resources of Amazon Web Services by the names of CloudFormation: what Terraform and CloudFormation both come to."""

from __future__ import annotations
