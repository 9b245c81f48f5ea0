"""An object of a build as a document: its parts stand in the files that it was built from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batten.formats.kustomize.objects import Object
from batten.model.edits import CannotEdit, Edit, Set, Splice
from batten.model.source import Document, File, Location, Place, Pointer, Problem


class BuiltDocument:
    """Implements `batten.model.source.Document`. `file` is the kustomization: two overlays of one base are two."""

    __slots__ = ("_value", "deployed", "file", "index", "node", "notes", "original")

    line = 1

    def __init__(self, file: File, index: int, built: Object) -> None:
        self.file = file
        self.index = index
        self.node = built.node
        first, now = built.original, built.id
        self.original = (first.namespace, first.name)
        """Namespace and name in the file of the object."""
        self.deployed = (now.namespace, now.name)
        """Namespace and name as it is deployed."""
        self.notes: tuple[Problem, ...] = ()
        self._value: Any = None

    @property
    def value(self) -> Any:
        """The object as it is deployed."""
        if self._value is None:
            self._value = self.node.value()
        return self._value

    def written(self, pointer: Pointer, *, key: bool = False) -> Place:
        """Where the value at `pointer` was written: in a resource, a patch, or the kustomization itself."""
        node, rest = self.node.at(pointer)
        place = node.place
        for part in rest:
            place = place / part
        return Place(place.document, place.pointer, key and bool(place.pointer))

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self.written(pointer, key=key).location()

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit("it is built: edit what it is built from")

    def translated(self, edit: Edit) -> tuple[Document, Edit]:
        """The same edit in the file that decides; raises `CannotEdit` where that is a text in another value."""
        from msgspec.structs import replace

        node, rest = self.node.at(edit.pointer)
        if type(node.place) is not Place:
            raise CannotEdit("it stands in a patch that is a text in the kustomization; edit it there")
        if not rest and node.place.pointer[-1:] != edit.pointer[-1:] and not _is_of_operation(node.place, edit):
            raise CannotEdit("the kustomization sets it in words of its own; edit it there")
        return node.place.document, replace(edit, pointer=(*node.place.pointer, *rest))


def _is_of_operation(place: Place, edit: Edit) -> bool:
    """Does the edit set the whole `value` of an operation of a JSON 6902 patch?"""
    pointer = place.pointer
    return isinstance(edit, Set) and len(pointer) == 2 and isinstance(pointer[0], int) and pointer[1] == "value"
