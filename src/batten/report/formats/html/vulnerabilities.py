"""Vulnerabilities: what to update first, the rows with their reasons, and what no source speaks of."""

from __future__ import annotations

from typing import Final

from batten.model.report import Report
from batten.model.vulnerability import SharedUpdate, Statement, UpdateStep, Vulnerability
from batten.report.flaws import severity, what_to_do
from batten.report.markup import Markup, tag
from batten.report.minimal import lean_images, sentences
from batten.report.text import one_line, plural, printable
from batten.report.vulnerable import count_text, covered_text, old_text, together
from batten.report.words import target_text

_ROWS: Final = 5_000  # rows of the table; more make a page that no browser likes
_UPDATES: Final = 50  # steps of the plan
_SHARED: Final = 10  # of those that hold for several targets
_URGENT: Final = 10  # rows that are seen at once
_COLUMNS: Final = ("Severity", "Priority", "Flaw", "Package", "What to do", "Why")


def vulnerabilities_section(report: Report) -> Markup:
    """Empty where no package was read."""
    if not (report.packages or report.vulnerabilities or report.coverage or report.minimality):
        return Markup("")
    rows = [row for row in report.vulnerabilities if row.status not in ("fixed",)]
    told = count_text(report.vulnerability_count) if report.vulnerability_count is not None else "nothing was matched"
    return tag(
        "section",
        tag("h2", "Vulnerabilities", id="vulnerabilities"),
        tag("p", f"{plural(len(report.packages), 'package')} · {told}", class_="besides"),
        _shared(report.shared_plan),
        _plan(report.plan),
        _minimality(report),
        _table(rows) if rows else None,
        _sources(report),
        class_="flaws",
        aria_labelledby="vulnerabilities",
    )


def _minimality(report: Report) -> Markup | None:
    """What images hold beside what their programs need, and which base would do."""
    parts = [
        tag("div", tag("h4", one_line(one.image)), tag("ul", *(tag("li", one_line(text)) for text in sentences(one))))
        for one in lean_images(report)
    ]
    return tag("div", tag("h3", "What the programs of images do not need"), *parts, class_="plan") if parts else None


def _plan(steps: list[UpdateStep]) -> Markup | None:
    """One list; of several targets one each, folded."""
    if not steps:
        return None
    by_target: dict[str, list[UpdateStep]] = {}
    for step in steps:
        by_target.setdefault(step.target, []).append(step)
    if len(by_target) == 1:
        return tag("div", tag("h3", "What to update first"), *_steps(steps), class_="plan")
    folds = [
        tag(
            "details",
            tag("summary", f"{target_text(target)}: {plural(len(own), 'update')}"),
            *_steps(own),
            class_="fold",
        )
        for target, own in by_target.items()
    ]
    return tag("div", tag("h3", "What to update in each"), *folds, class_="plan")


def _steps(steps: list[UpdateStep]) -> list[Markup]:
    items = [
        tag("li", one_line(step.text), tag("code", one_line(step.command), class_="command") if step.command else None)
        for step in steps[:_UPDATES]
    ]
    left_out = len(steps) - _UPDATES
    return [tag("ol", *items), *([tag("p", f"and {left_out:,} more updates")] if left_out > 0 else [])]


def _shared(updates: list[SharedUpdate]) -> Markup | None:
    """What to do once for several targets."""
    if not any(len(one.targets) > 1 for one in updates):
        return None
    items = [tag("li", one_line(one.text)) for one in updates[:_SHARED]]
    left_out = len(updates) - _SHARED
    more = tag("p", f"and {left_out:,} more: see each of them below", class_="besides") if left_out > 0 else None
    return tag("div", tag("h3", "What to update first over all targets"), tag("ol", *items), more, class_="plan")


def _table(rows: list[Vulnerability]) -> Markup:
    """The most urgent at once, all of them below it, with a search."""
    merged = together(rows)
    urgent = _rows(merged[:_URGENT], "The most urgent vulnerabilities")
    if len(merged) <= _URGENT:
        return urgent
    what = "Search in vulnerabilities"
    box = tag("input", type="search", id="flaw-search", placeholder=what, aria_label=what)
    left_out = len(merged) - _ROWS
    more = tag("p", f"{left_out:,} less urgent rows are left out: --format json has all") if left_out > 0 else None
    tools = tag("p", box, tag("output", id="flaw-count"), class_="flaw-tools", hidden=True)
    every = _rows(merged[:_ROWS], "All vulnerabilities", id="flaws")
    summary = tag("summary", f"All {plural(len(rows), 'vulnerability', 'vulnerabilities')}")
    return tag("div", urgent, tag("details", summary, tools, every, more, class_="fold"))


def _rows(rows: list[tuple[Vulnerability, list[str]]], label: str, id: str | None = None) -> Markup:
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in _COLUMNS)))
    table = tag("table", head, tag("tbody", *(_row(row, names) for row, names in rows)), class_="rows", id=id)
    return tag("div", table, class_="wide", tabindex="0", role="region", aria_label=label)


def _row(row: Vulnerability, names: list[str]) -> Markup:
    package = [
        tag("b", printable(", ".join(names))),
        " ",
        printable(row.installed),
        tag("small", target_text(row.target)),
    ]
    status = "" if row.status == "affected" else f" ({row.status.replace('_', ' ')})"
    address = next((url for url in row.urls if url.startswith("https://")), "")
    shown = printable(row.id)
    name = tag("a", shown, href=address, rel="noreferrer") if address else tag("span", shown, class_="id")
    flaw = [name, tag("small", one_line(row.summary)) if row.summary else None, _said(row.statements)]
    why = [reason.text for reason in row.reasons]
    if row.disagreement:
        why.append(row.disagreement)
    return tag(
        "tr",
        tag("td", tag("span", row.severity, class_=f"pill {severity(row)}")),
        tag("td", f"{row.priority:.0f}", tag("small", row.ssvc) if row.ssvc else None),
        tag("td", *flaw),
        tag("td", *package),
        tag("td", one_line(what_to_do(row)) + status),
        tag("td", one_line("; ".join(why))),
        class_=None if row.status == "affected" else "closed",
    )


def _said(statements: tuple[Statement, ...]) -> Markup | None:
    if len(statements) < 2:  # what one alone says stands in the row already
        return None
    words = [f"{one.source}: {one.status.replace('_', ' ')} {one.fixed}".rstrip() for one in statements[:6]]
    return tag("small", "; ".join(one_line(word) for word in words))


def _sources(report: Report) -> Markup | None:
    if not report.coverage and not report.sources:
        return None
    blind = [one for one in report.coverage if not one.sources]
    parts: list[Markup] = []
    if blind:
        named = ", ".join(printable(covered_text(one)) for one in blind)
        parts.append(tag("p", f"No source speaks of {named}: that nothing is listed says nothing there."))
    if few := [one for one in report.coverage if one.few]:
        named = ", ".join(printable(covered_text(one)) for one in few)
        parts.append(tag("p", f"Few advisories are known of {named}: that nothing is listed says little there."))
    if old := old_text(report):
        parts.append(tag("p", f"{old}."))
    rows = [
        tag(
            "tr",
            tag("td", printable(one.name)),
            tag("td", f"{one.records:,}"),
            tag("td", printable(one.newest)),
            tag("td", printable(one.fetched)),
            tag("td", printable(one.licence)),
        )
        for one in report.sources
    ]
    if rows:
        names = ("Source", "Records", "Newest", "Fetched", "Licence")
        head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
        table = tag("table", head, tag("tbody", *rows), class_="rows")
        parts.append(tag("div", table, class_="wide", tabindex="0", role="region", aria_label="Sources of advisories"))
    return tag("details", tag("summary", "Sources of advisories"), *parts, class_="fold")
