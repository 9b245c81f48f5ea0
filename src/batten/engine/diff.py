"""What came and what went between two reports, by fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from batten.engine.diff_live import alike, comparable, is_live
from batten.engine.drift import Change, drift
from batten.engine.gate import FAIL_ON, NEVER, stops
from batten.engine.known import moved, remembered
from batten.model.report import Finding, Report
from batten.model.verdict import Severity
from batten.model.vulnerability import Vulnerability


class PackageChange(Struct, frozen=True, kw_only=True):
    """A package that came (`before` is ""), went (`after` is "") or has other versions. Several are joined."""

    type: str
    name: str
    before: str
    after: str


class Difference(Struct, frozen=True, kw_only=True):
    """`added`: open now and not before; `removed`: the other way round; `kept`: open in both."""

    schema: str = "batten.difference/v0"
    before: str
    after: str
    added: list[Finding]
    uncovered: list[Finding] = field(default_factory=list)
    """Open now because a graver finding went that had stood over it (see `Finding.masked_by`): the resource
    is no worse than before, so that it does not count as new."""
    removed: list[Finding]
    kept: int
    vulnerabilities_added: list[Vulnerability] = field(default_factory=list)
    """Affected now and not before, most urgent first; an update does not make a flaw new that stays."""
    vulnerabilities_removed: list[Vulnerability] = field(default_factory=list)
    vulnerabilities_kept: int = 0
    packages: list[PackageChange] = field(default_factory=list)
    drift: list[Change] | None = None
    """What is different in terms of the model; None where a side is a saved report without an inventory."""
    partial: list[str] = field(default_factory=list)
    """Targets that could not be read whole: what seems to have come or gone may only have been unread."""


def compare(before: Report, after: Report) -> Difference:
    """The difference, each list in the order of its report. A cluster is held against what the other side says of it
    (`batten.engine.diff_live`)."""
    live = is_live(before) or is_live(after)
    if live:
        before, after = comparable(before, after)
    was = {one.fingerprint for one in before.findings if one.status == "open"}
    now = {one.fingerprint for one in after.findings if one.status == "open"}
    told_before = {one.fingerprint for one in before.findings}
    told_now = {one.fingerprint for one in after.findings}
    added: list[Finding] = []
    under: list[Finding] = []
    for one in after.findings:
        if one.status == "open" and one.fingerprint not in was:
            (under if uncovered(one, told_before, told_now) else added).append(one)
    removed = [one for one in before.findings if one.status == "open" and one.fingerprint not in now]
    kept = len(was & now)
    if live:
        stayed = alike(removed, [*added, *under])
        kept += len(stayed) // 2
        added, under, removed = ([one for one in found if id(one) not in stayed] for found in (added, under, removed))
    renamed = dict(_renamed(added, removed, before, after))
    added = [one for index, one in enumerate(added) if index not in renamed]
    removed = [one for one in removed if one.fingerprint not in renamed.values()]
    kept += len(renamed)
    flaws_then, flaws_now = _affected(before), _affected(after)
    return Difference(
        vulnerabilities_added=[row for key, row in flaws_now.items() if key not in flaws_then],
        vulnerabilities_removed=[row for key, row in flaws_then.items() if key not in flaws_now],
        vulnerabilities_kept=len(flaws_then.keys() & flaws_now.keys()),
        packages=_changes(before, after),
        drift=_drift(before, after),
        before=_name(before),
        after=_name(after),
        added=added,
        uncovered=under,
        removed=removed,
        kept=kept,
        partial=[target.ref for report in (before, after) for target in report.targets if target.status != "complete"],
    )


def _renamed(added: list[Finding], removed: list[Finding], before: Report, after: Report) -> Iterator[tuple[int, str]]:
    """As `batten.engine.known.moved`: what seems to have come and gone with a file that has another name now."""
    if not added or not removed:
        return iter(())
    was = [remembered(one, one.fingerprint) for one in _inside(removed, before)]
    paths = {one.location.path for one in _inside(after.findings, after)}
    return moved(_inside(added, after), was, (), paths)


def _inside(findings: Iterable[Finding], report: Report) -> list[Finding]:
    """The findings with their paths counted from their targets, and an image's without its name where it is the only
    one: two folders, or two images, are compared as one."""
    refs = {one.id: f"{one.ref.rstrip('/')}/" for one in report.targets}
    images = {name for one in report.findings if (name := _image(one)) is not None}
    return [
        replace(
            one,
            location=replace(one.location, path=one.location.path.removeprefix(refs.get(one.target, ""))),
            resource=replace(one.resource, name="") if one.resource and {_image(one)} == images else one.resource,
        )
        for one in findings
    ]


def _image(finding: Finding) -> str | None:
    """The name of the image that the finding is about."""
    resource = finding.resource
    return resource.name if resource is not None and resource.platform == "image" else None


def _drift(before: Report, after: Report) -> list[Change] | None:
    if before.inventory is None or after.inventory is None:
        return None
    return drift(before.inventory, after.inventory)


def _affected(report: Report) -> dict[tuple[str, str], Vulnerability]:
    """By flaw and package, wherever it lies: two images are compared, not two places."""
    found: dict[tuple[str, str], Vulnerability] = {}
    for row in report.vulnerabilities:
        if row.status == "affected":
            found.setdefault((row.id, row.package.partition("@")[0]), row)
    return found


def _changes(before: Report, after: Report) -> list[PackageChange]:
    then, now = _versions(before), _versions(after)
    return [
        PackageChange(type=key[0], name=key[1], before=then.get(key, ""), after=now.get(key, ""))
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key)
    ]


def _versions(report: Report) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], set[str]] = {}
    for one in report.packages:
        found.setdefault((one.type, one.name), set()).add(one.version)
    return {key: ", ".join(sorted(versions)) for key, versions in found.items()}


def uncovered(finding: Finding, before: Collection[str], now: Collection[str]) -> bool:
    """Was the finding not told before because a graver one, that is gone now, said it all?

    `before` and `now` are the fingerprints told then and now, whatever their status.
    """
    return finding.fingerprint not in before and any(one in before and one not in now for one in finding.masked_by)


def exit_code(difference: Difference, fail_on: str) -> int:
    """1 something at or above `fail_on` came, 3 a side could not be read whole, else 0."""
    if fail_on != NEVER:
        if any(stops(row, fail_on) for row in difference.vulnerabilities_added):
            return 1
        if fail_on in FAIL_ON:
            threshold = Severity[fail_on.upper()]
            if any(Severity[one.severity.upper()] >= threshold for one in difference.added):
                return 1
    return 3 if difference.partial else 0


def _name(report: Report) -> str:
    return ", ".join(target.ref for target in report.targets)
