"""Below the findings: what could not be read, and what each check means."""

from __future__ import annotations

from batten.model.report import Finding, Report
from batten.report import Options, RuleInfo
from batten.report.markup import Markup, join, link, prose, tag
from batten.report.order import FileBlock
from batten.report.text import one_line, printable
from batten.report.words import problem_place, problems


def problems_section(report: Report) -> Markup:
    """What the report does not speak of because it could not be read; nothing where all was read."""
    found = problems(report)
    if not found:
        return Markup("")
    rows = [
        tag(
            "tr",
            tag("td", tag("span", "not read" if problem.severe else "note", class_="pill " + _class(problem.severe))),
            tag("td", tag("span", problem_place(problem), class_="path")),
            tag("td", one_line(problem.message)),
        )
        for _, problem in found
    ]
    table = tag("table", tag("tbody", *rows), class_="rows")
    return tag(
        "section",
        tag("h2", "Problems", id="problems"),
        tag("div", table, class_="wide", tabindex="0", role="region", aria_labelledby="problems"),
        aria_labelledby="problems",
    )


def _class(severe: bool) -> str:
    return "poor" if severe else "note"


def checks_section(report: Report, files: list[FileBlock], options: Options) -> Markup:
    """Each check that found something, once, from the catalogue; a check it lacks is left out."""
    findings: dict[str, Finding] = {}
    for file in files:
        for entry in file.entries():
            for finding in entry.findings:
                findings.setdefault(finding.check, finding)
    known = [_check(options.rules[check]) for check in sorted(findings) if check in options.rules]
    if not known:
        return Markup("")
    return tag("section", tag("h2", "Checks", id="checks"), *known, aria_labelledby="checks")


def _check(rule: RuleInfo) -> Markup:
    paragraphs = [tag("p", prose(one)) for one in rule.summary.split("\n\n") if one.strip()]
    remedies = [
        tag("div", tag("dt", "everywhere" if platform == "all" else platform), tag("dd", prose(words)))
        for platform, words in rule.remediation.items()
    ]
    references = [tag("li", link(address, address)) for address in rule.references]
    if rule.help_url:
        references.insert(0, tag("li", link(rule.help_url, rule.help_url)))
    return tag(
        "details",
        tag("summary", tag("span", rule.id, class_="check"), tag("b", one_line(rule.title))),
        *paragraphs,
        tag("dl", *remedies) if remedies else None,
        tag("ul", join(references)) if references else None,
        class_="fold",
        id=f"check-{printable(rule.id)}",
    )
