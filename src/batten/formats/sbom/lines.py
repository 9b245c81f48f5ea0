"""A document of which the line of each value of interest is known: XML and tag-value."""

from __future__ import annotations

from collections.abc import Iterable

from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer, pointer_text


class LinesDocument:
    """Implements `batten.model.source.Document`."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.places: dict[Pointer, tuple[int, int]] = {}
        """Pointer -> (line, column), from 1."""

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The place of the value, or of the nearest parent that is known; else the first line."""
        for length in range(len(pointer), 0, -1):
            if (place := self.places.get(pointer[:length])) is not None:
                return Location(self.file.path, place[0], place[1], pointer=pointer_text(pointer))
        return Location(self.file.path, 1, pointer=pointer_text(pointer))

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """Bills of materials are written anew, not edited."""
        raise CannotEdit("a bill of materials is made again from what it describes, not edited")
