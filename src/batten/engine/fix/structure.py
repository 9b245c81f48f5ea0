"""The structural half of the proof: apart from what an edit says, a document means what it meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from batten.model.edits import Append, Edit, Remove, ReplaceText, Set
from batten.model.source import Pointer

_GONE = object()


def expected_value(value: Any, edits: Iterable[Edit]) -> tuple[Any, list[Pointer]]:
    """(what the document's value must be after `edits`, pointers whose value is free).

    Removals are done last and from the end, so that indexes keep their meaning.
    """
    result = deepcopy(value)
    free: list[Pointer] = []
    removals: list[Remove] = []
    for edit in edits:
        if isinstance(edit, Set):
            result = _set(result, edit.pointer, edit.value)
        elif isinstance(edit, Append):
            result = _append(result, edit)
        elif isinstance(edit, Remove):
            removals.append(edit)
        elif isinstance(edit, ReplaceText):
            free.append(edit.pointer)
    for removal in sorted(removals, key=lambda one: _order(one.pointer), reverse=True):
        _remove(result, removal.pointer, removal.prune)
    return result, free


def same(one: Any, other: Any, free: Iterable[Pointer] = ()) -> bool:
    """Structural equality, numbers by type, apart from the values at the free pointers."""
    left, right = one, other
    for pointer in free:
        left, right = deepcopy(left), deepcopy(right)
        left, right = _set(left, pointer, None), _set(right, pointer, None)
    return _equal(left, right)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(_equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_equal, one, other))
    return type(one) is type(other) and (one == other or one != one)


def lines_kept(before: Iterable[str], after: Iterable[str], edits: int) -> bool:
    """Line-oriented documents: at most `edits` instructions differ either way."""
    first, second = Counter(before), Counter(after)
    return (first - second).total() <= edits and (second - first).total() <= edits


def _order(pointer: Pointer) -> tuple[Any, ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in pointer)


def _walk(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(part, _GONE)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return _GONE
    return value


def _set(value: Any, pointer: Pointer, new: Any) -> Any:
    if not pointer:
        return new
    here: Any = value
    for part in pointer[:-1]:
        inner: Any = here.get(part) if isinstance(here, dict) else here[part]
        if inner is None:
            inner = here[part] = {}
        here = inner
    here[pointer[-1]] = new
    return value


def _append(value: Any, edit: Append) -> Any:
    found = _walk(value, edit.pointer)
    if found is _GONE or found is None:
        return _set(value, edit.pointer, [edit.value])
    if edit.value not in found:
        found.append(edit.value)
    return value


def _remove(value: Any, pointer: Pointer, prune: bool) -> None:
    parent = _walk(value, pointer[:-1])
    last = pointer[-1]
    if isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
    # an item of a list is never pruned: that would move its neighbours
    if prune and parent is not _GONE and not parent and len(pointer) > 1 and isinstance(pointer[-2], str):
        _remove(value, pointer[:-1], prune)
