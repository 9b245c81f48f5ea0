"""Interval notation, which Maven and NuGet share: `[1.0,2.0)`, `(,1.5]`, `[1.2]`, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from batten.versions.interface import InvalidRange, Key

_INTERVAL = re.compile(r"\s*+([\[(])([^\[\](),]*+)(?:(,)([^\[\](),]*+))?([\])])\s*+(?:,|$)").match


class Interval(NamedTuple):
    """The texts of two bounds ("" is unbounded) and whether each belongs to it."""

    lower: str
    upper: str
    with_lower: bool
    with_upper: bool


def parse(scheme: str, text: str) -> list[Interval]:
    """The intervals of a list; raises InvalidRange."""
    found = []
    place = 0
    while place < len(text):
        match = _INTERVAL(text, place)
        if match is None:
            raise InvalidRange(scheme, text)
        opening, lower, comma, upper, closing = match.groups()
        lower = lower.strip()
        if not comma:
            if (opening, closing) != ("[", "]") or not lower:
                raise InvalidRange(scheme, text, "a single version stands in [ ]")
            upper = lower
        found.append(Interval(lower, upper.strip(), opening == "[", closing == "]"))
        place = match.end()
    if not found:
        raise InvalidRange(scheme, text, "empty")
    return found


def holds(interval: Interval, version: Key, key: Callable[[str], Key]) -> bool:
    """Whether the version with the key `version` lies in the interval."""
    if interval.lower:
        lower = key(interval.lower)
        if version < lower or (version == lower and not interval.with_lower):
            return False
    if interval.upper:
        upper = key(interval.upper)
        if version > upper or (version == upper and not interval.with_upper):
            return False
    return True
