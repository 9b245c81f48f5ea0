"""Whose word decides, and what is said where sources differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from batten.model.vulnerability import Score, SeverityWord, Statement
from batten.vulnerabilities.db import AdvisoryRow, Details

Said = tuple[AdvisoryRow, Statement]

_OPEN: Final = ("affected", "will_not_fix", "under_investigation")
_BY_SCORE: Final = ("cve", "cna", "ghsa", "adp", "nvd")  # whose vector is taken first
_SCALE: Final[tuple[tuple[float, SeverityWord], ...]] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
)
_DISTRIBUTIONS: Final = ("deb", "rpm", "apk")


def chosen(said: Sequence[Said]) -> tuple[Statement, list[Said]]:
    """The deciding statement and all of them, it first.

    A source that also lists what is not mended knows best of its own packages: its silence would have meant
    something. Among equals the one that holds the package for affected decides, the flaw is shown rather than
    hidden; of several fixes of such the highest is named, since only that one mends it by everybody's word.
    """
    best = [one for one in said if one[0].comprehensive] or list(said)
    open_ones = [one for one in best if one[1].status in _OPEN]
    ordered = sorted(open_ones or best, key=lambda one: _OPEN.index(one[1].status) if one[1].status in _OPEN else 9)
    lead = ordered[0]
    if lead[1].status == "affected":
        lead = _highest_fix([one for one in ordered if one[1].status == "affected"])
    return lead[1], [lead, *(one for one in said if one is not lead)]


def _highest_fix(said: Sequence[Said]) -> Said:
    from functools import cmp_to_key

    from batten.versions import InvalidVersion, compare, scheme_of

    fixed = [one for one in said if one[1].fixed]
    if not fixed:
        return said[0]
    scheme = scheme_of("", fixed[0][0].ecosystem) or scheme_of(fixed[0][0].ecosystem.partition(":")[0]) or ""

    def order(left: Said, right: Said) -> int:
        try:
            return compare(scheme, left[1].fixed, right[1].fixed)
        except (InvalidVersion, ValueError):
            return 0

    return max(fixed, key=cmp_to_key(order))


def disagreement(said: Sequence[Said]) -> str:
    """In words, where sources differ in status or in the version that mends it; "" where they agree."""
    words: dict[str, list[str]] = {}
    for _, one in said:
        text = one.status.replace("_", " ")
        if one.status == "affected":
            text += f" before {one.fixed}" if one.fixed else ", no fix"
        elif one.status == "fixed" and one.fixed:
            text += f" in {one.fixed}"
        names = words.setdefault(text, [])
        if one.source not in names:
            names.append(one.source)
    if len(words) < 2:
        return ""
    return "sources differ: " + "; ".join(f"{', '.join(names)}: {text}" for text, names in words.items())


def severity_of(statements: Iterable[Statement], known: Sequence[Details] | None) -> tuple[SeverityWord, str]:
    """(word, whose): the distribution's own word, else the best CVSS score, else anybody's word."""
    said = [one for one in statements if one.severity != "unknown"]
    if said:
        return said[0].severity, said[0].source
    scores = [score for one in known or () for score in one.scores if score.version != "2.0"]
    scores = scores or [score for one in known or () for score in one.scores]
    if scores:
        best = min(scores, key=_rank)
        return word_of(best.score), f"{best.source} (CVSS {best.version})"
    words = [one for detail in known or () for one in detail.severities]
    for one in words:
        word = _WORDS.get(one.word.lower())
        if word is not None:
            return word, one.source
    return "unknown", ""


def _rank(score: Score) -> tuple[int, str]:
    return (_BY_SCORE.index(score.source) if score.source in _BY_SCORE else len(_BY_SCORE), score.source)


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
