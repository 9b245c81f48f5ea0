"""Findings, fixes and problems as an agent reads them: what is needed to act, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import msgspec

from batten.engine.fix import Proposal
from batten.integrations.roots import Roots
from batten.limits import MCP_TEXT
from batten.model.report import Finding, Report
from batten.report.text import one_line
from batten.report.words import problems, resource_text

_SENTENCE: Final = 600  # characters of a message; those of checks are shorter, what they quote may not be
_PROBLEMS: Final = 20


def clipped(text: str, length: int = MCP_TEXT) -> str:
    """At most so many characters, at the end of a line where there is one, with a word that it was cut."""
    if len(text) <= length:
        return text
    end = text.rfind("\n", 0, length)
    end = end if end > 0 else length
    return f"{text[:end]}\n[cut here: {len(text) - end:,} more characters]"


def bounded(rows: Iterable[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The first of the rows, as many as an answer takes: a model reads every one of them."""
    found: list[dict[str, Any]] = []
    size = 0
    for row in islice(rows, limit):
        size += len(msgspec.json.encode(row))
        if size > MCP_TEXT:
            break
        found.append(row)
    return found


def _sentence(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _SENTENCE else line[: _SENTENCE - 1] + "…"


def finding_row(finding: Finding, roots: Roots) -> dict[str, Any]:
    """A finding as data."""
    place = finding.location
    row: dict[str, Any] = {
        "check": finding.check,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "path": roots.shown(place.path),
        "line": place.line,
        "column": place.column,
        "end_line": max(place.end_line, place.line),
        "end_column": place.end_column or place.column,
        "resource": resource_text(finding.resource) if finding.resource is not None else "",
        "message": _sentence(finding.message),
        "remediation": _sentence(finding.remediation),
        "fix": {"kind": finding.fix.kind, "summary": _sentence(finding.fix.summary)}
        if finding.fix is not None
        else None,
        "fingerprint": finding.fingerprint,
    }
    if finding.fix is None:
        row["no_fix"] = _sentence(finding.no_fix)
    return row


def finding_text(row: dict[str, Any]) -> str:
    """The same for reading."""
    head = f"{row['path']}:{row['line']}:{row['column']} {row['severity']} {row['check']} {row['message']}"
    parts = [head + (f" [{row['resource']}]" if row["resource"] else "")]
    if row["fix"] is not None:
        parts.append(f"  fix ({row['fix']['kind']}): {row['fix']['summary']}")
    elif row["remediation"]:
        parts.append(f"  to mend it by hand: {row['remediation']}")
    return "\n".join(parts)


def fix_row(proposal: Proposal, roots: Roots) -> dict[str, Any]:
    """What became of the fix of a finding."""
    finding = proposal.finding
    row: dict[str, Any] = {
        "check": finding.check,
        "path": roots.shown(finding.location.path),
        "line": finding.location.line,
        "message": _sentence(finding.message),
        "fix": {"kind": finding.fix.kind, "summary": _sentence(finding.fix.summary)}
        if finding.fix is not None
        else None,
    }
    if not proposal.applied:
        row["reason"] = _reason(proposal)
    elif proposal.lowers:
        row["lowers"] = True
    if proposal.uncovers:
        row["uncovers"] = [_sentence(one) for one in sorted(proposal.uncovers.values())]
    return row


def fix_text(proposal: Proposal, roots: Roots) -> str:
    """Why a finding was left as it is."""
    finding = proposal.finding
    place = f"{roots.shown(finding.location.path)}:{finding.location.line}"
    return f"left: {place} {finding.check} {_sentence(finding.message)}: {_reason(proposal)}"


def problem_rows(report: Report, roots: Roots) -> tuple[list[dict[str, Any]], int]:
    """What could not be read, the first of it, and how much there is."""
    severe = [problem for _, problem in problems(report) if problem.severe]
    rows = [
        {"path": roots.shown(one.path), "line": one.line or 1, "message": _sentence(one.message)}
        for one in severe[:_PROBLEMS]
    ]
    return rows, len(severe)


def _reason(proposal: Proposal) -> str:
    """Why a fix is left, in the words of a call."""
    return _sentence(proposal.reason.replace("review it, then use --unsafe", "ask for it with `review`"))
