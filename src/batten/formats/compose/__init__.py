"""Compose files and Swarm stacks (https://github.com/compose-spec/compose-spec)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.compose.reader import READER
from batten.modules import exports

if TYPE_CHECKING:
    from batten.formats.compose.writer import WRITER

__all__ = ["READER", "WRITER"]

# Loaded when something is to be written; a scan does without.
__getattr__ = exports(globals(), {"writer": ("WRITER",)})
