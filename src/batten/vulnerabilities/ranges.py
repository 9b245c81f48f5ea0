"""What an advisory's row says of one version (OSV schema, "Evaluation"; the sources' own semantics in the rows)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from batten.versions import InvalidVersion, compare, in_range, sort_key
from batten.vulnerabilities.db.rows import AdvisoryRow, Interval

_NEVER: Final = re.compile(r"(?:^|\.)(?:9{3,}|9\.9)$")

Verdict = Literal["affected", "fixed", "not_affected", "will_not_fix", "under_investigation"]


class Standing(Struct, frozen=True):
    """How one version stands to one row."""

    status: Verdict
    fixed: str = ""
    """Affected: the first version without the flaw; fixed: the version that mended it."""
    unreadable: tuple[str, ...] = ()
    """Bounds of the row that are no versions: those ranges were passed over."""


def is_fix(row: AdvisoryRow, interval: Interval) -> bool:
    """Whether the end of an interval is a version that mends the flaw. RetireJS writes the end of a line of releases
    that was never mended as a version that will not come: `1.9.9`, `1.999`, `2.999.999`."""
    return bool(interval.fixed) and not (row.source == "retirejs" and _NEVER.search(interval.fixed))


def standing(scheme: str, version: str, row: AdvisoryRow) -> Standing | None:
    """What `row` says of `version`; None where it speaks of no version that can be told.

    Raises `batten.versions.InvalidVersion` where `version` itself is none of the scheme.
    """
    if not row.ranges and not row.versions:
        return None
    inside = version in row.versions
    try:
        sort_key(scheme, version)
    except InvalidVersion:
        if not inside:
            raise
        return Standing(row.status)  # listed letter by letter: that needs no order
    unreadable: list[str] = []
    fix = ""
    for interval in row.ranges:
        try:
            held = in_range(
                scheme,
                version,
                introduced=interval.introduced,
                fixed=interval.fixed,
                last_affected=interval.last_affected,
            )
        except InvalidVersion as error:
            unreadable.append(error.text)
            continue
        if held:
            inside, fix = True, interval.fixed if is_fix(row, interval) else ""
            break
    if not inside and not row.ranges:
        inside = _listed_otherwise(scheme, version, row.versions)
    if not inside:
        if row.source == "nodejs-security-wg" and row.ecosystem == "bitnami" and not _in_line(version, row):
            return None  # of Node.js it looks at the lines of releases that are supported, at no others
        return _outside(scheme, version, row, tuple(unreadable))
    if row.status != "affected":
        return Standing(row.status, "", tuple(unreadable))
    return Standing("affected", fix or _next_fix(scheme, version, row), tuple(unreadable))


def _in_line(version: str, row: AdvisoryRow) -> bool:
    """Whether the row names the fix of the line of releases that `version` is of, by its first number."""
    line = version.partition(".")[0]
    return any(interval.fixed.partition(".")[0] == line for interval in row.ranges)


@lru_cache(maxsize=1024)
def _keys(scheme: str, versions: tuple[str, ...]) -> frozenset[object]:
    found = set()
    for text in versions:
        try:
            found.add(sort_key(scheme, text))
        except InvalidVersion:
            continue
    return frozenset(found)


def _listed_otherwise(scheme: str, version: str, versions: tuple[str, ...]) -> bool:
    """`1.0` is meant where `1.0.0` is listed, in schemes that hold them for the same."""
    try:
        return sort_key(scheme, version) in _keys(scheme, versions)
    except TypeError:  # keys that cannot be hashed
        return any(_same(scheme, version, text) for text in versions)


def _same(scheme: str, version: str, text: str) -> bool:
    try:
        return compare(scheme, version, text) == 0
    except InvalidVersion:
        return False


def _outside(scheme: str, version: str, row: AdvisoryRow, unreadable: tuple[str, ...]) -> Standing | None:
    """Mended, where a fix lies at or below the version; else never affected. Says nothing where bounds were
    unreadable, or where the row speaks of other than affected versions."""
    if unreadable and len(unreadable) == len(row.ranges):
        return Standing("under_investigation", "", unreadable)
    if row.status != "affected":
        return None
    mended = ""
    for interval in row.ranges:
        bound = interval.fixed if is_fix(row, interval) else ""
        if bound and _not_above(scheme, bound, version) and (not mended or _not_above(scheme, mended, bound)):
            mended = bound
    return Standing("fixed", mended, unreadable) if mended else Standing("not_affected", "", unreadable)


def _next_fix(scheme: str, version: str, row: AdvisoryRow) -> str:
    """The lowest fix above a version that is affected by being listed."""
    best = ""
    for interval in row.ranges:
        bound = interval.fixed if is_fix(row, interval) else ""
        if bound and not _not_above(scheme, bound, version) and (not best or _not_above(scheme, bound, best)):
            best = bound
    return best


def _not_above(scheme: str, left: str, right: str) -> bool:
    try:
        return compare(scheme, left, right) <= 0
    except InvalidVersion:
        return False
