"""What came and what went between two reports, by fingerprint."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct, field

from batten.engine.gate import NEVER
from batten.model.report import Finding, Report
from batten.model.verdict import Severity


class Difference(Struct, frozen=True, kw_only=True):
    """`added`: open now and not before; `removed`: the other way round; `kept`: open in both."""

    schema: str = "batten.difference/v0"
    before: str
    after: str
    added: list[Finding]
    uncovered: list[Finding] = field(default_factory=list)
    """Open now because a graver finding went that had stood over it (see `Finding.masked_by`): the resource
    is no worse than before, so that it does not count as new."""
    removed: list[Finding]
    kept: int
    partial: list[str] = field(default_factory=list)
    """Targets that could not be read whole: what seems to have come or gone may only have been unread."""


def compare(before: Report, after: Report) -> Difference:
    """The difference, each list in the order of its report."""
    was = {one.fingerprint for one in before.findings if one.status == "open"}
    now = {one.fingerprint for one in after.findings if one.status == "open"}
    told_before = {one.fingerprint for one in before.findings}
    told_now = {one.fingerprint for one in after.findings}
    added: list[Finding] = []
    under: list[Finding] = []
    for one in after.findings:
        if one.status == "open" and one.fingerprint not in was:
            (under if uncovered(one, told_before, told_now) else added).append(one)
    return Difference(
        before=_name(before),
        after=_name(after),
        added=added,
        uncovered=under,
        removed=[one for one in before.findings if one.status == "open" and one.fingerprint not in now],
        kept=len(was & now),
        partial=[target.ref for report in (before, after) for target in report.targets if target.status != "complete"],
    )


def uncovered(finding: Finding, before: Collection[str], now: Collection[str]) -> bool:
    """Was the finding not told before because a graver one, that is gone now, said it all?

    `before` and `now` are the fingerprints told then and now, whatever their status.
    """
    return finding.fingerprint not in before and any(one in before and one not in now for one in finding.masked_by)


def exit_code(difference: Difference, fail_on: str) -> int:
    """1 something at or above `fail_on` came, 3 a side could not be read whole, else 0."""
    if fail_on != NEVER:
        threshold = Severity[fail_on.upper()]
        if any(Severity[one.severity.upper()] >= threshold for one in difference.added):
            return 1
    return 3 if difference.partial else 0


def _name(report: Report) -> str:
    return ", ".join(target.ref for target in report.targets)
