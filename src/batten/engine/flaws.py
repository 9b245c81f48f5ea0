"""Vulnerabilities and packages of the inventory as the rows of a report: waivers, baseline, counts, order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from batten.engine.waive import ActiveWaiver, Waivers, holds, path_matches
from batten.engine.waived_updates import without_waived
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.settings import Settings
from batten.model.source import File
from batten.model.verdict import Severity
from batten.model.vulnerability import (
    Coverage,
    PackageRow,
    SharedUpdate,
    SourceState,
    UpdateStep,
    Vulnerability,
    VulnerabilityCount,
    WaiverNote,
)

_DISTRIBUTED: Final = frozenset({"apk", "deb", "rpm"})
_ROLLING: Final = frozenset({"chainguard", "opensuse-tumbleweed", "wolfi"})
_WORDS: Final = ("critical", "high", "medium", "low", "negligible", "unknown")


class Flaws(Struct):
    """The part of a report that is about packages."""

    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    count: VulnerabilityCount | None = None
    plan: list[UpdateStep] = field(default_factory=list)
    shared_plan: list[SharedUpdate] = field(default_factory=list)
    packages: list[PackageRow] = field(default_factory=list)
    sources: list[SourceState] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)


def flaws(inventory: Inventory, settings: Settings, waivers: Waivers, known: Collection[str]) -> Flaws:
    """The rows, most urgent first. `known`: fingerprints of a baseline."""
    packages = inventory.of(Package)
    # a report of another scanner without a flaw brings no packages, but they were matched
    if not packages and not inventory.of(Vulnerability) and not inventory.of(Coverage):
        return Flaws()
    rows = [_waived(row, waivers) for row in inventory.of(Vulnerability)]
    if settings.images.ignore_unfixed:
        rows = [row for row in rows if row.fixed or row.kev or row.status != "affected"]
    rows.sort(key=_urgency)
    coverage = inventory.of(Coverage)
    steps, together = without_waived(inventory.of(UpdateStep), inventory.of(SharedUpdate), rows)
    return Flaws(
        vulnerabilities=rows,
        count=_count(rows, known) if coverage or rows else None,
        plan=steps,
        shared_plan=together,
        packages=sorted((_row(one) for one in packages), key=lambda row: (row.target, row.type, row.name, row.version)),
        sources=list(inventory.of(SourceState)),
        coverage=list(coverage),
    )


def with_shown_paths(found: Flaws, packages: Iterable[Package], shown: Callable[[File], str]) -> Flaws:
    """The same with the paths of places as the user would write them, which `shown` gives."""
    paths: dict[tuple[str, str], str] = {}
    for package in packages:
        if package.place is not None:
            file = package.place.document.file
            paths.setdefault((package.target, file.path), shown(file))
    if not paths:
        return found
    return replace(
        found,
        vulnerabilities=[_at(row, paths) for row in found.vulnerabilities],
        plan=[_at(step, paths) for step in found.plan],
        packages=[_at(row, paths) for row in found.packages],
    )


_Located = TypeVar("_Located", Vulnerability, UpdateStep, PackageRow)


def _at(row: _Located, paths: Mapping[tuple[str, str], str]) -> _Located:
    location = row.location
    path = paths.get((row.target, location.path)) if location is not None else None
    return replace(row, location=replace(location, path=path)) if location is not None and path else row


def counted(rows: Iterable[Vulnerability], known: Collection[str]) -> list[Vulnerability]:
    """Those that are affected, not waived and not in the baseline."""
    return [row for row in rows if row.status == "affected" and row.fingerprint not in known]


def gravest(found: Flaws) -> list[Severity | None]:
    """Of each package that some source speaks of: its gravest flaw that is affected, None for none."""
    if found.count is None:
        return []
    worst: dict[tuple[str, str], Severity] = {}
    for row in found.vulnerabilities:
        if row.status == "affected":
            word = row.severity if row.severity not in ("negligible", "unknown") else "low"
            key = (row.target, row.package)
            worst[key] = max(worst.get(key, Severity.INFO), Severity[word.upper()])
    told = [one for one in found.coverage if one.sources and not one.few]
    languages = {one.ecosystem for one in told}
    distributions = any(":" in one.ecosystem or one.ecosystem in _ROLLING for one in told)
    rows = [(one, worst.get((one.target, one.purl))) for one in found.packages]
    # where little or nothing is known of such packages, that one has no flaws listed is no good news
    return [
        flaw
        for one, flaw in rows
        if flaw is not None or (distributions if one.type in _DISTRIBUTED else one.type in languages)
    ]


def _urgency(row: Vulnerability) -> tuple[object, ...]:
    return (row.status != "affected", -row.priority, _WORDS.index(row.severity), row.id, row.target, row.package)


def _count(rows: Sequence[Vulnerability], known: Collection[str]) -> VulnerabilityCount:
    open_rows = counted(rows, known)
    return VulnerabilityCount(
        **{word: sum(row.severity == word for row in open_rows) for word in _WORDS},
        fixable=sum(bool(row.fixed) for row in open_rows),
        exploited=sum(row.kev for row in open_rows),
        waived=sum(row.status == "waived" for row in rows),
        not_affected=sum(row.status in ("not_affected", "fixed") for row in rows),
        baseline=sum(row.status == "affected" and row.fingerprint in known for row in rows),
    )


def _waived(row: Vulnerability, waivers: Waivers) -> Vulnerability:
    """The row as waived, where a waiver of one of its identifiers covers it and holds."""
    for identifier in (row.id, *row.aliases):
        for active in waivers.about(identifier):
            if not _covers(active, row):
                continue
            active.matched += 1
            if row.status == "affected" and holds(active):
                waiver = active.waiver
                note = WaiverNote(waiver.reason, waiver.owner, waiver.expires or "", waiver.where)
                row = replace(row, status="waived", waiver=note)
    return row


def _covers(active: ActiveWaiver, row: Vulnerability) -> bool:
    """`resource` is the package's name, `subject` its package URL, `path` where it lies or the target."""
    waiver = active.waiver
    if waiver.path and not any(path_matches(path, waiver.path) for path in (*row.paths, row.target)):
        return False
    if waiver.resource and not any(fnmatchcase(name, waiver.resource) for name in (row.name, row.target)):
        return False
    return not waiver.subject or any(
        fnmatchcase(text, waiver.subject) for text in (row.package, row.package.partition("?")[0], row.name)
    )


def _row(package: Package) -> PackageRow:
    source = package.source
    return PackageRow(
        purl=package.purl,
        name=package.name,
        version=package.version,
        type=package.type,
        target=package.target,
        source=f"{source.name} {source.version}" if source is not None else "",
        origin=package.origin,
        layer=package.layer,
        instruction=package.instruction,
        from_base=package.from_base,
        paths=package.paths,
        licenses=package.licenses,
        owner=package.owner,
        direct=package.direct,
        scope=package.scope,
        location=package.place.location() if package.place is not None else None,
    )
