"""Places in a text as editors count them: lines from 0 that any line end ends, columns in code units.

Source: Language Server Protocol 3.17, "Position" and "Text Documents".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, Literal

from msgspec import Struct

from batten.engine.fix.unified import changes, lines
from batten.model.source import Location

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_BYTES: Final = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Spot(Struct, frozen=True, order=True):
    """Line and column, both from 0."""

    line: int
    column: int


class Span(Struct, frozen=True):
    """From `start` up to `end`, which is not part of it."""

    start: Spot
    end: Spot


class Replacement(Struct, frozen=True):
    span: Span
    text: str


class Positions:
    """The places of one text."""

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.text = text
        self._codec, self._unit = _BYTES[encoding]
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._fed = [0, *(match.end() for match in re.finditer("\n", text))]

    def spot(self, offset: int) -> Spot:
        """Of a character, by its index."""
        line = bisect_right(self._starts, offset) - 1
        return Spot(line, self._units(self.text[self._starts[line] : offset]))

    def span(self, start: int, end: int) -> Span:
        return Span(self.spot(start), self.spot(end))

    def of(self, location: Location) -> Span:
        """Of a place as reports tell it, no longer than its first line: what is wrong is not to colour half a file."""
        start = self._offset(location.line, location.column)
        line_end = self._line_end(start)
        end = self._offset(location.end_line, location.end_column) if location.end_line else line_end
        return self.span(start, min(end, line_end) if start < end else line_end)

    def line(self, number: int) -> Span:
        """All of a line (from 1)."""
        start = self._offset(number, 1)
        return self.span(start, self._line_end(start))

    def _offset(self, line: int, column: int) -> int:
        """Of a line (only a line feed ends one) and a column in characters, both from 1."""
        if line > len(self._fed):
            return len(self.text)
        start = self._fed[max(line, 1) - 1]
        end = self._fed[line] - 1 if line < len(self._fed) else len(self.text)
        if end > start and self.text[end - 1] == "\r" and end < len(self.text):
            end -= 1
        return min(start + max(column, 1) - 1, end)

    def _line_end(self, offset: int) -> int:
        found = _LINE_END.search(self.text, offset)
        return found.start() if found is not None else len(self.text)

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._unit

    def replacements(self, after: str) -> list[Replacement]:
        """The smallest replacements, line by line, that make `after` of the text, in rising order."""
        old, new = lines(self.text), lines(after)
        found = []
        for start, end, new_start, new_end in changes(old, new):
            before, text = "".join(old[start:end]), "".join(new[new_start:new_end])
            head = _common(before, text)
            tail = _common(before[head:][::-1], text[head:][::-1])
            offset = self._fed[start] if start < len(self._fed) else len(self.text)
            span = self.span(offset + head, offset + len(before) - tail)
            found.append(Replacement(span, text[head : len(text) - tail]))
        return found


def _common(one: str, other: str) -> int:
    """Characters that both begin with; a carriage return is not parted from its line feed."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length - 1 if length and "\r" in one[length - 1 : length] else length
