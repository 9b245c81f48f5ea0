"""The findings: a bar of filters, then files, resources, entries that unfold."""

from __future__ import annotations

from typing import Final

from batten.engine.check import STRATEGIES
from batten.model.report import Finding, FixNote, Report
from batten.report import Options
from batten.report.excerpt import MarkedLine, around, marked_lines
from batten.report.groups import Entry
from batten.report.markup import Markup, join, prose, tag, text
from batten.report.order import RANK, SEVERITIES, STATUS_RANK, Block, FileBlock
from batten.report.text import one_line, plural, printable
from batten.report.words import Commands, controls, explain_command, line_place, resource_text, waiver_text

_OPEN: Final = 60  # entries up to which the urgent ones stand open at first
_STATUSES: Final = {"open": "Open", "baseline": "In the baseline", "waived": "Waived"}
_SOURCE: Final = 220  # characters of a source line around what is meant


def findings_section(report: Report, files: list[FileBlock], options: Options) -> Markup:
    """All findings, waived ones too; the script hides what the filters do not ask for."""
    title = tag("h2", "Findings", id="findings")
    if not files:
        empty = tag("p", "Nothing was found by the checks that apply.", class_="empty")
        return tag("section", title, empty, aria_labelledby="findings")
    entries = _Entries(report, files, options)
    sections = [entries.file(index, file) for index, file in enumerate(files)]
    return tag("section", title, _toolbar(files), *sections, _nothing(), aria_labelledby="findings")


def _nothing() -> Markup:
    return tag("p", "No finding matches these filters.", class_="empty", id="nothing", hidden=True)


def _toolbar(files: list[FileBlock]) -> Markup:
    """Hidden until the script shows it: without the script it would do nothing."""
    findings = [finding for file in files for entry in file.entries() for finding in entry.findings]
    search = tag(
        "input", type="search", id="search", placeholder="Search  /", autocomplete="off", spellcheck="false",
        aria_label="Search in findings",
    )  # fmt: skip
    present = {finding.severity for finding in findings}
    chips = [
        tag("button", word, type="button", class_=f"chip {word}", data_severity=word, aria_pressed="false")
        for word in SEVERITIES
        if word in present
    ]
    selects = [
        _select("strategy", "Strategy", "Strategies", _strategies(findings)),
        _select("platform", "Platform", "Platforms", _platforms(findings)),
        _select("status", "Status", "Any status", _statuses(findings), "open"),
        _select("file", "File", "Files", [(str(number), printable(file.path)) for number, file in enumerate(files)]),
        _select("check", "Check", "Checks", _checks(findings)),
    ]
    actions = tag(
        "div",
        tag("output", id="shown", role="status"),
        tag("button", "Reset", type="button", id="reset", class_="quiet", hidden=True),
        tag("button", "Unfold all", type="button", id="unfold", class_="quiet"),
        tag("button", "Fold all", type="button", id="fold", class_="quiet"),
        class_="actions",
    )
    group = tag("div", join(chips), class_="chips", role="group", aria_label="Severity")
    fields = tag("div", search, group, join(selects), class_="fields")
    return tag("div", fields, actions, class_="toolbar", id="toolbar", hidden=True, role="search")


def _select(name: str, label: str, any_of: str, options: list[tuple[str, str]], chosen: str = "") -> Markup:
    if not any(value == chosen for value, _ in options):
        chosen = ""
    items = [tag("option", any_of, value="")]
    items += [tag("option", words, value=value, selected=bool(chosen) and value == chosen) for value, words in options]
    return tag("select", *items, id=name, aria_label=label)


def _platforms(findings: list[Finding]) -> list[tuple[str, str]]:
    found = {printable(finding.resource.platform) for finding in findings if finding.resource is not None}
    return [(platform, platform) for platform in sorted(found)]


def _statuses(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(status, _STATUSES[status]) for status in STATUS_RANK if any(one.status == status for one in findings)]


def _strategies(findings: list[Finding]) -> list[tuple[str, str]]:
    numbers = sorted({finding.strategy for finding in findings})
    return [(str(number), f"{number} {strategy_name(number)}".strip()) for number in numbers]


def strategy_name(number: int) -> str:
    return STRATEGIES[number - 1] if 1 <= number <= len(STRATEGIES) else ""


def _checks(findings: list[Finding]) -> list[tuple[str, str]]:
    titles = {printable(finding.check): one_line(finding.title) for finding in findings}
    return [(check, f"{check} {titles[check]}") for check in sorted(titles)]


class _Entries:
    """Writes entries; knows which of them stand open, which anchors are taken, which checks are explained."""

    def __init__(self, report: Report, files: list[FileBlock], options: Options) -> None:
        self._rules = options.rules
        self._commands = Commands(report, options.repeated)
        self._few = sum(len(file.entries()) for file in files) <= _OPEN
        self._anchors: set[str] = set()

    def file(self, index: int, file: FileBlock) -> Markup:
        counts = [
            tag("span", f"{number:,} {word}", class_=f"count {word}")
            for word, number in zip(SEVERITIES, file.counts, strict=True)
            if number
        ]
        heading = tag(
            "h3", tag("span", printable(file.path), class_="path"), tag("span", join(counts), class_="counts")
        )
        blocks = [self._block(block) for block in file.blocks]
        return tag("section", heading, *blocks, class_="file", data_file=index)

    def _block(self, block: Block) -> Markup:
        heading = None
        if block.resource is not None:
            exposure = None
            if block.exposure:
                exposure = tag("span", f"reachable through {one_line(block.exposure)}", class_="exposure")
            platform = tag("span", printable(block.resource.platform), class_="platform")
            heading = tag("h4", resource_text(block.resource), platform, exposure)
        return tag("div", heading, *(self._entry(entry) for entry in block.entries), class_="block")

    def _entry(self, entry: Entry) -> Markup:
        lead = entry.lead
        urgent = RANK[lead.severity] <= RANK["high"] and lead.status == "open"
        platform = printable(lead.resource.platform) if lead.resource is not None else ""
        return tag(
            "details",
            _summary(entry),
            tag("div", *self._body(entry), class_="body"),
            class_=f"entry {lead.severity} {lead.status}",
            id=self._anchor(lead),
            open=self._few and urgent,
            data_severity=" ".join(dict.fromkeys(one.severity for one in entry.findings)),
            data_strategy=" ".join(dict.fromkeys(str(one.strategy) for one in entry.findings)),
            data_check=" ".join(dict.fromkeys(printable(one.check) for one in entry.findings)),
            data_platform=platform,
            data_status=lead.status,
            data_number=len(entry.findings),
        )

    def _anchor(self, finding: Finding) -> str | None:
        """`f-FINGERPRINT`, so that a link to a finding holds in the next report too."""
        anchor = "f-" + printable(finding.fingerprint)[:64]
        if anchor in self._anchors or not finding.fingerprint.isalnum():
            return None
        self._anchors.add(anchor)
        return anchor

    def _body(self, entry: Entry) -> list[Markup]:
        lead = entry.lead
        parts = [_source(lead)]
        if entry.merged:
            parts.append(tag("ul", *(self._member(finding) for finding in entry.findings), class_="members"))
        rows: list[tuple[str, Markup]] = []
        if lead.fix is not None and not entry.merged:
            rows.append(("Fix", _fix(lead.fix)))
        command = self._commands.fix(entry)
        if command:
            rows.append(("Command", tag("code", command, class_="command")))
        if not entry.merged:
            if lead.remediation:
                rows.append(("By hand" if lead.fix else "Remedy", prose(lead.remediation)))
            if lead.no_fix:
                rows.append(("No fix", prose(lead.no_fix)))
        if not command:
            rows.append(("Command", tag("code", explain_command(lead), class_="command")))
        rows += self._facts(entry)
        return [*parts, tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in rows))]

    def _facts(self, entry: Entry) -> list[tuple[str, Markup]]:
        lead = entry.lead
        rows: list[tuple[str, Markup]] = []
        places = dict.fromkeys(f"{printable(one.path)}:{one.line}" for f in entry.findings for one in f.related)
        if places:
            rows.append(("See also", join([tag("span", place, class_="path") for place in places], ", ")))
        if lead.raised:
            rows.append(("Raised", text(one_line(lead.raised))))
        answered = controls(entry.findings)
        if answered:
            rows.append(("Controls", join([tag("span", one, class_="control") for one in answered], " ")))
        if lead.status != "open":
            rows.append(("Status", text(one_line(waiver_text(lead)))))
        if not entry.merged and lead.check in self._rules:
            rows.append(("About", self._about(lead.check)))
        return rows

    def _about(self, check: str) -> Markup:
        """The identifier, linked to what the check means."""
        identifier = tag("span", printable(check), class_="check")
        return tag("a", identifier, href="#check-" + check) if check.isalnum() and check in self._rules else identifier

    def _member(self, finding: Finding) -> Markup:
        """One check of a merged entry."""
        mended = None
        if finding.fix is not None:
            mended = tag("span", "fix: ", _fix(finding.fix), class_="remedy")
        elif finding.remediation:
            mended = tag("span", prose(finding.remediation), class_="remedy")
        return tag(
            "li",
            tag("span", finding.severity, class_=f"severity {finding.severity}"),
            self._about(finding.check),
            tag("span", one_line(finding.message or finding.title)),
            mended,
        )


def _summary(entry: Entry) -> Markup:
    lead = entry.lead
    message = one_line(lead.message)
    if entry.merged:
        identifier = plural(len(entry.checks), "check")
        message = ", ".join(one_line(one.message or one.title) for one in entry.findings)
    else:
        identifier = printable(lead.check)
    marks = []
    if lead.status != "open":
        marks.append(tag("span", lead.status, class_="pill"))
    if lead.confidence != "high":
        marks.append(tag("span", f"{lead.confidence} confidence", class_="pill"))
    return tag(
        "summary",
        tag("span", lead.severity, class_=f"severity {lead.severity}"),
        tag("span", identifier, class_="check"),
        tag(
            "span", tag("b", one_line(entry.title)), " ", tag("span", message, class_="message"), *marks, class_="what"
        ),
        tag("span", line_place(lead), class_="place"),
    )


def _fix(fix: FixNote) -> Markup:
    return Markup(prose(fix.summary) + " " + tag("span", fix.kind, class_=f"pill {fix.kind}"))


def _source(finding: Finding) -> Markup:
    lines = [around(line, _SOURCE) for line in marked_lines(finding)]
    if not any(line.text.strip() for line in lines):
        return Markup("")
    return tag("pre", *(_line(line) for line in lines), tabindex="0")


def _line(line: MarkedLine) -> Markup:
    number = str(line.number)
    if line.start == line.end:
        return tag("span", line.text, "\n", data_line=number)
    before, meant, after = line.text[: line.start], line.text[line.start : line.end], line.text[line.end :]
    return tag("span", before, tag("mark", meant or " "), after, "\n", data_line=number, class_="meant")
