"""Expressions of HCL, with the precedence of its specification."""

from __future__ import annotations

from typing import Final

from batten.formats.hcl.nodes import (
    Access,
    Call,
    Conditional,
    Expression,
    For,
    Item,
    List,
    Literal,
    Object,
    Operation,
    Parentheses,
    Reference,
    Splat,
)
from batten.formats.hcl.templates import Templates

_LEVELS: Final = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))
_BINDS: Final = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_OPERATORS: Final = {
    first: tuple(sorted((one for one in _BINDS if one[0] == first), key=len, reverse=True))
    for first in {one[0] for one in _BINDS}
}
"""What an operator begins with -> the operators, the longest first."""
_WORDS: Final = {"true": True, "false": False, "null": None}
_SIGNS: Final = ("!", "-")
_NO_CALL: Final = frozenset(".,[]})\n")  # behind a name


class Expressions(Templates):
    """Reads one expression; `lines`: it stands in brackets, where new lines mean nothing."""

    def expression(self, *, lines: bool) -> Expression:
        self.enter()
        test = self._operation(0, lines)
        self.blanks(lines=lines)
        if self.peek("?"):
            self.at += 1
            self.blanks(lines=True)  # as Terraform has it, the answers may stand on lines of their own
            yes = self.expression(lines=lines)
            self.blanks(lines=True)
            if not self.take(":"):
                self.fail("`:` of the condition")
            self.blanks(lines=True)
            no = self.expression(lines=lines)
            test = Conditional(test.start, no.end, test, yes, no)
        self.leave()
        return test

    def _operation(self, level: int, lines: bool) -> Expression:
        """Left to right; of the operators of `level` and those that bind closer (precedence climbing)."""
        left = self._unary(lines)
        while True:
            before = self.at
            self.blanks(lines=lines)
            operator = self._operator()
            if not operator or _BINDS[operator] < level:
                self.at = before
                return left
            self.at += len(operator)
            self.enter()  # a long sum is as deep as it is long
            self.blanks(lines=lines)
            right = self._operation(_BINDS[operator] + 1, lines)
            left = Operation(left.start, right.end, operator, left, right)
            self.leave()

    def _operator(self) -> str:
        """The operator that comes next; "" where none does."""
        operators = _OPERATORS.get(self.text[self.at : self.at + 1])
        found = self.peek(*operators) if operators is not None else ""
        return "" if found == "/" and self.peek("//", "/*") else found

    def _unary(self, lines: bool) -> Expression:
        start = self.at
        # one look first, as almost no term has a sign
        sign = self.take(*_SIGNS) if self.text[start : start + 1] in _SIGNS else ""
        if not sign:
            return self._postfix(lines)
        self.enter()
        self.blanks(lines=lines)
        inner = self._unary(lines)
        self.leave()
        return Operation(start, inner.end, sign, None, inner)

    def _postfix(self, lines: bool) -> Expression:
        found = self._term(lines)
        while True:
            if self.text[self.at : self.at + 1] not in (".", "[") or self.peek("..."):
                return found
            self.enter()
            if self.take("."):
                found = self._dotted(found)
            elif self.take("["):
                found = self._indexed(found)
            else:
                self.leave()
                return found
            self.leave()

    def _dotted(self, of: Expression) -> Expression:
        if self.take("*"):
            return self._splat(of, brackets=False)
        number = self.number() if self.text[self.at : self.at + 1].isdigit() else None
        if number is not None:  # the old way to write an index: `list.0`
            return Access(of.start, self.at, of, Literal(self.at, self.at, int(number)))
        name = self.name()
        if not name:
            self.fail("a name after the dot")
        return Access(of.start, self.at, of, name)

    def _indexed(self, of: Expression) -> Expression:
        self.blanks(lines=True)
        if self.take("*"):
            self.blanks(lines=True)
            if not self.take("]"):
                self.fail("`]`")
            return self._splat(of, brackets=True)
        key = self.expression(lines=True)
        self.blanks(lines=True)
        if not self.take("]"):
            self.fail("`]`")
        return Access(of.start, self.at, of, key)

    def _splat(self, of: Expression, *, brackets: bool) -> Expression:
        names: list[str | Expression] = []
        while True:
            if self.peek(".") and not self.peek("..."):
                self.at += 1
                name = self.name()
                if not name:
                    self.fail("a name after the dot")
                names.append(name)
            elif brackets and self.peek("[") and not self.peek("[*"):
                self.at += 1
                names.append(self.expression(lines=True))
                self.blanks(lines=True)
                if not self.take("]"):
                    self.fail("`]`")
            else:
                return Splat(of.start, self.at, of, names)

    def _term(self, lines: bool) -> Expression:
        start = self.at
        match self.text[start] if start < self.limit else "":
            case '"':
                return self.quoted()
            case "<" if self.peek("<<"):
                return self.heredoc()
            case "(":
                self.at += 1
                self.blanks(lines=True)
                inner = self.expression(lines=True)
                self.blanks(lines=True)
                if not self.take(")"):
                    self.fail("`)`")
                return Parentheses(start, self.at, inner)
            case "[":
                return self._list()
            case "{":
                return self._object()
            case digit if digit.isdigit():
                number = self.number()
                if number is not None:
                    return Literal(start, self.at, number)
        name = self.name()
        if not name:
            self.fail("a value")
        is_call = self.text[self.at : self.at + 1] not in _NO_CALL  # as far as one look tells
        while is_call and self.take("::"):  # functions of providers
            name += "::" + self.name()
        if name in _WORDS:
            return Literal(start, self.at, _WORDS[name])
        before = self.at
        if is_call:
            self.blanks(lines=False)
            if self.take("("):
                return self._call(name, start)
        self.at = before
        return Reference(start, self.at, name)

    def _call(self, name: str, start: int) -> Call:
        arguments: list[Expression] = []
        expanded = False
        while True:
            self.blanks(lines=True)
            if self.take(")"):
                return Call(start, self.at, name, arguments, expanded)
            arguments.append(self.expression(lines=True))
            self.blanks(lines=True)
            expanded = bool(self.take("..."))
            self.blanks(lines=True)
            if not self.take(",") and not self.peek(")"):
                self.fail("`,` or `)`")

    def _list(self) -> Expression:
        start = self.at
        self.at += 1
        self.blanks(lines=True)
        if self._is_for():
            return self._for(start, "]")
        items: list[Expression] = []
        while True:
            self.blanks(lines=True)
            if self.take("]"):
                return List(start, self.at, items)
            items.append(self.expression(lines=True))
            self.blanks(lines=True)
            if not self.take(",") and not self.peek("]"):
                self.fail("`,` or `]`")

    def _object(self) -> Expression:
        start = self.at
        self.at += 1
        self.blanks(lines=True)
        if self._is_for():
            return self._for(start, "}")
        items: list[Item] = []
        while True:
            self.blanks(lines=True)
            if self.take("}"):
                return Object(start, self.at, items)
            begin = self.at
            key: str | Expression = self.expression(lines=False)
            if isinstance(key, Reference):
                key = key.name
            elif isinstance(key, Literal):
                key = self.text[key.start : key.end]
            end = self.at
            self.blanks(lines=True)
            if not self.take("=", ":"):
                self.fail("`=` after the key")
            self.blanks(lines=True)
            items.append(Item(key, begin, end, self.expression(lines=False)))
            self.blanks(lines=False)
            if not self.take(",") and not self.peek("\n", "}"):
                self.fail("`,`, a new line or `}`")

    def _is_for(self) -> bool:
        """Whether a `for` comes next, and no key of that name."""
        before = self.at
        found = self.name() == "for"
        if found:
            self.blanks(lines=True)
            found = bool(self.name())
        self.at = before
        return found

    def _for(self, start: int, close: str) -> For:
        self.name()
        self.blanks(lines=True)
        names = [self.name()]
        self.blanks(lines=True)
        if self.take(","):
            self.blanks(lines=True)
            names.append(self.name())
            self.blanks(lines=True)
        if self.name() != "in" or "" in names:
            self.fail("`for NAME in`")
        self.blanks(lines=True)
        collection = self.expression(lines=True)
        self.blanks(lines=True)
        if not self.take(":"):
            self.fail("`:` of the `for`")
        self.blanks(lines=True)
        value = self.expression(lines=True)
        key = None
        self.blanks(lines=True)
        if close == "}":
            if not self.take("=>"):
                self.fail("`=>`")
            self.blanks(lines=True)
            key, value = value, self.expression(lines=True)
            self.blanks(lines=True)
        grouped = bool(self.take("..."))
        self.blanks(lines=True)
        condition = None
        before = self.at
        if self.name() == "if":
            self.blanks(lines=True)
            condition = self.expression(lines=True)
            self.blanks(lines=True)
        else:
            self.at = before
        if not self.take(close):
            self.fail(f"`{close}`")
        return For(start, self.at, names, collection, key, value, condition, grouped)


def template_parts(text: str) -> list[Expression]:
    """The parts of a text that is a template as a whole, without quotes. Raises `Unreadable`."""
    reader = Expressions(text)
    reader.at = 0
    parts: list[Expression] = []
    while reader.at < reader.limit:
        reader.part(parts, quoted=False)
    return parts
