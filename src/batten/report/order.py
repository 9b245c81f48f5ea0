"""The one order of findings that every format shows: by file, most urgent first.

Findings stand under their file, there under their resource, there as entries (`groups`). Files,
resources and entries are each sorted by what to do first; ties are broken by place.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.model.report import Finding, Report
from batten.model.workload import Resource
from batten.report.groups import Entry, entries

SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
RANK: Final = {word: rank for rank, word in enumerate(SEVERITIES)}
STATUS_RANK: Final = {"open": 0, "baseline": 1, "waived": 2}
CONFIDENCE_RANK: Final = {"high": 0, "medium": 1, "low": 2}

Counts = tuple[int, int, int, int, int]
"""Open findings, from critical to info."""


class Block(Struct, frozen=True, eq=False):
    """The entries of one resource in one file."""

    resource: Resource | None
    exposure: str
    entries: list[Entry]
    counts: Counts


class FileBlock(Struct, frozen=True, eq=False):
    """Everything that was found in one file of one target."""

    target: str
    path: str
    blocks: list[Block]
    counts: Counts

    def entries(self) -> list[Entry]:
        return [entry for block in self.blocks for entry in block.entries]


def finding_key(finding: Finding) -> tuple[int, int, int, int, int, str, str]:
    """Sorts the findings of one resource in one file."""
    location = finding.location
    return (
        STATUS_RANK[finding.status],
        RANK[finding.severity],
        CONFIDENCE_RANK[finding.confidence],
        location.line,
        location.column,
        finding.check,
        finding.fingerprint,
    )


def arrange(report: Report) -> list[FileBlock]:
    """The findings of `report` under files, resources and entries."""
    files: dict[tuple[str, str], dict[Resource | None, list[Finding]]] = {}
    for finding in report.findings:
        resources = files.setdefault((finding.target, finding.location.path), {})
        resources.setdefault(finding.resource, []).append(finding)
    arranged = [_file(target, path, resources) for (target, path), resources in files.items()]
    arranged.sort(key=lambda file: (_urgency(file.counts), file.path, file.target))
    return arranged


def in_order(report: Report) -> list[Finding]:
    """The findings one by one in the order of `arrange`."""
    return [finding for file in arrange(report) for entry in file.entries() for finding in entry.findings]


def _file(target: str, path: str, resources: dict[Resource | None, list[Finding]]) -> FileBlock:
    blocks = [_block(resource, findings) for resource, findings in resources.items()]
    blocks.sort(key=lambda block: (_urgency(block.counts), _place(block)))
    counts = _sum([block.counts for block in blocks])
    return FileBlock(target, path, blocks, counts)


def _block(resource: Resource | None, findings: list[Finding]) -> Block:
    findings = sorted(findings, key=finding_key)
    exposure = next((finding.exposure for finding in findings if finding.exposure), "")
    return Block(resource, exposure, entries(findings), _count(findings))


def _count(findings: list[Finding]) -> Counts:
    numbers = [0] * len(SEVERITIES)
    for finding in findings:
        if finding.status == "open":
            numbers[RANK[finding.severity]] += 1
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])


def _sum(counts: list[Counts]) -> Counts:
    critical, high, medium, low, info = (sum(column) for column in zip(*counts, strict=True))
    return (critical, high, medium, low, info)


def _urgency(counts: Counts) -> Counts:
    critical, high, medium, low, info = counts
    return (-critical, -high, -medium, -low, -info)


def _place(block: Block) -> tuple[int, int, str]:
    first = min(finding.location.line for entry in block.entries for finding in entry.findings)
    resource = block.resource
    if resource is None:
        return (first, 0, "")
    name = "\x1f".join((resource.platform, resource.kind, resource.namespace, resource.name, resource.container))
    return (first, 1, name)
