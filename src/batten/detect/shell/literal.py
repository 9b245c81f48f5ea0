"""What the shell makes of a word, as far as it is written down."""

from __future__ import annotations

import re
from typing import Final

from batten.pattern import pattern

_ESCAPED: Final = pattern(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES: Final = pattern(r"\\([\"\\$`\n])")
_ANSI: Final = pattern(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def unescape(text: str) -> str:
    """A bare word without its backslashes."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: "" if match[1] == "\n" else match[1], text)


def unescape_quoted(text: str) -> str:
    """The inside of double quotes."""
    if "\\" not in text:
        return text
    return _ESCAPED_IN_QUOTES.sub(lambda match: "" if match[1] == "\n" else match[1], text)


def unescape_ansi(text: str) -> str:
    """The inside of `$'…'`."""
    return _ANSI.sub(_ansi, text)


def _ansi(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI_LETTERS.get(code, code)


def quoted_with_places(text: str, start: int) -> tuple[str, list[int]]:
    """The inside of double quotes that begins at `start`, expansions kept, and where each character stands."""
    out: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
            at += 1
            if text[at] == "\n":
                at += 1
                continue
        out.append(text[at])
        places.append(start + at)
        at += 1
    return "".join(out), places
