"""Variables in Compose files: `$VAR`, `${VAR}`, `${VAR:-default}` and the other five forms.

Compose specification, "Interpolation". A hand-written scanner reads the text once from left to right;
nesting is bounded by `limits.INTERPOLATION_DEPTH`. Forms, with VAR unset or (with the colon) empty:

    ${VAR:-x} ${VAR-x}   x          ${VAR:+x} ${VAR+x}   nothing; x where VAR is set
    ${VAR:?x} ${VAR?x}   Compose stops with the message x

`$$` is a dollar sign; a dollar sign before anything else (`$5`) stands for itself. Defaults are
templates themselves, values of variables are not. Differing from Compose, which warns and goes on
with an empty text, a variable that has neither value nor default makes the result *unknown*: what
it will be is decided where the project is started.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from batten import limits

Lookup = Callable[[str], str | None]

_START = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_NAME = _START | frozenset("0123456789")
_OPERATORS = frozenset("-+?")


class InvalidTemplate(ValueError):
    """`${` that begins no variable; the message says what was expected, `offset` where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Variable(Struct, frozen=True):
    """One `${name operator argument}`; `operator` "" where there is none."""

    name: str
    operator: str = ""
    argument: tuple[str | Variable, ...] = ()


Template = tuple[str | Variable, ...]


class Interpolated(Struct, frozen=True):
    """A text with its variables replaced; those without a value stand in it as `${NAME}`, and in `unknown`."""

    text: str
    unknown: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return not self.unknown


def parse(text: str) -> Template:
    """The template in `text`; raises `InvalidTemplate` as Compose refuses it."""
    parts, end = _Scanner(text).parts(0, 0)
    assert end == len(text)
    return parts


def interpolate(text: str, lookup: Lookup) -> Interpolated:
    """`text` with its variables replaced by what `lookup` gives (None: unset).

    Raises `InvalidTemplate`, also where the values would add more than `limits.INTERPOLATION_CHARACTERS`.
    """
    if "$" not in text:
        return Interpolated(text)
    evaluator = _Evaluator(lookup)
    result = evaluator.text(parse(text))
    return Interpolated(result, tuple(dict.fromkeys(evaluator.unknown)))


def only_variable(text: str) -> str:
    """The name of the variable where `text` is nothing but one (`${DB_PASSWORD}`), else ""."""
    if not text.startswith("$"):
        return ""
    try:
        parts = parse(text)
    except InvalidTemplate:
        return ""
    return parts[0].name if len(parts) == 1 and isinstance(parts[0], Variable) else ""


class _Evaluator:
    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.unknown: list[str] = []
        self.spare = limits.INTERPOLATION_CHARACTERS

    def text(self, parts: Template) -> str:
        return "".join([part if isinstance(part, str) else self.value(part) for part in parts])

    def value(self, variable: Variable) -> str:
        value = self.lookup(variable.name)
        operator = variable.operator
        present = value is not None and not (operator.startswith(":") and value == "")
        if operator.endswith("+"):
            return self.text(variable.argument) if present else ""
        if value is not None and present:
            self.spare -= len(value)
            if self.spare < 0:
                raise InvalidTemplate(f"variables add more than {limits.INTERPOLATION_CHARACTERS} characters", 0)
            return value
        if operator.endswith("-"):
            return self.text(variable.argument)
        self.unknown.append(variable.name)
        return f"${{{variable.name}}}"


class _Scanner:
    """Recursive descent over the text; every character is looked at once."""

    def __init__(self, text: str) -> None:
        self.text = text

    def parts(self, position: int, depth: int) -> tuple[Template, int]:
        """Parts from `position` to the end of the text, or inside a variable to its closing brace."""
        text, length = self.text, len(self.text)
        parts: list[str | Variable] = []
        literal: list[str] = []
        braces = 0  # of a default's own, as in ${A:-{"a": 1}}
        begin = position
        while position < length:
            char = text[position]
            if char == "$" and position + 1 < length:
                following = text[position + 1]
                if following == "$" or following == "{" or following in _START:
                    literal.append(text[begin:position])
                    if following == "$":
                        literal.append("$")
                        position += 2
                    else:
                        _flush(literal, parts)
                        read = self.braced if following == "{" else self.named
                        variable, position = read(position, depth)
                        parts.append(variable)
                    begin = position
                    continue
            elif depth and char == "{":
                braces += 1
            elif depth and char == "}":
                if not braces:
                    break
                braces -= 1
            position += 1
        literal.append(text[begin:position])
        _flush(literal, parts)
        return tuple(parts), position

    def name_end(self, position: int) -> int:
        text, length = self.text, len(self.text)
        if position < length and text[position] in _START:
            position += 1
            while position < length and text[position] in _NAME:
                position += 1
        return position

    def named(self, position: int, _depth: int) -> tuple[Variable, int]:
        end = self.name_end(position + 1)
        return Variable(self.text[position + 1 : end]), end

    def braced(self, start: int, depth: int) -> tuple[Variable, int]:
        text, length = self.text, len(self.text)
        if depth >= limits.INTERPOLATION_DEPTH:
            raise InvalidTemplate(f"variables are nested deeper than {limits.INTERPOLATION_DEPTH}", start)
        end = self.name_end(start + 2)
        name = text[start + 2 : end]
        if not name:
            raise InvalidTemplate("expected a variable's name after ${; write $$ for a dollar sign", start)
        operator = ""
        if text.startswith(":", end) and end + 1 < length and text[end + 1] in _OPERATORS:
            operator = text[end : end + 2]
        elif end < length and text[end] in _OPERATORS:
            operator = text[end]
        argument: Template = ()
        if operator:
            argument, end = self.parts(end + len(operator), depth + 1)
        if end >= length:
            raise InvalidTemplate(f"expected }} at the end of ${{{name}; write $$ for a dollar sign", start)
        if text[end] != "}":
            raise InvalidTemplate(f"expected }} or one of :- - :+ + :? ? after ${{{name}, found {text[end]!r}", start)
        return Variable(name, operator, argument), end + 1


def _flush(literal: list[str], parts: list[str | Variable]) -> None:
    joined = "".join(literal)
    literal.clear()
    if joined:
        parts.append(joined)
