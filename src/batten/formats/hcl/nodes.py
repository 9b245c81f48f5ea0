"""The parts of an HCL file (HCL Native Syntax Specification 2): bodies of attributes and blocks, and expressions.

Offsets are characters of the file's text; `end` is exclusive.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Expression(Struct, eq=False, gc=False):
    """Any expression."""

    start: int
    end: int


class Literal(Expression, eq=False, gc=False):
    """A number, `true`, `false` or `null`."""

    value: Any


class Text(Expression, eq=False, gc=False):
    """Characters of a template as they are meant: escapes undone."""

    value: str


class Interpolation(Expression, eq=False, gc=False):
    """`${value}` of a template. `trims`: the sides, `<` and `>`, on which `~` takes blanks and lines away."""

    value: Expression
    trims: str = ""


class Directive(Expression, eq=False, gc=False):
    """`%{if value}`, `%{for names in value}`, `%{else}`, `%{endif}`, `%{endfor}` of a template, one by one."""

    word: str
    names: list[str]
    value: Expression | None
    trims: str = ""


class Template(Expression, eq=False, gc=False):
    """A text, quoted or a heredoc. `body` to `body_end` is what stands between the quotes or marks."""

    body: int
    body_end: int
    parts: list[Expression]
    heredoc: bool = False
    indented: bool = False
    """`<<-`: what all lines begin with of blanks is taken away."""


class Reference(Expression, eq=False, gc=False):
    """A name: `var`, `each`, `local`, `aws_iam_role`; what comes after it are `Access` around it."""

    name: str


class Access(Expression, eq=False, gc=False):
    """`of.name`, `of[key]`; `key` is an expression in brackets."""

    of: Expression
    key: str | Expression


class Splat(Expression, eq=False, gc=False):
    """`of[*].a.b`, `of.*.a`: the names that follow are taken of each."""

    of: Expression
    names: list[str | Expression]


class Call(Expression, eq=False, gc=False):
    """`name(arguments)`; `expanded`: the last one is followed by `...`."""

    name: str
    arguments: list[Expression]
    expanded: bool = False


class Item(Struct, eq=False, gc=False):
    """An entry of an object: a bare word is a `str`."""

    key: str | Expression
    start: int
    end: int
    value: Expression


class Object(Expression, eq=False, gc=False):
    """`{ key = value }`."""

    items: list[Item]


class List(Expression, eq=False, gc=False):
    """`[a, b]`."""

    items: list[Expression]


class Conditional(Expression, eq=False, gc=False):
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression


class Operation(Expression, eq=False, gc=False):
    """`left operator right`; without `left` a sign or `!`."""

    operator: str
    left: Expression | None
    right: Expression


class Parentheses(Expression, eq=False, gc=False):
    """`(inner)`."""

    inner: Expression


class For(Expression, eq=False, gc=False):
    """`[for k, v in collection : value if condition]`, `{for … : key => value...}`."""

    names: list[str]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


class Attribute(Struct, eq=False, gc=False):
    """`name = value` in a body."""

    name: str
    start: int
    end: int
    """Of the name."""
    value: Expression


class Block(Struct, eq=False, gc=False):
    """`type "label" { … }`. `start` to `head` is what stands before the brace, `body` has what is inside."""

    type: str
    labels: list[str]
    start: int
    head: int
    body: Body


class Body(Struct, eq=False, gc=False):
    """What stands in a file, or between the braces of a block, which are not part of it."""

    start: int
    end: int
    attributes: dict[str, Attribute]
    blocks: list[Block]

    def of(self, type: str) -> list[Block]:
        """The blocks of a type, in the order written."""
        return [block for block in self.blocks if block.type == type]
