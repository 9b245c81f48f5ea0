"""The gate: which exit code a report ends with, and why (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Iterable

from batten.model.report import Finding, FrameworkResult, TargetReport
from batten.model.verdict import Severity
from batten.model.vulnerability import Vulnerability

NEVER = "none"
FAIL_ON = ("critical", "high", "medium", "low", "info", NEVER)
DECISIONS = ("track", "track*", "attend", "act")
OF_VULNERABILITIES = ("kev", *(f"priority>={word}" for word in DECISIONS))
"""Gates that look at vulnerabilities alone: known to be exploited, or a decision of SSVC."""


def is_gate(text: str) -> bool:
    """Whether `text` is a value of `--fail-on`: of FAIL_ON, of OF_VULNERABILITIES, or `priority>=70`."""
    if text in FAIL_ON or text in OF_VULNERABILITIES:
        return True
    score = text.removeprefix("priority>=")
    return score != text and score.isdecimal() and int(score) <= 100


def stops(row: Vulnerability, fail_on: str) -> bool:
    """Whether an open row counts at this gate."""
    if fail_on == NEVER:
        return False
    if fail_on == "kev":
        return row.kev
    if fail_on.startswith("priority>="):
        wanted = fail_on.removeprefix("priority>=")
        if wanted.isdecimal():
            return row.priority >= int(wanted)
        return row.ssvc is not None and DECISIONS.index(row.ssvc) >= DECISIONS.index(wanted)
    word = row.severity.upper() if row.severity not in ("negligible", "unknown") else "INFO"
    return Severity[word] >= Severity[fail_on.upper()]


def gate(
    findings: Iterable[Finding],
    targets: Iterable[TargetReport],
    frameworks: list[FrameworkResult],
    fail_on: str,
    rows: Iterable[Vulnerability] = (),
) -> tuple[int, str]:
    """(exit code, reason in words): 1 something open counts, 3 something could not be read, else 0.

    With frameworks only what answers to one of them counts: an expired waiver is told there, too, but the
    verdict is the framework's alone. `rows`: vulnerabilities that are open; without frameworks they count as
    findings do.
    """
    failed = [
        (framework, control)
        for framework in frameworks
        for control in framework.controls
        if control.coverage == "full" and control.status == "failed"
    ]
    if failed:
        names = ", ".join(sorted({framework.name for framework, _ in failed}))
        return 1, f"{len(failed)} failed control{'s' if len(failed) != 1 else ''} of {names}"
    if not frameworks and any(stops(row, fail_on) for row in rows):
        return 1, _reason(fail_on)
    if fail_on in FAIL_ON and fail_on != NEVER:
        threshold = Severity[fail_on.upper()]
        wanted = {framework.name for framework in frameworks}
        counted = (one for one in findings if not frameworks or any(ref.framework in wanted for ref in one.controls))
        if any(one.status == "open" and Severity[one.severity.upper()] >= threshold for one in counted):
            return 1, f"findings at or above {fail_on}"
    if any(target.status != "complete" for target in targets):
        return 3, "a target could not be read whole"
    waived = sum(control.status == "waived" for framework in frameworks for control in framework.controls)
    accepted = f"; {waived} control{'s' if waived != 1 else ''} waived" if waived else ""
    kept = "nothing open at or above " + fail_on if fail_on != NEVER else "the gate is off (--fail-on none)"
    return 0, kept + accepted


def _reason(fail_on: str) -> str:
    if fail_on == "kev":
        return "vulnerabilities that are known to be exploited"
    return f"vulnerabilities at or above {fail_on.removeprefix('priority>=')}"
