"""The parts of one YAML or JSON document with the places of their texts: what positions and edits are made from.

Built when somebody asks where something stands, and kept for the last few documents only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct, field

from batten.model.source import Pointer

SCALAR: Final = 0
MAP: Final = 1
SEQ: Final = 2
ALIAS: Final = 3
MERGE: Final = "\0<<"
"""In the place of a key's text: the key merges mappings into this one."""

_NO_ITEMS: Final[list[Any]] = []  # one for all scalars of a document, never filled


class Node(Struct, gc=False, eq=False):
    """A node of the document. Offsets are characters of the file's text.

    `start`: with anchor and tag; `body`: without; `end`: exclusive, without what may follow (comments, blank
    lines). `style`: "" plain, a quote, `|` or `>` of a scalar; "" block, `{` or `[` flow style of a collection,
    `:` a pair in a list that is a mapping without brackets (`[a: b]`). `items`: keys and values in turn, or
    the items of a list. `text`: of a key, the key; of an alias, its name.
    """

    kind: int
    start: int
    body: int
    end: int
    style: str = ""
    text: str = ""
    items: list[Node] = field(default_factory=lambda: _NO_ITEMS)
    anchor: str | None = None
    tag: str | None = None
    target: Node | None = None
    keys: dict[str, int] | None = None
    """Of a mapping, once asked for: key -> index in `items` of its last occurrence."""

    @property
    def flow(self) -> bool:
        return self.style in ("{", "[", ":")

    @property
    def block(self) -> bool:
        """A collection in block style."""
        return (self.kind == MAP or self.kind == SEQ) and not self.style

    @property
    def empty(self) -> bool:
        """A value without any text: the null of `key:`."""
        return self.kind == SCALAR and not self.style and self.body == self.end

    def key_index(self, key: str) -> int:
        """Index in `items` of the last key that reads `key`, -1 where there is none."""
        if self.keys is None:
            self.keys = {node.text: 2 * n for n, node in enumerate(self.items[::2])}
        return self.keys.get(key, -1)

    def merges(self) -> list[int]:
        """Indexes in `items` of the merge keys."""
        if self.key_index(MERGE) < 0:
            return []
        return [n for n in range(0, len(self.items), 2) if self.items[n].text == MERGE]


class Tree(Struct, gc=False, eq=False):
    """A document: its text's range in the file's text, its parts, and where anchors are used again."""

    text: str
    start: int
    end: int
    root: Node
    json: bool
    own_keys_win: bool = True
    aliases: list[Node] = field(default_factory=list)
    style: Any = None
    """The habits of its layout, once asked for: every fix of the document asks."""
    regular: bool = False
    """Its line ends were looked at for an edit, and nothing is wrong with them."""

    def lookup(self, node: Node, key: str) -> tuple[Node, int] | None:
        """The mapping and the index in its `items` from which `node` has its value of `key`, merges followed."""
        return self._lookup(node, key, set())

    def merged(self, node: Node, key: str) -> tuple[Node, int] | None:
        """As `lookup`, of the mappings that are merged into `node` alone."""
        seen = {id(node)}
        for index in node.merges():
            for source in _sources(node.items[index + 1]):
                found = self._lookup(source, key, seen)
                if found is not None:
                    return found
        return None

    def _lookup(self, node: Node, key: str, seen: set[int]) -> tuple[Node, int] | None:
        if id(node) in seen:
            return None
        seen.add(id(node))
        own = node.key_index(key)
        merges = node.merges()
        if own >= 0 and (self.own_keys_win or not merges):
            return node, own
        if not self.own_keys_win:
            merges = sorted((*merges, own), reverse=True) if own >= 0 else merges[::-1]
        for index in merges:
            if index == own:
                return node, own
            for source in _sources(node.items[index + 1]):
                found = self._lookup(source, key, seen)
                if found is not None:
                    return found
        return None

    def children(self, pointer: Pointer) -> Iterator[tuple[Node | None, Node]]:
        """Key (None at the root and in a list) and value of every step of `pointer`, as far as they exist."""
        node = self.root
        yield None, node
        for part in pointer:
            node = target(node)
            key: Node | None = None
            if node.kind == MAP and isinstance(part, str):
                found = self.lookup(node, part)
                if found is None:
                    return
                owner, index = found
                key, node = owner.items[index], owner.items[index + 1]
            elif node.kind == SEQ and isinstance(part, int) and 0 <= part < len(node.items):
                node = node.items[part]
            else:
                return
            yield key, node

    def span(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        """Range of the value at `pointer` or its key; of the nearest parent where it leads to nothing.

        An alias stands where it is used; what lies inside of it, where the anchor is. A value without text
        has the place of its key.
        """
        steps = list(self.children(pointer))
        key_node, node = steps[-1]
        if key_node is not None and (node.empty or (key and len(steps) > len(pointer))):
            return key_node.body, key_node.end
        return node.body, node.end


def target(node: Node) -> Node:
    """What an alias stands for; any other node itself."""
    while node.kind == ALIAS and node.target is not None:
        node = node.target
    return node


def _sources(node: Node) -> list[Node]:
    """The mappings behind a merge key, the one that wins first."""
    node = target(node)
    return [target(item) for item in node.items] if node.kind == SEQ else [node]


def repeated(tree: Tree) -> Iterator[tuple[Node, Node]]:
    """Keys that stand twice in a mapping: the earlier and the later, in the order of the text."""
    waiting: list[Any] = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.kind == MAP:
            seen: dict[str, Node] = {}
            for key in node.items[::2]:
                if key.text != MERGE and key.text in seen:
                    yield seen[key.text], key
                seen[key.text] = key
        waiting.extend(reversed(node.items))
