"""Pod Security Standards, level `restricted`."""

from __future__ import annotations

from batten.frameworks.tables._pss import table

FRAMEWORK = table("restricted")
