"""Where the documents of a YAML stream begin and end, found without parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from msgspec import Struct

from batten.pattern import pattern

_BOM = "\ufeff"
_FIRST_MARKER = pattern(r"(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
# a byte order mark before it: files written one after the other
_MARKER = pattern(r"\n\ufeff?(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_CONTENT = pattern(r"^[ \t]*[^ \t\r\n#]", re.MULTILINE)
_FIRST_CONTENT = pattern(r"[ \t]*[^ \t\r\n#]")
_BLANK_REST_OF_LINE = pattern(r"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_DIRECTIVES_ONLY = pattern(r"(?:%[^\n]*(?:\n|\Z)|[ \t]*(?:#[^\n]*)?\r?\n)*\Z")
# `<%` and `{%` open a tag of ERB or Jinja, `%{` at the start of a line one of Terraform; GitHub's `${{` is data
_TEMPLATE = pattern(r"(?<!\$)\{\{|\{%|<%|^[ \t]*%\{", re.MULTILINE)


class Chunk(Struct, frozen=True, gc=False):
    """One document: characters `start` to `end` of the text; `start` stands on line `line` (from 1)."""

    start: int
    end: int
    line: int


def is_template(text: str) -> bool:
    """Does `text` hold markers of a template language: `{{ }}`, `{% %}`, `<% %>`? GitHub's `${{ }}` does not count."""
    return _TEMPLATE.search(text) is not None


def split(text: str) -> Iterator[Chunk]:
    """The documents of a stream with something in them; comments alone are no document.

    A document begins with its `---` line (with the directives above it) or, where there is none, at the
    start of the stream or after `...`. Markers count at column 0 only (YAML 1.2.2, section 9.1.2), where
    no content of a document may stand.
    """
    start = body = 1 if text.startswith(_BOM) else 0  # `body`: what follows the `---` or `...`
    explicit = False
    line, counted = 1, 0
    for position in chain(_markers(text, start), (len(text),)):
        begins = text.startswith("---", position)
        if begins and not explicit and _is_head(text, start, position):
            explicit, body = True, position + 3  # directives belong to the document whose `---` this is
            continue
        end = position - 1 if position > body and text[position - 1] == _BOM else position
        if _has_content(
            text, body, end, after_marker=body > start or (start > 2 and text.startswith("...", start - 3))
        ):
            line += text.count("\n", counted, start)
            counted = start
            yield Chunk(start, end, line)
        explicit = begins
        body = position + 3
        start = position if begins else body


def _markers(text: str, start: int) -> Iterator[int]:
    """Offsets of `---` and `...` that stand alone at the start of a line."""
    first = _FIRST_MARKER.match(text, start)
    if first is not None:
        yield start
    if "\n..." not in text and "\n\ufeff" not in text:
        position = text.find("\n---", start)
        while position >= 0:
            if text[position + 4 : position + 5] in " \t\r\n":
                yield position + 1
            position = text.find("\n---", position + 4)
        return
    for found in _MARKER.finditer(text, start):
        yield found.end() - 3


def _is_head(text: str, start: int, end: int) -> bool:
    """Is there nothing but directives (one at least), comments and blank lines?"""
    directive = text.startswith("%", start) or text.find("\n%", start, end) >= 0
    return directive and _DIRECTIVES_ONLY.match(text, start, end) is not None


def _has_content(text: str, start: int, end: int, *, after_marker: bool) -> bool:
    if after_marker:
        rest = _BLANK_REST_OF_LINE.match(text, start, end)
        if rest is None:
            return True
        start = rest.end()
    # `^` does not match behind a byte order mark
    return _FIRST_CONTENT.match(text, start, end) is not None or _CONTENT.search(text, start, end) is not None
