"""Values that know where each of their parts was written, however they were merged.

A build takes objects from many files and changes them. A node is one value with the place that it came from;
its children become nodes of their own only where something looks into them, so that what no rule touches costs
nothing.
"""

from __future__ import annotations

from typing import Any, Final

from batten.model.source import Place, Pointer

_UNOPENED: Final[Any] = object()


class Node:
    """A mapping, a list or a scalar. `place`: where it was written."""

    __slots__ = ("_children", "place", "plain")

    def __init__(self, plain: Any, place: Place) -> None:
        self.plain = plain
        """The value as read; of an opened mapping or list only its type counts any more."""
        self.place = place
        self._children: Any = _UNOPENED

    @property
    def is_map(self) -> bool:
        return isinstance(self.plain, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.plain, list)

    @property
    def opened(self) -> bool:
        """Its children are nodes of their own by now, and may differ from `plain`."""
        return self._children is not _UNOPENED

    @property
    def fields(self) -> dict[str, Node]:
        """The fields of a mapping, to be changed in place; an empty one of anything else."""
        if self._children is _UNOPENED:
            self._children = (
                {key: Node(value, self.place / key) for key, value in self.plain.items()} if self.is_map else {}
            )
        found: dict[str, Node] = self._children if self.is_map else {}
        return found

    @property
    def items(self) -> list[Node]:
        """The items of a list, to be changed in place; an empty one of anything else."""
        if self._children is _UNOPENED:
            self._children = (
                [Node(value, self.place / index) for index, value in enumerate(self.plain)] if self.is_list else []
            )
        found: list[Node] = self._children if self.is_list else []
        return found

    def get(self, key: str) -> Node | None:
        """The field of a mapping."""
        if self._children is _UNOPENED and (not self.is_map or key not in self.plain):
            return None
        return self.fields.get(key)

    def each(self, key: str) -> list[Node]:
        """The items of the list in a field; none where there is no such list."""
        child = self.get(key)
        return child.items if child is not None else []

    def text(self, *route: str) -> str:
        """The text at the end of a route of fields; "" where there is none."""
        node: Node | None = self
        for key in route:
            node = node.get(key) if node is not None else None
        return node.plain if node is not None and isinstance(node.plain, str) else ""

    def value(self) -> Any:
        """The value with everything that was changed, as plain Python."""
        if self._children is _UNOPENED:
            return self.plain
        if self.is_map:
            return {key: child.value() for key, child in self.fields.items()}
        return [child.value() for child in self.items] if self.is_list else self.plain

    def at(self, pointer: Pointer) -> tuple[Node, Pointer]:
        """The deepest opened node on the way, and what is left of the way: it lies in that node's own text."""
        node = self
        for done, part in enumerate(pointer):
            if node._children is _UNOPENED:
                return node, pointer[done:]
            child: Node | None = None
            if isinstance(part, str):
                child = node.fields.get(part)
            elif 0 <= part < len(node.items):
                child = node.items[part]
            if child is None:
                return node, pointer[done:]
            node = child
        return node, ()

    def copy(self) -> Node:
        """One that can be changed by itself."""
        made = Node(self.plain, self.place)
        if self._children is not _UNOPENED:
            if self.is_map:
                made._children = {key: child.copy() for key, child in self.fields.items()}
            elif self.is_list:
                made._children = [child.copy() for child in self.items]
        return made

    def become(self, other: Node) -> None:
        """Takes the place of another, in every list and mapping that holds this one."""
        self.plain, self.place, self._children = other.plain, other.place, other._children
