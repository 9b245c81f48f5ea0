"""A value that was put together from parts of several files, as a document: each part stands where it was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batten.formats.nodes import Node
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import Document, File, Location, Place, Pointer, Problem


class NodeDocument:
    """Implements `batten.model.source.Document`. `file` is the file of the declaration."""

    __slots__ = ("_value", "deployed", "file", "index", "no_writer", "node", "notes", "original", "repeated")

    line = 1

    def __init__(self, file: File, index: int, node: Node) -> None:
        self.file = file
        self.deployed = ("", "")
        """Namespace and name of what is deployed."""
        self.original = ("", "")
        """The same, as the file calls it where it stands: several deployments of one declaration have one."""
        self.index = index
        self.node = node
        self.notes: tuple[Problem, ...] = ()
        self.repeated = False
        """It is declared once for several deployments: what is wrong with it is told once for each place."""
        self.no_writer = ""
        """Why no change of a neutral field can be written, where none can."""
        self._value: Any = None

    @property
    def value(self) -> Any:
        """The value as a plain one."""
        if self._value is None:
            self._value = _plain(self.node.value())
        return self._value

    @property
    def size(self) -> int:
        return 0

    def written(self, pointer: Pointer, *, key: bool = False) -> Place:
        """Where the value at `pointer` was written; what it would stand in, where it was not."""
        node, rest = self.node.at(pointer)
        place = node.place
        if rest and not node.opened:
            for part in rest:  # within a text or a file that is read as a whole
                place = place / part
        return Place(place.document, place.pointer, key and bool(place.pointer))

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self.written(pointer, key=key).location()

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit("it is put together from several places: edit those")

    def translated(self, edit: Edit) -> tuple[Document, Edit]:
        """The same edit in the file that decides; raises `CannotEdit` where there is none to make."""
        from msgspec.structs import replace

        node, rest = self.node.at(edit.pointer)
        reason = getattr(node.place.document, "not_edited", "")
        if reason:
            raise CannotEdit(reason)
        if rest and node.opened and not (node.is_map or node.is_list):
            raise CannotEdit("it is decided by an expression; edit it there")
        edit, rest = self.respelt(edit, rest)
        return node.place.document, replace(edit, pointer=(*node.place.pointer, *rest))

    def respelt(self, edit: Edit, rest: Pointer) -> tuple[Edit, Pointer]:
        """The edit, and what is left of its pointer, in the names of the file; here they are the same."""
        return edit, rest


def _plain(value: Any) -> Any:
    """With texts that are texts and nothing more."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, str) else value
