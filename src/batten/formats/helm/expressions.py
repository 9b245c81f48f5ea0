"""The pipelines of Go templates: `default "x" .Values.name | quote` as a tree."""

from __future__ import annotations

import json
from typing import Any, Final

from msgspec import Struct

from batten.limits import HELM_BLOCKS
from batten.pattern import pattern

_TOKEN: Final = pattern(
    r"\s*(?:(?P<string>\"(?:[^\"\\\n]|\\.)*+\")|(?P<raw>`[^`]*+`)|(?P<char>'(?:[^'\\\n]|\\.)*+')"
    r"|(?P<number>[+-]?\d[\w.]*+)|(?P<variable>\$\w*+)|(?P<word>[A-Za-z_]\w*+)"
    r"|(?P<field>(?:\.[A-Za-z_]\w*+)++)|(?P<sign>:=|=|\.|\(|\)|\||,))"
)


class Constant(Struct, frozen=True):
    value: Any


class Field(Struct, frozen=True):
    """`.a.b` of the dot, of a variable (`$`, `$name`) or of an expression."""

    names: tuple[str, ...]
    variable: str | None = None
    of: Expression | None = None


class Call(Struct, frozen=True):
    function: str
    arguments: tuple[Expression, ...]


Expression = Constant | Field | Call


class Pipeline(Struct, frozen=True):
    """`declares`: variables before `:=` or `=`; `value`: None where it cannot be followed."""

    declares: tuple[str, ...]
    value: Expression | None
    anew: bool = True
    """With `:=`."""


_NOTHING: Final = Pipeline((), None)


class _Malformed(Exception):
    pass


def parse_pipeline(text: str) -> Pipeline:
    """What stands between the braces; nothing is raised."""
    try:
        return _Parser(text).pipeline()
    except (_Malformed, ValueError):
        return _NOTHING


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, bool]] = []
        """Kind, text, whether blanks stand before it."""
        position = 0
        text = text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise _Malformed
            self.tokens.append((found.lastgroup, found[found.lastgroup], found.start(found.lastgroup) > position))
            position = found.end()
        self.at = 0
        self.depth = 0

    def sign(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in wanted:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def pipeline(self) -> Pipeline:
        declares: list[str] = []
        anew = True
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "variable":
            declares.append(self.tokens[self.at][1])
            self.at += 1
            if self.sign(","):
                continue
            made = self.sign(":=", "=")
            if made:
                anew = made == ":="
                break
            declares, self.at = [], start
            break
        value = self.piped()
        if self.at != len(self.tokens):
            raise _Malformed
        return Pipeline(tuple(declares), value, anew)

    def piped(self) -> Expression:
        self.depth += 1
        if self.depth > HELM_BLOCKS:
            raise _Malformed
        value = self.command(None)
        while self.sign("|"):
            value = self.command(value)
        self.depth -= 1
        return value

    def command(self, before: Expression | None) -> Expression:
        if self.at >= len(self.tokens):
            raise _Malformed
        kind, text, _ = self.tokens[self.at]
        if kind == "word" and text not in ("true", "false", "nil"):
            self.at += 1
            if self.at < len(self.tokens) and self.tokens[self.at][0] == "field" and not self.tokens[self.at][2]:
                raise _Malformed  # `name.field` is nothing
            arguments = []
            while self.at < len(self.tokens) and not (
                self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in ("|", ")", ",", "=", ":=")
            ):
                arguments.append(self.operand())
            if before is not None:
                arguments.append(before)
            return Call(text, tuple(arguments))
        value = self.operand()
        rest = []
        while self.at < len(self.tokens) and not (
            self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in ("|", ")")
        ):
            rest.append(self.operand())
        if before is not None or rest:  # a method: `.Files.Get "name"`
            return Call("", (value, *rest, *([before] if before is not None else [])))
        return value

    def operand(self) -> Expression:
        if self.at >= len(self.tokens):
            raise _Malformed
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if kind == "string":
            return Constant(json.loads(text, strict=False) if "\\x" not in text else text[1:-1])
        if kind == "raw":
            return Constant(text[1:-1])
        if kind in ("number", "char"):
            return Constant(int(text) if text.isdecimal() else text)
        if kind == "word":
            if text in ("true", "false", "nil"):
                return Constant({"true": True, "false": False, "nil": None}[text])
            return Call(text, ())
        if kind == "field":
            return Field(tuple(text[1:].split(".")))
        if kind == "variable":
            return Field(self.fields(), variable=text)
        if text == "(":
            value = self.piped()
            if not self.sign(")"):
                raise _Malformed
            names = self.fields()
            return Field(names, of=value) if names else value
        if text == ".":
            return Field(())
        raise _Malformed

    def fields(self) -> tuple[str, ...]:
        """The fields that stand directly after."""
        if self.at < len(self.tokens):
            kind, text, apart = self.tokens[self.at]
            if kind == "field" and not apart:
                self.at += 1
                return tuple(text[1:].split("."))
        return ()
