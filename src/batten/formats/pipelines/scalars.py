"""Where the characters of a YAML scalar's value stand in the text of the file."""

from __future__ import annotations

from typing import Final

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_HEX: Final = {"x": 2, "u": 4, "U": 8}


def offsets(text: str, start: int, end: int, value: str) -> list[int]:
    """For each character of `value`, its offset in `text`, where the scalar is written from `start` to `end`.

    A character that no character of the text stands for (the line break that folding makes a space) has the place
    of the break. Empty where value and text do not agree.
    """
    if start >= end:
        return []
    first = text[start]
    if first in "|>":
        header = text.find("\n", start, end)
        return [] if header < 0 else _aligned(text, header + 1, end, value)
    if first == "'" and end - start > 1:
        return _aligned(text, start + 1, end - 1, value, "'")
    if first == '"' and end - start > 1:
        return _aligned(text, start + 1, end - 1, value, '"')
    return _aligned(text, start, end, value)


def _aligned(text: str, position: int, end: int, value: str, quote: str = "") -> list[int]:
    """Walks value and text side by side; white space of the text that the value does not have is passed over."""
    found: list[int] = []
    for char in value:
        while position < end:
            here = text[position]
            if here == "\\" and quote == '"':
                length, meant = _escape(text, position)
                if meant is None:  # a line that goes on behind a backslash
                    position += length
                    continue
                break
            if here == char:
                break
            if char in " \n" and here in "\r\n":
                break
            if here in " \t\r\n":
                position += 1
                continue
            return []
        if position >= end:
            if char == "\n":  # line breaks behind a block scalar are not part of its range
                position = text.find("\n", position) + 1 or len(text)
                found.append(max(position - 1, 0))
                continue
            return []
        found.append(position)
        if text[position] == "\\" and quote == '"':
            length, meant = _escape(text, position)
            if meant != char:
                return []
            position += length
        elif quote == "'" and text[position] == "'":
            position += 2
        else:
            position += 1
    return found


def _escape(text: str, position: int) -> tuple[int, str | None]:
    """Length and meaning of an escape of a double-quoted scalar; None where it swallows a line break."""
    letter = text[position + 1 : position + 2]
    if letter in _HEX:
        digits = text[position + 2 : position + 2 + _HEX[letter]]
        try:
            return 2 + len(digits), chr(int(digits, 16))
        except (ValueError, OverflowError):
            return 2, letter
    if letter == "\n" or text.startswith("\r\n", position + 1):
        return 2 if letter == "\n" else 3, None
    return 2, _ESCAPES.get(letter, letter)
