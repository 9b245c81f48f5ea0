"""Groovy's tokens with their places, as far as Jenkinsfiles need them.

Source: the Groovy specification, https://docs.groovy-lang.org/latest/html/documentation/#_syntax.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from batten.limits import GROOVY_CHARACTERS, GROOVY_DEPTH
from batten.model.source import Unreadable
from batten.pattern import pattern

_BLANK: Final = pattern(r"(?:[ \t\r\f]+|\\\r?\n|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_WORD: Final = pattern(r"[^\W\d][\w$]*|\$[\w$]+")
_NUMBER: Final = pattern(r"\d[\w]*(?:\.\d\w*)?")
_OPERATOR: Final = pattern(
    r"\*\.|\?\.|\?:|\.\.<|\.\.|\.&|->|<=>|==~|=~|===?|!==?|<<=|>>>?=|<<|<=|>=|&&=?|\|\|=?|\+\+|--|\*\*=?|[-+*/%&|^]=|"
    r"!in\b|!instanceof\b|[-+*/%=<>!~?:&|^.,;@(){}\[\]]"
)
_SIMPLE: Final = pattern(r"\$([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " "}
_VALUE_WORDS: Final = frozenset(("return", "in", "case", "assert", "throw", "instanceof", "as", "else"))


class Token(Struct, frozen=True, eq=False, gc=False):
    """`kind`: `word`, `number`, `string`, `newline`, `end`, or the operator itself."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    """Blanks stand before it."""


class GroovyString(Struct, frozen=True, eq=False, gc=False):
    """What a string means. `text` keeps `${…}` as written; `places`: where each character stands in the file."""

    text: str
    places: tuple[int, ...]
    expressions: tuple[tuple[int, int, str], ...] = ()
    """(start, end, inside) of what is put in when it runs."""


def tokens(text: str) -> list[Token]:
    """The tokens of a file, with one of kind `end` at last. Raises `Unreadable`."""
    if len(text) > GROOVY_CHARACTERS:
        raise Unreadable(f"expected at most {GROOVY_CHARACTERS} characters of Groovy, found {len(text)}", 1)
    found: list[Token] = []
    position = 1 if text.startswith("\ufeff") else 0
    if text.startswith("#!", position):
        position = text.find("\n", position)
        position = len(text) if position < 0 else position
    while position < len(text):
        blank = _BLANK.match(text, position)
        spaced = blank is not None
        if blank is not None:
            position = blank.end()
            if position >= len(text):
                break
        char = text[position]
        if char == "\n":
            if found and found[-1].kind != "newline":
                found.append(Token("newline", "\n", position, position + 1))
            position += 1
            continue
        token = _token(text, position, char, found, spaced)
        found.append(token)
        position = token.end
    found.append(Token("end", "", len(text), len(text)))
    return found


def _token(text: str, position: int, char: str, before: list[Token], spaced: bool) -> Token:
    if char in "'\"":
        return Token("string", "", position, end_of_string(text, position), spaced)
    if text.startswith("$/", position):
        end = text.find("/$", position + 2)
        if end < 0:
            raise _unreadable(text, position, "expected `/$` that ends a string, found the end of the file")
        return Token("string", "", position, end + 2, spaced)
    if char == "/" and _operand_expected(before, spaced):
        end = _end_of_slashy(text, position)
        if end > 0:
            return Token("string", "", position, end, spaced)
    if text.startswith("/*", position):
        raise _unreadable(text, position, "expected `*/` that ends a comment, found the end of the file")
    for kind, expression in (("word", _WORD), ("number", _NUMBER), ("", _OPERATOR)):
        match = expression.match(text, position)
        if match is not None:
            return Token(kind or match[0], match[0], position, match.end(), spaced)
    raise _unreadable(text, position, f"expected Groovy, found the character {char!r}")


def _unreadable(text: str, position: int, message: str) -> Unreadable:
    return Unreadable(message, text.count("\n", 0, position) + 1)


def _operand_expected(before: list[Token], spaced: bool) -> bool:
    """Can a value stand here, so that `/` begins a string and divides nothing?"""
    if not before:
        return True
    last = before[-1]
    if last.kind == "word":
        # `sh /…/` is a call with a string; `a / b` and `a/b` divide
        return last.text in _VALUE_WORDS
    return last.kind not in ("number", "string", ")", "]", "}")


def _end_of_slashy(text: str, position: int) -> int:
    at = position + 1
    while at < len(text):
        if text[at] == "\\" and text.startswith("/", at + 1):
            at += 2
        elif text[at] == "/":
            return at + 1
        else:
            at += 1
    return -1


def end_of_string(text: str, position: int, depth: int = 0) -> int:
    """Where the quoted string that begins at `position` ends. Raises `Unreadable`."""
    quote = text[position]
    mark = quote * 3 if text.startswith(quote * 3, position) else quote
    at = position + len(mark)
    if depth > GROOVY_DEPTH:
        raise _unreadable(text, position, f"strings stand more than {GROOVY_DEPTH} deep in one another")
    while at < len(text):
        char = text[at]
        if text.startswith(mark, at):
            # of four or more quotes the last three end it
            while len(mark) == 3 and text.startswith(mark, at + 1):
                at += 1
            return at + len(mark)
        if char == "\\":
            at += 2
        elif char == "$" and quote == '"' and text.startswith("{", at + 1):
            at = _end_of_embedded(text, at + 2, depth)
        elif char == "\n" and len(mark) == 1:
            break
        else:
            at += 1
    raise _unreadable(text, position, f"expected {mark} that ends a string, found the end of the line or file")


def _end_of_embedded(text: str, at: int, depth: int) -> int:
    """Behind the `}` of a `${…}`; strings and braces in it are passed over."""
    start, level = at, 1
    while at < len(text):
        char = text[at]
        if char in "'\"":
            at = end_of_string(text, at, depth + 1)
            continue
        at += 1
        if char == "{":
            level += 1
        elif char == "}":
            level -= 1
            if level == 0:
                return at
    raise _unreadable(text, start, "expected `}` that ends an expression in a string, found the end of the file")


def string_at(text: str, start: int, end: int) -> GroovyString:
    """The meaning of the string token from `start` to `end`."""
    if text.startswith("$/", start):
        opening, slashy, double = 2, True, True
    elif text[start] == "/":
        opening, slashy, double = 1, True, True
    else:
        opening = 3 if text.startswith(text[start] * 3, start) and end - start >= 6 else 1
        slashy, double = False, text[start] == '"'
    chars: list[str] = []
    places: list[int] = []
    found: list[tuple[int, int, str]] = []
    at, stop = start + opening, end - opening
    while at < stop:
        char = text[at]
        if char == "\\" and not (slashy and text[at + 1 : at + 2] != "/"):
            width, meant = _escape(text, at)
            chars += meant
            places += [at] * len(meant)
            at += width
            continue
        after = 0
        inside = ""
        if char == "$" and double:
            if text.startswith("{", at + 1):
                after = min(_end_of_embedded(text, at + 2, 0), stop)
                inside = text[at + 2 : after - 1].strip()
            elif (simple := _SIMPLE.match(text, at, stop)) is not None:
                after, inside = simple.end(), simple[1]
        if after:
            found.append((len(chars), len(chars) + after - at, inside))
            chars += text[at:after]
            places += range(at, after)
            at = after
            continue
        if char == "\r" and text.startswith("\n", at + 1):
            at += 1
            continue
        chars.append(char)
        places.append(at)
        at += 1
    return GroovyString("".join(chars), tuple(places), tuple(found))


def _escape(text: str, at: int) -> tuple[int, str]:
    letter = text[at + 1 : at + 2]
    if letter == "u":
        digits = text[at + 2 : at + 6]
        try:
            return 6, chr(int(digits, 16))
        except ValueError:
            return 2, letter
    if letter == "\n":
        return 2, ""
    if text.startswith("\r\n", at + 1):
        return 3, ""
    return 2, _ESCAPES.get(letter, letter)
