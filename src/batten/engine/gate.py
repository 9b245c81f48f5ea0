"""The gate: which exit code a report ends with, and why (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Iterable

from batten.model.report import Finding, FrameworkResult, TargetReport
from batten.model.verdict import Severity

NEVER = "none"
FAIL_ON = ("critical", "high", "medium", "low", "info", NEVER)


def gate(
    findings: Iterable[Finding], targets: Iterable[TargetReport], frameworks: list[FrameworkResult], fail_on: str
) -> tuple[int, str]:
    """(exit code, reason in words): 1 something open counts, 3 something could not be read, else 0.

    With frameworks only what answers to one of them counts: an expired waiver is told there, too, but the
    verdict is the framework's alone.
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
    if fail_on != NEVER:
        threshold = Severity[fail_on.upper()]
        wanted = {framework.name for framework in frameworks}
        counted = (one for one in findings if not frameworks or any(ref.framework in wanted for ref in one.controls))
        if any(one.status == "open" and Severity[one.severity.upper()] >= threshold for one in counted):
            return 1, f"findings at or above {fail_on}"
    if any(target.status != "complete" for target in targets):
        return 3, "a target could not be read whole"
    return 0, "nothing open at or above " + fail_on if fail_on != NEVER else "the gate is off (--fail-on none)"
