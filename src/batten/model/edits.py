"""Edits on documents, as data: what a fix consists of.

A pointer addresses a value as in `batten.model.source`. Line-oriented documents (Dockerfile,
Quadlet) use the pointers that their module documents.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from batten.model.source import Pointer


class Set(Struct, frozen=True, tag=True):
    """The value at `pointer` becomes `value` (JSON-like); missing mappings on the way are made.

    `shared`: so does that of every place which has the same value by an alias, as other edits say.
    """

    pointer: Pointer
    value: Any
    shared: bool = False


class Remove(Struct, frozen=True, tag=True):
    """The key or item at `pointer` goes, with its line; a parent left empty goes too if `prune`.

    `shared`: as in `Set`.
    """

    pointer: Pointer
    prune: bool = True
    shared: bool = False


class Append(Struct, frozen=True, tag=True):
    """`value` becomes the last item of the list at `pointer`, which is made if missing.

    Nothing happens where an equal item is already there. `shared`: as in `Set`.
    """

    pointer: Pointer
    value: Any
    shared: bool = False


class InsertBefore(Struct, frozen=True, tag=True):
    """`text` (whole lines, no final newline) is put before the instruction at `pointer`."""

    pointer: Pointer
    text: str


class InsertAfter(Struct, frozen=True, tag=True):
    """`text` (whole lines, no final newline) is put after the instruction at `pointer`."""

    pointer: Pointer
    text: str


class ReplaceText(Struct, frozen=True, tag=True):
    """The exact source text of the node at `pointer` becomes `text`."""

    pointer: Pointer
    text: str


Edit = Set | Remove | Append | InsertBefore | InsertAfter | ReplaceText


class Splice(Struct, frozen=True, order=True):
    """Characters `start` to `end` (exclusive) of a file's text are replaced by `text`."""

    start: int
    end: int
    text: str


class CannotEdit(Exception):
    """An edit that cannot be done without touching what it must not touch; the message says why."""
