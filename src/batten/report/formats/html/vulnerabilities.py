"""Vulnerabilities: what to update first, the rows with their reasons, and what no source speaks of."""

from __future__ import annotations

from typing import Final

from batten.model.report import Report
from batten.model.vulnerability import Statement, UpdateStep, Vulnerability
from batten.report.flaws import severity, what_to_do
from batten.report.markup import Markup, join, tag
from batten.report.text import one_line, plural, printable
from batten.report.vulnerable import count_text

_ROWS: Final = 5_000  # rows of the table; more make a page that no browser likes
_COLUMNS: Final = ("Severity", "Priority", "Flaw", "Package", "What to do", "Why")


def vulnerabilities_section(report: Report) -> Markup:
    """Empty where no package was read."""
    if not report.packages and not report.vulnerabilities:
        return Markup("")
    rows = [row for row in report.vulnerabilities if row.status not in ("fixed",)]
    told = count_text(report.vulnerability_count) if report.vulnerability_count is not None else "nothing was matched"
    return tag(
        "section",
        tag("h2", "Vulnerabilities", id="vulnerabilities"),
        tag("p", f"{plural(len(report.packages), 'package')} · {told}", class_="besides"),
        _plan(report.plan),
        _table(rows) if rows else None,
        _sources(report),
        class_="flaws",
        aria_labelledby="vulnerabilities",
    )


def _plan(steps: list[UpdateStep]) -> Markup | None:
    if not steps:
        return None
    items = [
        tag("li", one_line(step.text), tag("code", one_line(step.command), class_="command") if step.command else None)
        for step in steps[:50]
    ]
    more = tag("p", f"and {len(steps) - 50:,} more updates") if len(steps) > 50 else None
    return tag("div", tag("h3", "What to update first"), tag("ol", *items), more, class_="plan")


def _table(rows: list[Vulnerability]) -> Markup:
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in _COLUMNS)))
    table = tag("table", head, tag("tbody", *(_row(row) for row in rows[:_ROWS])), class_="rows", id="flaws")
    what = "Search in vulnerabilities"
    box = tag("input", type="search", id="flaw-search", placeholder=what, aria_label=what)
    left_out = len(rows) - _ROWS
    more = tag("p", f"{left_out:,} less urgent rows are left out: --format json has all") if left_out > 0 else None
    wide = tag("div", table, class_="wide", tabindex="0", role="region", aria_label="Vulnerabilities")
    return tag("div", tag("p", box, tag("output", id="flaw-count"), class_="flaw-tools", hidden=True), wide, more)


def _row(row: Vulnerability) -> Markup:
    word = severity(row)
    package = [tag("b", printable(row.name)), " ", printable(row.installed)]
    if row.paths:
        package.append(tag("small", printable(row.paths[0])))
    status = "" if row.status == "affected" else f" ({row.status.replace('_', ' ')})"
    address = next((url for url in row.urls if url.startswith("https://")), "")
    name = tag("a", printable(row.id), href=address, rel="noreferrer") if address else tag("span", printable(row.id))
    flaw = [name, tag("small", one_line(row.summary)) if row.summary else None, _said(row.statements)]
    why = [reason.text for reason in row.reasons]
    if row.disagreement:
        why.append(row.disagreement)
    return tag(
        "tr",
        tag("td", tag("span", row.severity, class_=f"pill {word}")),
        tag("td", f"{row.priority:.0f}", tag("small", row.ssvc) if row.ssvc else None),
        tag("td", *flaw),
        tag("td", *package),
        tag("td", one_line(what_to_do(row)) + status),
        tag("td", tag("ul", join([tag("li", one_line(text)) for text in why])) if why else ""),
        class_=None if row.status == "affected" else "closed",
    )


def _said(statements: tuple[Statement, ...]) -> Markup | None:
    if not statements:
        return None
    words = [f"{one.source}: {one.status.replace('_', ' ')} {one.fixed}".rstrip() for one in statements[:6]]
    return tag("small", "; ".join(one_line(word) for word in words))


def _sources(report: Report) -> Markup | None:
    if not report.coverage and not report.sources:
        return None
    blind = [one for one in report.coverage if not one.sources]
    parts: list[Markup] = []
    if blind:
        named = ", ".join(f"{plural(one.packages, 'package')} of {printable(one.ecosystem)}" for one in blind)
        parts.append(tag("p", f"No source speaks of {named}: that nothing is listed says nothing there."))
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
