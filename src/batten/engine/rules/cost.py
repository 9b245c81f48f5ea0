"""How much work an expression may be, worked out before it runs: the library can neither be stopped nor counts.

An upper bound in steps of some microsecond, from the expression and from how long the longest list and text of the
noun are. What cannot grow in CEL but by its own text makes this possible: there are no loops besides the macros.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from batten.engine.rules.names import Type
from batten.engine.rules.tree import (
    Binary,
    Call,
    Comprehension,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    RuleError,
    Select,
    Ternary,
    Unary,
    children,
)
from batten.engine.rules.types import Checked
from batten.limits import RULE_STEPS

_MOST: Final = 1e18
_COPY: Final = 0.25  # steps for each element that is copied; `map` and `filter` copy what they have with every element
_CHARACTER: Final = 0.002  # steps for each character that is looked at or copied
_FUNCTION: Final = 12.0  # steps of a function that the library lacks
_PATTERN: Final = 60.0  # steps of compiling the shortest pattern, which the library does with every call
_REPEAT: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")


class _Size(Struct):
    """How long a list, map or text may be, and what it holds."""

    length: float = 1.0
    item: _Size | None = None
    most: float = _MOST
    """Of all that is in it together, where that is less than the parts could be."""

    def __post_init__(self) -> None:
        self.length = min(float(min(self.length, _MOST)), _MOST)

    @property
    def total(self) -> float:
        return min(self.length * (self.item.total if self.item is not None else 1.0), self.most)


_ONE: Final = _Size()


def estimate(checked: Checked, longest: float, characters: float) -> float:
    """The most steps that one evaluation takes, where no list of the noun is longer than `longest` and no text longer
    than `characters`."""
    return _Estimate(checked, longest, characters).visit(checked.node, {})[0]


def depends(checked: Checked) -> bool:
    """Whether the noun's lists and texts matter at all; else `estimate(checked, 0, 0)` says it."""
    return any(
        isinstance(node, Comprehension)
        or (isinstance(node, Call) and node.name not in ("startsWith", "endsWith", "size"))
        or (isinstance(node, Binary) and node.operator in ("+", "in"))
        for node in _all(checked.node)
    )


def verify(checked: Checked) -> None:
    """Raises `RuleError` where even an empty noun asks for too much, or a pattern is too large."""
    for node in _all(checked.node):
        if isinstance(node, Call) and node.name == "matches":
            _pattern_steps(node.arguments[0])
    steps = estimate(checked, 1, 1)
    if steps > RULE_STEPS:
        raise RuleError(f"expected an expression of at most {RULE_STEPS:,} steps, found one of {steps:,.0f}")


def _all(node: Node) -> list[Node]:
    found = [node]
    for one in found:
        found += children(one)
    return found


def _pattern_steps(node: Node) -> float:
    """Steps of compiling a pattern: its length times what its counted repetitions make of it."""
    assert isinstance(node, Literal)
    text = str(node.value)
    factor = 1.0
    for low, high in _REPEAT.findall(text):
        factor *= max(1, min(int((high or low)[:9]), 10**9))
    steps = _PATTERN + len(text) * 4 + (factor * len(text) * 40 if factor > 1 else 0)
    if steps > RULE_STEPS / 4:
        raise RuleError(
            "expected a pattern with fewer counted repetitions such as {100}: compiling it takes too long", node.start
        )
    return steps


class _Estimate:
    def __init__(self, checked: Checked, longest: float, characters: float) -> None:
        self.checked = checked
        self.longest = longest
        self.characters = characters

    def of_type(self, kind: Type) -> _Size:
        if kind.kind in ("list", "map"):
            return _Size(self.longest, self.of_type(kind.item) if kind.item is not None else _Size(self.characters))
        if kind.kind in ("string", "any"):
            return _Size(self.characters)
        return _Size(self.longest, _Size(self.characters)) if kind.kind == "object" else _ONE

    def visit(self, node: Node, scope: dict[str, _Size]) -> tuple[float, _Size]:
        """Steps and size of the value."""
        read = self.checked.reads.get(id(node))
        if read is not None:
            return 1.0, _ONE if node_tests(node) else self.of_type(read.type)
        if isinstance(node, Literal):
            return 1.0, _Size(len(node.value)) if isinstance(node.value, str) else _ONE
        if isinstance(node, Name):
            size = scope.get(node.name, _ONE)
            return 1.0 + size.total * _CHARACTER, size
        if isinstance(node, Comprehension):
            return self.comprehension(node, scope)
        parts = [self.visit(one, scope) for one in children(node)]
        steps = min(1.0 + sum(one for one, _ in parts), _MOST)
        sizes = [size for _, size in parts]
        if isinstance(node, Select | Index):
            inner = sizes[0].item or _Size(max(sizes[0].length, self.characters), _Size(self.characters))
            return steps + inner.total * _CHARACTER, inner
        if isinstance(node, ListOf):
            return steps, _Size(float(len(sizes)), _largest(sizes))
        if isinstance(node, MapOf):
            return steps, _Size(float(len(node.values)), _largest(sizes))
        if isinstance(node, Ternary):
            return steps, _largest(sizes[1:])
        if isinstance(node, Unary):
            return steps, sizes[0]
        if isinstance(node, Binary):
            return self.binary(node, steps, sizes)
        assert isinstance(node, Call)
        return self.call(node, steps, sizes)

    def binary(self, node: Binary, steps: float, sizes: list[_Size]) -> tuple[float, _Size]:
        left, right = sizes
        if node.operator == "+":
            size = _Size(left.length + right.length, _largest([one.item for one in sizes if one.item is not None]))
            return min(steps + size.total * _CHARACTER + (size.length * _COPY if size.item else 0), _MOST), size
        work = right.total * _CHARACTER + right.length * _COPY if node.operator == "in" else 0.0
        if node.operator in ("==", "!=", "<", "<=", ">", ">="):
            work = min(left.total, right.total) * _CHARACTER
        return min(steps + work, _MOST), _ONE

    def call(self, node: Call, steps: float, sizes: list[_Size]) -> tuple[float, _Size]:
        first = sizes[0]
        name = node.name
        if name == "matches":
            pattern = _pattern_steps(node.arguments[0])
            return min(steps + pattern + first.length * 0.02 * (1 + pattern / 400), _MOST), _ONE
        if name in ("size", "startsWith", "endsWith", "int", "double"):
            return steps, _ONE
        if name == "contains":
            return steps + first.length * _CHARACTER, _ONE
        size = first
        if name == "string":
            size = _Size(max(first.length, 32.0))
        elif name == "split":
            size = _Size(first.length + 1, _Size(first.length), most=first.length)
            steps += first.length * _COPY
        elif name == "join":
            size = _Size(min(first.total, _MOST) + first.length * sizes[1].length)
        elif name == "replace":
            size = _Size((first.length + 1) * (1 + sizes[2].length))
        return min(steps + _FUNCTION + size.length * _CHARACTER, _MOST), size

    def comprehension(self, node: Comprehension, scope: dict[str, _Size]) -> tuple[float, _Size]:
        steps, target = self.visit(node.target, scope)
        item = target.item or _Size(max(self.characters, target.length))
        inner = {**scope, node.variable: item}
        each, body = self.visit(node.body, inner)
        if node.condition is not None:
            each += self.visit(node.condition, inner)[0]
        count = target.length
        work = count * (each + 2.0)
        size = _ONE
        if node.macro in ("map", "filter"):
            size = _Size(count, body if node.macro == "map" else item)
            # the list so far is copied with every element, texts in it are shared
            work += count * count * _COPY / 2 + size.total * _CHARACTER
        return min(steps + work, _MOST), size


def node_tests(node: Node) -> bool:
    """Is the part a question (`has`), not a value?"""
    return isinstance(node, Select) and node.test


def _largest(sizes: list[_Size]) -> _Size:
    if not sizes:
        return _ONE
    items = [one.item for one in sizes if one.item is not None]
    return _Size(max(one.length for one in sizes), _largest(items) if items else None)
