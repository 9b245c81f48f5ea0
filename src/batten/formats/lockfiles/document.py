"""Places in lock files, and the one edit that is safe in some: another version in the place of a version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batten.formats.document import TreeDocument
from batten.formats.lines import text_of
from batten.formats.text import TextDocument
from batten.model.edits import CannotEdit, Edit, ReplaceText, Splice
from batten.model.source import File, Location, Pointer
from batten.pattern import pattern

_VERSION: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9.+!_~-]{0,255}")


class LockDocument:
    """Implements `batten.model.source.Document` for one file, or one document of it.

    Pointers are those of `tree` where the file is JSON or YAML, else `(start, end)` in characters of the text,
    with the name where several packages have one place.
    `command` tells what writes the file anew, with `{name}` and `{version}`; `editable`: a version that stands
    in it may be replaced, as nothing else in the file follows from it.
    """

    __slots__ = ("command", "editable", "file", "names", "refused", "tree")

    def __init__(self, file: File, command: str, tree: TreeDocument | None = None, *, editable: bool = False) -> None:
        self.file = file
        self.command = command
        self.tree = tree
        self.editable = editable
        self.names: dict[Pointer, str] = {}
        """The package at each place."""
        self.refused: dict[Pointer, str] = {}
        """Places whose version cannot be replaced alone, and why."""

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the entry or its version stands."""
        if self.tree is not None:
            return self.tree.locate(pointer, key=key)
        return TextDocument(self.file).locate(pointer[:2])

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """`ReplaceText` of versions, where the file allows it. Raises `CannotEdit` with what to run instead."""
        return sorted({self._splice(edit) for edit in edits})

    def _splice(self, edit: Edit) -> Splice:
        if not isinstance(edit, ReplaceText) or edit.pointer not in self.names:
            raise CannotEdit("expected the replacement of a version that stands in this file")
        version = edit.text
        if not _VERSION.fullmatch(version):
            raise CannotEdit("expected a version, found something else")
        why = self.refused.get(edit.pointer, "")
        if not self.editable or self.tree is not None or why:
            run = self.command.format(name=self.names[edit.pointer], version=version)
            raise CannotEdit(f"{why or 'more than the version follows from it in this file'}; run `{run}`")
        start, end = int(edit.pointer[0]), int(edit.pointer[1])
        if text_of(self.file)[start : start + 1] == "v" and version[0].isdigit():
            version = f"v{version}"  # advisories of Go leave it out
        return Splice(start, end, version)
