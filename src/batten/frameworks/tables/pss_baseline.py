"""Pod Security Standards, level `baseline`."""

from __future__ import annotations

from batten.frameworks.tables._pss import table

FRAMEWORK = table("baseline")
