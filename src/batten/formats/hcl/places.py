"""From pointers to parts of an HCL file.

Steps of a pointer: the name of an attribute, of an entry of an object, or the index of an item; of a block its type,
its labels, and its number among those of the same type and labels where it is not the first; `#n`: the n-th part of
a call, a condition or a `for` (see `parts`). Parentheses, and functions that only change the form of what they are
given (`jsonencode`), are no step. What stands in a heredoc that holds JSON is reached by steps, too.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.formats.hcl.nodes import (
    Attribute,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    Item,
    List,
    Object,
    Parentheses,
    Template,
    Text,
)
from batten.model.source import Pointer

TRANSPARENT: Final = frozenset(
    {"jsonencode", "jsondecode", "yamlencode", "yamldecode", "toset", "tolist", "tomap", "tostring", "tonumber",
     "tobool", "sensitive", "nonsensitive"}
)  # fmt: skip


class Found(Struct, eq=False):
    """What a pointer leads to. `part`: the body, block or expression; `key`: the name's range, where it has one."""

    part: Body | Expression
    start: int
    end: int
    key: tuple[int, int] | None = None
    rest: Pointer = ()
    """What is left of the pointer: there is no such part."""
    owner: Attribute | Item | Block | None = None
    above: Found | None = None
    """What it is a part of."""


def unwrapped(expression: Expression) -> Expression:
    """Without parentheses and functions that only change the form."""
    while True:
        if isinstance(expression, Parentheses):
            expression = expression.inner
        elif isinstance(expression, Call) and expression.name in TRANSPARENT and len(expression.arguments) == 1:
            expression = expression.arguments[0]
        else:
            return expression


def parts(expression: Expression) -> list[Expression]:
    """The parts of an expression that `#n` counts."""
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Conditional):
        return [expression.test, expression.yes, expression.no]
    if isinstance(expression, For):
        return [expression.collection, expression.value]
    if isinstance(expression, Object):  # those whose key an expression makes have no other step
        return [item.value for item in expression.items]
    return []


def find(body: Body, pointer: Pointer) -> Found:
    """The part that `pointer` leads to, as far as there is one."""
    found = Found(body, body.start, body.end)
    at = 0
    while at < len(pointer):
        if isinstance(found.part, Body):
            inner, taken = _in_body(found, pointer[at:])
        else:
            inner, taken = _in_expression(found, pointer[at]), 1
        if inner is None:
            found.rest = pointer[at:]
            return found
        found, at = inner, at + taken
    return found


def _in_body(found: Found, pointer: Pointer) -> tuple[Found | None, int]:
    body, name = found.part, pointer[0]
    if not isinstance(body, Body) or not isinstance(name, str):
        return None, 0
    attribute = body.attributes.get(name)
    if attribute is not None:
        value = attribute.value
        key = (attribute.start, attribute.end)
        return Found(value, value.start, value.end, key, owner=attribute, above=found), 1
    for block in body.blocks:
        labels = tuple(block.labels)
        if block.type == name and pointer[1 : 1 + len(labels)] == labels:
            taken = 1 + len(labels)
            number = pointer[taken] if taken < len(pointer) else 0
            same = [one for one in body.blocks if one.type == name and one.labels == block.labels]
            if isinstance(number, int):
                taken += taken < len(pointer)
                if not 0 <= number < len(same):
                    return None, 0
                block = same[number]
            end = block.head
            return Found(block.body, block.start, end, (block.start, end), owner=block, above=found), taken
    return None, 0


def _in_expression(found: Found, step: str | int) -> Found | None:
    whole = found.part
    if isinstance(whole, Body):
        return None
    if isinstance(step, str) and step.startswith("#"):
        inner = unwrapped(whole)
        children = parts(inner)
        number = int(step[1:]) if step[1:].isdigit() and len(step) < 6 else -1
        if not 0 <= number < len(children):
            return None
        child = children[number]
        if isinstance(inner, Object):
            item = inner.items[number]
            return Found(child, child.start, child.end, (item.start, item.end), owner=item, above=found)
        return Found(child, child.start, child.end, above=found)
    inner = unwrapped(whole)
    if isinstance(inner, Object) and isinstance(step, str):
        for item in reversed(inner.items):
            if name_of(item.key) == step:
                value = item.value
                return Found(value, value.start, value.end, (item.start, item.end), owner=item, above=found)
    if isinstance(inner, List) and isinstance(step, int) and 0 <= step < len(inner.items):
        child = inner.items[step]
        return Found(child, child.start, child.end, above=found)
    return None


def name_of(key: str | Expression) -> str | None:
    """A key as it is meant; None where an expression decides it."""
    if isinstance(key, str):
        return key
    if isinstance(key, Template):
        texts = [part.value for part in key.parts if isinstance(part, Text)]
        return "".join(texts) if len(texts) == len(key.parts) else None
    return None


def json_within(found: Found) -> Template | None:
    """The heredoc that the part is, where it may hold JSON or YAML."""
    part = found.part
    inner = unwrapped(part) if isinstance(part, Expression) else part
    return inner if isinstance(inner, Template) and inner.heredoc else None
