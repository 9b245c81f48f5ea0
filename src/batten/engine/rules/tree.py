"""The parts of a CEL expression."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class RuleError(Exception):
    """What is wrong with an expression; `at`: the character of its text."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Node(Struct, eq=False):
    """A part of an expression; `start` and `end` are characters of its text."""

    start: int
    end: int


class Literal(Node, eq=False):
    """A bool, int, float, str or None."""

    value: Any


class Name(Node, eq=False):
    name: str


class Select(Node, eq=False):
    """`target.field`; `test`: inside of `has()`."""

    target: Node
    field: str
    field_at: int
    test: bool = False


class Index(Node, eq=False):
    target: Node
    index: Node


class Unary(Node, eq=False):
    operator: str
    operand: Node


class Binary(Node, eq=False):
    operator: str
    left: Node
    right: Node
    at: int
    """Of the operator."""


class Ternary(Node, eq=False):
    condition: Node
    then: Node
    otherwise: Node


class Call(Node, eq=False):
    """`name(…)` or `target.name(…)`."""

    name: str
    target: Node | None
    arguments: list[Node]
    at: int


class Comprehension(Node, eq=False):
    """`target.macro(variable, body)`, of `map` also `(variable, condition, body)`."""

    macro: str
    target: Node
    variable: str
    body: Node
    condition: Node | None = None


class ListOf(Node, eq=False):
    items: list[Node]


class MapOf(Node, eq=False):
    keys: list[Node]
    values: list[Node]


def children(node: Node) -> list[Node]:
    """The parts directly below, in the order of the text."""
    if isinstance(node, Select):
        return [node.target]
    if isinstance(node, Index):
        return [node.target, node.index]
    if isinstance(node, Unary):
        return [node.operand]
    if isinstance(node, Binary):
        return [node.left, node.right]
    if isinstance(node, Ternary):
        return [node.condition, node.then, node.otherwise]
    if isinstance(node, Call):
        return [*([] if node.target is None else [node.target]), *node.arguments]
    if isinstance(node, Comprehension):
        return [node.target, *([] if node.condition is None else [node.condition]), node.body]
    if isinstance(node, ListOf):
        return node.items
    if isinstance(node, MapOf):
        return [one for pair in zip(node.keys, node.values, strict=True) for one in pair]
    return []
