"""Compose files and Swarm stacks (https://github.com/compose-spec/compose-spec)."""

from __future__ import annotations

from batten.formats.compose.reader import READER
from batten.formats.compose.writer import WRITER

__all__ = ["READER", "WRITER"]
