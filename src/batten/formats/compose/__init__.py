"""Compose files and Swarm stacks (https://github.com/compose-spec/compose-spec)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.compose.reader import READER

if TYPE_CHECKING:
    from batten.formats.compose.writer import ComposeWriter

__all__ = ["READER", "WRITER"]


def __getattr__(name: str) -> ComposeWriter:
    """`WRITER`: imported when something is to be written; a scan does without."""
    if name != "WRITER":
        raise AttributeError(name)
    from batten.formats.compose.writer import WRITER

    return WRITER
