"""What edits mean, written plainly: the slow model that the splice editor is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from batten.model.edits import Append, Edit, Remove, ReplaceText, Set
from batten.model.pipeline import RANGE
from batten.model.source import Pointer

MISSING: Any = object()


class Undefined(Exception):
    """The edits mean nothing for this value; the editor has to refuse them."""


class _Items:
    """A list whose items keep the numbers that they had when it was read."""

    def __init__(self, items: list[Any]) -> None:
        self.items = dict(enumerate(items))
        self.next = len(items)

    def add(self, item: Any) -> None:
        self.items[self.next] = item
        self.next += 1


def after(value: Any, edits: Iterable[Edit]) -> Any:
    """The value after `edits`, made in order; every pointer speaks of the value before. Raises `Undefined`."""
    root = [_numbered(value)]
    pruned: list[Pointer] = []
    ranges: list[ReplaceText] = []
    for edit in edits:
        if isinstance(edit, Set):
            _place(root, edit.pointer)[1](_numbered(edit.value))
            pruned = [one for one in pruned if one[: len(edit.pointer)] != edit.pointer]
        elif isinstance(edit, Append):
            _append(root, edit)
        elif isinstance(edit, ReplaceText) and len(edit.pointer) > 2 and edit.pointer[-3] == RANGE:
            ranges.append(edit)
        elif isinstance(edit, Remove) and _remove(root, edit.pointer) and edit.prune:
            pruned.append(edit.pointer)
    # from the end, so that offsets keep their meaning
    for one in sorted(ranges, key=lambda one: one.pointer[-2], reverse=True):
        text, put = _place(root, one.pointer[:-3])
        first, end = one.pointer[-2:]
        put(f"{text[:first]}{one.text}{text[end:]}")
    for pointer in sorted(pruned, key=len, reverse=True):
        _prune(root, pointer[:-1])
    return _plain(root[0])


def _numbered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(item) for key, item in value.items()}
    return _Items([_numbered(item) for item in value]) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for _, item in sorted(value.items.items())] if isinstance(value, _Items) else value


def _place(root: list[Any], pointer: Pointer) -> tuple[Any, Callable[[Any], None]]:
    """What is at `pointer` and how to change it; mappings on the way are made."""
    here: Any = root[0]
    put: Callable[[Any], None] = lambda new: root.__setitem__(0, new)  # noqa: E731
    for part in pointer:
        if (here is None or here is MISSING) and isinstance(part, str):
            here = {}
            put(here)
        holder: Any = here.items if isinstance(here, _Items) else here
        if isinstance(holder, dict) is False or isinstance(part, str) is isinstance(here, _Items):
            raise Undefined
        if isinstance(here, _Items) and part not in holder:
            raise Undefined
        here = holder.get(part, MISSING)
        put = lambda new, holder=holder, part=part: holder.__setitem__(part, new)  # type: ignore[misc] # noqa: E731
    return here, put


def _append(root: list[Any], edit: Append) -> None:
    here, put = _place(root, edit.pointer)
    if here is None or here is MISSING:
        put(_numbered([edit.value]))
    elif not isinstance(here, _Items):
        raise Undefined
    elif not any(same(_plain(item), edit.value) for item in here.items.values()):
        here.add(_numbered(edit.value))


def _find(root: list[Any], pointer: Pointer) -> Any:
    here: Any = root[0]
    for part in pointer:
        holder = here.items if isinstance(here, _Items) else here
        if not isinstance(holder, dict) or part not in holder:
            return MISSING
        here = holder[part]
    return here


def _remove(root: list[Any], pointer: Pointer) -> bool:
    if not pointer:
        raise Undefined
    if _find(root, pointer) is MISSING:
        return False
    parent = _find(root, pointer[:-1])
    (parent.items if isinstance(parent, _Items) else parent).pop(pointer[-1])
    return True


def _prune(root: list[Any], pointer: Pointer) -> None:
    while pointer and isinstance(pointer[-1], str):
        here = _find(root, pointer)
        if here is MISSING or (here != {} and not (isinstance(here, _Items) and not here.items)):
            return
        _find(root, pointer[:-1]).pop(pointer[-1])
        pointer = pointer[:-1]


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or one != one)


def pointers(value: Any, pointer: Pointer = ()) -> list[Pointer]:
    """Every place of a value."""
    found = [pointer]
    if isinstance(value, dict):
        for key, item in value.items():
            found += pointers(item, (*pointer, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            found += pointers(item, (*pointer, number))
    return found
