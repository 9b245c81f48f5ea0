"""What edits mean for the nodes of a document: planned all together before a character is looked at.

Every pointer addresses the document as it was read. Edits of one place are combined in the order given:
three `Set`s below a missing `securityContext` make one mapping with three keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct, field

from batten.formats.tree import ALIAS, MAP, SCALAR, SEQ, Node, Tree
from batten.formats.yaml.values import NOTHING, copy, holds, kind_of, leads_somewhere, put, same, without
from batten.model.edits import Append, CannotEdit, Edit, Remove, ReplaceText, Set
from batten.model.source import Pointer, pointer_text


class Plan(Struct, eq=False):
    """What happens to one node. Indexes are those of values in `node.items`."""

    node: Node
    value: Any = NOTHING
    """Its new value."""
    text: str | None = None
    """Its new source text."""
    children: dict[int, Plan] = field(default_factory=dict)
    added: dict[str, Any] = field(default_factory=dict)
    appended: list[Any] = field(default_factory=list)
    removed: dict[int, bool] = field(default_factory=dict)
    """Index -> does a collection that loses everything go as well?"""

    def child(self, index: int) -> Plan:
        found = self.children.get(index)
        if found is None:
            found = self.children[index] = Plan(self.node.items[index])
        return found

    def clear(self) -> None:
        self.value, self.text = NOTHING, None
        self.children, self.added, self.appended, self.removed = {}, {}, [], {}

    def changed(self) -> bool:
        """Does anything happen here or further down?"""
        if self.value is not NOTHING or self.text is not None or self.added or self.appended or self.removed:
            return True
        return any(child.changed() for child in self.children.values())


def plan(tree: Tree, value: Any, edits: Iterable[Edit]) -> Plan:
    """The plan for the root of a document whose value is `value`. Raises `CannotEdit`."""
    planner = _Planner(tree, value)
    for edit in edits:
        if isinstance(edit, Set):
            planner.set(edit.pointer, edit.value)
        elif isinstance(edit, Append):
            planner.append(edit.pointer, edit.value)
        elif isinstance(edit, Remove):
            planner.remove(edit.pointer, edit.prune)
        elif isinstance(edit, ReplaceText):
            planner.replace_text(edit.pointer, edit.text)
        else:
            raise CannotEdit("a document of mappings and lists takes no lines by place; set or append instead")
    planner.settle(planner.root, value)
    return planner.root


class _Planner:
    def __init__(self, tree: Tree, value: Any) -> None:
        self.tree = tree
        self.value = value
        self.root = Plan(tree.root)

    # -------------------------------------------------------------------------- set and append

    def set(self, pointer: Pointer, new: Any) -> None:
        def at_node(found: Plan, old: Any) -> None:
            found.clear()
            if not same(old, new):
                found.value = copy(new)

        self.change(pointer, lambda old: copy(new), at_node)

    def append(self, pointer: Pointer, item: Any) -> None:
        def change(old: Any) -> Any:
            if old is NOTHING or old is None:
                return [copy(item)]
            if not isinstance(old, list):
                raise CannotEdit(f"expected a list at {pointer_text(pointer)}, found {kind_of(old)}")
            return old if holds(old, item) else [*old, copy(item)]

        def at_node(found: Plan, old: Any) -> None:
            if found.value is not NOTHING:
                found.value = change(found.value)
                return
            self._refuse_alias(found.node)
            if old is None:
                found.value = change(None)
                return
            now = result(found, old)
            if len(change(now)) > len(now):
                found.appended.append(copy(item))

        self.change(pointer, change, at_node)

    def change(self, pointer: Pointer, change: Callable[[Any], Any], at_node: Callable[[Plan, Any], None]) -> None:
        """Follows `pointer` to a node, and calls `at_node` with its plan and its value as read; where it leads
        into what is new, missing or merged, that becomes `change` of what it was."""
        here, value = self.root, self.value
        for depth, part in enumerate(pointer):
            rest = pointer[depth:]
            if here.text is not None:
                raise CannotEdit(f"{pointer_text(pointer[:depth])} is replaced as text by another edit")
            if here.value is not NOTHING:
                here.value = put(here.value, rest, change)
                return
            node = here.node
            self._refuse_alias(node)
            if node.kind == SCALAR:
                if value is not None:
                    raise CannotEdit(f"expected a mapping at {pointer_text(pointer[:depth])}, found {kind_of(value)}")
                here.value = put(None, rest, change)
                return
            if node.kind == SEQ:
                index = self._item(node, part, pointer[:depth])
                if index in here.removed:
                    raise CannotEdit(f"{pointer_text(pointer[: depth + 1])} is removed by another edit")
            else:
                found = self._step_into_mapping(here, value, rest, change)
                if found is None:
                    return
                index = found
            here, value = here.child(index), value[part]
        if here.text is not None:
            raise CannotEdit(f"{pointer_text(pointer)} is replaced as text by another edit")
        at_node(here, value)

    def _step_into_mapping(self, here: Plan, value: Any, rest: Pointer, change: Callable[[Any], Any]) -> int | None:
        """The index to go on at; None where the change ended here: as a key that is new."""
        part, below = rest[0], rest[1:]
        if not isinstance(part, str):
            raise CannotEdit(f"expected the name of a key, found the number {part}")
        if part in here.added:
            here.added[part] = put(here.added[part], below, change)
            return None
        index = self._own(here.node, part)
        if index is None:
            old = value.get(part, NOTHING)
            new = put(copy(old) if old is not NOTHING else old, below, change)
            if old is NOTHING or not same(old, new):
                here.added[part] = new  # beside the merge that `old` may come from
            return None
        if index in here.removed:
            for again in self._every(here.node, part):
                here.removed.pop(again, None)
            fresh = here.child(index)
            fresh.clear()
            fresh.value = put(NOTHING, below, change)
            return None
        return index

    def _own(self, mapping: Node, key: str) -> int | None:
        """Index of the value that the mapping itself has for `key`, the last of several."""
        found = self.tree.lookup(mapping, key)
        if found is None:
            return None
        owner, index = found
        if owner is mapping:
            return index + 1
        if mapping.key_index(key) >= 0:
            raise CannotEdit(f"`{key}` is overridden by a merge (`<<`) that stands below it; move it below the merge")
        return None

    @staticmethod
    def _every(mapping: Node, key: str) -> list[int]:
        return [n + 1 for n in range(0, len(mapping.items), 2) if mapping.items[n].text == key]

    @staticmethod
    def _item(node: Node, part: str | int, place: Pointer) -> int:
        if isinstance(part, int) and 0 <= part < len(node.items):
            return part
        raise CannotEdit(f"the list {pointer_text(place)} has no item {part}")

    def _refuse_alias(self, node: Node) -> None:
        if node.kind == ALIAS:
            name = self.tree.text[node.start : node.end]
            raise CannotEdit(f"it is the alias {name}, whose anchor other places share; write the value out first")

    # ---------------------------------------------------------------------------------- remove

    def remove(self, pointer: Pointer, prune: bool) -> None:
        if not pointer:
            raise CannotEdit("the document itself cannot be removed")
        here, value = self.root, self.value
        around: tuple[Plan, int] | None = None
        for depth, part in enumerate(pointer):
            rest = pointer[depth:]
            if here.text is not None:
                raise CannotEdit(f"{pointer_text(pointer[:depth])} is replaced as text by another edit")
            if here.value is not NOTHING:
                there = leads_somewhere(here.value, rest)
                here.value = without(here.value, rest, prune)
                if there and prune and here.value in ({}, []) and around is not None and around[0].node.kind == MAP:
                    self._drop(*around, prune=True)
                return
            node = here.node
            if node.kind == MAP and part in here.added:
                self._drop_added(here, str(part), rest[1:], prune=prune, merged=part in value)
                return
            if not self._is_there(here, value, rest):
                return
            self._refuse_alias(node)
            if node.kind == MAP:
                own = self._own(node, str(part))
                if own is None:
                    raise CannotEdit(f"`{part}` comes from a merge (`<<`); change it at its anchor")
                index = own
            else:
                index = int(part)
            if index in here.removed:
                return
            if len(rest) == 1:
                self._drop(here, index, prune=prune)
                return
            around = (here, index)
            here, value = here.child(index), value[part]

    @staticmethod
    def _drop_added(here: Plan, key: str, rest: Pointer, *, prune: bool, merged: bool) -> None:
        """What another edit adds goes again; `merged`: without it, the value of a merge would come back."""
        there = leads_somewhere(here.added[key], rest)
        if rest:
            here.added[key] = without(here.added[key], rest, prune)
        if not rest or (there and prune and here.added[key] in ({}, [])):
            if merged:
                raise CannotEdit(f"`{key}` comes from a merge (`<<`); change it at its anchor")
            del here.added[key]

    @staticmethod
    def _is_there(here: Plan, value: Any, pointer: Pointer) -> bool:
        """Is there anything at `pointer` below a node whose value was `value`, as far as the plan is made?"""
        for depth, part in enumerate(pointer):
            rest = pointer[depth + 1 :]
            if here.value is not NOTHING:
                return leads_somewhere(here.value, pointer[depth:])
            if part in here.added:
                return leads_somewhere(here.added[str(part)], rest)
            if not leads_somewhere(value, (part,)):
                return False
            node, value = here.node, value[part]
            index = int(part) if node.kind == SEQ else node.key_index(str(part)) + 1 if node.kind == MAP else -1
            if index in here.removed:
                return False
            if index not in here.children:
                return leads_somewhere(value, rest)
            here = here.children[index]
        return True

    def _drop(self, here: Plan, index: int, *, prune: bool) -> None:
        node = here.node
        if node.kind == SEQ:
            here.removed[index] = prune
            return
        key = node.items[index - 1].text
        if self.tree.merged(node, key) is not None:
            raise CannotEdit(f"without `{key}` the value of the merge (`<<`) would come back; set it instead")
        for every in self._every(node, key):
            here.removed[every] = prune

    # ------------------------------------------------------------------------------------ text

    def replace_text(self, pointer: Pointer, text: str) -> None:
        here = self.root
        for depth, part in enumerate(pointer):
            self._refuse_alias(here.node)
            index: int | None = None
            if here.value is NOTHING and here.node.kind == SEQ:
                index = self._item(here.node, part, pointer[:depth])
            elif here.value is NOTHING and here.node.kind == MAP:
                index = self._own(here.node, str(part))
            if index is None or index in here.removed:
                raise CannotEdit(f"there is no text at {pointer_text(pointer)} to replace")
            here = here.child(index)
        if here.changed():
            raise CannotEdit(f"{pointer_text(pointer)} is changed by another edit")
        here.text = text

    # ---------------------------------------------------------------------------------- settle

    def settle(self, here: Plan, value: Any, parent: Plan | None = None, index: int = 0) -> None:
        """Decides bottom up what becomes of collections that lose everything, and forgets what changes nothing."""
        if here.value is not NOTHING and same(here.value, value):
            here.value = NOTHING
        for place, child in list(here.children.items()):
            if place not in here.removed:
                part = here.node.items[place - 1].text if here.node.kind == MAP else place
                self.settle(child, value[part], here, place)
        node = here.node
        if here.value is not NOTHING or (not node.items and not (here.added or here.appended)):
            return
        entries = range(1, len(node.items), 2) if node.kind == MAP else range(len(node.items))
        left = [n for n in entries if n not in here.removed]
        # merges that bring nothing do not keep a mapping that is pruned
        if left and not (any(here.removed.values()) and self._all_empty_merges(here, value, left)):
            return
        if here.added or here.appended:
            here.value = here.added or here.appended
        elif parent is not None and parent.node.kind == MAP and any(here.removed.values()):
            key = parent.node.items[index - 1].text
            if self.tree.merged(parent.node, key) is None:
                self._drop(parent, index, prune=True)
                return
            here.value = {} if node.kind == MAP else []
        else:
            here.value = {} if node.kind == MAP else []
        here.added, here.appended, here.removed, here.children = {}, [], {}, {}

    @staticmethod
    def _all_empty_merges(here: Plan, value: Any, places: list[int]) -> bool:
        """Are the values at `places` of a mapping, whose value was `value`, nothing but merges without a key?"""
        node = here.node
        if node.kind != MAP or here.added or not {n - 1 for n in places} <= set(node.merges()):
            return False
        return {node.items[n - 1].text for n in here.removed} >= set(value)


def result(here: Plan, old: Any) -> Any:
    """What a node whose value is `old` becomes by its plan, as far as it is made yet; shares parts with both."""
    if here.value is not NOTHING:
        return here.value
    if isinstance(old, list):
        items = [
            result(here.children[n], item) if n in here.children else item
            for n, item in enumerate(old)
            if n not in here.removed
        ]
        return items + here.appended
    if isinstance(old, dict) and here.node.kind == MAP:
        mapping = {**old, **here.added}
        for n, child in here.children.items():
            key = here.node.items[n - 1].text
            mapping[key] = result(child, old.get(key))
        for n in here.removed:
            mapping.pop(here.node.items[n - 1].text, None)
        return mapping
    return old
