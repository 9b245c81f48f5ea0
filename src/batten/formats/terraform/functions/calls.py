"""A call -> what it comes to, through the tables of functions."""

from __future__ import annotations

from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from batten.formats.hcl.nodes import Access, Call, Expression, Reference
from batten.formats.nodes import Node
from batten.formats.terraform.functions import (
    addresses,
    collections,
    conversions,
    encodings,
    files,
    formatted,
    numbers,
    strings,
    times,
)
from batten.formats.terraform.functions.convert import KINDS, Refused, plain_number, unified
from batten.formats.terraform.functions.regex import functions as regex
from batten.formats.terraform.values import Partial, Steps, Unknown, is_null, is_unknown, known
from batten.model.source import Place, Pointer

if TYPE_CHECKING:
    from batten.formats.terraform.evaluate import Evaluator

Given = list[Node]
_WRITTEN: Final = ("each", "local", "var")


def call(evaluator: Evaluator, expression: Call, pointer: Pointer) -> Node | None:
    """What the call comes to; None where that is not known."""
    name = expression.name.removeprefix("core::")
    place = evaluator.place(pointer)
    if name in ("try", "coalesce"):
        return _first(evaluator, expression, pointer)
    given = evaluator.arguments(expression, pointer)
    how = _NODES.get(name)
    try:
        if how is not None:
            return how(evaluator, given, place) if given else None
        if name in _PLAIN and all(known(one, evaluator.module.steps) for one in given):
            return Node(worked_out(name, [one.value() for one in given], evaluator.module.steps), place)
    except _REFUSALS:
        return None
    return None


def worked_out(name: str, values: Sequence[Any], steps: Steps) -> Any:
    """What the function of that name comes to with plain values. Raises one of `_REFUSALS` where Terraform refuses
    them, or where it is not known."""
    kinds, work = _PLAIN[name]
    named = kinds.split()
    *fixed, last = named
    if last.startswith("*"):
        named = [*fixed, *[last[1:]] * (len(values) - len(fixed))]
    if len(named) != len(values):
        raise Refused
    steps.spend(sum(len(one) // 64 for one in values if isinstance(one, str)))
    given = [KINDS[kind](value) for kind, value in zip(named, values, strict=True)]
    found = work(steps, *given) if name in regex.FUNCTIONS else work(*given)
    return plain_number(found) if isinstance(found, float) else found


def _first(evaluator: Evaluator, expression: Call, pointer: Pointer) -> Node | None:
    """`try`: the first that is known, for what is not may fail, or not; `coalesce`: the first that is no null."""
    for number, one in enumerate(expression.arguments):
        node = evaluator.node(one, (*pointer, f"#{number}"))
        if expression.name == "try" and is_unknown(node) and _fails(evaluator, one, (*pointer, f"#{number}")):
            continue
        if is_unknown(node):
            return node if expression.name == "try" and number == len(expression.arguments) - 1 else None
        if expression.name == "try":
            return node
        if not is_null(node) and node.plain != "":
            return _alike(evaluator, expression, node, number, pointer)
    return None


def _alike(evaluator: Evaluator, expression: Call, node: Node, number: int, pointer: Pointer) -> Node | None:
    """A number or truth value as a text, where a text follows: what `coalesce` is given is of one type."""
    if not isinstance(node.plain, bool | int | float):
        return node
    rest = enumerate(expression.arguments[number + 1 :], number + 1)
    others = [evaluator.node(one, (*pointer, f"#{n}")) for n, one in rest]
    try:
        return unified([node, *others])[0]
    except Refused:
        return None


def _fails(evaluator: Evaluator, expression: Expression, pointer: Pointer) -> bool:
    """Is it certain that the expression is an error: a `coalesce` of nothing but null and empty texts, a key or index
    that a known value has not?"""
    if isinstance(expression, Call) and expression.name == "coalesce":
        given = evaluator.arguments(expression, pointer)
        return bool(given) and all(not is_unknown(one) and (is_null(one) or one.plain == "") for one in given)
    if not isinstance(expression, Access) or not isinstance(expression.of, Access | Reference):
        return False
    root = expression
    while isinstance(root.of, Access):
        root = root.of
    # what a resource, module or data source has beside what is written, its provider decides
    if not isinstance(root.of, Reference) or (root.of.name not in _WRITTEN and root.of.name not in evaluator.names):
        return False
    if isinstance(expression.of, Reference) and expression.of.name in _WRITTEN:
        return False
    of = evaluator.node(expression.of, pointer)
    if is_unknown(of):
        return _fails(evaluator, expression.of, pointer)
    key = expression.key if isinstance(expression.key, str) else evaluator.key(expression.key)
    if of.is_map:
        whole = not isinstance(of, Partial) and not any(isinstance(name, Unknown) for name in of.fields)
        return isinstance(key, str) and whole and of.get(key) is None
    if of.is_list:
        return isinstance(key, int) and key >= len(of.items)
    return is_null(of)


# what the functions and what they stand on raise where they are given something else
_REFUSALS: Final = (
    Refused, TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError, ArithmeticError,
    RecursionError, Base64Error,
)  # fmt: skip
_NODES: Final[dict[str, Callable[[Any, Given, Place], Node | None]]] = {
    **collections.FUNCTIONS,
    **conversions.FUNCTIONS,
    **files.FUNCTIONS,
}
_PLAIN: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    **addresses.FUNCTIONS,
    **encodings.FUNCTIONS,
    **formatted.FUNCTIONS,
    **numbers.FUNCTIONS,
    **regex.FUNCTIONS,
    **strings.FUNCTIONS,
    **times.FUNCTIONS,
}
