"""Env files: `.env` beside a Compose file, and what a service names in `env_file`.

The syntax is the one of Compose's own reader, not a shell's: `KEY=value`, also `KEY: value` and
`export KEY=value`; a name alone takes its value from outside; `#` begins a comment at the start of a
line or after a blank; single quotes keep everything but `\\'`, double quotes know the escapes of Go and
variables, and both may span lines. Each value keeps its range of characters in the file.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from batten import limits
from batten.formats.compose.interpolation import InvalidTemplate, Lookup, interpolate
from batten.pattern import pattern

_BLANKS: Final = "\t\v\f\r \x85\xa0"
_BETWEEN: Final = pattern(r"(?:[\s\x85\xa0]++|#[^\n]*+)*+")  # white space and comments between statements
_BLANK: Final = pattern(f"[{_BLANKS}]*")
_EXPORT: Final = pattern(r"export\s+")
_KEY: Final = pattern(rf"[\w.\-\[\]{_BLANKS}]*")
_DOUBLE: Final = pattern(r'(?:[^"\\]|\\.)*', re.DOTALL)
_SINGLE: Final = pattern(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ESCAPE: Final = pattern(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_ESCAPES: Final = dict(zip('abfnrtv"\\', '\a\b\f\n\r\t\v"\\', strict=True))


class Variable(Struct, frozen=True):
    """One line of an env file. `value` None: taken from outside, or made of variables without a value.

    `start` and `end` are the range of the value (of the name where there is none), in characters.
    """

    name: str
    value: str | None
    start: int
    end: int


class Malformed(ValueError):
    """An env file that Compose refuses; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read(text: str, lookup: Lookup) -> list[Variable]:
    """The variables in `text`, in order; of a repeated name all are given (the last one holds).

    `lookup` answers for variables that the file itself does not set above. Raises `Malformed`.
    """
    seen: dict[str, str] = {}

    def resolve(name: str) -> str | None:
        value = lookup(name)
        return value if value is not None else seen.get(name)

    variables: list[Variable] = []
    position = 1 if text.startswith("\ufeff") else 0
    try:
        while (position := _skip(_BETWEEN, text, position)) < len(text):
            variable, position = _variable(text, position, resolve)
            if len(variables) >= limits.ENV_FILE_VARIABLES:
                raise _Refused(f"more than {limits.ENV_FILE_VARIABLES} variables", position)
            if variable.name:
                variables.append(variable)
            if variable.value is not None:
                seen[variable.name] = variable.value
    except _Refused as error:
        raise Malformed(str(error), text.count("\n", 0, error.offset) + 1) from None
    return variables


def read_raw(text: str) -> list[Variable]:
    """The variables of a file with `format: raw`: everything after `=` is the value, nothing is replaced."""
    variables: list[Variable] = []
    position = 1 if text.startswith("\ufeff") else 0
    for line in text[position:].splitlines(keepends=True):
        start, position = position, position + len(line)
        body = line.rstrip("\r\n")
        name, separator, value = body.partition("=")
        if not body.strip() or body.lstrip().startswith("#"):
            continue
        if len(variables) >= limits.ENV_FILE_VARIABLES:
            raise Malformed(f"more than {limits.ENV_FILE_VARIABLES} variables", text.count("\n", 0, start) + 1)
        begin = start + len(name) + 1 if separator else start
        end = start + len(body)
        variables.append(Variable(name.strip(), value if separator else None, begin, end))
    return variables


class _Refused(ValueError):
    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _variable(text: str, position: int, resolve: Lookup) -> tuple[Variable, int]:
    start = _skip(_EXPORT, text, position)
    end = _skip(_KEY, text, start)
    name = text[start:end].strip()
    if end < len(text) and text[end] not in "=:\n":
        raise _Refused(f"expected NAME=value, found {text[end]!r} in the name", end)
    if " " in name:
        raise _Refused("expected NAME=value, found a blank in the name", start)
    if end >= len(text) or text[end] == "\n":
        return Variable(name, resolve(name), start, start + len(name)), end + 1
    begin = _skip(_BLANK, text, end + 1)
    quote = text[begin : begin + 1]
    if quote == '"' or quote == "'":
        return _quoted(name, text, begin, quote, resolve)
    newline = text.find("\n", begin)
    newline = len(text) if newline < 0 else newline
    raw = text[begin:newline].split(" #", 1)[0].rstrip()
    return Variable(name, _expand(raw, begin, resolve), begin, begin + len(raw)), newline + 1


def _quoted(name: str, text: str, begin: int, quote: str, resolve: Lookup) -> tuple[Variable, int]:
    end = _skip(_DOUBLE if quote == '"' else _SINGLE, text, begin + 1)
    if not text.startswith(quote, end):
        raise _Refused(f"expected {quote} at the end of the value of {name}", begin)
    value: str | None = text[begin + 1 : end].replace("\\" + quote, quote)
    if quote == '"':
        value = _expand(_ESCAPE.sub(_unescape, value or ""), begin, resolve)
    return Variable(name, value, begin + 1, end), end + 1


def _unescape(match: re.Match[str]) -> str:
    body = match.group()[1:]
    if body == "$":
        return "$$"  # a dollar sign for the interpolation that follows
    if body[0] == "0":
        digits = body[1:]
        octal = len(digits) == 3 and all(digit in "01234567" for digit in digits) and int(digits, 8) < 256
        return chr(int(digits, 8)) if octal else "\\" + digits
    return _ESCAPES.get(body, match.group())


def _expand(raw: str, offset: int, resolve: Lookup) -> str | None:
    try:
        result = interpolate(raw, resolve)
    except InvalidTemplate as error:
        raise _Refused(str(error), offset) from None
    return result.text if result.known else None
