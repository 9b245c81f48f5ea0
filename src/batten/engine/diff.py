"""What came and what went between two reports, by fingerprint."""

from __future__ import annotations

from msgspec import Struct

from batten.model.report import Finding, Report


class Difference(Struct, frozen=True, kw_only=True):
    """`added`: open now and not before; `removed`: the other way round; `kept`: open in both."""

    schema: str = "batten.difference/v0"
    before: str
    after: str
    added: list[Finding]
    removed: list[Finding]
    kept: int


def compare(before: Report, after: Report) -> Difference:
    """The difference, each list in the order of its report."""
    was = {one.fingerprint for one in before.findings if one.status == "open"}
    now = {one.fingerprint for one in after.findings if one.status == "open"}
    return Difference(
        before=_name(before),
        after=_name(after),
        added=[one for one in after.findings if one.status == "open" and one.fingerprint not in was],
        removed=[one for one in before.findings if one.status == "open" and one.fingerprint not in now],
        kept=len(was & now),
    )


def _name(report: Report) -> str:
    return ", ".join(target.ref for target in report.targets)
