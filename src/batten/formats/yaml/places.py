"""Where the parts of a simple document stand, found without its tree: from the line of an entry."""

from __future__ import annotations

import re
from typing import Any

from batten.formats.lines import LineIndex
from batten.formats.yaml.schema import Schema
from batten.formats.yaml.shapes import DASH, ITEM, KEY, LINE, VALUE, scalar
from batten.formats.yaml.simple import Numbers
from batten.model.source import Pointer


class Places:
    """The places of one document, which is characters `start` to `end` of a text and begins on line `line`."""

    __slots__ = ("_end", "_line", "_longer", "_numbers", "_schema", "_start")

    def __init__(
        self,
        numbers: Numbers,
        longer: list[tuple[int, int]],
        start: int,
        end: int,
        line: int,
        schema: Schema,
    ) -> None:
        """`numbers`, `longer`: of `Simple`."""
        self._numbers = numbers
        self._longer = longer
        self._start = start
        self._end = end
        self._line = line
        self._schema = schema

    def span(self, lines: LineIndex, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        """As `Tree.span`."""
        entry: Any = self._numbers
        keyed = False
        rest: Pointer = ()
        for count, part in enumerate(pointer):
            below = entry[1] if isinstance(entry, tuple) else entry
            if isinstance(below, dict) and isinstance(part, str) and part in below:
                entry, keyed = below[part], True
            elif isinstance(below, list) and isinstance(part, int) and 0 <= part < len(below):
                entry, keyed = below[part], False
            else:
                rest = pointer[count:]
                break
        if isinstance(entry, (dict, list)):
            return self._begin(lines, entry), self._last(lines, entry)
        number, below = entry if isinstance(entry, tuple) else (entry, None)
        if keyed and (below is None or (key and not rest)):
            line = self._match(lines, number)
            if line.start(VALUE) < 0 or (key and not rest):
                return line.span(KEY)
            return self._value(lines.text, line, rest, key=key)
        if isinstance(below, (dict, list)):
            return self._begin(lines, below), self._last(lines, below)
        return self._value(lines.text, self._match(lines, number if below is None else below), rest, key=key)

    def _begin(self, lines: LineIndex, below: Any) -> int:
        """The first key of a mapping, the first dash of a list."""
        is_list = isinstance(below, list)
        first = below[0] if is_list else next(iter(below.values()))
        while not isinstance(first, int):
            first = first[0] if isinstance(first, tuple) else next(iter(first.values()))
        return self._match(lines, first).start(DASH if is_list else KEY)

    def _last(self, lines: LineIndex, below: Any) -> int:
        """Where the last value ends; behind the colon where it has no text."""
        last = below
        while not isinstance(last, int):
            if isinstance(last, tuple):
                last = last[1]
            else:
                last = last[-1] if isinstance(last, list) else last[next(reversed(last))]
        line = self._match(lines, last)
        if line.start(VALUE) < 0 and line.start(ITEM) < 0:
            return lines.text.index(":", line.end(KEY)) + 1
        return self._value(lines.text, line)[1]

    def _match(self, lines: LineIndex, number: int) -> re.Match[str]:
        """The entry `number`."""
        line = self._line + number
        end = -1
        for one, more in self._longer:
            if one >= number:
                end = self._end if one == number else -1
                break
            line += more
        begin = max(lines.offset(line), self._start)  # the document may begin behind `...`
        if end < 0:
            end = lines.text.find("\n", begin, self._end) + 1 or self._end
        found = LINE.match(lines.text, begin, end)
        assert found is not None
        return found

    def _value(self, text: str, line: re.Match[str], rest: Pointer = (), *, key: bool = False) -> tuple[int, int]:
        """The place of a value, or of what `rest` leads to in a flow collection."""
        group = VALUE if line.start(VALUE) >= 0 else ITEM
        start, end = line.span(group)
        if text[start] in "|>":
            from batten.formats.yaml.compose import end_of_block

            # blank lines behind it count for libyaml, and comments less deep than it stand in `line`
            return start, end_of_block(text, start, start + scalar(text[start : line.end()]).end_mark.index)
        if rest and text[start] in "[{":
            from batten.formats.yaml.compose import compose

            return compose(text, start, end, self._schema).span(rest, key=key)
        return start, end
