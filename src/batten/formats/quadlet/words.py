"""Words of a unit file's value, split as systemd splits them (systemd.syntax(7), "Quoting").

Words are separated by whitespace; single and double quotes keep whitespace and go themselves. In
command lines and environment assignments C escapes (`\\t`, `\\x41`, `\\u00e9`) are undone, in lists of
plain words (capabilities, devices) a backslash is an ordinary character.
"""

from __future__ import annotations

from msgspec import Struct

_SPACE = " \t\n\r"
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "s": " ",
}
_NUMERIC = {"x": (2, 16), "u": (4, 16), "U": (8, 16)}
_OCTAL = "01234567"


class Word(Struct, frozen=True):
    """One word: its text without quotes, and where it stands in the value (quotes included)."""

    text: str
    start: int
    end: int


def split(value: str, *, escapes: bool) -> list[Word]:
    """The words of `value`. `escapes`: undo C escapes, as in `Exec=`.

    An open quote ends with the value. An escape that is none stays as it is written.
    """
    words: list[Word] = []
    at, end = 0, len(value)
    while at < end:
        if value[at] in _SPACE:
            at += 1
            continue
        start = at
        text, at = _word(value, at, escapes)
        words.append(Word(text, start, at))
    return words


def _word(value: str, at: int, escapes: bool) -> tuple[str, int]:
    """The word that begins at `at`, and where it ends."""
    parts: list[str] = []
    quote = ""
    while at < len(value):
        character = value[at]
        if quote and character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
        elif not quote and character in _SPACE:
            break
        elif escapes and character == "\\" and at + 1 < len(value):
            meant, width = _escape(value, at + 1)
            parts.append(meant)
            at += width
        else:
            parts.append(character)
        at += 1
    return "".join(parts), at


def _escape(value: str, at: int) -> tuple[str, int]:
    """What the escape at `at` (after the backslash) means, and its width."""
    character = value[at]
    if character in _ESCAPES:
        return _ESCAPES[character], 1
    width, base, skip = 0, 8, 0
    if character in _NUMERIC:
        width, base = _NUMERIC[character]
        skip = 1
    elif character in _OCTAL:
        width = 3
    digits = value[at + skip : at + skip + width]
    if width and len(digits) == width and digits.isascii() and digits.isalnum():
        try:
            number = int(digits, base)
        except ValueError:
            number = 0
        if 0 < number <= 0x10FFFF and not 0xD800 <= number < 0xE000:
            return chr(number), skip + width
    return "\\" + character, 1
