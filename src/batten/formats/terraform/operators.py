"""Operators on values that are known."""

from __future__ import annotations

from typing import Any

from batten.formats.nodes import Node
from batten.formats.terraform.values import Steps, is_unknown, known, truth

_LARGEST = 2**63


def operate(operator: str, left: Node | None, right: Node, steps: Steps) -> Any:
    """The plain result; None where it is not known, or where Terraform would refuse it."""
    if operator in ("&&", "||") and left is not None:
        return _logic(operator, truth(left), truth(right))
    if left is None:
        if operator == "!":
            value = truth(right)
            return None if value is None else not value
        number = _number(right)
        return None if number is None else -number
    if operator in ("==", "!="):
        return _equal(operator, left, right, steps)
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return None
    return _arithmetic(operator, one, other)


def _logic(operator: str, left: bool | None, right: bool | None) -> bool | None:
    """One side may decide it alone."""
    deciding = operator == "||"
    if left is deciding or right is deciding:
        return deciding
    return None if left is None or right is None else not deciding


def _equal(operator: str, left: Node, right: Node, steps: Steps) -> bool | None:
    if left.plain is None or right.plain is None:
        # what is only known later may be null then; what stands there as a collection is not
        if is_unknown(left) or is_unknown(right):
            return None
        return (left.plain is None and right.plain is None) == (operator == "==")
    if not known(left, steps) or not known(right, steps):
        return None
    same: bool = left.value() == right.value()
    return same == (operator == "==")


def _arithmetic(operator: str, left: float, right: float) -> Any:
    match operator:
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case "+":
            found = left + right
        case "-":
            found = left - right
        case "*":
            found = left * right
        case _:
            if right == 0:
                return None
            found = left / right if operator == "/" else left % right
    if not abs(found) < _LARGEST:
        return None
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _number(node: Node) -> int | float | None:
    value = node.plain
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < _LARGEST else None
    if type(value) is str and len(value) < 19 and value.removeprefix("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    return None
