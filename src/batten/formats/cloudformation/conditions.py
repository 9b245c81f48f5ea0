"""Conditions of templates: true, false, or not known before the stack is made.

Source: the CloudFormation template reference, condition functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from batten.formats.cloudformation.template import Later, scalar_text
from batten.model.source import Pointer, Unreadable

if TYPE_CHECKING:
    from batten.formats.cloudformation.template import Template

_DEPTH: Final = 50


def truth(template: Template, value: Any, pointer: Pointer, depth: int = 0) -> bool | None:
    """What the condition at `pointer` comes to; None where something that it asks for is not known.

    Raises `Unreadable` where it is nested without end.
    """
    if depth > _DEPTH:
        raise Unreadable(f"expected conditions of at most {_DEPTH} functions within each other, found more")
    template.spend()
    name, argument, at = _called(template, value, pointer)
    how = _FUNCTIONS.get(name)
    return how(template, argument, at, depth + 1) if how is not None else None


def _called(template: Template, value: Any, pointer: Pointer) -> tuple[str, Any, Pointer]:
    """(function, its argument, where that stands); "" for what is none."""
    tag = template.tags.get(pointer)
    if tag is not None and tag.startswith("!"):
        return tag[1:], value, pointer
    if isinstance(value, dict) and len(value) == 1:
        [(key, inner)] = value.items()
        return str(key).removeprefix("Fn::"), inner, (*pointer, key)
    return "", None, pointer


def _equals(template: Template, value: Any, pointer: Pointer, depth: int) -> bool | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    found = []
    for n, one in enumerate(value):
        plain = template.node(one, (*pointer, n), depth).plain
        if isinstance(plain, Later) or not isinstance(plain, str | int | float):
            return None
        found.append(scalar_text(plain))
    return found[0] == found[1]


def _all(template: Template, value: Any, pointer: Pointer, depth: int) -> bool | None:
    """`And`: false where one is false, whatever the rest is."""
    found = _each(template, value, pointer, depth)
    if found is None or False in found:
        return None if found is None else False
    return None if None in found else True


def _any(template: Template, value: Any, pointer: Pointer, depth: int) -> bool | None:
    """`Or`: true where one is true, whatever the rest is."""
    found = _each(template, value, pointer, depth)
    if found is None or True in found:
        return None if found is None else True
    return None if None in found else False


def _not(template: Template, value: Any, pointer: Pointer, depth: int) -> bool | None:
    found = _each(template, value, pointer, depth)
    if found is None or len(found) != 1 or found[0] is None:
        return None
    return not found[0]


def _each(template: Template, value: Any, pointer: Pointer, depth: int) -> list[bool | None] | None:
    if not isinstance(value, list) or not value:
        return None
    return [truth(template, one, (*pointer, n), depth) for n, one in enumerate(value)]


def _named(template: Template, value: Any, pointer: Pointer, depth: int) -> bool | None:
    return template.holds(value) if isinstance(value, str) else None


_FUNCTIONS: Final[dict[str, Callable[[Template, Any, Pointer, int], bool | None]]] = {
    "Equals": _equals,
    "And": _all,
    "Or": _any,
    "Not": _not,
    "Condition": _named,
}
