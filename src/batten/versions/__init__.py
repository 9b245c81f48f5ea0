"""Versions compared exactly, one module per scheme.

    compare("dpkg", "1.0~rc1-1", "1.0-1")                                  -1
    satisfies("semver", "1.9.0", "^1.2 || ~3.1")                           True
    in_range("pep440", "2.31.0", introduced="2.3.0", fixed="2.31.1")       True
    within("gem", "1.2.3", ">= 1.2, < 1.4 || >= 2.0, < 2.1")               True
    scheme_of("deb"), scheme_of("", "Debian:12")                           "dpkg", "dpkg"

A text that is no version of its scheme raises InvalidVersion, never compares somehow.
"""

from __future__ import annotations

import importlib
import re
from functools import cache, lru_cache
from typing import Any, Final

from batten.limits import VERSION_CACHE, VERSION_CACHED_CHARACTERS
from batten.versions.ecosystems import scheme_of
from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked_range

__all__ = [
    "SCHEMES",
    "InvalidRange",
    "InvalidVersion",
    "Key",
    "compare",
    "in_range",
    "satisfies",
    "scheme_of",
    "sort_key",
    "within",
]

SCHEMES: Final = ("dpkg", "rpm", "apk", "pep440", "semver", "golang", "maven", "gem", "nuget", "packagist")

_COMPARISON = re.compile(r"\s*+(<<|>>|<=|>=|==|!=|<|>|=)?\s*+([^\s,<>=!|]++)\s*+,?").match


@cache
def _module(scheme: str) -> Any:
    if scheme not in SCHEMES:
        raise ValueError(f"unknown version scheme {scheme!r}; known: {', '.join(SCHEMES)}")
    return importlib.import_module(f"batten.versions.{scheme}")


@lru_cache(maxsize=VERSION_CACHE)
def _cached(scheme: str, text: str) -> Key:
    return _module(scheme).key(text)


def sort_key(scheme: str, text: str) -> Key:
    """A key that compares with the keys of the same scheme; opaque. Raises InvalidVersion."""
    if len(text) > VERSION_CACHED_CHARACTERS:
        return _module(scheme).key(text)
    return _cached(scheme, text)


def compare(scheme: str, left: str, right: str) -> int:
    """-1 when `left` is the older version, 0 when they are the same, 1 when it is the newer. Raises InvalidVersion."""
    one, other = sort_key(scheme, left), sort_key(scheme, right)
    if one == other:
        return 0
    return 1 if one > other else -1


def _compare_bound(scheme: str, version: str, bound: str) -> int:
    """As compare, but a bound that leaves something open (an rpm without its release) speaks of all of it."""
    module = _module(scheme)
    if hasattr(module, "compare_bound"):
        return int(module.compare_bound(version, bound))
    return compare(scheme, version, bound)


def in_range(scheme: str, version: str, *, introduced: str = "", fixed: str = "", last_affected: str = "") -> bool:
    """Whether `version` lies in one range of an advisory: from `introduced` on, before `fixed`, up to `last_affected`.

    "" leaves a side open, and so does "0" as `introduced` (OSV: before every version). Raises InvalidVersion, for the
    version too when both sides are open: an unparsable version is for the caller to report.
    """
    sort_key(scheme, version)
    if introduced not in ("", "0") and _compare_bound(scheme, version, introduced) < 0:
        return False
    if fixed and _compare_bound(scheme, version, fixed) >= 0:
        return False
    return not (last_affected and _compare_bound(scheme, version, last_affected) > 0)


def within(scheme: str, version: str, text: str) -> bool:
    """Whether `version` satisfies comparisons as advisories write them (GHSA, gemnasium, FriendsOfPHP).

    Blanks or commas join what must all hold, `||` separates alternatives; a version without an operator means
    itself; `*` is any version. A pre-release counts as any other version. Raises InvalidVersion and InvalidRange.
    """
    sort_key(scheme, version)
    text = checked_range(scheme, text)
    # every option is read, whatever the others say: a range that is half right is none
    options = [_all_hold(scheme, version, text, option) for option in text.split("||")]
    return any(options)


def _all_hold(scheme: str, version: str, text: str, option: str) -> bool:
    option = option.strip()
    if option == "*":
        return True
    place = 0
    holds = True
    while place < len(option):
        found = _COMPARISON(option, place)
        if found is None:
            break
        try:
            result = _compare_bound(scheme, version, found[2])
        except InvalidVersion as error:
            raise InvalidRange(scheme, text, str(error)) from None
        holds = _holds(found[1] or "=", result) and holds
        place = found.end()
    if place < len(option) or not option:
        raise InvalidRange(scheme, text)
    return holds


def _holds(operator: str, result: int) -> bool:
    match operator:
        case "<" | "<<":
            return result < 0
        case "<=":
            return result <= 0
        case ">" | ">>":
            return result > 0
        case ">=":
            return result >= 0
        case "!=":
            return result != 0
        case _:
            return result == 0


def satisfies(scheme: str, version: str, text: str, *, prereleases: bool = False) -> bool:
    """Whether `version` satisfies a range in the notation of the scheme's own package manager.

    `prereleases` lifts the rule by which npm and pip leave pre-releases out; what asks whether a version is
    affected lifts it. Raises InvalidVersion and InvalidRange. dpkg, rpm and apk have no ranges but comparisons.
    """
    module = _module(scheme)
    if not hasattr(module, "contains"):
        return within(scheme, version, text)
    return bool(module.contains(version, text, prereleases))
