"""Whose word decides, and what is said where sources differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key, lru_cache
from typing import Final

from msgspec import Struct

from batten.model.vulnerability import Score, SeverityWord, Statement
from batten.versions import InvalidVersion, compare
from batten.vulnerabilities.db import AdvisoryRow, Details

OPEN: Final = ("affected", "will_not_fix", "under_investigation")
_BY_SCORE: Final = ("cve", "cna", "ghsa", "adp", "nvd")  # whose vector is taken first
_SCALE: Final[tuple[tuple[float, SeverityWord], ...]] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
)


class Said(Struct, frozen=True):
    """One source's word on one flaw of one package."""

    row: AdvisoryRow
    statement: Statement
    unreadable: bool = False
    """Bounds of the row are no versions of the scheme, so that they were passed over."""


def chosen(said: Sequence[Said], scheme: str, *, distributed: bool) -> tuple[Said, list[Said]]:
    """The deciding statement and all of them, it first.

    A source that also lists what is not mended knows best of its own packages: its silence would have meant
    something. Among equals the one that holds the package for affected decides: the flaw is shown rather than
    hidden. Of several fixes, a distribution's lowest is named (each is a build of its own that has the patch);
    elsewhere the highest, since only that one mends the flaw by everybody's word.
    """
    if len(said) == 1:
        return said[0], list(said)
    best = [one for one in said if one.row.comprehensive] or list(said)
    lead = min(best, key=_openness)
    if lead.statement.status == "affected":
        fixed = [one for one in best if one.statement.status == "affected" and one.statement.fixed]
        if fixed:
            lead = _outermost(fixed, scheme, lowest=distributed)
    return lead, [lead, *(one for one in said if one is not lead)]


def _openness(one: Said) -> int:
    status = one.statement.status
    return OPEN.index(status) if status in OPEN else len(OPEN)


def _outermost(fixed: Sequence[Said], scheme: str, *, lowest: bool) -> Said:
    def order(left: Said, right: Said) -> int:
        try:
            return compare(scheme, left.statement.fixed, right.statement.fixed)
        except InvalidVersion:
            return 0

    return (min if lowest else max)(fixed, key=cmp_to_key(order))


def disagreement(said: Sequence[Said]) -> str:
    """In words, where sources differ in status or in the version that mends it; "" where they agree."""
    return differences([one.statement for one in said])


def differences(statements: Sequence[Statement]) -> str:
    """The same of statements, whoever makes them."""
    if len(statements) < 2:
        return ""
    words: dict[str, dict[str, None]] = {}
    for one in statements:
        words.setdefault(_words(one), {}).setdefault(one.source)
    if len(words) < 2:
        return ""
    return "sources differ: " + "; ".join(f"{', '.join(names)}: {text}" for text, names in words.items())


def _words(one: Statement) -> str:
    text = one.status.replace("_", " ")
    if one.status == "affected":
        return f"{text} before {one.fixed}" if one.fixed else f"{text}, no fix"
    return f"{text} in {one.fixed}" if one.status == "fixed" and one.fixed else text


def severity_of(statements: Iterable[Statement], known: Sequence[Details]) -> tuple[SeverityWord, str]:
    """(word, whose): the distribution's own word, else the best CVSS score, else anybody's word.

    `statements` are those whose word goes before every score: a distribution's, with the deciding one first.
    """
    for said in statements:
        if said.severity != "unknown":
            return said.severity, said.source
    best = best_score(tuple(score for one in known for score in one.scores))
    if best is not None:
        return word_of(best.score), f"{best.source} (CVSS {best.version})"
    for detail in known:
        for word in detail.severities:
            if (found := _WORDS.get(word.word.lower())) is not None:
                return found, word.source
    return "unknown", ""


@lru_cache(maxsize=4096)
def best_score(scores: tuple[Score, ...]) -> Score | None:
    """The one that is shown: of whom is asked first, the newest version of CVSS; v2 only where there is no other."""
    return min(scores, key=_rank, default=None)


def _rank(score: Score) -> tuple[bool, int, float, str]:
    place = _BY_SCORE.index(score.source) if score.source in _BY_SCORE else len(_BY_SCORE)
    return (score.version == "2.0", place, -float(score.version), score.source)


def word_of(score: float) -> SeverityWord:
    """CVSS v3.1 section 5: the qualitative scale; 0 is `negligible`."""
    return next((word for least, word in _SCALE if score >= least), "negligible")


_WORDS: Final[dict[str, SeverityWord]] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "moderate": "medium",
    "medium": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "negligible",
    "unimportant": "negligible",
}
