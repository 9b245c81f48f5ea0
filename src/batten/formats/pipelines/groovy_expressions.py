"""Groovy's expressions: operands and operators, calls in all their spellings, lists, maps, closures."""

from __future__ import annotations

from typing import Final

from batten.formats.pipelines.groovy_nodes import Cursor, Node
from batten.limits import GROOVY_DEPTH

_ENDS: Final = frozenset(("newline", "end", ";", ")", "]", "}", ","))
_OPERATOR_WORDS: Final = frozenset(("in", "instanceof", "as"))
_GOES_ON: Final = frozenset((".", "?.", "*.", "&&", "||", "?", ":", "?:"))  # a line that begins so belongs to the last
_OPERANDS: Final = frozenset(("word", "string", "number"))


class Expressions(Cursor):
    """Reads expressions; statements are read by who inherits from it."""

    def statements(self, until: str) -> list[Node]:
        """The statements up to a bracket."""
        raise NotImplementedError

    def declaration(self) -> Node | None:
        """A declaration; None where none stands here."""
        raise NotImplementedError

    def expression(self, *, command: bool = False, ends: frozenset[str] = _ENDS) -> Node:
        """Operands and operators up to the end of the statement or argument."""
        self.deeper()
        start = self.token.start
        first = self.operand(command=command)
        parts = [first]
        while True:
            if self.token.kind == "newline":
                following = self.peek()
                if following.kind not in _GOES_ON or (following.kind == ":" and ":" in ends):
                    break
                self.skip()
            token = self.token
            if token.kind in ends or token.kind == "end":
                break
            if token.kind == "word" and token.text not in _OPERATOR_WORDS:
                if command and parts[-1].kind == "call":  # `a b c d` is a(b).c(d)
                    parts.append(self.operand(command=True))
                    continue
                raise self.unreadable("expected an operator or the end of the statement")
            if token.kind in ("string", "number", "{", "["):
                raise self.unreadable("expected an operator or the end of the statement")
            self.take()
            if token.kind in ("++", "--"):
                continue
            self.skip()
            if token.kind.endswith("=") and token.kind not in ("==", "!=", "<=", ">=", "===", "!=="):
                name = first.name if first.kind in ("name", "call") else ""
                value = self.expression(command=True, ends=ends)
                self.depth -= 1
                return Node("assign", start, value.end, name=name, arguments=[value, *parts])
            parts.append(self.operand(command=token.kind == "<<"))
        self.depth -= 1
        if len(parts) == 1:
            return first
        return Node("expression", start, parts[-1].end, arguments=parts)

    def operand(self, *, command: bool = False) -> Node:
        while self.token.kind in ("!", "-", "+", "~", "++", "--", "*", "@"):
            self.take()
        token = self.token
        if token.kind == "string":
            self.take()
            return self.path(Node("string", token.start, token.end), command=False)
        if token.kind == "number":
            self.take()
            return self.path(Node("number", token.start, token.end, name=token.text), command=False)
        if token.kind == "[":
            return self.path(self.brackets(), command=False)
        if token.kind == "{":
            return self.path(self.closure(), command=False)
        if token.kind == "(":
            self.take()
            node = Node("expression", token.start)
            node.arguments = self.parenthesised()
            node.end = self.tokens[self.at - 1].end
            if self.token.kind in ("word", "string", "number", "[") and self.token.kind != "newline":
                # a cast: (String) x
                if not (self.token.kind == "word" and self.token.text in _OPERATOR_WORDS):
                    node.arguments.append(self.operand())
                return node
            return self.path(node, command=False)
        if token.kind == "word":
            if token.text == "new":
                self.take()
                node = self.path(None, command=False)
                if self.token.kind == "newline" and self.peek().kind == "(":
                    self.skip()
                    node = self.path(node, command=False)
                return node
            return self.path(None, command=command)
        raise self.unreadable("expected a value")

    def path(self, base: Node | None, *, command: bool) -> Node:
        """`a.b(…).c {…}`, and with `command` `a.b x, y: z`."""
        if base is None or base.name == "@":
            token = self.take()
            name = token.text if base is None else f"@{token.text}"
            node = Node("name", base.start if base is not None else token.start, token.end, name=name)
        else:
            node = base
        first = self.at
        while True:
            token = self.token
            if self.at - first > 20 * GROOVY_DEPTH and node.base is not None:
                self.chained(node)
            if token.kind == "newline" and self.peek().kind in (".", "?.", "*."):
                self.skip()
                continue
            if token.kind in (".", "?.", "*.", ".&"):
                self.take()
                self.skip()
                node = self.member(node)
            elif token.kind == "(" and not (token.spaced and node.kind not in ("name", "call")):
                self.take()
                node = self.called(node)
                self.fill(node, self.call_arguments(")"))
                node.end = self.expect(")").end
            elif token.kind == "{" and node.kind in ("name", "call") and node.closure is None:
                node = self.called(node)
                node.closure = self.closure()
                node.end = node.closure.end
            elif token.kind == "[" and not token.spaced:
                inside = self.brackets()
                node = Node("expression", node.start, inside.end, name=node.name, arguments=[node, inside])
            else:
                break
        if command and node.kind == "name" and self.begins_argument():
            node = self.called(node)
            self.fill(node, self.call_arguments(""))
            node.end = self.tokens[self.at - 1].end
        return node

    def chained(self, node: Node) -> None:
        """Refuses chains of calls that are longer than any real one: who walks them would run out of stack."""
        count, one = 0, node.base
        while one is not None:
            count, one = count + 1, one.base
        if count > GROOVY_DEPTH:
            raise self.unreadable(f"expected at most {GROOVY_DEPTH} calls in a chain")

    def begins_argument(self) -> bool:
        """Does what follows on the line begin an argument of a call without brackets?"""
        token = self.token
        if token.kind == "word":
            return token.text not in _OPERATOR_WORDS
        return token.kind in ("string", "number") or (token.kind == "[" and token.spaced)

    def member(self, node: Node) -> Node:
        token = self.take()
        if token.kind == "string":
            return Node("name", node.start, token.end, name=f"{node.name}.?", base=node)
        if token.kind == "(":
            self.parenthesised()
            return Node("name", node.start, token.end, name=f"{node.name}.?", base=node)
        if token.kind == "@":
            token = self.take()
        if token.kind not in ("word", "number"):
            self.at -= 1
            raise self.unreadable("expected the name of a member")
        name = f"{node.name}.{token.text}" if node.name else token.text
        return Node("name", node.start, token.end, name=name[:200], base=node)

    def called(self, node: Node) -> Node:
        """The call of what `node` names."""
        if node.kind == "call" and node.closure is None:
            return node
        base = node.base if node.kind == "name" else node
        return Node("call", node.start, node.end, name=node.name, base=base)

    def fill(self, node: Node, given: list[tuple[str, Node]]) -> None:
        for name, value in given:
            if name:
                node.named[name] = value
            else:
                node.arguments.append(value)

    def call_arguments(self, until: str) -> list[tuple[str, Node]]:
        """Arguments up to the bracket, or up to the end of the line."""
        found: list[tuple[str, Node]] = []
        while True:
            if until:
                self.skip()
                if self.token.kind == until:
                    return found
            name = self.argument_name()
            if name:
                self.skip()
            found.append((name, self.expression(command=bool(name) or not until)))
            if until:
                self.skip()
            if self.token.kind == ",":
                self.take()
                self.skip()
                continue
            if until and self.token.kind != until:
                raise self.unreadable(f"expected `,` or `{until}`")
            return found

    def argument_name(self) -> str:
        """`name:` before an argument or an entry of a map; "" where there is none."""
        token, following = self.token, self.peek()
        if token.kind == "(":  # (key): value
            level, at = 0, self.at
            while self.tokens[at].kind != "end":
                level += (self.tokens[at].kind == "(") - (self.tokens[at].kind == ")")
                at += 1
                if level == 0:
                    break
            if self.tokens[at].kind == ":":
                self.at = at + 1
                return "?"
            return ""
        if token.kind not in _OPERANDS or following.kind != ":":
            return ""
        self.at += 2
        raw = self.text[token.start : token.end]
        return raw.strip("'\"/") if token.kind == "string" else raw

    def parenthesised(self) -> list[Node]:
        """What stands up to the `)`, separated by anything that Groovy allows there."""
        found: list[Node] = []
        while True:
            while self.token.kind in ("newline", ";", ",", ":"):
                self.at += 1
            if self.token.kind == ")":
                self.take()
                return found
            if self.token.kind == "end":
                raise self.unreadable("expected `)`")
            declared = self.declaration() if self.token.kind == "word" else None
            if declared is None and self.token.kind == "word" and self.peek().kind == "word":
                self.take()  # the type of a parameter
                continue
            found.append(declared or self.expression(command=True, ends=_ENDS | {":"}))

    def brackets(self) -> Node:
        """A list, or a map."""
        opening = self.expect("[")
        self.deeper()
        node = Node("list", opening.start)
        while True:
            self.skip()
            if self.token.kind == "]":
                break
            if self.token.kind == ":" and self.peek().kind == "]":
                self.take()
                node.kind = "map"
                break
            name = self.argument_name()
            self.skip()
            value = self.expression(command=False)
            if name:
                node.kind = "map"
                node.named[name if name not in node.named else f"{name}~{len(node.named)}"] = value
            else:
                node.arguments.append(value)
            self.skip()
            if self.token.kind == ",":
                self.take()
            elif self.token.kind != "]":
                raise self.unreadable("expected `,` or `]`")
        node.end = self.expect("]").end
        self.depth -= 1
        return node

    def closure(self) -> Node:
        """`{ a, b -> … }`."""
        opening = self.expect("{")
        node = Node("closure", opening.start)
        at, level = self.at, 0
        while self.tokens[at].kind not in ("end", ";", "{", "}", "string") and level >= 0:
            kind = self.tokens[at].kind
            level += (kind in "([") - (kind in ")]") if len(kind) == 1 else 0
            if kind == "->" and level == 0:
                self.at = at + 1
                break
            if kind == "newline" and at > self.at:
                break
            at += 1
        node.arguments = self.statements("}")
        node.end = self.expect("}").end
        return node
