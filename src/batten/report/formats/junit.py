"""JUnit XML: a suite per target and per file, an open finding is a failure, a waived one is skipped.

The form is that of Jenkins' xUnit plug-in (its junit-10.xsd), the strictest consumer: it knows no file or line of a
case. Only characters of XML 1.0 are written: what it forbids is made visible.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from msgspec import Struct

from batten.model.report import Finding, Report, TargetReport
from batten.pattern import pattern
from batten.report import Format, Options
from batten.report.flaws import with_flaws
from batten.report.order import FileBlock, arrange
from batten.report.text import one_line, printable, printable_lines
from batten.report.words import problem_place, resource_text, waiver_text

_FORBIDDEN: Final = pattern("[\ufffe\uffff]")  # XML 1.0 section 2.2; the others went with `printable`
_ATTRIBUTE: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def render(report: Report, options: Options) -> str:
    """One document; a scan without findings still has one passed case for each target."""
    report = with_flaws(report)
    suites = [_target(target) for target in report.targets]
    suites += [_file(file) for file in arrange(report)]
    suites = suites or [_suite("batten", [], 0, 0, 0, 0)]
    tests, failures, errors, _ = (sum(column) for column in zip(*(one.numbers for one in suites), strict=True))
    head = f'<testsuites name="batten" tests="{tests}" failures="{failures}" errors="{errors}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'{head} time="{report.seconds:.3f}">']
    for suite in suites:
        lines += suite.lines
    return "\n".join([*lines, "</testsuites>"]) + "\n"


class _Suite(Struct):
    lines: list[str]
    numbers: tuple[int, int, int, int]
    """Tests, failures, errors, skipped."""


def _target(target: TargetReport) -> _Suite:
    """Was the target read whole?"""
    case = f'    <testcase classname="{_attribute(target.ref)}" name="everything could be read" time="0"'
    severe = [problem for problem in target.problems if problem.severe]
    if target.status != "complete" and not severe:
        body = [
            case + ">",
            f'      <error message="{_attribute(target.status)}" type="unreadable"/>',
            "    </testcase>",
        ]
    elif severe:
        first = _attribute(one_line(severe[0].message))
        told = "\n".join(f"{problem_place(problem)}: {one_line(problem.message)}" for problem in severe)
        error = f'      <error message="{first}" type="unreadable">{_text(told)}</error>'
        body = [case + ">", error, "    </testcase>"]
    else:
        body = [case + "/>"]
    errors = int(len(body) > 1)
    return _suite(f"target {target.ref}", body, 1, 0, errors, 0)


def _file(file: FileBlock) -> _Suite:
    names: dict[str, int] = {}
    lines: list[str] = []
    findings = [finding for entry in file.entries() for finding in entry.findings]
    for finding in findings:
        lines += _case(finding, names)
    failures = sum(finding.status == "open" for finding in findings)
    return _suite(file.path, lines, len(findings), failures, 0, len(findings) - failures, file.path)


def _suite(name: str, body: list[str], tests: int, failures: int, errors: int, skipped: int, path: str = "") -> _Suite:
    numbers = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    numbers += f' file="{_attribute(path)}"' if path else ""
    start = f'  <testsuite name="{_attribute(name)}" {numbers} time="0">'
    return _Suite([start, *body, "  </testsuite>"], (tests, failures, errors, skipped))


def _case(finding: Finding, names: dict[str, int]) -> list[str]:
    """Its name holds no line, so that the history of a test survives an edit above it."""
    name = f"{finding.check} {finding.title}"
    if finding.resource is not None:
        name += f" ({resource_text(finding.resource)})"
    repeat = names[name] = names.get(name, 0) + 1
    name += f" #{repeat}" if repeat > 1 else ""
    case = f'    <testcase classname="{_attribute(finding.location.path)}" name="{_attribute(name)}" time="0">'
    if finding.status != "open":
        reason = f'      <skipped message="{_attribute(waiver_text(finding))}"/>'
        return [case, reason, "    </testcase>"]
    failure = f'      <failure message="{_attribute(finding.message or finding.title)}" type="{finding.severity}">'
    return [case, f"{failure}{_text(_details(finding))}</failure>", "    </testcase>"]


def _details(finding: Finding) -> str:
    place = f"{printable(finding.location.path)}:{finding.location.line}:{finding.location.column}"
    parts = [f"{place}: {finding.severity}: {finding.message or finding.title}"]
    if finding.excerpt is not None:
        parts += [f"{number:>6} | {text}" for number, text in enumerate(finding.excerpt.lines, finding.excerpt.start)]
    if finding.fix is not None:
        parts.append(f"fix ({finding.fix.kind}): {finding.fix.summary}")
    elif finding.remediation:
        parts.append(f"by hand: {one_line(finding.remediation)}")
    parts.append(f"batten explain {finding.check}")
    return "\n".join(parts)


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", printable_lines(text)))


def _attribute(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", printable_lines(text)), _ATTRIBUTE)


RENDERER = Format("junit", "JUnit XML, for test reports of a build server", ".xml", render)
