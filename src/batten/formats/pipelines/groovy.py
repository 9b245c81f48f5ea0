"""Groovy's statements as a tree of calls, as far as Jenkinsfiles need it.

It is no compiler: operators are not weighed and types are not known. What counts is which calls stand where, with
which arguments and closures, and that nothing of the text is passed over: what does not fit is `Unreadable`.
"""

from __future__ import annotations

from typing import Final

from batten.formats.pipelines.groovy_expressions import Expressions
from batten.formats.pipelines.groovy_lex import tokens
from batten.formats.pipelines.groovy_nodes import Node

_ENDS: Final = frozenset(("newline", "end", ";", ")", "]", "}", ","))
_BLOCKS: Final = frozenset(("if", "for", "while", "switch", "catch", "synchronized"))
_BARE_BLOCKS: Final = frozenset(("else", "try", "finally", "do"))
_OPERANDS: Final = frozenset(("word", "string", "number"))

__all__ = ["Node", "parse"]


def parse(text: str) -> list[Node]:
    """The statements of a file. Raises `Unreadable`."""
    return _Parser(text, tokens(text)).statements("end")


class _Parser(Expressions):
    def statements(self, until: str) -> list[Node]:
        self.deeper()
        found: list[Node] = []
        while True:
            while self.token.kind in ("newline", ";"):
                self.at += 1
            if self.token.kind == until:
                self.depth -= 1
                return found
            if self.token.kind in ("end", ")", "]", "}", ","):
                raise self.unreadable("expected a statement" if until == "end" else f"expected `{until}`")
            before = self.at
            found.append(self.statement())
            if self.at == before:
                raise self.unreadable("expected a statement")

    def statement(self) -> Node:
        token = self.token
        if token.kind == "@":
            return self.annotation()
        if token.kind == "word":
            if token.text in _BLOCKS and self.peek().kind == "(":
                return self.block(condition=True)
            if token.text in _BARE_BLOCKS:
                return self.block(condition=False)
            if token.text in ("case", "default") and self.peek().kind != "(":
                return self.label()
            if token.text in ("return", "throw", "assert"):
                self.take()
                if self.token.kind in _ENDS:
                    return Node("expression", token.start, token.end)
                return self.expression(command=True)
            if token.text in ("import", "package", "break", "continue"):
                while self.token.kind not in ("newline", "end", ";", "}"):
                    self.take()
                return Node("expression", token.start, token.end)
            declared = self.declaration()
            if declared is not None:
                return declared
        return self.expression(command=True)

    def annotation(self) -> Node:
        """`@Library('name@ref') _`, which is a call for us."""
        start = self.take().start
        if self.token.kind != "word":
            raise self.unreadable("expected the name of an annotation")
        node = self.path(Node("name", start, name="@"), command=False)
        if self.token.kind == "word" and self.token.text == "_":
            self.take()
        return node

    def block(self, *, condition: bool) -> Node:
        """`if (…) …`, `try {…}`: the condition and the statements that follow."""
        self.deeper()
        word = self.take()
        node = Node("block", word.start, name=word.text)
        if condition:
            self.take()
            if word.text == "catch":  # types and a name
                while self.token.kind not in (")", "end"):
                    self.take()
            node.arguments += self.parenthesised()
        self.skip()
        if self.token.kind == "{":
            self.take()
            inside = Node("closure", self.token.start)
            inside.arguments = self.statements("}")
            inside.end = self.expect("}").end
            node.closure = inside
        elif self.token.kind not in ("end", "}"):
            inside = Node("closure", self.token.start)
            inside.arguments = [self.statement()]
            inside.end = inside.arguments[0].end
            node.closure = inside
        node.end = self.tokens[self.at - 1].end
        self.depth -= 1
        return node

    def label(self) -> Node:
        """`case x:` and `default:` of a switch."""
        word = self.take()
        node = Node("expression", word.start)
        while self.token.kind not in (":", "newline", "end", "}", "->"):
            node.arguments.append(self.operand())
            while self.token.kind not in (*_ENDS, ":", "->") and self.token.kind not in _OPERANDS:
                self.take()
        if self.token.kind in (":", "->"):
            self.take()
        node.end = self.tokens[self.at - 1].end
        return node

    def declaration(self) -> Node | None:
        """`def x = …`, `String x = …`, `def f(a) {…}`, `class`; None where the statement is none of these."""
        start = self.at
        words = 0
        while self.token.kind == "word" and words < 6:
            words += 1
            self.take()
            if self.token.kind == "." and self.peek().kind == "word":  # a qualified type
                following = self.peek(2)
                if following.kind != "word":
                    break
                self.take()
            elif self.token.kind == "<":
                self.generic()
            while self.token.kind == "[" and self.peek().kind == "]":
                self.at += 2
        last = self.tokens[self.at - 1]
        first = self.tokens[start]
        defines = first.text in ("def", "final", "static", "private", "public", "class", "enum", "interface")
        if defines and first.text in ("class", "enum", "interface"):
            while self.token.kind not in ("{", "end"):
                self.take()
            return Node("closure", first.start, arguments=[self.closure()])
        if words >= 2 and self.token.kind == "(" and (defines or not self.token.spaced) and self._is_method():
            self.take()
            self.parenthesised()
            self.skip()
            return Node("closure", first.start, arguments=[self.closure()], name=last.text)
        if words >= 2 and self.token.kind == "=":
            self.take()
            self.skip()
            return self.assignment(first.start, last.text)
        if defines and words >= 2 and self.token.kind in ("newline", "end", ";", ","):
            return Node("expression", first.start, last.end)
        if defines and words == 1 and self.token.kind == "(":  # def (a, b) = …
            self.take()
            self.parenthesised()
            if self.token.kind == "=":
                self.take()
                self.skip()
                return self.assignment(first.start, "")
        self.at = start
        return None

    def _is_method(self) -> bool:
        """Does a body follow the parameters?"""
        level, at = 0, self.at
        while at < len(self.tokens):
            kind = self.tokens[at].kind
            level += (kind == "(") - (kind == ")")
            at += 1
            if level == 0:
                break
        while at < len(self.tokens) and self.tokens[at].kind == "newline":
            at += 1
        return at < len(self.tokens) and self.tokens[at].kind == "{"

    def generic(self) -> None:
        level = 0
        start = self.at
        while self.token.kind not in ("end", "newline", "{", "(", "string"):
            level += {"<": 1, ">": -1, "<<": 2, ">>": -2, ">>>": -3}.get(self.token.kind, 0)
            self.take()
            if level <= 0:
                return
        self.at = start

    def assignment(self, start: int, name: str) -> Node:
        value = self.expression(command=True)
        return Node("assign", start, value.end, name=name, arguments=[value])
