"""Applies splices to a text: for every format."""

from __future__ import annotations

from collections.abc import Iterable

from batten.model.edits import CannotEdit, Splice


def apply(text: str, splices: Iterable[Splice]) -> str:
    """`text` with every range replaced. Insertions at one offset keep their order; an insertion where a
    removed range ends or begins is allowed. Raises `CannotEdit` where ranges overlap."""
    parts: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < position:
            raise CannotEdit("two edits touch the same text; apply one, then the other")
        if not splice.start <= splice.end <= len(text):
            raise CannotEdit("an edit reaches beyond the text")
        parts += [text[position : splice.start], splice.text]
        position = splice.end
    parts.append(text[position:])
    return "".join(parts)
