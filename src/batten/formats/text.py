"""A file as plain text: for what is found in text whatever the format."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer


class TextDocument:
    """Implements `batten.model.source.Document`; a pointer is `(start, end)` in characters of the text."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._starts: list[int] | None = None

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            text = self.file.text()
            position = text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = text.find("\n", position + 1)
            self._starts = starts
        return self._starts

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The range in lines and columns; the whole first line for an empty pointer."""
        if len(pointer) != 2:
            return Location(self.file.path, 1)
        starts = self._line_starts()
        start, end = int(pointer[0]), int(pointer[1])
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, max(start, end - 1)) - 1
        return Location(self.file.path, first + 1, start - starts[first] + 1, last + 1, end - starts[last] + 1)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """Plain text is never edited."""
        raise CannotEdit("plain text has no structure to edit")
