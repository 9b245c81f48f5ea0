"""RubyGems: segments compared one by one, the shorter version going on with zeros, words below numbers."""

from __future__ import annotations

import re


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _canonical(left), _canonical(right)
    if one is None or other is None:
        return None
    for place in range(max(len(one), len(other))):
        mine = one[place] if place < len(one) else 0
        theirs = other[place] if place < len(other) else 0
        if mine == theirs:
            continue
        if isinstance(mine, str) != isinstance(theirs, str):
            return -1 if isinstance(mine, str) else 1
        return -1 if mine < theirs else 1  # type: ignore[operator]
    return 0


def _canonical(text: str) -> list[int | str] | None:
    """The numbers before the first word without zeros at their end, then the rest, treated likewise."""
    text = text.strip()
    numbers, hyphen, before = text.partition("-")
    if not re.fullmatch(r"[0-9]+(\.[0-9a-zA-Z]+)*", numbers):
        return None
    if hyphen and not re.fullmatch(r"[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*", before):
        return None
    segments: list[int | str] = []
    for found in re.findall(r"[0-9]+|[a-zA-Z]+", text.replace("-", ".pre.")):
        segments.append(int(found) if found.isdigit() else found)
    words = [place for place, segment in enumerate(segments) if isinstance(segment, str)]
    first = words[0] if words else len(segments)
    return _trimmed(segments[:first]) + _trimmed(segments[first:])


def _trimmed(segments: list[int | str]) -> list[int | str]:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments
