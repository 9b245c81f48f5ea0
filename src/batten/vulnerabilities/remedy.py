"""To which version a package is to be moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batten.model.vulnerability import Vulnerability
from batten.versions import InvalidVersion, compare
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.lookups import DISTRIBUTED, Question
from batten.vulnerabilities.ranges import is_fix
from batten.vulnerabilities.said import judged

Heard = tuple[Question, tuple[AdvisoryRow, ...]]
_TRIED: Final = 400  # versions that are looked at


class Remedy(Struct, frozen=True):
    """The lowest version that mends what can be mended."""

    to: str
    gone: list[Vulnerability]
    note: str = ""
    """What to mind: a new major version, flaws that this version brings."""


def remedy(rows: Sequence[Vulnerability], heard: Sequence[Heard | None]) -> Remedy | None:
    """Of the rows of what is updated as one (the binary packages of a source, the copies of a library); None where
    no version mends anything.

    Every version that an advisory names as fixed is held against all advisories that speak of the package, since it
    may lie in another affected range: the lowest of those that leave the fewest flaws is taken, whether they are
    old ones or new ones. No version below the highest of the rows' fixes leaves none, so those are tried last.
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
    trial = _Trial(asked, rows)
    best, left = least, trial.left(least)
    for candidate in _candidates(least, asked, fixable):
        if not left:
            break
        then = trial.left(candidate)
        if len(then) < len(left) or (len(then) == len(left) and _compare(scheme, candidate, best) < 0):
            best, left = candidate, then
    names = set().union(*left)
    gone = [row for row in rows if not _names(row) & names]
    if not gone:
        return None
    old = set().union(*(_names(row) for row in rows))
    brought = sorted(min(flaw) for flaw in left if not flaw & old)
    notes = []
    if _line(best, scheme) != _line(asked[0].version, scheme):
        notes.append("a new major version")
    if brought:
        more = f" and {len(brought) - 1} more" if len(brought) > 1 else ""
        notes.append(f"has {brought[0]}{more} instead")
    return Remedy(best, gone, "; ".join(notes))


class _Trial:
    """What other versions of a package would have."""

    def __init__(self, asked: Heard, rows: Sequence[Vulnerability]) -> None:
        self._question, self._advisories = asked
        known = set().union(*self._said(self._question.version))
        self._others = [row for row in rows if not _names(row) & known]
        """What other scanners alone say."""

    def left(self, version: str) -> list[frozenset[str]]:
        """The flaws that the package would have at `version`, each by its identifiers."""
        scheme = self._question.scheme
        others = [row for row in self._others if not row.fixed or _compare(scheme, version, row.fixed) < 0]
        return [*self._said(version), *(frozenset(_names(row)) for row in others)]

    def _said(self, version: str) -> list[frozenset[str]]:
        there = judged(replace(self._question, version=version), self._advisories, {})
        return [frozenset(flaw.names) for flaw in there.flaws if flaw.is_open]


def _names(row: Vulnerability) -> set[str]:
    return {row.id, *row.aliases}


def _candidates(least: str, asked: Heard, rows: Sequence[Vulnerability]) -> list[str]:
    """Fixed versions that the advisories and the rows name: those above `least`, lowest first, then those below."""
    question, advisories = asked
    scheme = question.scheme
    said = {one.fixed for row in advisories if row.status == "affected" for one in row.ranges if is_fix(row, one)}
    found = _sorted([one for one in said.union(row.fixed for row in rows) if one != least], scheme)
    newer = [one for one in found if _compare(scheme, one, question.version) > 0]
    above = [one for one in newer if _compare(scheme, one, least) > 0]
    return [*above, *(one for one in newer if _compare(scheme, one, least) < 0)][:_TRIED]


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
