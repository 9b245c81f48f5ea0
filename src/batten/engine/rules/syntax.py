"""Reads CEL expressions into trees with places.

The library that evaluates them gives no tree, so what it cannot say at load time (which names are read, of what type,
how much work it may be) is found here. Grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

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
from batten.limits import RULE_DEPTH, RULE_EXPRESSION

MACROS: Final = ("all", "exists", "exists_one", "existsOne", "map", "filter")
_RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "return"}
)
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n\f]+|//[^\n]*)"
    r"|(?P<float>\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)"
    r"|(?P<uint>(?:0[xX][0-9a-fA-F]+|\d+)[uU])"
    r"|(?P<int>0[xX][0-9a-fA-F]+|\d+)"
    r"|(?P<string>[rR]?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|(?<=[rR])\"[^\"\n\r]*\"|(?<=[rR])'[^'\n\r]*'"
    r"|\"(?:[^\"\\\n\r]|\\.)*\"|'(?:[^'\\\n\r]|\\.)*'))"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]{}])",
    re.DOTALL | re.ASCII,
)
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\?\"'`])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"
    r"|(?P<octal>[0-3][0-7]{2})|(?P<bad>.))",
    re.DOTALL,
)
_PLAIN: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    ("||",),
    ("&&",),
    ("<", "<=", ">", ">=", "==", "!=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
_INT_MAX: Final = (1 << 63) - 1


def parse(text: str) -> Node:
    """The tree of an expression. Raises `RuleError` with the place of what is wrong."""
    if len(text) > RULE_EXPRESSION:
        raise RuleError(f"expected an expression of at most {RULE_EXPRESSION:,} characters, found {len(text):,}")
    parser = _Parser(text)
    node = parser.ternary()
    if parser.kind != "end":
        parser.refuse("expected an operator or the end of the expression")
    _check_depth(node)
    return node


def _check_depth(root: Node) -> None:
    """A long chain is deep, too: whoever walks over it goes down as far."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > RULE_DEPTH:
            raise RuleError(
                f"expected at most {RULE_DEPTH} operators and parentheses in one another, found more", node.start
            )
        waiting += [(one, depth + 1) for one in children(node)]


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            if text[at] in "\"'":
                raise RuleError("expected a closing quote, found the end of the line", at)
            if text[at] in "bB" and text[at + 1 : at + 2] in ("'", '"'):
                raise RuleError("expected text, found bytes: nothing of the model is bytes", at)
            single = {"&": "&&", "|": "||", "=": "=="}.get(text[at])
            hint = f"; did you mean {single}?" if single else ""
            raise RuleError(f"expected a name, a value or an operator, found {text[at]!r}{hint}", at)
        kind = str(found.lastgroup)
        if kind == "name" and found[0] in "bB" and text[found.end() : found.end() + 1] in ("'", '"'):
            raise RuleError("expected text, found bytes: nothing of the model is bytes", at)
        if kind != "space":
            yield kind, found[0], at
        at = found.end()
    yield "end", "", len(text)


class _Parser:
    """Recursive descent; the current token is `kind`, `word`, `at`."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.index = -1
        self.depth = 0
        self.last_end = 0
        self.kind = self.word = ""
        self.at = 0
        self.advance()

    def advance(self) -> None:
        self.last_end = self.at + len(self.word)
        self.index += 1
        self.kind, self.word, self.at = self.tokens[self.index]

    def refuse(self, expected: str) -> NoReturn:
        found = "the end" if self.kind == "end" else f"{self.word[:40]!r}"
        raise RuleError(f"{expected}, found {found}", self.at)

    def expect(self, mark: str) -> None:
        if self.word != mark or self.kind != "mark":
            self.refuse(f"expected {mark!r}")
        self.advance()

    def is_mark(self, *marks: str) -> bool:
        return self.word in marks and (self.kind == "mark" or (self.kind == "name" and self.word == "in"))

    def ternary(self) -> Node:
        self.depth += 1
        if self.depth > RULE_DEPTH:
            raise RuleError(f"expected at most {RULE_DEPTH} parentheses in one another, found more", self.at)
        start = self.at
        node = self.binary(0)
        if self.is_mark("?"):
            self.advance()
            then = self.binary(0)
            self.expect(":")
            otherwise = self.ternary()
            node = Ternary(start, self.last_end, node, then, otherwise)
        self.depth -= 1
        return node

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        start = self.at
        node = self.binary(level + 1)
        while self.is_mark(*_LEVELS[level]):
            operator, at = self.word, self.at
            self.advance()
            right = self.binary(level + 1)
            node = Binary(start, self.last_end, operator, node, right, at)
        return node

    def unary(self) -> Node:
        start = self.at
        operators: list[str] = []
        while self.is_mark("!", "-"):
            if operators and operators[-1] != self.word:
                self.refuse(f"expected a value after {operators[-1]!r}")
            operators.append(self.word)
            self.advance()
            if len(operators) > RULE_DEPTH:
                self.refuse(f"expected at most {RULE_DEPTH} operators in one another")
        if operators == ["-"] and self.kind in ("int", "float"):
            return self.member(negative=start)
        node = self.member()
        for operator in reversed(operators):
            node = Unary(start, self.last_end, operator, node)
        return node

    def member(self, negative: int | None = None) -> Node:
        start = self.at if negative is None else negative
        node = self.primary(negative)
        while True:
            if self.is_mark("."):
                self.advance()
                if self.word == "?":
                    raise RuleError("expected a field; optional fields (.?) are not supported, has() asks", self.at)
                if self.kind != "name":
                    self.refuse("expected the name of a field")
                field, at = self.word, self.at
                self.advance()
                if self.is_mark("("):
                    node = self.call(field, node, start, at)
                else:
                    node = Select(start, self.last_end, node, field, at)
            elif self.is_mark("["):
                self.advance()
                index = self.ternary()
                self.expect("]")
                node = Index(start, self.last_end, node, index)
            else:
                return node

    def primary(self, negative: int | None = None) -> Node:
        start, word, kind = self.at, self.word, self.kind
        if kind in ("int", "float", "string", "uint"):
            self.advance()
            return Literal(start if negative is None else negative, self.last_end, _value(word, kind, start, negative))
        if kind == "name":
            if word in _RESERVED or word == "in":
                self.refuse("expected a value")
            self.advance()
            if word in ("true", "false", "null"):
                return Literal(start, self.last_end, {"true": True, "false": False, "null": None}[word])
            if self.is_mark("("):
                return self.call(word, None, start, start)
            if self.is_mark("{"):
                raise RuleError("expected a value; messages (Name{…}) are not supported", start)
            return Name(start, self.last_end, word)
        if self.is_mark("("):
            self.advance()
            node = self.ternary()
            self.expect(")")
            return node
        if self.is_mark("["):
            self.advance()
            items = self.sequence("]")
            return ListOf(start, self.last_end, items)
        if self.is_mark("{"):
            return self.map(start)
        return self.refuse("expected a value")

    def map(self, start: int) -> Node:
        self.advance()
        keys: list[Node] = []
        values: list[Node] = []
        while not self.is_mark("}"):
            keys.append(self.ternary())
            self.expect(":")
            values.append(self.ternary())
            if not self.is_mark(","):
                break
            self.advance()
        self.expect("}")
        return MapOf(start, self.last_end, keys, values)

    def sequence(self, closing: str) -> list[Node]:
        items: list[Node] = []
        while not self.is_mark(closing):
            items.append(self.ternary())
            if not self.is_mark(","):
                break
            self.advance()
            if closing == ")" and self.is_mark(closing):
                self.refuse("expected another argument")
        self.expect(closing)
        return items

    def call(self, name: str, target: Node | None, start: int, at: int) -> Node:
        self.advance()
        arguments = self.sequence(")")
        if name == "has" and target is None:
            if len(arguments) != 1 or not isinstance(arguments[0], Select):
                raise RuleError("expected has(noun.field) with one field", at)
            found = arguments[0]
            return Select(start, self.last_end, found.target, found.field, found.field_at, test=True)
        if target is not None and name in MACROS:
            return self.comprehension(name, target, arguments, start, at)
        return Call(start, self.last_end, name, target, arguments, at)

    def comprehension(self, macro: str, target: Node, arguments: list[Node], start: int, at: int) -> Node:
        most = 3 if macro == "map" else 2
        if not 2 <= len(arguments) <= most:
            raise RuleError(f"expected {macro}(name, expression), found {len(arguments)} arguments", at)
        variable = arguments[0]
        if not isinstance(variable, Name):
            raise RuleError(f"expected {macro}(name, …), a simple name first", variable.start)
        condition = arguments[1] if len(arguments) == 3 else None
        return Comprehension(start, self.last_end, macro, target, variable.name, arguments[-1], condition)


def _value(word: str, kind: str, at: int, negative: int | None) -> Any:
    if kind == "uint":
        raise RuleError("expected a number without u: every number of the model is int or double", at)
    if kind == "float":
        number = float(word)
        return number if negative is None else -number
    if kind == "int":
        whole = int(word, 0 if word[:2].lower() == "0x" else 10)
        if whole > _INT_MAX + (negative is not None):
            raise RuleError("expected a number of 64 bits, found a larger one", at)
        return whole if negative is None else -whole
    raw = word[0] in "rR"
    text = word[1:] if raw else word
    quotes = 3 if text[:3] in ('"""', "'''") else 1
    text = text[quotes:-quotes]
    return text if raw else _ESCAPE.sub(lambda found: _unescaped(found, at), text)


def _unescaped(found: re.Match[str], at: int) -> str:
    if found["bad"] is not None:
        raise RuleError(f"expected an escape such as \\n, \\\" or \\u00e9, found {found[0]!r}; r'…' takes none", at)
    if (plain := found["plain"]) is not None:
        return _PLAIN.get(plain, plain)
    code = int(found["octal"], 8) if found["octal"] is not None else int(found["x"] or found["u"] or found["U"], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise RuleError(f"expected an escape of a character, found {found[0]!r}", at)
    return chr(code)
