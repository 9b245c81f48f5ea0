"""A file as plain text: for what is found in text whatever the format."""

from __future__ import annotations

from collections.abc import Iterable

from batten.formats.lines import lines_of
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer


class TextDocument:
    """Implements `batten.model.source.Document`; a pointer is `(start, end)` in characters of the text."""

    def __init__(self, file: File) -> None:
        self.file = file

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The range in lines and columns; the whole first line for an empty pointer."""
        if len(pointer) != 2:
            return Location(self.file.path, 1)
        lines = lines_of(self.file)
        start, end = int(pointer[0]), int(pointer[1])
        last = max(start, end - 1)
        return Location(
            self.file.path,
            lines.line(start),
            start - lines.begin(start) + 1,
            lines.line(last),
            end - lines.begin(last) + 1,
        )

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """Plain text is never edited."""
        raise CannotEdit("plain text has no structure to edit")
