"""Vulnerabilities on a terminal: per target what to update first, then the rows by update, then what stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from batten.model.report import Report
from batten.model.vulnerability import Coverage, UpdateStep, Vulnerability, VulnerabilityCount
from batten.report import Options
from batten.report.minimal import lean_images, sentences
from batten.report.terminal import Terminal
from batten.report.text import join_wrapped, one_line, plural, printable, width, wrap
from batten.report.words import is_told_with_packages, target_text

_STEPS: Final = 8  # updates shown before the rest is counted
_NAMES: Final = 3
_PAINTED: Final = {"negligible": "info", "unknown": "info"}
_OLD_DAYS: Final = 7  # publishers speak daily
_NONE: Final = "No source of advisories speaks of"
_FEW: Final = "Few advisories are known, so that nothing is listed says little, of"
_REASONS: Final = 3  # factors of a priority beside a row


def vulnerability_lines(report: Report, options: Options, terminal: Terminal) -> list[str]:
    """Everything on vulnerabilities, "" between the parts; empty where no package was read."""
    lines: list[str] = []
    rows: dict[str, list[Vulnerability]] = defaultdict(list)
    steps: dict[str, list[UpdateStep]] = defaultdict(list)
    for row in report.vulnerabilities:
        if row.status == "affected" or (options.verbose and row.status != "fixed"):
            rows[row.target].append(row)
    for step in report.plan:
        steps[step.target].append(step)
    packages: dict[str, int] = defaultdict(int)
    for package in report.packages:
        packages[package.target] += 1
    # reports of other scanners have rows and list no packages
    for target in dict.fromkeys((*packages, *rows, *steps)):
        # lock files among manifests are worth a section where something was found in them
        if not rows[target] and not target.startswith(("image:", "rootfs:", "oci:", "sbom:", "docker")):
            continue
        lines += _target(target, packages.get(target, 0), rows[target], steps[target], options, terminal)
    lines += _shared(report, terminal)
    if report.vulnerability_count is None:
        lines += _unmatched(report, terminal)
    return [*lines, *_minimality(report, terminal), *_coverage(report, terminal)]


def _minimality(report: Report, terminal: Terminal) -> list[str]:
    """What images hold beside what their programs need, and which base would do."""
    lines: list[str] = []
    for one in lean_images(report):
        lines.append(terminal.bold(f"What the program of {terminal.safe(one.image)} does not need"))
        for sentence in sentences(one):
            lines += ["    " + line for line in wrap(terminal.safe(sentence), terminal.width - 4)]
        lines.append("")
    return lines


def _unmatched(report: Report, terminal: Terminal) -> list[str]:
    """Why there are packages and no rows; nobody may take that for good news."""
    told = [one for target in report.targets for one in target.problems]
    why = next((one.message for one in told if is_told_with_packages(report, one)), "")
    if not why:  # what lies among manifests costs no exit code
        why = next((f"{one.path}: {one.message}" for one in told if one.message.startswith("not matched")), "")
    return [*(terminal.yellow(line) for line in wrap(terminal.safe(one_line(why)), terminal.width)), ""] if why else []


def count_text(count: VulnerabilityCount) -> str:
    """`41 vulnerabilities: 2 critical, 12 high … · 30 have an update · 1 exploited · 3 waived`."""
    words = [(word, getattr(count, word)) for word in ("critical", "high", "medium", "low", "negligible", "unknown")]
    total = sum(number for _, number in words)
    text = plural(total, "vulnerability", "vulnerabilities")
    listed = ", ".join(f"{number:,} {word}" for word, number in words if number)
    parts = [f"{text}: {listed}" if listed else text]
    if total:
        parts.append(f"{count.fixable:,} with an update")
    for number, word in (
        (count.exploited, "known to be exploited"),
        (count.waived, "waived"),
        (count.not_affected, "not affected"),
        (count.baseline, "in the baseline"),
    ):
        if number:
            parts.append(f"{number:,} {word}")
    return " · ".join(parts)


def _target(
    target: str,
    packages: int,
    rows: Sequence[Vulnerability],
    steps: Sequence[UpdateStep],
    options: Options,
    terminal: Terminal,
) -> list[str]:
    head = terminal.safe(target_text(target))
    lines = [terminal.bold(head)]
    if packages:
        lines.append(terminal.dim("  " + terminal.safe(plural(packages, "package"))))
    if not rows:
        return [*lines, ""]
    if steps:
        lines.append("  what to update first:")
        for number, step in enumerate(steps[:_STEPS], 1):
            first, *rest = wrap(terminal.safe(one_line(step.text)), terminal.width - 6)
            lines += [f"  {number:>2}. {first}", *(" " * 6 + part for part in rest)]
            if step.command and options.verbose:
                lines.append(" " * 6 + terminal.command(terminal.safe(one_line(step.command))))
        if len(steps) > _STEPS:
            lines.append(terminal.dim(f"      {len(steps) - _STEPS} more updates (--format json)"))
    entries = together(rows)
    shown = entries if not options.limit else entries[: options.limit]
    lines += _rows(shown, terminal)
    if len(shown) < len(entries):
        mark = terminal.symbol("…", "...")
        lines.append(terminal.dim(f"  {mark} {len(entries) - len(shown):,} less urgent: batten scan --limit 0"))
    return [*lines, ""]


def _shared(report: Report, terminal: Terminal) -> list[str]:
    """What to do once for several targets; nothing where they have no update in common."""
    steps = report.shared_plan
    if not any(len(one.targets) > 1 for one in steps):
        return []
    lines = ["what to update first over all of them:"]
    for number, one in enumerate(steps[:_STEPS], 1):
        first, *rest = wrap(terminal.safe(one_line(one.text)), terminal.width - 6)
        lines += [f"  {number:>2}. {first}", *(" " * 6 + part for part in rest)]
    if len(steps) > _STEPS:
        lines.append(terminal.dim(f"      {len(steps) - _STEPS} more updates (--format json)"))
    return [*lines, ""]


def _rows(entries: Sequence[tuple[Vulnerability, list[str]]], terminal: Terminal) -> list[str]:
    wide = min(24, max(width(printable(row.id)) for row, _ in entries))
    lines = []
    for row, names in entries:
        word = _PAINTED.get(row.severity, row.severity)
        severity = terminal.paint(f"{row.severity:<10}", word)
        decision = f"{row.ssvc or '':<7}"
        mark = terminal.symbol("→", "->")
        to = f"{mark} {row.fixed}" if row.fixed else _STATUS.get(row.status, "no update")
        why = "; ".join(reason.text for reason in row.reasons[:_REASONS])
        head = f"  {severity} {row.priority:>5.1f} {decision} "
        plain = 2 + 10 + 1 + 5 + 1 + 7 + 1
        name = f"{printable(row.id):<{wide}}  "
        parts = [terminal.safe(one_line(part)) for part in (_listed(names), row.installed, to)]
        first, *more = join_wrapped(parts, " ", terminal.width - plain - width(name))
        lines.append(head + terminal.safe(name) + first)
        lines += [" " * (plain + width(name)) + part for part in more]
        notes = [why] if why else []
        if row.disagreement:
            notes.append(row.disagreement)
        for note in notes:
            lines += [
                terminal.dim(" " * plain + part) for part in wrap(terminal.safe(one_line(note)), terminal.width - plain)
            ]
    return lines


def _listed(names: Sequence[str]) -> str:
    """Their names; of many the first ones, as the version that mends all of them stands behind."""
    if len(names) <= _NAMES + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMES])} and {len(names) - _NAMES} more"


def together(rows: Sequence[Vulnerability]) -> list[tuple[Vulnerability, list[str]]]:
    """Packages that were built from one source share its flaws: one row names them all."""
    found: dict[tuple[str, ...], tuple[Vulnerability, list[str]]] = {}
    for row in rows:
        key = (row.id, row.installed, row.fixed, row.status, *(reason.text for reason in row.reasons))
        _, names = found.setdefault(key, (row, []))
        if row.name not in names:
            names.append(row.name)
    return list(found.values())


_STATUS: Final = {
    "not_affected": "not affected",
    "will_not_fix": "will not be fixed",
    "under_investigation": "under investigation",
    "waived": "waived",
}


def _coverage(report: Report, terminal: Terminal) -> list[str]:
    """What no source speaks of, and what they speak little of: the absence of rows says nothing there."""
    lines = []
    for head, some in blind_spots(report):
        named = join_wrapped([terminal.safe(covered_text(one)) for one in some], ", ", terminal.width - 4)
        lines += [terminal.yellow(head), *("    " + line for line in named), ""]
    if old := old_text(report):
        lines += [*(terminal.yellow(line) for line in wrap(terminal.safe(old), terminal.width)), ""]
    return lines


def blind_spots(report: Report) -> list[tuple[str, list[Coverage]]]:
    """(how a sentence about them begins, the ecosystems) of which the absence of rows says nothing, or little."""
    found = (
        (_NONE, [one for one in report.coverage if not one.sources]),
        (_FEW, [one for one in report.coverage if one.few]),
    )
    return [(head, some) for head, some in found if some]


def old_text(report: Report) -> str:
    """What of the advisories that were used is older than it should be; "" where nothing is."""
    used = {name for one in report.coverage for name in one.sources} | {"epss", "kev"}
    old = [one for one in report.sources if one.name in used and (one.age or 0) > _OLD_DAYS and report.coverage]
    if not old:
        return ""
    named = ", ".join(f"{printable(one.name)} {plural(one.age or 0, 'day')}" for one in old)
    return f"Old advisories, which miss what was found since: {named}; `batten db update` renews them"


def covered_text(one: Coverage) -> str:
    """`3 packages of conda`, `1 package of ubuntu:22.04 (on 9 packages in all)`."""
    told = f" (on {plural(one.known, 'package')} in all)" if one.few else ""
    return f"{plural(one.packages, 'package')} of {one.ecosystem}{told}"
