"""GitLab Code Quality: the Code Climate subset that the merge request widget reads.

Waived findings and those of the baseline are left out: the widget would show them as new.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from batten.model.report import Finding, Report
from batten.report import Format, Options
from batten.report.encodable import json_bytes
from batten.report.flaws import with_flaws
from batten.report.order import in_order
from batten.report.text import one_line, printable
from batten.report.words import resource_text

_SEVERITIES: Final = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


def render(report: Report, options: Options) -> bytes:
    """A JSON array of issues."""
    import msgspec

    report = with_flaws(report)
    repeats: dict[str, int] = {}
    issues = [_issue(finding, repeats) for finding in in_order(report) if finding.status == "open"]
    return msgspec.json.format(json_bytes(issues), indent=1) + b"\n"


def _issue(finding: Finding, repeats: dict[str, int]) -> dict[str, Any]:
    repeat = repeats[finding.fingerprint] = repeats.get(finding.fingerprint, -1) + 1
    path = finding.location.path
    description = f"{one_line(finding.title)}: {one_line(finding.message)}" if finding.message else finding.title
    if finding.resource is not None:
        description += f" ({resource_text(finding.resource)})"
    return {
        "description": description,
        "check_name": printable(finding.check),
        "fingerprint": _unique(finding.fingerprint, repeat),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": path.removeprefix("./"), "lines": {"begin": max(1, finding.location.line)}},
    }


def _unique(fingerprint: str, repeat: int) -> str:
    """GitLab drops issues whose fingerprint it has seen in the file."""
    if not repeat:
        return fingerprint
    return hashlib.sha256(f"{fingerprint}\x1f{repeat}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


RENDERER = Format("gitlab", "GitLab Code Quality, for the merge request widget", ".json", render, True)
