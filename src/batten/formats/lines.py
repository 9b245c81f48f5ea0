"""The text of a file, and the lines of its offsets: worked out when asked for, kept for the last few files."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Final

from batten.model.source import File
from batten.pattern import pattern

_KEPT_TEXTS: Final = 4  # files whose decoded text is kept
_KEPT_CHARACTERS: Final = 1 << 20  # of a longer text none other is kept beside it: it may take four times its file
_BLOCK: Final = 4096  # characters between two entries of the index
_SHORT: Final = 1 << 16  # characters of a text all of whose lines are in the index
_STRIDES: Final = tuple(
    (count, pattern(rf"(?:[^\n]*+\n){{{count}}}")) for count in (256, 128, 64, 32, 16, 8, 4, 2, 1)
)  # lines at once


class LineIndex:
    """Lines of a text, from 1; `\\n` ends one. Every answer costs a look at one block of the text at most,
    however long its lines are and however many; of a short text one at the index."""

    __slots__ = ("_begins", "_counts", "_lines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._counts = array("I")
        """Line breaks before each block; made when first asked for, most texts are never asked about."""
        self._begins = array("I")
        """Where the line begins that the block's first character stands on."""
        self._lines: list[int] = []
        """Of a short text: where each line begins."""

    def _index(self) -> None:
        text = self.text
        count = begin = 0
        for start in range(0, len(text) + 1, _BLOCK):
            self._counts.append(count)
            self._begins.append(begin)
            count += text.count("\n", start, start + _BLOCK)
            begin = text.rfind("\n", start, start + _BLOCK) + 1 or begin

    def _short(self) -> list[int]:
        """Where the lines of a short text begin; none of a longer one."""
        if len(self.text) <= _SHORT:
            # one for each line break and the first: what stands behind the last one is a line, too
            self._lines = [0, *accumulate(len(one) + 1 for one in self.text.split("\n")[:-1])]
        return self._lines

    def line(self, offset: int) -> int:
        """The number of the line that `offset` stands on."""
        if begins := self._lines or self._short():
            return bisect_right(begins, offset)
        block = offset // _BLOCK
        if not self._counts:
            self._index()
        return self._counts[block] + self.text.count("\n", block * _BLOCK, offset) + 1

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1; a byte order mark is no column."""
        if begins := self._lines or self._short():
            line = bisect_right(begins, offset)
            begin = begins[line - 1] or self.text.startswith("\ufeff")
            return line, offset - begin + 1
        if not self._counts:
            self._index()
        block = offset // _BLOCK
        start = block * _BLOCK
        begin = self.text.rfind("\n", start, offset) + 1 or self._begins[block]
        line = self._counts[block] + self.text.count("\n", start, offset) + 1
        if begin == 0 and self.text.startswith("\ufeff"):
            begin = 1
        return line, offset - begin + 1

    def begin(self, offset: int) -> int:
        """Where that line begins."""
        if begins := self._lines or self._short():
            return begins[bisect_right(begins, offset) - 1]
        block = offset // _BLOCK
        if not self._counts:
            self._index()
        return self.text.rfind("\n", block * _BLOCK, offset) + 1 or self._begins[block]

    def offset(self, line: int) -> int:
        """Where line number `line` begins; -1 where there are fewer."""
        if line <= 1:
            return 0
        if begins := self._lines or self._short():
            return begins[line - 1] if line <= len(begins) else -1
        if not self._counts:
            self._index()
        block = bisect_left(self._counts, line - 1) - 1
        position = block * _BLOCK
        missing = line - 1 - self._counts[block]
        for count, lines in _STRIDES:
            while missing >= count:
                found = lines.match(self.text, position)
                if found is None:
                    break
                position = found.end()
                missing -= count
        return -1 if missing else position

    def slices(self, first: int, last: int, width: int) -> list[str]:
        """The lines `first` to `last`, as far as they exist, each cut to `width`; without a byte order mark."""
        found: list[str] = []
        position = self.offset(first)
        if position == 0 and self.text.startswith("\ufeff"):
            position = 1
        while position >= 0 and len(found) <= last - first:
            end = self.text.find("\n", position)
            stop = len(self.text) if end < 0 else end
            found.append(self.text[position : min(stop, position + width)])
            position = end + 1 if end >= 0 else -1
        return found


_kept: dict[File, LineIndex] = {}  # in the order of their last use


def text_of(file: File) -> str:
    """`file.text()`; raises `Unreadable`."""
    return lines_of(file).text


def lines_of(file: File) -> LineIndex:
    """The lines of the file's text; raises `Unreadable`."""
    found = _kept.pop(file, None)
    if found is None:
        while len(_kept) >= _KEPT_TEXTS or any(len(one.text) > _KEPT_CHARACTERS for one in list(_kept.values())):
            _kept.pop(next(iter(_kept)), None)
        found = LineIndex(file.text())
    _kept[file] = found
    return found
