"""From a character of what a template printed to where it was written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from msgspec import Struct

from batten.formats.helm.marks import Frame, Run
from batten.formats.helm.syntax import Template
from batten.pattern import pattern

_BLANKS: Final = pattern(" *")
_COMPARED: Final = 20_000  # lines of either side that are held against each other, apart from what is the same


class Literal(Struct, frozen=True, eq=False):
    """A character of the text of a template. `offset`: in that text."""

    path: str
    offset: int
    frame: Frame | None
    run: Run


class Origins:
    """Where each character of one template's true output was written."""

    def __init__(self, true: str, marked: str, runs: list[Run], templates: dict[str, Template]) -> None:
        """`marked`: what the marked template printed, without its marks; `runs` are ranges of it."""
        self._true = true
        self._marked = marked
        self._runs = runs
        self._starts = [run.start for run in runs]
        self._templates = templates
        self._maps: dict[int, list[int]] = {}
        self._lines = None if true == marked else _lines(true, marked)

    def at(self, offset: int) -> Literal | Frame | None:
        """The origin of the character at `offset` of the true output."""
        place = self._of_marked(offset)
        if place is None:
            return None
        number = bisect_right(self._starts, place) - 1
        if number + 1 < len(self._runs):
            later = self._runs[number + 1]
            if later.segment is not None:  # the blanks before its mark are its own
                lead = self._lead(later)
                if place >= later.start - lead:
                    return Literal(later.path, self._first(later) - (later.start - place), later.frame, later)
        if number < 0:
            return None
        run = self._runs[number]
        if place >= run.end:
            return None
        if run.segment is None:
            return run.frame
        source = self._map(number)[place - run.start]
        return Literal(run.path, source, run.frame, run) if source >= 0 else None

    def differs(self, start: int, end: int) -> bool:
        """Did the marked template print something else in the lines of a range of the true output?"""
        if self._lines is None or not self._runs:
            return False
        starts, others = self._lines
        for line in range(bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1))):
            other = others[line]
            end = self._true.find("\n", starts[line])
            text = self._true[starts[line] : len(self._true) if end < 0 else end]
            if other is not None and self._marked[other[0] : sum(other)] != text:
                return True
        return False

    def inserted(self, offset: int, source: int, path: str) -> int:
        """By how many blanks the line of `offset` is indented more than that of `source` in its template."""
        text = self._templates[path].text
        return _indent(self._true, offset) - _indent(text, source)

    def literals(self, start: int, end: int) -> list[Run]:
        """The runs of literal text in a range of the true output."""
        first, last = self._of_marked(start), self._of_marked(max(start, end - 1))
        if first is None or last is None:
            return []
        number = max(0, bisect_right(self._starts, first) - 1)
        found = []
        while number < len(self._runs) and self._runs[number].start <= last:
            if self._runs[number].segment is not None and self._runs[number].end > first:
                found.append(self._runs[number])
            number += 1
        return found

    def _first(self, run: Run) -> int:
        """Where the text of a run begins in its template, after its blanks."""
        assert run.segment is not None
        start, end = run.segment.shown
        text = self._templates[run.path].text[start:end]
        return start + len(text) - len(text.lstrip(" \t\r\n"))

    def _lead(self, run: Run) -> int:
        """How many of the characters before a run are the blanks that its text begins with."""
        assert run.segment is not None
        first = self._first(run)
        text, own = self._templates[run.path].text, run.segment.shown[0]
        count = 0
        while count < first - own and run.start - count > 0:
            if self._marked[run.start - count - 1] != text[first - count - 1]:
                break
            count += 1
        return count

    def _map(self, number: int) -> list[int]:
        """For each character of a run its offset in the template; -1 where it is none of it (an indentation)."""
        known = self._maps.get(number)
        if known is None:
            run = self._runs[number]
            assert run.segment is not None
            text = self._templates[run.path].text
            at, end = self._first(run), run.segment.shown[1]
            known = []
            blanks = False  # at the beginning of a line
            for character in self._marked[run.start : run.end]:
                if at < end and text[at] == character:
                    known.append(at)
                    at += 1
                    blanks = character == "\n" or (blanks and character == " ")
                elif character == " " and blanks:
                    known.append(-1)
                else:
                    break
            known += [-1] * (run.end - run.start - len(known))
            self._maps[number] = known
        return known

    def _of_marked(self, offset: int) -> int | None:
        """The offset in the marked output that belongs to one in the true output."""
        if self._lines is None:
            return offset
        starts, others = self._lines
        line = bisect_right(starts, offset) - 1
        other = others[line]
        if other is None:
            return None
        start, length = other
        column = offset - starts[line]
        return start + column if column <= length else None


def _lines(true: str, marked: str) -> tuple[list[int], list[tuple[int, int] | None]]:
    """Where the lines of the true output begin, and the place and length of each in the marked one."""
    from difflib import SequenceMatcher

    mine, other = true.split("\n"), marked.split("\n")
    starts, places = _begins(mine), _begins(other)
    found: list[tuple[int, int] | None] = [None] * len(mine)
    if len(mine) == len(other):  # a checksum, something random: line by line nevertheless
        for number, line in enumerate(other):
            found[number] = (places[number], len(line))
        return starts, found
    head = _same(zip(mine, other, strict=False))
    tail = _same(zip(reversed(mine[head:]), reversed(other[head:]), strict=False))
    for one in range(-tail, head):  # from the end, then from the beginning
        found[one] = (places[one], len(other[one]))
    middle, others = mine[head : len(mine) - tail], other[head : len(other) - tail]
    if max(len(middle), len(others)) > _COMPARED:
        return starts, found
    # lines that stand all over the place are found by those around them: else it takes quadratic time
    for tag, first, last, begin, end in SequenceMatcher(None, middle, others).get_opcodes():
        if tag == "equal" or (tag == "replace" and last - first == end - begin):
            for one in range(last - first):
                found[head + first + one] = (places[head + begin + one], len(others[begin + one]))
    return starts, found


def _same(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs are of two equal lines, up to the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _indent(text: str, offset: int) -> int:
    """The blanks that the line of an offset begins with."""
    begin = text.rfind("\n", 0, offset) + 1
    found = _BLANKS.match(text, begin)
    return 0 if found is None else found.end() - begin


def _begins(lines: list[str]) -> list[int]:
    begins, at = [], 0
    for line in lines:
        begins.append(at)
        at += len(line) + 1
    return begins
