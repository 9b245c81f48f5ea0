"""Where the parts of an image stand: places in it are files, layers, steps and keys, not lines of a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer, pointer_text


class ImageDocument:
    """Locates ("file", PATH), ("file", PATH, LINE), ("layer", N), ("step", N) and ("config", KEY) in one image."""

    names_itself: Final = True
    """Its locations name the image as the user did, whatever target it is read in."""

    def __init__(self, reference: str) -> None:
        self._file = File(reference, b"")

    @property
    def file(self) -> File:
        """Stands for the image; it has no bytes."""
        return self._file

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """A file of the image is named `REFERENCE!PATH`, everything else by its pointer."""
        path = self._file.path
        if len(pointer) >= 2 and pointer[0] == "file":
            line = pointer[2] if len(pointer) > 2 and isinstance(pointer[2], int) else 1
            return Location(f"{path}!{pointer[1]}", line)
        return Location(path, 1, pointer=pointer_text(pointer))

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit("an image is built, not edited: change what it is built from")
