"""Splitting the argument text of an instruction: flags, words, JSON arrays, key=value pairs."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from batten.formats.dockerfile.lex import SPACE, unquote
from batten.formats.dockerfile.nodes import Flag, Pair, Pieces, Span, Word, span_of
from batten.pattern import pattern

BLANKS: Final = pattern(r"[\t\v\f\r ]++")
_FIELD: Final = pattern(r"[^\t\v\f\r ]++")


def _word_pattern(escape: str) -> re.Pattern[str]:
    e, s = re.escape(escape), re.escape(SPACE)
    return re.compile(rf"""(?:[^{s}'"{e}]|{e}(?s:.)|{e}\Z|"(?:[^"{e}]|{e}(?s:.)|{e}\Z)*+(?:"|\Z)|'[^']*+(?:'|\Z))++""")


_WORDS: Final = {escape: _word_pattern(escape) for escape in "\\`"}
_JSON_STRING: Final = pattern(r'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_JSON_TOKEN: Final = pattern(
    r"\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]++"
)
_JSON_ARRAY: Final = pattern(
    r"""\[ [ \t\r\n]*+
    (?:
        "(?:[^"\\\x00-\x1f] | \\(?:["\\/bfnrt] | u[0-9a-fA-F]{4}))*+" [ \t\r\n]*+
        (?: ,[ \t\r\n]*+ (?=") | (?=\]) )
    )*+
    \]\Z""",
    re.VERBOSE,
)


def fields(text: str, pieces: Pieces, escape: str) -> tuple[Word, ...]:
    """Words parted by blanks, whatever quotes say (FROM, COPY, ADD, EXPOSE, VOLUME)."""
    return tuple(
        [Word(match[0], unquote(match[0], escape), span_of(pieces, *match.span())) for match in _FIELD.finditer(text)]
    )


def whole(text: str, pieces: Pieces, escape: str, start: int = 0, *, command: bool = False) -> tuple[Word, ...]:
    """All of `text` from `start` as one word; the text of a `command` is for its shell to unquote."""
    raw = text[start:]
    if not raw:
        return ()
    return (Word(raw, raw if command else unquote(raw, escape), span_of(pieces, start, len(text))),)


def words(text: str, escape: str) -> list[tuple[str, int, int]]:
    """Words parted by blanks outside quotes, with their offsets (ENV, LABEL, ARG)."""
    found = []
    for match in _WORDS[escape].finditer(text):
        start, end = match.span()
        raw = match[0]
        if end == len(text) and raw.endswith(escape) and _dangling(raw, escape):
            raw = raw[:-1]
        if raw:
            found.append((raw, start, end))
    return found


def _dangling(raw: str, escape: str) -> bool:
    """Whether the last character is an escape with nothing to escape (outside single quotes)."""
    at, quote = 0, ""
    while at < len(raw):
        char = raw[at]
        if char == escape and quote != "'":
            if at + 1 == len(raw):
                return True
            at += 1
        elif char == quote:
            quote = ""
        elif char in "'\"" and not quote:
            quote = char
        at += 1
    return False


def json_array(text: str, pieces: Pieces, start: int = 0) -> tuple[Word, ...] | None:
    """The strings of a JSON array that fills `text` from `start`; None where it is none.

    Raises `ValueError` for an array with something else than strings, which builds refuse.
    """
    while start < len(text) and text[start] in SPACE:
        start += 1
    if not text.startswith("[", start):
        return None
    if _JSON_ARRAY.match(text, start):
        found = []
        for match in _JSON_STRING.finditer(text, start):
            found.append(Word(match[0], _json_string(match[0]), span_of(pieces, *match.span())))
        return tuple(found)
    try:
        msgspec.json.decode(text[start:])
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    raise ValueError(text[start:])


def _json_string(raw: str) -> str:
    if "\\" not in raw:
        return raw[1:-1]
    try:
        return str(msgspec.json.decode(raw, type=str))
    except (msgspec.DecodeError, UnicodeError):  # half of a surrogate pair: U+FFFD, as encoding/json
        return re.sub(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", "\ufffd", raw[1:-1])


def json_strings(text: str) -> list[tuple[str, list[int]]]:
    """The strings of a JSON array of strings, each with the offsets in `text` of its characters."""
    found = []
    for match in _JSON_STRING.finditer(text):
        parts: list[str] = []
        places: list[int] = []
        for token in _JSON_TOKEN.finditer(text, match.start() + 1, match.end() - 1):
            if token[0][0] == "\\":
                decoded = _json_string(f'"{token[0]}"')
                places += [token.start()] * len(decoded)
            else:
                decoded = token[0]
                places += range(*token.span())
            parts.append(decoded)
        found.append(("".join(parts), places))
    return found


def pair(raw: str, start: int, pieces: Pieces, escape: str, end: int) -> Pair:
    """`KEY=value` (or a lone KEY) that stands at `start` to `end` of a text."""
    name, equals, value = raw.partition("=")
    split = start + len(name)
    return Pair(
        key=unquote(name, escape),
        value=unquote(value, escape) if equals else None,
        raw=value if equals else None,
        key_span=span_of(pieces, start, split),
        value_span=span_of(pieces, split + len(equals), max(end, split + len(equals))),
        span=span_of(pieces, start, end),
    )


def flags(text: str, start: int, pieces: Pieces, escape: str) -> tuple[tuple[Flag, ...], int]:
    """The `--flags` at `start` of `text`, and where what follows them begins."""
    found: list[Flag] = []
    at = start
    while True:
        while at < len(text) and text[at] in SPACE:
            at += 1
        if not text.startswith("--", at):
            return tuple(found), at
        begin = at
        word, at = _flag_word(text, at, escape)
        if word == "--":
            return tuple(found), at
        name, equals, value = word[2:].partition("=")
        split = text.find("=", begin, at) + 1 if equals else at
        found.append(Flag(name, value if equals else None, span_of(pieces, begin, at), span_of(pieces, split, at)))


def _flag_word(text: str, at: int, escape: str) -> tuple[str, int]:
    """The flag that begins at `at`, its quotes and escapes taken away, and where it ends."""
    out: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if char == escape:
            out.append(text[at + 1 : at + 2])
            at += 2
            continue
        if quote:
            if char == quote:
                quote = ""
            else:
                out.append(char)
        elif char in SPACE:
            break
        elif char in "'\"":
            quote = char
        else:
            out.append(char)
        at += 1
    return "".join(out), min(at, len(text))


def covers(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
