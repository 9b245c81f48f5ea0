"""To which version a package is to be moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

from msgspec import Struct

from batten.model.vulnerability import Vulnerability
from batten.versions import InvalidVersion, compare
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.lookups import DISTRIBUTED, Question
from batten.vulnerabilities.said import judged

Heard = tuple[Question, tuple[AdvisoryRow, ...]]
_TRIED: Final = 24  # versions above the first choice that are looked at


class Remedy(Struct, frozen=True):
    """The lowest version that mends what can be mended."""

    to: str
    gone: list[Vulnerability]
    note: str = ""
    """What to mind: a new major version, flaws that this version brings."""


def remedy(rows: Sequence[Vulnerability], heard: Sequence[Heard | None]) -> Remedy | None:
    """Of the rows of what is updated as one (the binary packages of a source, the copies of a library); None where
    no version mends anything.

    No version below the highest of the rows' fixes mends all: each row's fix ends the very range that the installed
    version lies in. That version is held against every advisory that speaks of the package, since it may lie in
    another affected range; then the next fix above it is tried.
    """
    fixable = [row for row in rows if row.fixed]
    if not fixable:
        return None
    asked = next((one for one in heard if one is not None), None)
    scheme = asked[0].scheme if asked is not None else ""
    least = _highest([row.fixed for row in fixable], scheme)
    if asked is None or asked[0].package.type in DISTRIBUTED:
        # every fix of a distribution has all patches before it
        return Remedy(least, fixable)
    question, advisories = asked
    best, left = least, _open_at(question, advisories, least)
    for candidate in _above(least, advisories, scheme):
        if not any(_names(row) & left for row in fixable):
            break
        then = _open_at(question, advisories, candidate)
        if sum(bool(_names(row) & then) for row in fixable) < sum(bool(_names(row) & left) for row in fixable):
            best, left = candidate, then
    gone = [row for row in rows if not _names(row) & left]
    if not gone:
        return None
    brought = left - set().union(*(_names(row) for row in rows))
    notes = []
    if _line(best, scheme) != _line(question.version, scheme):
        notes.append("a new major version")
    if brought:
        notes.append(f"has {min(brought)} instead")
    return Remedy(best, gone, "; ".join(notes))


def _names(row: Vulnerability) -> set[str]:
    return {row.id, *row.aliases}


def _open_at(question: Question, advisories: tuple[AdvisoryRow, ...], version: str) -> set[str]:
    """Identifiers of the flaws that the package would have at `version`."""
    from msgspec.structs import replace

    there = judged(replace(question, version=version), advisories, {})
    return {name for flaw in there.flaws if flaw.is_open for name in flaw.names}


def _above(version: str, advisories: tuple[AdvisoryRow, ...], scheme: str) -> list[str]:
    """Fixes above `version`, lowest first."""
    bounds = {one.fixed for row in advisories for one in row.ranges if one.fixed}
    return _sorted([bound for bound in bounds if _compare(scheme, bound, version) > 0], scheme)[:_TRIED]


def _highest(versions: Sequence[str], scheme: str) -> str:
    return _sorted(versions, scheme)[-1]


def _sorted(versions: Sequence[str], scheme: str) -> list[str]:
    def order(left: str, right: str) -> int:
        return _compare(scheme, left, right)

    return sorted(sorted(versions), key=cmp_to_key(order))


def _compare(scheme: str, left: str, right: str) -> int:
    try:
        return compare(scheme, left, right) if scheme else 0
    except InvalidVersion:
        return 0


def _line(version: str, scheme: str) -> tuple[str, ...]:
    """What may change a program's interface: the first number; before 1.0 the second as well, but for Go's modules,
    of which many never come to 1."""
    parts = version.lstrip("v").split(".")
    return tuple(parts[:2]) if parts[0] == "0" and scheme != "golang" else tuple(parts[:1])
