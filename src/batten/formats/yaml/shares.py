"""Which places of a YAML document have one value in common: an anchor, and the aliases that repeat it."""

from __future__ import annotations

from typing import Final

from batten.formats.tree import ALIAS, MAP, MERGE, SEQ, Node, Tree, target
from batten.model.edits import Append, Remove, Set
from batten.model.source import Pointer

_NONE: Final[tuple[Pointer, ...]] = ()


class Shares:
    """The anchors of a tree that are used again, each with the pointers that lead to it."""

    def __init__(self, tree: Tree) -> None:
        self._root = tree.root
        self._places: dict[int, list[Pointer]] = {id(target(alias)): [] for alias in tree.aliases}
        """By the anchor's node: its own place first."""
        if self._places:
            self._find()

    def _find(self) -> None:
        own: dict[int, Pointer] = {}
        odd: set[int] = set()  # also merged into mappings, where the same edit would be another one
        waiting: list[tuple[Node, Pointer]] = [(self._root, ())]
        while waiting:
            node, pointer = waiting.pop()
            if node.kind == ALIAS:
                self._places[id(target(node))].append(pointer)
                continue
            if id(node) in self._places:
                own[id(node)] = pointer
            if node.kind == SEQ:
                waiting += [(item, (*pointer, n)) for n, item in enumerate(node.items)]
            elif node.kind == MAP:
                for key, value in zip(node.items[::2], node.items[1::2], strict=True):
                    if key.kind == ALIAS or key.text == MERGE:
                        odd.update(id(target(one)) for one in (key, value, *value.items) if one.kind == ALIAS)
                    else:
                        waiting.append((value, (*pointer, key.text)))
        anchors = {pointer: anchor for anchor, pointer in own.items()}
        for anchor, places in self._places.items():
            places.sort(key=str)
            if anchor in own:
                places.insert(0, own[anchor])
            nested = any(
                anchors.get(place[:depth], anchor) != anchor for place in places for depth in range(len(place))
            )
            if anchor not in own or anchor in odd or nested:
                places.clear()

    def of(self, edit: Set | Append | Remove) -> tuple[Pointer, ...]:
        """The pointers that lead to what an edit changes inside of a value that is shared, that through the anchor
        first; none where it changes nothing shared, and none where that is not known."""
        pointer = edit.pointer
        node, found = self._root, _NONE
        for depth in range(len(pointer) + 1):
            node = target(node)
            if id(node) in self._places:
                if found:
                    return _NONE
                found = tuple((*place, *pointer[depth:]) for place in self._places[id(node)])
                if not found or (depth == len(pointer) and not isinstance(edit, Append)):
                    return _NONE  # an alias itself can be replaced or taken away
            if depth == len(pointer):
                break
            part = pointer[depth]
            if node.kind == MAP and isinstance(part, str):
                index = node.key_index(part)
                if index < 0:
                    break
                node = node.items[index + 1]
            elif node.kind == SEQ and isinstance(part, int) and 0 <= part < len(node.items):
                node = node.items[part]
            else:
                break
        return found

    def anchor_of(self, pointer: Pointer) -> int | None:
        """The id of the shared node on the way of `pointer`; None where there is none."""
        node = self._root
        for part in (*pointer, None):
            node = target(node)
            if id(node) in self._places:
                return id(node)
            if node.kind == MAP and isinstance(part, str) and (index := node.key_index(part)) >= 0:
                node = node.items[index + 1]
            elif node.kind == SEQ and isinstance(part, int) and 0 <= part < len(node.items):
                node = node.items[part]
            else:
                return None
        return None
