"""Source lines of a finding, and the range in them that is meant.

Columns of a `Location` are Unicode code points; columns on a terminal are not: tabs, wide and
combining characters, and escapes of what must not be printed are measured here.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.model.report import Finding
from batten.model.source import Location
from batten.report.text import ascii_only, printable, width

TAB: Final = "    "  # as wide wherever it stands: a cut line has no tab stops


class MarkedLine(Struct, frozen=True):
    """One line of an excerpt: `text[start:end]` is meant, in code points; nothing where start == end."""

    number: int
    text: str
    start: int = 0
    end: int = 0


class TerminalLine(Struct, frozen=True):
    """A line made to fit: `length` columns from column `offset` are to be underlined."""

    text: str
    offset: int
    length: int


def span(location: Location, number: int, text: str) -> tuple[int, int]:
    """The part of line `number` that `location` covers, as code points; (0, 0) for nothing.

    A line that was cut before the place begins has nothing to mark; an empty range marks one character.
    """
    last = max(location.line, location.end_line)
    if not location.line <= number <= last:
        return 0, 0
    start = max(0, location.column - 1) if number == location.line else len(text) - len(text.lstrip())
    end = location.end_column - 1 if number == last and location.end_column > 0 else len(text)
    if start > len(text):
        return 0, 0
    return start, max(start + 1, min(end, len(text)))


def marked_lines(finding: Finding) -> list[MarkedLine]:
    """The whole excerpt, each line with what is meant in it."""
    if finding.excerpt is None:
        return []
    return [
        MarkedLine(number, text, *span(finding.location, number, text))
        for number, text in enumerate(finding.excerpt.lines, finding.excerpt.start)
    ]


def first_line(finding: Finding) -> MarkedLine | None:
    """The line that the finding begins on; None where the excerpt does not have it."""
    excerpt, location = finding.excerpt, finding.location
    if excerpt is None or not 0 <= location.line - excerpt.start < len(excerpt.lines):
        return None
    text = excerpt.lines[location.line - excerpt.start]
    return MarkedLine(location.line, text, *span(location, location.line, text))


def around(line: MarkedLine, room: int) -> MarkedLine:
    """`line` cut to about `room` code points around what is meant, `…` where something is missing."""
    if len(line.text) <= room:
        return line
    left = max(0, min(line.start - room // 3, len(line.text) - room))
    right = left + room
    before, after = "…" if left else "", "…" if right < len(line.text) else ""
    moved = len(before) - left
    end = min(line.end, right)
    start, end = (line.start + moved, end + moved) if line.end and end > line.start else (0, 0)
    return MarkedLine(line.number, before + line.text[left:right] + after, start, end)


def for_terminal(line: MarkedLine, room: int, unicode: bool = True) -> TerminalLine:
    """`line` in at most `room` columns, cut around what is meant, nothing in it that a terminal obeys.

    Only the characters near the range are looked at: a line may be a megabyte long.
    """
    mark = "…" if unicode else "~"
    left = max(0, line.start - room)
    right = min(len(line.text), line.start + room + 1)
    cells = [_cell(character, unicode) for character in line.text[left:right]]
    sizes = [width(cell) for cell in cells]
    start = min(line.start - left, len(cells))
    end = max(start, min(line.end - left, len(cells)))
    first = 0
    if left or (sum(sizes[:end]) > room - 1 and sum(sizes) > room):
        offset, total = sum(sizes[:start]), sum(sizes) + (right < len(line.text))
        while first < start and offset > room // 3 and (total >= room or (left and not first)):
            offset -= sizes[first]
            total -= sizes[first]
            first += 1
    shown, used = ([mark], 1) if left or first else ([], 0)
    offset = used + sum(sizes[first:start])
    length = 0
    more = right < len(line.text)
    rest = sum(sizes[first:])
    for index in range(first, len(cells)):
        if used + sizes[index] > room - 1 and (more or used + rest > room):
            shown.append(mark)
            break
        shown.append(cells[index])
        used += sizes[index]
        rest -= sizes[index]
        if start <= index < end:
            length += sizes[index]
    return TerminalLine("".join(shown), offset, max(1, length) if line.end else 0)


def _cell(character: str, unicode: bool) -> str:
    if character == "\t":
        return TAB
    shown = printable(character)
    return shown if unicode else ascii_only(shown)
