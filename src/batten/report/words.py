"""Facts of a report in words: the same sentences in every format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batten.model.report import Count, Finding, FrameworkResult, Report, StrategyScore
from batten.model.source import Problem
from batten.model.workload import Resource
from batten.report.groups import Entry
from batten.report.order import SEVERITIES
from batten.report.text import plural, printable, shell_argument
from batten.sources.names import native

_NOT_ON_DISK = ("archive", "stdin")
_SEVERAL_CONTAINERS = ("kubernetes", "ecs")
"""Platforms whose workloads are more than one container: there one of the workload's own name is named too."""


def resource_text(resource: Resource) -> str:
    """`Deployment shop/web, container app`."""
    name = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
    text = f"{resource.kind} {name}".strip()
    if resource.container and (resource.container != resource.name or resource.platform in _SEVERAL_CONTAINERS):
        text += f", container {resource.container}"
    return printable(text)


def target_text(target: str) -> str:
    """The packages of a folder, `directory:shop//api`, as `shop/api`; images and the like by their kind."""
    kind, _, name = target.partition(":")
    return printable(name.replace("//", "/").removeprefix("./") if kind == "directory" and name else target)


def severity_counts(count: Count) -> list[tuple[str, int]]:
    """Open findings by severity, the severities that occur, most urgent first."""
    numbers = [(word, int(getattr(count, word))) for word in SEVERITIES]
    return [(word, number) for word, number in numbers if number]


def open_total(count: Count) -> int:
    return count.critical + count.high + count.medium + count.low + count.info


def counts_text(numbers: Sequence[int]) -> str:
    """`1 critical, 3 high` from counts by severity; "" where all are 0."""
    return ", ".join(f"{number:,} {word}" for word, number in zip(SEVERITIES, numbers, strict=True) if number)


def headline(count: Count) -> list[str]:
    """`14 open findings: 1 critical, 3 high`, `2 waived`, in parts."""
    total = open_total(count)
    by_severity = counts_text([getattr(count, word) for word in SEVERITIES])
    parts = [f"{plural(total, 'open finding')}: {by_severity}" if total else "no open findings"]
    if count.waived:
        parts.append(f"{count.waived:,} waived")
    if count.baseline:
        parts.append(f"{count.baseline:,} in the baseline")
    if count.hidden:
        parts.append(f"{count.hidden:,} hidden (other personas, low confidence)")
    return parts


def reading(report: Report) -> list[str]:
    """`3 paths could not be read`, `1 note`; empty where everything was read."""
    unread: dict[tuple[str, str], None] = {}
    notes = 0
    for target, problem in problems(report):
        if problem.severe:
            unread[target, problem.path] = None
        else:
            notes += 1
    parts = [f"{plural(len(unread), 'path')} could not be read"] if unread else []
    return [*parts, plural(notes, "note")] if notes else parts


def score_text(score: float | None) -> str:
    """A score of 0 to 100 without decimals, rounded down: 100 means that nothing failed."""
    return "not assessed" if score is None else str(int(clamp(score)))


def clamp(score: float) -> float:
    """Within 0 and 100, whatever a saved report says."""
    return min(100.0, max(0.0, score))


def strategy_text(strategy: StrategyScore) -> str:
    """`12 passed, 3 failed, 1 waived`, or `not assessed`."""
    if not strategy.assessed:
        return "not assessed"
    text = f"{strategy.passed:,} passed, {strategy.failed:,} failed"
    return text + (f", {strategy.waived:,} waived" if strategy.waived else "")


def framework_verdict(framework: FrameworkResult) -> str:
    """`passed` where every control that could be judged is kept; `failed`; `waived` where what fails was accepted, all
    of it by waivers; `not assessed` where nothing was there to be judged."""
    if framework.passed:
        return "passed"
    states = {one.status for one in framework.controls}
    if states & {"failed", "baseline"}:
        return "failed"
    return "waived" if "waived" in states else "not assessed"


def framework_text(framework: FrameworkResult) -> str:
    """`CIS Docker Benchmark 1.6: failed, 3 of 20 controls failed, 1 waived, 2 not assessed`."""
    number = dict.fromkeys(("failed", "waived", "baseline", "not-assessed", "manual"), 0)
    for control in framework.controls:
        if control.status in number:
            number[control.status] += 1
    text = f"{framework.title or framework.name} {framework.version}".strip()
    text += f": {framework_verdict(framework)}"
    text += f", {number['failed']} of {plural(len(framework.controls), 'control')} failed"
    others = (
        ("waived", "waived"),
        ("baseline", "in the baseline"),
        ("not-assessed", "not assessed"),
        ("manual", "to be looked at by hand"),
    )
    for status, words in others:
        text += f", {number[status]} {words}" if number[status] else ""
    return printable(text)


def problems(report: Report) -> list[tuple[str, Problem]]:
    """(target, problem) of every target, what made a scan partial first."""
    every = [(target.id, problem) for target in report.targets for problem in target.problems]
    return sorted(every, key=lambda one: (not one[1].severe, one[0], one[1].path, one[1].line or 0, one[1].message))


def is_told_with_packages(report: Report, problem: Problem) -> bool:
    """Whether `report.vulnerable` says it: that there are packages and no database, so no rows."""
    return report.vulnerability_count is None and problem.severe and problem.message.startswith("nothing was matched")


def line_place(finding: Finding) -> str:
    """`12:9`; `image` for what is said of an image as a whole: it has no lines."""
    resource, location = finding.resource, finding.location
    if resource is not None and resource.platform == "image":
        name, _, platform = resource.name.partition(" (")  # of several builds each is named with its platform
        if location.path == resource.name or (platform and location.path == name):
            return "image"
    return f"{location.line}:{location.column}"


def problem_place(problem: Problem) -> str:
    """`k8s/web.yaml:12`."""
    return printable(problem.path) + (f":{problem.line}" if problem.line else "")


def waiver_text(finding: Finding) -> str:
    """`waived by alice until 2027-01-01: reason (batten.toml)`; "" for an open finding."""
    if finding.status == "baseline":
        return "known when the baseline was written"
    if finding.status != "waived":
        return ""
    waiver = finding.waiver
    if waiver is None:
        return "waived"
    text = "waived" + (f" by {waiver.owner}" if waiver.owner else "")
    text += f" until {waiver.expires}" if waiver.expires else ""
    text += f": {waiver.reason}" if waiver.reason else ""
    return text + (f" ({waiver.where})" if waiver.where else "")


def controls(findings: Iterable[Finding]) -> list[str]:
    """`cis-docker 5.4, 5.26`: what the findings answer to, one text a framework, in the order met."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        for control in finding.controls:
            found.setdefault(control.framework, {})[control.id] = None
    return [printable(f"{framework} {', '.join(ids)}") for framework, ids in found.items()]


def explain_command(finding: Finding) -> str:
    return f"batten explain {shell_argument(printable(finding.check))}"


class Commands:
    """The command to type next, for the findings of one report."""

    def __init__(self, report: Report, repeated: str = "") -> None:
        """`repeated`: options that the scan was given and a fix needs too."""
        self._repeated = f"{repeated} " if repeated else ""
        self._not_on_disk = {target.id for target in report.targets if target.kind in _NOT_ON_DISK}

    def next(self, entry: Entry) -> str:
        """The `batten fix` that shows what would change, else `batten explain`."""
        return self.fix(entry) or explain_command(entry.lead)

    def fix(self, entry: Entry) -> str:
        """ "" where nothing of the entry can be fixed, or its file is not on disk."""
        lead = entry.lead
        fixable = [finding for finding in entry.findings if finding.fix is not None]
        if not fixable or lead.status == "waived" or lead.target in self._not_on_disk or lead.location.path == "-":
            return ""
        unsafe = "--unsafe " if any(one.fix is not None and one.fix.kind == "review" for one in fixable) else ""
        names = dict.fromkeys(shell_argument(printable(finding.check)) for finding in fixable)
        checks = "--check " + ",".join(names)
        whole = next((one.fix.of for one in fixable if one.fix is not None and one.fix.of), lead.location.path)
        return f"batten fix {unsafe}{checks} {self._repeated}{shell_argument(native(whole))}"


def fix_kind(findings: Iterable[Finding]) -> str:
    """`review` as soon as one of the fixes is; "" without fixes."""
    kinds = {finding.fix.kind for finding in findings if finding.fix is not None}
    return "review" if "review" in kinds else "safe" if kinds else ""


def fix_summaries(entry: Entry) -> str:
    """The fixes of an entry in words, each once."""
    return "; ".join(dict.fromkeys(finding.fix.summary for finding in entry.findings if finding.fix is not None))


def remedies(entry: Entry, *, all_of_them: bool = False) -> str:
    """What is to be done by hand for the findings of an entry that have no fix (or for all): each remedy once,
    of several findings with the checks before it (`PRV004: set …`)."""
    left: dict[str, dict[str, None]] = {}
    for finding in entry.findings:
        if finding.remediation and (all_of_them or finding.fix is None):
            left.setdefault(finding.remediation, {})[finding.check] = None
    if not entry.merged:
        return "; ".join(left)
    return " ".join(f"{', '.join(checks)}: {text.rstrip('.')}." for text, checks in left.items())
