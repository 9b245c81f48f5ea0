"""SARIF 2.1.0 (OASIS, errata 01), as GitHub, GitLab, Azure DevOps and editors take it.

Where the specification leaves a choice, GitHub's code scanning decides: paths relative to the
repository, `security-severity` on rules, `primaryLocationLineHash` among the partial fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from batten.model.report import Finding, Report, TargetReport
from batten.model.source import Location, Problem
from batten.report import Format, Options
from batten.report.encodable import with_list
from batten.report.flaws import with_flaws
from batten.report.order import in_order
from batten.report.sarif_rules import LEVELS, RANKS, rule_catalogue
from batten.report.sarif_text import message
from batten.report.text import one_line, printable
from batten.report.words import problems, resource_text, waiver_text
from batten.sources.names import native

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_PATH_SAFE: Final = "/-._~!$&'()*+,;=@"  # RFC 3986 pchar without ':', which a first segment must not have


def render(report: Report, options: Options) -> bytes:
    """One log with one run."""
    return b"".join(pieces(report, options))


def pieces(report: Report, options: Options) -> Iterator[bytes]:
    """The same, part by part: together the results take many times the memory of their text."""
    report = with_flaws(report)
    findings = in_order(report)
    bases = _Bases(report.targets)
    rules = rule_catalogue(findings, options.rules)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    suppressed = any(finding.status != "open" for finding in findings)
    repeats: dict[str, int] = {}
    driver: dict[str, Any] = {"name": "batten", "version": printable(report.version), "rules": rules}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": _automation(report.targets)},
        "invocations": [_invocation(report, bases)],
        "results": [],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    results = (_result(finding, index, bases, repeats, suppressed) for finding in findings)

    def whole() -> Any:
        run["originalUriBaseIds"] = bases.table()  # after the results: it names the bases that they use
        return log

    return with_list(whole, "results", results, depth=3)


class _Bases:
    """Which base a path is relative to.

    Paths below the working directory are relative to the repository's root; a target that was named
    by an absolute path or through `..` has a base of its own.
    """

    def __init__(self, targets: Sequence[TargetReport]) -> None:
        self._roots: list[tuple[str, str]] = []
        for target in targets:
            root = target.ref.replace("\\", "/").rstrip("/")
            if target.kind == "file":
                root = root.rpartition("/")[0]
            if _outside(root + "/") and root not in (known for known, _ in self._roots):
                self._roots.append((root, f"TARGET{len(self._roots) + 1}"))
        self._used: dict[str, str] = {}

    def location(self, path: str) -> dict[str, Any]:
        """The `artifactLocation` of a path as the report writes it."""
        for root, name in self._roots:
            if path == root or path.startswith(root + "/"):
                self._used[name] = root
                return {"uri": _uri(path[len(root) :]), "uriBaseId": name}
        return {"uri": _uri(path), "uriBaseId": _ROOT}

    def table(self) -> dict[str, Any]:
        """`originalUriBaseIds`. The root's own address is not said: the reader knows where the repository lies."""
        table: dict[str, Any] = {_ROOT: {"description": {"text": "The folder that batten was started in"}}}
        for name, root in sorted(self._used.items()):
            table[name] = {"description": {"text": message(f"The target {root}")}}
            if root.startswith("/"):
                table[name]["uri"] = "file://" + _quoted(root) + "/"
        return table


def _outside(path: str) -> bool:
    return path.startswith(("/", "../")) or path[1:3] == ":/"


def _uri(path: str) -> str:
    """A relative reference (RFC 3986) without dot segments, which the specification forbids."""
    return _quoted("/".join(part for part in path.split("/") if part not in ("", ".", ".."))) or "."


def _quoted(path: str) -> str:
    """Percent-encoded: the file's own name, not the one that is shown; a byte that was no UTF-8 (PEP 383) becomes
    that byte again."""
    path = native(path)
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "backslashreplace")
    return quote(raw, safe=_PATH_SAFE)


def _automation(targets: Sequence[TargetReport]) -> str:
    """Tells runs over different targets of one repository apart; ends in `/` as GitHub's categories do."""
    refs = sorted({target.ref.strip("/") for target in targets} - {"", "."})
    return "/".join(["batten", *(quote(ref.encode("utf-8", "replace"), safe="") for ref in refs)]) + "/"


def _invocation(report: Report, bases: _Bases) -> dict[str, Any]:
    invocation: dict[str, Any] = {
        "executionSuccessful": all(target.status != "failed" for target in report.targets),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [_notification(problem, bases) for _, problem in problems(report)],
    }
    if report.exit_reason:
        invocation["exitCodeDescription"] = one_line(report.exit_reason)
    if report.started:
        invocation["startTimeUtc"] = report.started
    return invocation


def _notification(problem: Problem, bases: _Bases) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": bases.location(problem.path)}
    if problem.line:
        physical["region"] = {"startLine": problem.line}
    return {
        "level": "error" if problem.severe else "note",
        "message": {"text": message(problem.message)},
        "locations": [{"physicalLocation": physical}],
    }


def _result(
    finding: Finding, index: dict[str, int], bases: _Bases, repeats: dict[str, int], suppressed: bool
) -> dict[str, Any]:
    repeat = repeats[finding.fingerprint] = repeats.get(finding.fingerprint, 0) + 1
    location: dict[str, Any] = {"physicalLocation": _physical(finding.location, bases)}
    context = _context(finding)
    if context:
        location["physicalLocation"]["contextRegion"] = context
    if finding.resource is not None:
        location["logicalLocations"] = [_logical(finding)]
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "level": LEVELS[finding.severity],
        "rank": RANKS[finding.severity],
        "message": {"text": message(finding.message or finding.title)},
        "locations": [location],
        "partialFingerprints": {
            "batten/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:{repeat}",
        },
        "properties": _properties(finding),
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(related, bases)}
            for number, related in enumerate(finding.related, 1)
        ]
    if suppressed:  # section 3.27.23: on all results or on none
        result["suppressions"] = [] if finding.status == "open" else [_suppression(finding)]
    return result


def _physical(location: Location, bases: _Bases) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": bases.location(location.path)}
    if location.line > 0:
        physical["region"] = _region(location)
    return physical


def _region(location: Location) -> dict[str, int]:
    """Lines and columns from 1; the end column is one past the last character, as ours is."""
    region = {"startLine": location.line, "startColumn": max(1, location.column)}
    end = max(location.line, location.end_line)
    if location.end_column > 0 and (end > location.line or location.end_column >= location.column):
        region |= {"endLine": end, "endColumn": location.end_column}
    elif end > location.line:
        region["endLine"] = end
    return region


def _context(finding: Finding) -> dict[str, Any]:
    """The excerpt, where it covers the whole region as section 3.29.5 wants."""
    excerpt, location = finding.excerpt, finding.location
    if excerpt is None or not excerpt.lines or location.line < 1:
        return {}
    last = excerpt.start + len(excerpt.lines) - 1
    if excerpt.start > location.line or last < max(location.line, location.end_line):
        return {}
    return {"startLine": excerpt.start, "endLine": last, "snippet": {"text": "\n".join(excerpt.lines) + "\n"}}


def _logical(finding: Finding) -> dict[str, str]:
    resource = finding.resource
    assert resource is not None
    parts = (resource.platform, resource.namespace, resource.kind, resource.name, resource.container)
    name = resource.container or resource.name
    logical = {"fullyQualifiedName": printable("/".join(part for part in parts if part)), "kind": "resource"}
    return {"name": printable(name), **logical} if name else logical


def _properties(finding: Finding) -> dict[str, Any]:
    """What SARIF has no field for, under the names of batten's own report."""
    properties: dict[str, Any] = {
        "severity": finding.severity,
        "confidence": finding.confidence,
        "status": finding.status,
        "strategy": finding.strategy,
    }
    if finding.resource is not None:
        properties["resource"] = resource_text(finding.resource)
    for name in ("remediation", "exposure", "raised", "group", "no_fix"):
        text = getattr(finding, name)
        if text:
            properties[name] = text
    if finding.location.pointer:
        properties["pointer"] = finding.location.pointer
    if finding.fix is not None:
        properties["fix"] = {"kind": finding.fix.kind, "summary": finding.fix.summary}
    if finding.controls:
        properties["controls"] = [f"{control.framework} {control.id}" for control in finding.controls]
    return properties


def _suppression(finding: Finding) -> dict[str, str]:
    where = finding.waiver.where if finding.waiver is not None else ""
    in_source = bool(where) and not where.partition(":")[0].endswith(".toml")
    return {
        "kind": "inSource" if in_source else "external",
        "status": "accepted",
        "justification": one_line(waiver_text(finding)),
    }


RENDERER = Format("sarif", "SARIF 2.1.0 for code scanning and editors", ".sarif", render, True, pieces=pieces)
