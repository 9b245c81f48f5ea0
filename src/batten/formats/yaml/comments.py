"""Where the comments of a YAML text stand.

Parsers drop comments, and a text with markers of a template in it is parsed by none: this goes over the characters and
knows no more of YAML than what a `#` may stand in. What it cannot tell is no comment.
Reference: https://yaml.org/spec/1.2.2/ (6.6 comments, 7.3 flow scalars, 8.1 block scalars).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batten.pattern import pattern

Span = tuple[int, int]

_MARKER: Final = pattern(r"(?m:^)\ufeff?(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_BLANKS: Final = pattern(r"[ \t\r]*")
_SPACES: Final = pattern(r" *")
_DOUBLE: Final = pattern(r'"(?:[^"\\]|\\[\s\S])*+(?:"|\Z)')
_SINGLE: Final = pattern(r"'(?:[^']|'')*+(?:'|\Z)")
_HEADER: Final = pattern(r"[|>][+-]?(?P<digit>[1-9])?[+-]?(?:[ \t]+(?P<comment>#[^\n]*)|[ \t\r]*)(?=\n|\Z)")
_INDICATOR: Final = pattern(r"[-?:](?=[ \t\r\n]|\Z)")
_PROPERTY: Final = pattern(r"[&*!][^ \t\r\n]*")
_FLOW_PROPERTY: Final = pattern(r"[&*!][^ \t\r\n,\[\]{}]*")
_FLOW_SPACE: Final = pattern(r"[ \t\r\n]+")
_FLOW_WORD: Final = pattern(r"[^ \t\r\n,\[\]{}:]+|:")
_PLAIN_END: Final = pattern(r":(?=[ \t\r\n]|\Z)|(?<=[ \t\r])#|\n|\{\{")
_TEMPLATE_COMMENT: Final = pattern(r"\{\{-?[ \t\r\n]*/\*")
_TEMPLATE_COMMENT_END: Final = pattern(r"\*/[ \t\r\n]*-?\}\}")
_QUOTED: Final = {'"': _DOUBLE, "'": _SINGLE}


def comments(text: str) -> Iterator[Span]:
    """(start, end) of each comment, in characters and in order, from its `#` to the end of its line; and of those of Go
    templates that stand where a value could."""
    start = 1 if text.startswith("\ufeff") else 0
    for marker in _MARKER.finditer(text):
        yield from _Document(text, start, marker.start()).comments()
        start = marker.end()
    yield from _Document(text, start, len(text)).comments()


class _Document:
    """One document. `at`: how far it is read; `parent`: the column of the key or dash that was opened last, -1 before
    the first; `plain`: whether an unquoted value may go on in the next line."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self.parent = -1
        self.plain = False
        self._begin, self._counted = text.rfind("\n", 0, start) + 1, start
        """Of the line that was asked for last, and up to where there is no other."""
        self._close = -1
        """Of the next end of a template's comment."""
        self._unclosed = -1
        """Up to where no template's action ends."""

    def comments(self) -> Iterator[Span]:
        text = self.text
        while self.at < self.end:
            indent = self._spaces(self.at)
            self._skip_blanks()
            if self._at_line_end():
                self.at += 1
            elif self.plain and indent > self.parent and text[self.at] != "#":
                yield from self._plain(carried_on=True)
            else:
                self.plain = False
                yield from self._line()

    def _line(self) -> Iterator[Span]:
        """What begins here, to the end of the line that it ends on."""
        text, first = self.text, -1
        while self.at < self.end:
            self._skip_blanks()
            if self._at_line_end():
                self.at += 1
                return
            at, char = self.at, text[self.at]
            if char == "#" and self._spaced(at):
                yield self._comment()
                continue
            indicator = _INDICATOR.match(text, at, self.end)
            if indicator is not None:
                # the colon behind a key opens what the key stands for
                self.parent = self._column(at) if first < 0 else first
                self.at, first = at + 1, -1
                continue
            if char in "|>" and (header := _HEADER.match(text, at, self.end)) is not None:
                if header["comment"]:
                    yield header.span("comment")
                self.at = header.end() + 1
                self._pass_block(int(header["digit"] or 0))
                return
            first = self._column(at) if first < 0 else first
            if (found := _PROPERTY.match(text, at, self.end)) is not None:
                self.at = found.end()
            elif char in "\"'":
                yield from self._quoted(char)
            elif char in "[{" and not text.startswith("{{", at):
                yield from self._flow()
            elif (end := self._template_comment(at)) >= 0:
                self.at = end
                yield at, end
            elif text.startswith("{{", at) and self._action(at) < 0:
                yield from self._flow()
            else:
                yield from self._plain()

    def _quoted(self, quote: str) -> Iterator[Span]:
        """Goes over a quoted value and what may stand behind it, which is no value."""
        found = _QUOTED[quote].match(self.text, self.at, self.end)
        self.at = self.end if found is None else found.end()
        self._skip_blanks()
        if not self._at_line_end() and self.text[self.at] not in ":#":
            yield from self._plain()
            self.plain = False

    def _plain(self, *, carried_on: bool = False) -> Iterator[Span]:
        """Goes over an unquoted value or key, to what ends it on its line."""
        text = self.text
        self.plain = carried_on or not text.startswith("{{", self.at)
        while (found := _PLAIN_END.search(text, self.at, self.end)) is not None:
            self.at = found.start()
            if found[0] == "{{":
                self.at = max(self._action(self.at), self.at + 2)
            elif found[0] == "#":
                self.plain = False
                yield self._comment()
                return
            elif found[0] == "\n":
                return
            elif carried_on:
                self.at += 1
            else:
                self.plain = False
                return
        self.at = self.end

    def _flow(self) -> Iterator[Span]:
        """Goes over a collection in brackets, to the end of the document where it is left open."""
        text, depth, plain, closed = self.text, 0, False, False
        while self.at < self.end:
            at, char = self.at, text[self.at]
            if (space := _FLOW_SPACE.match(text, at, self.end)) is not None:
                self.at = space.end()
                continue
            if char == "#" and (not plain or self._spaced(at)):  # parsers ask for no space behind a bracket or a comma
                yield self._comment()
                continue
            follows = text[at + 1 : at + 2]
            if char in "[{" or char in "]}":
                action = self._action(at) if depth and char == "{" else -1
                self.at = at + 1 if action < 0 else action
                depth += 0 if action >= 0 else 1 if char in "[{" else -1
                plain, closed = False, char in "]}"
                if depth <= 0:
                    return
            elif char == "," or (char == ":" and (closed or not follows or follows in " \t\r\n,[]{}")):
                self.at, plain, closed = at + 1, False, False
            elif char in "\"'" and not plain:
                found = _QUOTED[char].match(text, at, self.end)
                self.at, closed = self.end if found is None else found.end(), True
            else:
                named = None if plain else _FLOW_PROPERTY.match(text, at, self.end)
                word = named or _FLOW_WORD.match(text, at, self.end)
                self.at = at + 1 if word is None else word.end()
                plain, closed = named is None, False

    def _pass_block(self, digit: int) -> None:
        """Goes over the lines of a block scalar. Neither a line of a template's own ends it nor one that a
        tab indents, which parsers refuse."""
        text, least = self.text, max(self.parent, 0 if digit else self.parent) + max(digit, 1)
        indent = least if digit else -1
        while self.at < self.end:
            spaces = self._spaces(self.at)
            begin = _BLANKS.match(text, self.at + spaces, self.end)
            content = self.at + spaces if begin is None else begin.end()
            if content < self.end and text[content] != "\n":
                if text.startswith("{{", content):
                    # where it stands first, what follows may be indented less than it
                    indent = least if indent < 0 else indent
                elif text[self.at + spaces] != "\t":
                    if spaces < (least if indent < 0 else indent):
                        return
                    indent = spaces if indent < 0 else indent
            self._next_line()

    def _action(self, at: int) -> int:
        """Where the action of a template ends that begins here and ends on its line; -1 where none does."""
        if at < self._unclosed or not self.text.startswith("{{", at):
            return -1
        newline = self.text.find("\n", at, self.end)
        stop = self.end if newline < 0 else newline
        close = self.text.find("}}", at + 2, stop)
        if close < 0:
            self._unclosed = stop
        return close if close < 0 else close + 2

    def _template_comment(self, at: int) -> int:
        """Where the comment of a template ends that begins here; -1 where none does."""
        if _TEMPLATE_COMMENT.match(self.text, at, self.end) is None:
            return -1
        if self._close < at:
            close = self.text.find("*/", at, self.end)
            self._close = self.end if close < 0 else close
        found = _TEMPLATE_COMMENT_END.match(self.text, self._close, self.end)
        return -1 if found is None else found.end()

    def _comment(self) -> Span:
        start = self.at
        newline = self.text.find("\n", start, self.end)
        self.at = self.end if newline < 0 else newline
        return start, self.at

    def _next_line(self) -> None:
        newline = self.text.find("\n", self.at, self.end)
        self.at = self.end if newline < 0 else newline + 1

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self.text, self.at, self.end)
        self.at = self.at if found is None else found.end()

    def _at_line_end(self) -> bool:
        return self.at >= self.end or self.text[self.at] == "\n"

    def _spaces(self, at: int) -> int:
        found = _SPACES.match(self.text, at, self.end)
        return 0 if found is None else found.end() - at

    def _spaced(self, at: int) -> bool:
        """May a comment begin here?"""
        return at == 0 or self.text[at - 1] in " \t\r\n\ufeff"

    def _column(self, at: int) -> int:
        newline = self.text.rfind("\n", self._counted, at)
        self._begin, self._counted = self._begin if newline < 0 else newline + 1, at
        return at - self._begin
