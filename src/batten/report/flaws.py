"""Vulnerabilities in the words of the formats that know findings alone (SARIF, JUnit, GitLab, CSV)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from batten.model.report import Finding, Report, SeverityWord, WaiverNote
from batten.model.source import Location
from batten.model.vulnerability import Vulnerability
from batten.model.workload import Resource

_STRATEGY: Final = 6
_SEVERITIES: Final[dict[str, SeverityWord]] = {
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "negligible": "info",
    "unknown": "info",
}
_REASONS: Final = 4  # factors of a priority that a message names


def with_flaws(report: Report) -> Report:
    """The report with each open or waived vulnerability as one more finding."""
    rows = [row for row in report.vulnerabilities if row.status in ("affected", "waived")]
    return replace(report, findings=[*report.findings, *map(_finding, rows)]) if rows else report


def severity(row: Vulnerability) -> SeverityWord:
    """The word on the scale of findings."""
    return _SEVERITIES[row.severity]


def what_to_do(row: Vulnerability) -> str:
    """`update openssl to 3.0.17-1`, or why nothing can be updated."""
    if row.remediation:
        return row.remediation
    if row.fixed:
        return f"update {row.name} to {row.fixed}"
    return "there is no update yet"


def why(row: Vulnerability) -> str:
    """The reasons of its priority, most telling first."""
    return "; ".join(reason.text for reason in row.reasons[:_REASONS])


def _finding(row: Vulnerability) -> Finding:
    message = f"{row.name} {row.installed} is affected by {row.id}"
    if row.summary:
        message += f": {row.summary}"
    more = [f"priority {row.priority:.0f}", *([f"SSVC: {row.ssvc}"] if row.ssvc else []), why(row)]
    waiver = row.waiver
    return Finding(
        check=row.id,
        strategy=_STRATEGY,
        title=f"{row.id} in {row.name} {row.installed}",
        severity=severity(row),
        confidence=row.confidence,
        status="waived" if row.status == "waived" else "open",
        target=row.target,
        resource=Resource("image", "Package", row.name),
        message=f"{message} ({'; '.join(part for part in more if part)})",
        remediation=what_to_do(row),
        location=row.location or _place(row),
        no_fix="" if row.fixed else "there is no update yet",
        fingerprint=row.fingerprint,
        waiver=WaiverNote(waiver.reason, waiver.owner, waiver.expires, waiver.where) if waiver is not None else None,
    )


def _place(row: Vulnerability) -> Location:
    """What is in an image has no line of text: the file of its metadata, inside the image."""
    target = row.target.partition(":")[2] or row.target
    return Location(f"{target}!{row.paths[0]}" if row.paths else target, 1)
