"""Markdown for a pull request comment or a step summary: the summary first, the rest folded away."""

from __future__ import annotations

from typing import Final

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.encodable import encodable
from batten.report.excerpt import around, first_line
from batten.report.groups import Entry
from batten.report.markdown_text import block, cell, code, code_html, escape
from batten.report.order import RANK, Block, FileBlock, arrange
from batten.report.text import cut, one_line, plural, printable
from batten.report.words import (
    Commands,
    counts_text,
    explain_command,
    fix_kind,
    fix_summaries,
    framework_text,
    headline,
    problem_place,
    problems,
    reading,
    remedies,
    resource_text,
    score_text,
    waiver_text,
)

CHARACTERS: Final = 65_000  # a comment on GitHub holds 65,536
MARKER: Final = "<!-- batten.report -->"
"""The first line, by which a workflow finds its own comment again."""
_TAIL: Final = 6_000  # kept for what stands below the findings
_URGENT: Final = 10  # rows of the table at the top
_FLAWS: Final = 20  # rows of the table of vulnerabilities
_TEXT: Final = 400  # characters of one message
_SOURCE: Final = 160  # characters of one source line


def render(report: Report, options: Options) -> str:
    """At most `CHARACTERS` characters; what is cut off is counted."""
    files = arrange(report)
    commands = Commands(report, options.repeated)
    text = "\n".join([*_head(report), *_flaws(report), *_minimality(report), *_urgent(files)]) + "\n"
    left_out = 0
    for file in files:
        entries = _open(file.entries())
        if not entries:
            continue
        folded, missing = _file(file, commands, CHARACTERS - _TAIL - len(text))
        text += folded
        left_out += missing
    if left_out:
        text += f"\n_{plural(left_out, 'more entry', 'more entries')} cut to fit; all of them: "
        text += "`batten scan --format html -o report.html`_\n"
    return encodable(text + _tail(report, files, _TAIL - 200))


def _open(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.lead.status == "open"]


def _head(report: Report) -> list[str]:
    first, *rest = headline(report.count)
    facts = " · ".join([*rest, *reading(report)])
    lines = [MARKER, f"## batten: {first}", ""]
    outcome = f"**exit {report.exit_code}**"
    if report.exit_reason:
        outcome += f": {escape(cut(one_line(report.exit_reason), _TEXT))}"
    lines += [outcome + (f" · {facts}" if facts else ""), ""]
    lines += [escape(framework_text(framework)) + "  " for framework in report.frameworks[:10]]
    lines += [""] if report.frameworks else []
    if not report.score.strategies:
        return lines
    strategies = report.score.strategies[:10]
    names = [f"{one.number} {escape(cut(printable(one.name), 40))}" for one in strategies]
    scores = [score_text(one.score) if one.assessed else "–" for one in strategies]
    overall = score_text(report.score.overall)
    return [
        *lines,
        f"| score | {' | '.join(names)} |",
        f"| ---: |{' ---: |' * len(names)}",
        f"| **{overall}** | {' | '.join(scores)} |",
        "",
    ]


def _urgent(files: list[FileBlock]) -> list[str]:
    """The most urgent entries of all files as a table."""
    found = [
        (RANK[entry.lead.severity], index, order, entry)
        for index, file in enumerate(files)
        for order, entry in enumerate(_open(file.entries()))
        if entry.lead.severity in ("critical", "high")
    ]
    found.sort(key=lambda one: one[:3])
    if not found:
        return []
    lines = ["| | check | what | where |", "| --- | --- | --- | --- |"]
    for *_, entry in found[:_URGENT]:
        lead = entry.lead
        where = f"{cut(printable(lead.location.path), 120)}:{lead.location.line}"
        checks = " ".join(escape(cut(check, 20)) for check in entry.checks[:4])
        lines.append(f"| **{lead.severity}** | {checks} | {escape(cut(one_line(entry.title), 120))} | {cell(where)} |")
    if len(found) > _URGENT:
        lines += ["", f"{plural(len(found) - _URGENT, 'more critical or high entry', 'more critical or high entries')}"]
    return [*lines, ""]


def _flaws(report: Report) -> list[str]:
    """Vulnerabilities: how many, what to update first, the most urgent."""
    if report.vulnerability_count is None:
        return []
    from batten.report.flaws import what_to_do, why
    from batten.report.vulnerable import blind_spots, count_text, covered_text, old_text

    lines = [f"**{escape(count_text(report.vulnerability_count))}**", ""]
    for head, some in blind_spots(report):
        named = ", ".join(printable(covered_text(one)) for one in some)
        lines += [f"{head} {escape(cut(named, _TEXT))}.", ""]
    if old := old_text(report):
        lines += [f"{escape(cut(old, _TEXT))}.", ""]
    # of several targets the same update once
    steps = [one.text for one in report.shared_plan] or [step.text for step in report.plan]
    for number, text in enumerate(steps[:_URGENT], 1):
        lines.append(f"{number}. {escape(cut(one_line(text), _TEXT))}")
    lines += [""] if report.plan else []
    rows = [row for row in report.vulnerabilities if row.status == "affected"]
    if not rows:
        return lines
    lines += ["| | flaw | package | what to do | why |", "| --- | --- | --- | --- | --- |"]
    for row in rows[:_FLAWS]:
        name = escape(cut(f"{row.name} {row.installed}", 80))
        told = (escape(cut(one_line(text), 160)) for text in (what_to_do(row), why(row)))
        lines.append(f"| **{row.severity}** {row.priority:.0f} | {escape(row.id)} | {name} | {' | '.join(told)} |")
    if len(rows) > _FLAWS:
        lines += ["", f"{plural(len(rows) - _FLAWS, 'less urgent vulnerability', 'less urgent vulnerabilities')}"]
    return [*lines, ""]


def _minimality(report: Report) -> list[str]:
    """What images hold beside what their programs need."""
    from batten.report.minimal import lean_images, sentences

    lines: list[str] = []
    for one in lean_images(report)[:_URGENT]:
        lines += [f"What the program of {escape(cut(one_line(one.image), 120))} does not need:", ""]
        lines += [f"- {escape(cut(one_line(text), _TEXT))}" for text in sentences(one)]
        lines.append("")
    return lines


def _file(file: FileBlock, commands: Commands, room: int) -> tuple[str, int]:
    """One file folded away, in at most `room` characters, and how many entries did not fit."""
    counts = counts_text(file.counts)
    summary = f"<summary>{code_html(cut(printable(file.path), 200))}: {counts}</summary>"
    text, end = f"<details>{summary}\n\n", "\n</details>\n"
    missing = shown = 0
    for part in file.blocks:
        header = _block_header(part)
        for entry in _open(part.entries):
            body = header + _entry(entry, commands)
            if missing or len(text) + len(body) + len(end) > room:
                missing += 1
                continue
            text += body
            shown += 1
            header = ""
    return (text + end if shown else ""), missing


def _block_header(part: Block) -> str:
    if part.resource is None:
        return ""
    name = escape(cut(resource_text(part.resource), 200))
    exposure = f" · reachable through {escape(cut(one_line(part.exposure), 100))}" if part.exposure else ""
    return f"**{name}**{exposure}\n\n"


def _entry(entry: Entry, commands: Commands) -> str:
    """A list item: what, where, the source line, what to do."""
    lead = entry.lead
    checks = ", ".join(code(cut(check, 20)) for check in entry.checks[:12])
    confidence = "" if lead.confidence == "high" else f" ({lead.confidence} confidence)"
    title = escape(cut(one_line(entry.title), 200))
    lines = [f"- **{lead.severity}** {checks} {title}{confidence}, line {lead.location.line}"]
    lines += [
        f"  - {code(cut(one.check, 20))} {escape(_message(one.message))}" for one in entry.findings if entry.merged
    ]
    source = first_line(lead)
    if not entry.merged:
        lines.append(f"  <br>{escape(_message(lead.message))}")
        if source is not None and source.text.strip():
            fenced = block(printable(around(source, _SOURCE).text.strip().expandtabs(4)))
            lines += ["", *("  " + line for line in fenced.split("\n"))]
    fix = commands.fix(entry)
    if fix:
        summary = escape(cut(one_line(fix_summaries(entry)), 200))
        lines += ["", f"  Fix ({fix_kind(entry.findings)}): {summary}: {code(fix)}"]
    by_hand = escape(_message(remedies(entry, all_of_them=not fix)))
    if fix and by_hand:
        lines += ["", f"  By hand: {by_hand}"]
    elif not fix:
        by_hand = f"By hand: {by_hand} " if by_hand else "More: "
        lines += ["", f"  {by_hand}{code(explain_command(lead))}"]
    return "\n".join(lines) + "\n\n"


def _message(text: str) -> str:
    return cut(one_line(text), _TEXT)


def _tail(report: Report, files: list[FileBlock], room: int) -> str:
    """Waived findings and problems, folded; cut at `room` characters."""
    waived = [
        f"- {code(cut(one.check, 20))} {code(f'{cut(printable(one.location.path), 120)}:{one.location.line}')} "
        f"{escape(_message(waiver_text(one)))}"
        for file in files
        for entry in file.entries()
        for one in entry.findings
        if one.status == "waived"
    ]
    unread = [
        f"- {code(cut(problem_place(problem), 160))} {escape(_message(problem.message))}"
        for _, problem in problems(report)
    ]
    text = _folded(plural(len(waived), "waived finding"), waived, room // 2)
    text += _folded(plural(len(unread), "problem"), unread, room - len(text))
    return text + f"\nbatten {escape(cut(one_line(report.version), 40))}\n"


def _folded(title: str, items: list[str], room: int) -> str:
    if not items:
        return ""
    start, end = f"\n<details><summary>{title}</summary>\n\n", "\n</details>\n"
    used, shown = len(start) + len(end) + 40, 0
    for item in items:
        used += len(item) + 1
        if used > room:
            break
        shown += 1
    more = f"\n- … and {len(items) - shown:,} more" if shown < len(items) else ""
    return start + "\n".join(items[:shown]) + more + end


RENDERER = Format("markdown", "for a pull request comment or a step summary (65,000 characters at most)", ".md", render)
