"""Where a service of a Compose project is edited: its own document, or another one that decides a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from batten.formats.compose.defaults import STACK_KEYS
from batten.formats.yaml import YamlDocument
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Document, Pointer
from batten.model.workload import Container, Mount, Port, Workload

Placed = tuple[Document, Edit]
"""An edit, and the document that it is of."""


class Spot(Struct, frozen=True, eq=False):
    """A place in one document of a project."""

    document: Document
    pointer: Pointer

    def __truediv__(self, part: str | int) -> Spot:
        return Spot(self.document, (*self.pointer, part))

    @property
    def parent(self) -> Spot:
        return Spot(self.document, self.pointer[:-1])

    def raw(self) -> Any:
        """The document's own value here, None where there is nothing."""
        value: Any = getattr(self.document, "value", None)
        for part in self.pointer:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def set(self, value: Any) -> Placed:
        return self.document, Set(self.pointer, value)

    def append(self, value: Any) -> Placed:
        return self.document, Append(self.pointer, value)

    def remove(self) -> Placed:
        """Without what stands here. Where that is all that its file says, as in an override, the service stays and is
        empty: a file of `{}` tells nobody what it was for."""
        if self._is_all():
            return self.document, Set(self.pointer[:2], {})
        return self.document, Remove(self.pointer)

    def _is_all(self) -> bool:
        value: Any = getattr(self.document, "value", None)
        for part in self.pointer:
            if not isinstance(value, dict) or len(value) != 1 or part not in value:
                return False
            value = value[part]
        return len(self.pointer) > 2

    def take_away(self, otherwise: Any) -> list[Placed]:
        """Removes what stands here; `otherwise` is written over what comes from a merge key, and over what is all that
        its file says."""
        if otherwise is not None and (self._is_all() or not _can(self.document, [Remove(self.pointer)])):
            return [self.set(otherwise)]
        return [self.remove()]

    def without(self, unwanted: Callable[[str], bool]) -> list[Placed]:
        """Takes texts out of the list here; a list that comes from a merge key is written out without."""
        listed = self.raw()
        items = listed if isinstance(listed, list) else []
        gone = [index for index, item in enumerate(items) if isinstance(item, str) and unwanted(item)]
        edits: list[Edit] = [Remove((*self.pointer, index)) for index in gone]
        if edits and len(edits) == len(items) and self._is_all():
            return [self.remove()]
        if edits and not _can(self.document, edits):
            return [self.set([item for index, item in enumerate(items) if index not in gone])]
        return [(self.document, edit) for edit in edits]


def _can(document: Document, edits: list[Edit]) -> bool:
    """Whether the document lets itself be edited so."""
    try:
        document.splices(edits)
    except CannotEdit:
        return False
    return True


class Service:
    """The service that is changed."""

    def __init__(self, target: Container | Workload) -> None:
        self.target = target
        self.is_swarm = target.platform == "swarm"
        self.own = Spot(target.document, target.pointer)
        """Where it stands itself."""

    def at(self, *keys: str, known: bool = True) -> Spot:
        """Where `keys` of the service stand or will stand; raises where a stack takes no notice of them."""
        if known and self.is_swarm and keys[0] not in STACK_KEYS:
            raise CannotEdit(f"docker stack deploy ignores {keys[0]}")
        return Spot(self.own.document, (*self.own.pointer, *keys))

    def place(self, field: str) -> Spot | None:
        """Where the field is set: in a file that is laid over this one, or that it extends, too; None where it is
        not."""
        if not self.target.is_set(field):
            return None
        where = self.target.where(field)
        return self.spot(where.document, where.pointer)

    def entry(self, part: Port | Mount) -> Spot:
        """Where one of its entries stands."""
        return self.spot(part.document, part.pointer)

    def spot(self, document: Document | None, pointer: Pointer) -> Spot:
        """A place in a document of the project; raises where that is none that can be edited (an env file)."""
        found = self.own.document if document is None else document
        if found is not self.own.document and not isinstance(found, YamlDocument):
            raise CannotEdit(f"it is decided in {found.file.path}; change it there")
        return Spot(found, pointer)
