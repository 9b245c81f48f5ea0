"""The lines of pip's requirements files: pins, requirements without a version, other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from batten.limits import LINE_BYTES
from batten.pattern import pattern

PINNED: Final = pattern(
    r"[ \t\ufeff]*+([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*+(?:\[[^\]\n]*\])?[ \t]*+\(?[ \t]*+===?[ \t]*+"
    r"([A-Za-z0-9][A-Za-z0-9.+!_-]*+)[ \t]*+\)?(?=$|[;#\\\r\n-]|[ \t]|(?<=[ \t]))"
)
"""A name and the one version that it may have."""
_CLAUSE: Final = r"(?:[<>!~]=?|===?)[ \t]*+[\w.*+-][\w.*+!-]*+[ \t]*+"
UNPINNED: Final = pattern(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*+(?:\[[^\]]*\][ \t]*+)?"
    rf"(?:(@)[ \t]*+\S.*|\(?[ \t]*+(?:{_CLAUSE}(?:,[ \t]*+{_CLAUSE})*,?[ \t]*+)?\)?[ \t]*+(?:;.*|--.*)?)"
)
"""A name without a version; the second group is there for one with an address."""
ELSEWHERE: Final = pattern(r"(?:(?:-e|--editable)[ \t=]*)?[a-z][\w+.-]*://\S.*")
OTHER_FILE: Final = pattern(r"(-r|--requirement|-c|--constraint)(?:[ \t=]*)[\"']?([^\"'\n]{1,1024}?)[\"']?")
LONGEST: Final = 2_000
"""Characters of the longest line that is looked at when it is no pin."""
COMMENT: Final = pattern(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_LINE: Final = pattern(r"(?:[^\\\n]|\\(?!\r?\n))*(?:\\\r?\n(?:[^\\\n]|\\(?!\r?\n))*)*")


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each line that holds something, with those that continue it."""
    start = 0
    while start < len(text):
        line = _LINE.match(text, start, min(len(text), start + LINE_BYTES))
        end = line.end() if line else start
        if end > start:
            yield start, end
        start = max(end, start) + 1


def plain(line: str) -> str:
    """Without comments, continuations and blanks around."""
    return COMMENT.sub("", line.lstrip("\ufeff")).replace("\\\r\n", " ").replace("\\\n", " ").strip()
