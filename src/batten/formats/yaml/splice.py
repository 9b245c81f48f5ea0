"""Edits of a YAML or JSON document -> replacements of ranges of its text.

Nothing is dumped: what is not touched stays byte for byte. All edits of a call are planned on the tree
first, so that three `Set`s below a missing `securityContext` make one block. Refused (`CannotEdit`) is
whatever would change another place as well: what an anchor shares, what an alias stands for.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from batten.formats.tree import ALIAS, MAP, SCALAR, SEQ, Node, Tree
from batten.formats.yaml.emit import style_of
from batten.formats.yaml.layout import Layout
from batten.formats.yaml.split import is_template
from batten.model.edits import Append, CannotEdit, Edit, Remove, ReplaceText, Set, Splice
from batten.model.source import Pointer, pointer_text

if TYPE_CHECKING:
    from batten.formats.document import TreeDocument

_MISSING = object()


def splices(document: TreeDocument, tree: Tree, edits: Iterable[Edit]) -> list[Splice]:
    """`edits` as replacements of ranges of the file's text, sorted, none overlapping. Raises `CannotEdit`."""
    plan = _Plan(document, tree)
    for edit in edits:
        plan.take(edit)
    found = plan.splices()
    for splice in found:
        begin = tree.text.rfind("\n", 0, splice.start) + 1
        end = tree.text.find("\n", splice.end)
        touched = tree.text[begin : len(tree.text) if end < 0 else end]
        if splice.start < splice.end and is_template(touched):
            raise CannotEdit("a template stands in the lines to be changed")
    return found


class _Plan:
    """What is to happen to which node; nodes are known by identity."""

    def __init__(self, document: TreeDocument, tree: Tree) -> None:
        self.tree = tree
        self.value = document.value
        self.document = document
        self.layout = Layout(tree, style_of(tree, None if tree.json else getattr(document, "schema", None)))
        self.shared = {id(alias.target): alias for alias in tree.aliases}
        self.paths: dict[int, tuple[Node | None, int, Node]] = {}  # node -> (parent, index, node)
        self.values: dict[int, tuple[Node, Any]] = {}  # node -> its new value
        self.inserts: dict[int, tuple[Node, dict[str, Any]]] = {}  # mapping -> new keys
        self.appends: dict[int, tuple[Node, list[Any]]] = {}  # list -> new items
        self.removed: dict[int, tuple[Node, set[int]]] = {}  # collection -> indexes of keys or items
        self.texts: list[tuple[Node, str]] = []
        self.unpruned: set[int] = set()  # collections that stay although they lose everything

    # ---------------------------------------------------------------------------- taking edits

    def take(self, edit: Edit) -> None:
        if isinstance(edit, Set):
            self.set(edit.pointer, deepcopy(edit.value))
        elif isinstance(edit, Append):
            self.append(edit.pointer, edit.value)
        elif isinstance(edit, Remove):
            self.remove(edit.pointer, edit.prune)
        elif isinstance(edit, ReplaceText):
            steps = self.walk(edit.pointer)
            if len(steps) <= len(edit.pointer):
                raise CannotEdit(f"{pointer_text(edit.pointer)}: there is nothing")
            self.texts.append((steps[-1], edit.text))
        else:
            raise CannotEdit("lines cannot be inserted by place into a document of mappings and lists")

    def walk(self, pointer: Pointer) -> list[Node]:
        """The nodes along `pointer` as far as they exist, the root first; stops before what comes from a
        merge. Raises `CannotEdit` where a node on the way is shared."""
        node = self.tree.root
        self.guard(node)
        steps = [node]
        for part in pointer:
            if node.kind == ALIAS:
                raise CannotEdit(f"the value is the alias *{node.text}: editing it would change its anchor, too")
            index = -1
            if node.kind == MAP and isinstance(part, str):
                index = node.key_index(part)
                if index >= 0:
                    self.once(node, part)
                    index += 1
            elif node.kind == SEQ and isinstance(part, int) and 0 <= part < len(node.items):
                index = part
            if index < 0:
                break
            child = node.items[index]
            self.paths[id(child)] = (node, index, child)
            node = child
            self.guard(node)
            steps.append(node)
        return steps

    def guard(self, node: Node) -> None:
        alias = self.shared.get(id(node))
        if alias is not None:
            line = self.document.line + self.tree.text.count("\n", self.document.range[0], alias.start)
            raise CannotEdit(f"it stands inside of the anchor &{node.anchor}, which is used again on line {line}")

    def once(self, node: Node, key: str) -> None:
        if sum(item.text == key for item in node.items[::2]) > 1:
            raise CannotEdit(f"the key {key} stands twice; remove one of them first")

    def current(self, pointer: Pointer) -> Any:
        value = self.value
        for part in pointer:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return _MISSING
        return value

    def set(self, pointer: Pointer, value: Any) -> None:
        steps = self.walk(pointer)
        depth = len(steps) - 1
        if depth == len(pointer):
            node = steps[-1]
            if node.kind == ALIAS:
                raise CannotEdit(f"the value is the alias *{node.text}; write it out first")
            if self.current(pointer) == value and type(self.current(pointer)) is type(value):
                return
            self.values[id(node)] = (node, value)
            return
        key, rest = pointer[depth], pointer[depth + 1 :]
        if not isinstance(key, str):
            raise CannotEdit(f"{pointer_text(pointer)}: the list has no item {key}")
        merged = self.current(pointer[: depth + 1])
        if merged is not _MISSING and rest:
            # what a merge brings is written out beside it, changed: the own key wins
            value = _with(deepcopy(merged), rest, value)
            rest = ()
        self.insert(steps[-1], key, rest, value)

    def insert(self, node: Node, key: str, rest: Pointer, value: Any) -> None:
        for part in rest:
            if not isinstance(part, str):
                raise CannotEdit(f"there is no list to set item {part} of")
        for part in reversed(rest):
            value = {part: value}
        if node.kind == SCALAR:
            if id(node) in self.values:
                _merge_into(self.values[id(node)][1], key, value)
            elif self._is_null(node):
                self.values[id(node)] = (node, {key: value})
            else:
                raise CannotEdit(f"expected a mapping to set {key} in, found a scalar")
            return
        if node.kind != MAP:
            raise CannotEdit(f"expected a mapping to set {key} in, found a list")
        _merge_into(self.inserts.setdefault(id(node), (node, {}))[1], key, value)

    def _is_null(self, node: Node) -> bool:
        return node.empty or (not node.style and node.text in ("~", "null", "Null", "NULL"))

    def append(self, pointer: Pointer, value: Any) -> None:
        steps = self.walk(pointer)
        there = self.current(pointer)
        if isinstance(there, list) and value in there:
            return
        if len(steps) <= len(pointer) or self._is_null(steps[-1]):
            self.set_list(pointer, steps, there, value)
            return
        node = steps[-1]
        if node.kind == ALIAS:
            raise CannotEdit(f"the list is the alias *{node.text}; write it out first")
        if node.kind != SEQ:
            raise CannotEdit(f"expected a list at {pointer_text(pointer)}")
        added = self.appends.setdefault(id(node), (node, []))[1]
        if value not in added:
            added.append(value)

    def set_list(self, pointer: Pointer, steps: list[Node], there: Any, value: Any) -> None:
        """The list does not exist yet (or comes from a merge): it is made, and grows with further edits."""
        if len(steps) > len(pointer):
            node = steps[-1]
            old = self.values.get(id(node))
            self.values[id(node)] = (node, [*(old[1] if old is not None else ()), value])
            return
        depth = len(steps) - 1
        known = self.inserts.get(id(steps[-1]))
        planned = _lookup(known[1] if known is not None else {}, pointer[depth:])
        items = planned if isinstance(planned, list) else list(there) if isinstance(there, list) else []
        if value not in items:
            self.set(pointer, [*items, value])

    def remove(self, pointer: Pointer, prune: bool) -> None:
        steps = self.walk(pointer)
        if len(steps) <= len(pointer):
            if self.current(pointer) is not _MISSING:
                raise CannotEdit("the value comes from a merge; change it at its anchor")
            return
        if not pointer:
            raise CannotEdit("the whole document cannot be removed")
        parent, index, _ = self.paths[id(steps[-1])]
        if parent is None:
            raise CannotEdit("the whole document cannot be removed")
        self.removed.setdefault(id(parent), (parent, set()))[1].add(index - 1 if parent.kind == MAP else index)
        if not prune:
            self.unpruned.add(id(parent))

    # ------------------------------------------------------------------------------ to splices

    def splices(self) -> list[Splice]:
        self._prune()
        found: list[Splice] = []
        for node, value in self.values.values():
            if self._inside_removed(node):
                continue
            parent, index = self.paths[id(node)][:2] if id(node) in self.paths else (None, 0)
            found += self.layout.replace(node, value, parent, index)
        for node, indexes in self.removed.values():
            found += self.layout.remove(node, sorted(indexes))
        for node, keys in self.inserts.values():
            if not self._inside_removed(node):
                gone = self.removed.get(id(node), (node, set()))[1]
                found += self.layout.insert(node, keys, 2 * len(gone) == len(node.items))
        for node, items in self.appends.values():
            if not self._inside_removed(node):
                gone = self.removed.get(id(node), (node, set()))[1]
                found += self.layout.append(node, items, len(gone) == len(node.items))
        for node, text in self.texts:
            found.append(Splice(node.body, node.end, text))
        return sorted(one for one in found if one.start != one.end or one.text)

    def _prune(self) -> None:
        """A collection that loses everything goes with its key; where it must stay, it becomes empty."""
        again = True
        while again:
            again = False
            for identity, (node, indexes) in list(self.removed.items()):
                size = len(node.items) // 2 if node.kind == MAP else len(node.items)
                if len(indexes) < size or identity in self.inserts or identity in self.appends:
                    continue
                parent, index, _ = self.paths.get(identity, (None, 0, node))
                del self.removed[identity]
                if parent is not None and parent.kind == MAP and identity not in self.unpruned:
                    self.removed.setdefault(id(parent), (parent, set()))[1].add(index - 1)
                    again = True
                else:
                    self.values[identity] = (node, {} if node.kind == MAP else [])

    def _inside_removed(self, node: Node) -> bool:
        while id(node) in self.paths:
            parent, index, _ = self.paths[id(node)]
            if parent is None:
                return False
            if id(parent) in self.removed:
                gone = self.removed[id(parent)][1]
                if (index - 1 if parent.kind == MAP else index) in gone:
                    return True
            node = parent
        return False


def _merge_into(mapping: Any, key: str, value: Any) -> None:
    """Put `value` under `key`; two mappings become one."""
    if not isinstance(mapping, dict):
        raise CannotEdit(f"two edits disagree about what holds {key}")
    there = mapping.get(key)
    if isinstance(there, dict) and isinstance(value, dict):
        for inner, item in value.items():
            _merge_into(there, inner, item)
    else:
        mapping[key] = value


def _lookup(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _with(value: Any, pointer: Pointer, new: Any) -> Any:
    """A copy's value with `new` at `pointer`; missing mappings are made."""
    here = value
    for part in pointer[:-1]:
        if isinstance(here, dict):
            here = here.setdefault(part, {})
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            raise CannotEdit("the merged value has another shape")
    if isinstance(here, dict) or (isinstance(here, list) and isinstance(pointer[-1], int) and pointer[-1] < len(here)):
        here[pointer[-1]] = new  # type: ignore[index]
        return value
    raise CannotEdit("the merged value has another shape")
