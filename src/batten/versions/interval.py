"""Interval notation, which Maven and NuGet share: `[1.0,2.0)`, `(,1.5]`, `[1.2]`, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from batten.versions.interface import InvalidRange, InvalidVersion, Key

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


class Bounded(NamedTuple):
    """An interval whose bounds are keys; None is unbounded."""

    lower: Key
    upper: Key
    with_lower: bool
    with_upper: bool

    def holds(self, version: Key) -> bool:
        """Whether the version with that key lies in it."""
        if self.lower is not None and (version < self.lower or (version == self.lower and not self.with_lower)):
            return False
        return self.upper is None or bool(version < self.upper or (version == self.upper and self.with_upper))


def bounded(scheme: str, text: str, key: Callable[[str], Key]) -> list[Bounded]:
    """The intervals of a list with their keys; raises InvalidRange, also for one that no version can lie in."""
    found = []
    for lower_text, upper_text, with_lower, with_upper in parse(scheme, text):
        try:
            lower = key(lower_text) if lower_text else None
            upper = key(upper_text) if upper_text else None
        except InvalidVersion as error:
            raise InvalidRange(scheme, text, str(error)) from None
        if (
            lower is not None
            and upper is not None
            and (upper < lower or (upper == lower and not (with_lower and with_upper)))
        ):
            raise InvalidRange(scheme, text, "the upper bound is below the lower one")
        found.append(Bounded(lower, upper, with_lower, with_upper))
    return found
