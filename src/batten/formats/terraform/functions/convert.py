"""Values of Terraform as the types that its functions ask for (go-cty, `cty/convert`).

Numbers are `int`, or `float` where they are no whole ones. Terraform keeps 512 bits of them: a number of which that
shows is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.values import as_text, is_unknown, json_text, truth
from batten.pattern import pattern

Number = int | float
_NUMBER: Final = pattern(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS: Final = 150  # of a whole number: what 512 bits hold without loss
_NOWHERE: Final[Any] = None


class Refused(ValueError):
    """Terraform takes no such value, or what it makes of it is not known."""


def text(value: Any) -> str:
    """A string, number or truth value as a text. Raises `Refused`."""
    found = as_text(Node(value, _NOWHERE))
    if found is None:
        raise Refused
    return found


def number(value: Any) -> Number:
    """A number, or the text of one. Raises `Refused`."""
    if isinstance(value, str):
        if len(value) > _DIGITS or _NUMBER.fullmatch(value) is None:
            raise Refused
        value = int(value) if value.lstrip("+-").isdigit() else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e150:
        raise Refused
    return plain_number(value)


def plain_number(value: Number) -> Number:
    """A whole number as `int`. Raises `Refused` where a float is too great for its digits to be exact."""
    if isinstance(value, int):
        return value
    if value.is_integer():
        if abs(value) >= 2**53:
            raise Refused
        return int(value)
    return value


def whole(value: Any) -> int:
    """A number that a function takes as a count or an index. Raises `Refused`."""
    found = number(value)
    if not isinstance(found, int) or abs(found) >= 2**63:
        raise Refused
    return found


def boolean(value: Any) -> bool:
    """Raises `Refused`."""
    found = {"1": True, "0": False}.get(value) if isinstance(value, str) else None
    found = truth(Node(value, _NOWHERE)) if found is None else found
    if found is None:
        raise Refused
    return found


def items(value: Any) -> list[Any]:
    """Raises `Refused`."""
    if not isinstance(value, list):
        raise Refused
    return value


def texts(value: Any) -> list[str]:
    """A list of which every item can be a text. Raises `Refused`."""
    return [text(one) for one in items(value)]


def anything(value: Any) -> Any:
    return value


KINDS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": text,
    "number": number,
    "whole": whole,
    "bool": boolean,
    "list": items,
    "texts": texts,
    "any": anything,
}


def identity(value: Any) -> Hashable:
    """What is equal exactly where Terraform holds two values for equal: `1`, `true` and `"1"` are three."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return ("list", tuple(identity(one) for one in value))
    if isinstance(value, dict):
        return ("map", frozenset((key, identity(one)) for key, one in value.items()))
    return ("number", value) if isinstance(value, int | float) else ("text", value)


def unified(nodes: Sequence[Node]) -> list[Node]:
    """The items of a list or set, which are of one type: texts, where a text is among numbers and truth values.
    Raises `Refused` where they have no type in common."""
    kinds = {_kind(one) for one in nodes} - {None}
    if len(kinds) < 2 or not kinds <= {"bool", "number", "text"}:
        return list(nodes)
    if "text" not in kinds:
        raise Refused
    return [one if one.plain is None else _as_text(one) for one in nodes]


def _kind(node: Node) -> str | None:
    value = node.plain
    if value is None or is_unknown(node):
        return None
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "other"


def _as_text(node: Node) -> Node:
    if isinstance(node.plain, str):
        return node
    return Node(text(node.plain), node.place)


def in_order(nodes: list[Node]) -> list[Node]:
    """The members of a set in the order in which Terraform goes through them; such as have none stay as they are."""
    kinds = {_kind(one) for one in nodes if one.plain is not None}
    if len(kinds) != 1 or not kinds <= {"bool", "number", "text"}:
        return nodes
    nulls = [one for one in nodes if one.plain is None]
    return [*sorted((one for one in nodes if one.plain is not None), key=lambda one: one.plain), *nulls]


def in_order_of_hashes(nodes: list[Node]) -> list[Node]:
    """Tuples in a set go by what go-cty writes of them to be hashed; such as hold more than scalars stay as they
    are."""
    written = [_hashed(one.value()) for one in nodes]
    if any(one is None for one in written):
        return nodes
    pairs = zip(written, nodes, strict=True)
    return [node for _, node in sorted(pairs, key=lambda pair: pair[0] or b"")]


def _hashed(values: list[Any]) -> bytes | None:
    found = []
    for value in values:
        if value is None:
            found.append("~")
        elif isinstance(value, bool):
            found.append("T" if value else "F")
        elif isinstance(value, str):
            if not value.replace("\n", "").isprintable():
                return None
            found.append(json_text(value, html=False))
        elif isinstance(value, int | float):
            found.append(f"{value:.10g}")
        else:
            return None
    return "".join(["<", *(f"{one};" for one in found), ">"]).encode()
