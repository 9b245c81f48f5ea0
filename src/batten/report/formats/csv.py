"""CSV (RFC 4180): one row a finding, waived ones too, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Final

from batten.model.report import Finding, Report
from batten.report import Format, Options
from batten.report.flaws import with_flaws
from batten.report.order import in_order
from batten.report.text import printable_lines
from batten.report.words import waiver_text

COLUMNS: Final = (
    "severity",
    "check",
    "title",
    "message",
    "status",
    "confidence",
    "strategy",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "pointer",
    "platform",
    "kind",
    "namespace",
    "name",
    "container",
    "exposure",
    "raised",
    "remediation",
    "fix",
    "fix_summary",
    "no_fix",
    "controls",
    "group",
    "persona",
    "waiver",
    "target",
    "fingerprint",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def render(report: Report, options: Options) -> str:
    """A header and one record a finding, ended by CRLF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(finding) for finding in in_order(with_flaws(report)))
    return stream.getvalue()


def _row(finding: Finding) -> list[str | int]:
    location, resource, fix = finding.location, finding.resource, finding.fix
    named = ["", "", "", "", ""]
    if resource is not None:
        named = [resource.platform, resource.kind, resource.namespace, resource.name, resource.container]
    texts: list[str | int] = [
        finding.severity,
        finding.check,
        finding.title,
        finding.message,
        finding.status,
        finding.confidence,
        finding.strategy,
        location.path,
        location.line,
        location.column,
        location.end_line,
        location.end_column,
        location.pointer,
        *named,
        finding.exposure,
        finding.raised,
        finding.remediation,
        fix.kind if fix is not None else "",
        fix.summary if fix is not None else "",
        finding.no_fix,
        "; ".join(f"{control.framework} {control.id}" for control in finding.controls),
        finding.group,
        finding.persona,
        waiver_text(finding),
        finding.target,
        finding.fingerprint,
    ]
    return [text if isinstance(text, int) else _harmless(text) for text in texts]


def _harmless(text: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection)."""
    text = printable_lines(text)
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text


RENDERER = Format("csv", "one row a finding, for spreadsheets", ".csv", render)
