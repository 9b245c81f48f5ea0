"""Maven versions and ranges.

Source: Maven's POM reference ("Version Order Specification") and what Maven 3.9's ComparableVersion does with it.
Judge: that class. Maven's order is not transitive for odd versions (`1.alpha.1` < `1` < `1.sp.1` < `1.0.alpha.1`),
so a key is an object that compares with one other, never a tuple.
"""

from __future__ import annotations

import re
from functools import total_ordering
from itertools import pairwise

from batten.versions import interval
from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked, checked_range

_QUALIFIERS = {word: place for place, word in enumerate(("alpha", "beta", "milestone", "rc", "snapshot", "", "sp"))}
_QUALIFIERS |= {"ga": 5, "final": 5, "release": 5, "cr": 3}
_RELEASE = (5, "")
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_DIGITS = "0123456789"
_RUNS = re.compile(r"[0-9]+|[^0-9.-]+|[.-]").findall

Item = int | tuple[int, str]
Level = list[Item]


def _word(text: str) -> tuple[int, str]:
    place = _QUALIFIERS.get(text)
    return (7, text) if place is None else (place, "")


def _levels(text: str) -> list[Level]:
    """The version as Maven nests it: each level holds numbers and words, and the next level stands at its end."""
    level: Level = []
    levels = [level]

    def deeper() -> None:
        nonlocal level
        level = []
        levels.append(level)

    runs = _RUNS(text.lower())
    waiting: Item | None = None  # the run read last, which belongs where the next separator says
    last = len(runs) - 1
    for place, run in enumerate(runs):
        if run in (".", "-"):
            level.append(0 if waiting is None else waiting)
            waiting = None
            if run == "-":
                deeper()
        elif run[0] in _DIGITS:
            waiting = int(run)
            if place < last and runs[place + 1] not in (".", "-"):
                level.append(waiting)
                waiting = None
                deeper()
        elif place < last and runs[place + 1] not in (".", "-"):  # a word right before a number
            if level:
                deeper()
            level.append(_word(_SHORT.get(run, run)))
            deeper()
        elif place == last:
            if level:
                deeper()
            waiting = _word(run)
        else:
            waiting = _word(run)
    if waiting is not None:
        level.append(waiting)
    return _normalised(levels)


def _normalised(levels: list[Level]) -> list[Level]:
    """Without what says nothing at the end of each level, and without empty levels at the end."""
    for level in levels:
        while level and level[-1] in (0, _RELEASE):
            level.pop()
    while len(levels) > 1 and not levels[-1]:
        levels.pop()
    return levels


def _against_nothing(item: Item) -> int:
    if isinstance(item, int):
        return 1 if item else 0
    return (item > _RELEASE) - (item < _RELEASE)


def _levels_against_nothing(levels: list[Level], start: int) -> int:
    for level in levels[start:]:
        for item in level:
            result = _against_nothing(item)
            if result:
                return result
    return 0


def _compare_items(left: Item, right: Item) -> int:
    if isinstance(left, int):
        if isinstance(right, int):
            return (left > right) - (left < right)
        return 1
    if isinstance(right, int):
        return -1
    return (left > right) - (left < right)


def _compare_end(item: Item, levels: list[Level], depth: int) -> int:
    """An item against what the other version has there: its next level, or nothing."""
    if depth + 1 < len(levels):
        return 1 if isinstance(item, int) else -1
    return _against_nothing(item)


def _compare(left: list[Level], right: list[Level]) -> int:
    depth = 0
    while True:
        ours, theirs = left[depth], right[depth]
        for one, other in zip(ours, theirs, strict=False):
            result = _compare_items(one, other)
            if result:
                return result
        shared = min(len(ours), len(theirs))
        for place in range(shared, len(ours)):
            # the other side's next level stands at the first place only; behind it there is nothing
            result = _compare_end(ours[place], right if place == shared else [], depth)
            if result:
                return result
        for place in range(shared, len(theirs)):
            result = -_compare_end(theirs[place], left if place == shared else [], depth)
            if result:
                return result
        depth += 1
        if depth >= len(left) or depth >= len(right):
            return _levels_against_nothing(left, depth) - _levels_against_nothing(right, depth)


@total_ordering
class MavenKey:
    """A parsed version; compares with its like as ComparableVersion does."""

    __slots__ = ("levels",)

    def __init__(self, levels: list[Level]) -> None:
        self.levels = levels

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MavenKey):
            return NotImplemented
        return _compare(self.levels, other.levels) == 0

    def __lt__(self, other: MavenKey) -> bool:
        return _compare(self.levels, other.levels) < 0

    def __hash__(self) -> int:
        raise TypeError("versions that are equal need not look alike: compare keys, do not hash them")


def key(text: str) -> Key:
    """A MavenKey; raises InvalidVersion for blanks and for a property (`${...}`) that nobody resolved."""
    text = checked("maven", text)
    if "${" in text or any(sign.isspace() or sign in "[](),:" for sign in text):
        raise InvalidVersion("maven", text)
    return MavenKey(_levels(text))


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether the range takes `version`: `[1.0,2.0)`, several of them. A bare version is a wish and takes any."""
    parsed = key(version)
    text = checked_range("maven", text)
    if text[:1] not in ("[", "("):
        try:
            key(text)
        except InvalidVersion:
            raise InvalidRange("maven", text) from None
        return True
    bounds = interval.bounded("maven", text, key)
    for earlier, later in pairwise(bounds):
        if earlier.upper is not None and (later.lower is None or later.lower < earlier.upper):
            raise InvalidRange("maven", text, "intervals that overlap")
    return any(bound.holds(parsed) for bound in bounds)
