"""Plain values of documents: copied, compared, and changed at a pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from batten.model.edits import CannotEdit
from batten.model.source import Pointer

NOTHING: Final[Any] = object()
"""Where a value may also be None: there is none."""


def copy(value: Any) -> Any:
    """A copy in which nothing is shared: an alias makes one object stand in two places."""
    if isinstance(value, dict):
        return {key: copy(item) for key, item in value.items()}
    return [copy(item) for item in value] if isinstance(value, (list, tuple)) else value


def same(one: Any, other: Any) -> bool:
    """Do both read as the same value? Numbers count as the same only with the same type."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(item, other[key]) for key, item in one.items())
        )
    if isinstance(one, (list, tuple)):
        return isinstance(other, (list, tuple)) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))


def holds(items: list[Any], item: Any) -> bool:
    return any(same(one, item) for one in items)


def put(base: Any, pointer: Pointer, change: Callable[[Any], Any]) -> Any:
    """`base` with `change` of what it has at `pointer`; missing mappings are made."""
    if not pointer:
        return change(base)
    part = pointer[0]
    if base is NOTHING or base is None:
        base = {}
    if isinstance(base, dict) and isinstance(part, str):
        base[part] = put(base.get(part, NOTHING), pointer[1:], change)
        return base
    if isinstance(base, list) and isinstance(part, int) and 0 <= part < len(base):
        base[part] = put(base[part], pointer[1:], change)
        return base
    raise CannotEdit(f"expected something that has `{part}`, found {kind_of(base)}")


def without(base: Any, pointer: Pointer, prune: bool) -> Any:
    """`base`, a new value, without what it has at `pointer`."""
    if not leads_somewhere(base, pointer):
        return base
    part = pointer[0]
    if len(pointer) == 1:
        if isinstance(base, list):
            raise CannotEdit("an item of a list that another edit makes cannot be removed; make the list without it")
        del base[part]
        return base
    base[part] = without(base[part], pointer[1:], prune)
    if prune and isinstance(base, dict) and base[part] in ({}, []):
        del base[part]
    return base


def leads_somewhere(value: Any, pointer: Pointer) -> bool:
    for part in pointer:
        if isinstance(value, list):
            if not isinstance(part, int) or not 0 <= part < len(value):
                return False
        elif not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def kind_of(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "a string", bool: "a boolean", type(None): "nothing"}
    return names.get(type(value), "a number")
