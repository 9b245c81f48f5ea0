"""Writes a checked expression for the library: what is read becomes variables, fields of objects keys."""

from __future__ import annotations

import json
from typing import Any, Final

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
    Select,
    Ternary,
    Unary,
)
from batten.engine.rules.types import Checked, Read

_CHAINS: Final = ("&&", "||", "+")


class Writer:
    """Writes a checked expression for the library: what is read becomes variables, fields of objects keys."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.variables: dict[str, Read] = {}
        self._known: dict[tuple[Any, ...], str] = {}

    def write(self, node: Node) -> str:
        read = self.checked.reads.get(id(node))
        if read is not None:
            name = self.variable(read)
            return f"({name} != null)" if isinstance(node, Select) and node.test and not read.presence else name
        return self.part(node)

    def part(self, node: Node) -> str:
        """What is no value that is read."""
        if isinstance(node, Literal):
            return literal(node.value)
        if isinstance(node, Name):
            return f"x_{node.name}"
        if isinstance(node, Select):
            return self.select(node)
        if isinstance(node, Index):
            return f"{self.write(node.target)}[{self.write(node.index)}]"
        if isinstance(node, Unary):
            return f"({node.operator}{self.write(node.operand)})"
        if isinstance(node, Binary):
            return self.binary(node)
        if isinstance(node, Ternary):
            parts = (self.write(one) for one in (node.condition, node.then, node.otherwise))
            return "({} ? {} : {})".format(*parts)
        if isinstance(node, ListOf):
            return f"[{', '.join(map(self.write, node.items))}]"
        if isinstance(node, MapOf):
            pairs = zip(map(self.write, node.keys), map(self.write, node.values), strict=True)
            return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        if isinstance(node, Call):
            inside = ", ".join(map(self.write, node.arguments))
            return (
                f"{node.name}({inside})" if node.target is None else f"{self.write(node.target)}.{node.name}({inside})"
            )
        assert isinstance(node, Comprehension)
        macro = "exists_one" if node.macro == "existsOne" else node.macro
        condition = "" if node.condition is None else f"{self.write(node.condition)}, "
        return f"{self.write(node.target)}.{macro}(x_{node.variable}, {condition}{self.write(node.body)})"

    def select(self, node: Select) -> str:
        target = self.write(node.target)
        if id(node) in self.checked.tests:
            return f"({literal(node.field)} in {target})"
        value = f"{target}[{literal(node.field)}]"
        return f"({value} != null)" if node.test else value

    def binary(self, node: Binary) -> str:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            read = self.checked.reads.get(id(one))
            if (
                read is not None
                and read.presence
                and isinstance(other, Literal)
                and not (isinstance(one, Select) and one.test)
            ):
                return f"({'!' if node.operator == '==' else ''}{self.variable(read)})"
        left = self.write(node.left)
        if node.operator in _CHAINS and isinstance(node.left, Binary) and node.left.operator == node.operator:
            left = left[1:-1]  # the library refuses some 95 parentheses in one another
        return f"({left} {node.operator} {self.write(node.right)})"

    def variable(self, read: Read) -> str:
        # lists of objects may be read of differently at each place
        key = (read.path, read.presence, id(read.shape) if read.shape.fields else 0)
        if key not in self._known:
            self._known[key] = f"v{len(self._known)}"
            self.variables[self._known[key]] = read
        return self._known[key]


def literal(value: Any) -> str:
    """A value as CEL writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    shown = repr(value)
    if isinstance(value, float) and "." not in shown and "e" in shown:
        shown = shown.replace("e", ".0e", 1)
    return f"({shown})" if value < 0 else shown
