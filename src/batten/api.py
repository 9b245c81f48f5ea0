"""batten as a library: plain functions that every front end calls.

from batten import api
report = api.scan(["k8s/"]).report
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batten.engine import config
from batten.engine.check import explanation
from batten.engine.rooms import all_checks, checks_for
from batten.engine.scan import Scan, open_all, scan_targets
from batten.model.report import Report
from batten.model.settings import Settings
from batten.report import Options, RuleInfo

if TYPE_CHECKING:
    from batten.engine.diff import Difference
    from batten.engine.fix import FixPlan, Proposal
    from batten.engine.known import Known
    from batten.model.inventory import Inventory
    from batten.model.source import Problem
    from batten.report.sbom import SbomInput
    from batten.sources.oci.tags import Tags

__all__ = [
    "Scan",
    "diff",
    "fix",
    "fix_text",
    "read_report",
    "render",
    "rules",
    "sbom",
    "scan",
    "scan_text",
    "settings_for",
]


def settings_for(targets: Sequence[str] = (), path: str | None = None) -> Settings:
    """The settings of `path`, else of the nearest configuration above the current directory (where the
    first target is a directory elsewhere: above that); the defaults where there is none, with the rules of a folder
    `batten-rules` that lies where a configuration would.

    Raises `batten.engine.config.ConfigError`.
    """
    if path is not None:
        return config.load(path)
    starts = [os.getcwd()]
    if targets and os.path.exists(targets[0]):
        first = targets[0]
        starts.append(first if os.path.isdir(first) else os.path.dirname(first) or os.curdir)
    for start in starts:
        found = config.find(start)
        if found is not None:
            return config.load(found)
    return config.without(starts)


def scan(
    targets: Sequence[str],
    settings: Settings | None = None,
    *,
    known: Iterable[str] = (),
    diff_base: str | None = None,
    controls: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Scan:
    """Scan targets (paths or `SCHEME:REFERENCE`).

    `known`: what `batten.engine.baseline.read` gives. `diff_base`: a Git revision; what was there already counts as
    baseline. `controls`: False where nobody will look at `Finding.controls`. Raises
    `batten.sources.TargetError`, `batten.frameworks.UnknownFramework`.
    """
    chosen = Settings() if settings is None else settings
    config.verify(chosen)
    before = _known_at(targets, chosen, diff_base) if diff_base is not None else ()
    opened = open_all(targets, chosen)
    return scan_targets(opened, chosen, known=known, before=before, controls=controls, progress=progress)


def _known_at(targets: Sequence[str], settings: Settings, revision: str) -> Known:
    from batten.engine.known import Known, remembered
    from batten.engine.waiver_uses import as_before
    from batten.sources.git import open_revision

    # waivers of today must not hide what the change brings back: everything found then is known
    opened = [open_revision(text, revision, exclude=settings.exclude) for text in targets]
    before = scan_targets(opened, as_before(settings, targets, revision))
    findings = before.report.findings
    return Known((one.fingerprint for one in findings), (remembered(one, one.fingerprint) for one in findings))


def fix(
    targets: Sequence[str],
    settings: Settings | None = None,
    *,
    review: bool = False,
    choose: Callable[[Proposal], bool] | None = None,
    progress: Callable[[str], None] | None = None,
    tags: Tags | None = None,
) -> FixPlan:
    """Plan and prove fixes (see `batten.engine.fix.plan`); nothing is written. `review`: also the fixes
    that take something away from the process. `tags`: also pin images to the digests that it gives."""
    from batten.engine.fix import plan

    kinds = ("safe", "review") if review else ("safe",)
    if tags is None:
        return plan(scan(targets, settings, progress=progress), kinds=kinds, choose=choose)
    from batten.engine.fix.pins import CHECKS, Pins

    chosen = replace(Settings() if settings is None else settings, also=CHECKS)
    return plan(scan(targets, chosen, progress=progress), kinds=kinds, choose=choose, pins=Pins(tags))


def scan_text(
    path: str,
    text: str,
    settings: Settings | None = None,
    *,
    beside: Mapping[str, str] | None = None,
    root: str | None = None,
    alone: bool = False,
) -> Scan:
    """Scan a text that is not on the disk, or not yet, as the file at `path` (absolute; it need not exist).

    The other files of `root` (without one: of its folder) are there for readers that ask; `beside`: those of them that
    are not saved either, by absolute path. `alone`: nothing of the disk is looked at. What is a part of a Helm chart is
    judged with the chart.

    `batten.engine.fix.plan` of the result plans fixes of the text; nothing is written.
    """
    from batten.formats.kubernetes.templates import chart_of
    from batten.sources.memory import TextTarget

    chosen = Settings() if settings is None else settings
    config.verify(chosen)
    # half a surrogate pair is no text: told as a problem of the file
    texts = {other: one.encode("utf-8", "surrogatepass") for other, one in (beside or {}).items()}
    target = TextTarget(path, text.encode("utf-8", "surrogatepass"), texts, root=root, alone=alone)
    if (chart := chart_of(target.path.rpartition("/")[0], target.files)) is not None:
        # a template, or values: judged as what the chart makes of it
        target.also.append(f"{chart}/Chart.yaml" if chart else "Chart.yaml")
    return scan_targets([target], chosen)


def fix_text(
    path: str,
    text: str,
    settings: Settings | None = None,
    *,
    review: bool = False,
    choose: Callable[[Proposal], bool] | None = None,
    beside: Mapping[str, str] | None = None,
) -> FixPlan:
    """As `fix`, of a text as for `scan_text`."""
    from batten.engine.fix import plan

    kinds = ("safe", "review") if review else ("safe",)
    return plan(scan_text(path, text, settings, beside=beside), kinds=kinds, choose=choose)


def diff(
    before: str,
    after: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> Difference:
    """Compare two targets or saved reports: findings by fingerprint, and what drifted where both have an
    inventory (a report saved with `with_inventory`). Raises what `scan` raises,
    `batten.report.UnreadableReport` for a saved report that is none, and `batten.sources.Unreachable`."""
    from batten.engine.diff import compare

    chosen = replace(Settings() if settings is None else settings, with_inventory=True, compared=True)
    return compare(_report_of(before, chosen, progress), _report_of(after, chosen, progress))


def _report_of(text: str, settings: Settings | None, progress: Callable[[str], None] | None) -> Report:
    from batten import limits
    from batten.engine.baseline import is_saved
    from batten.engine.read import OF_FILES
    from batten.report import UnreadableReport
    from batten.sources import Unreachable

    if os.path.isfile(text):
        with open(text, "rb") as file:
            data = file.read(limits.REPORT_BYTES + 1)
        if is_saved(data):
            try:
                return read_report(data)
            except UnreadableReport as error:
                raise UnreadableReport(f"{text}: {error}") from None
    report = scan([text], settings, progress=progress).report
    only = report.targets[0]
    nothing = not (report.inventory or report.findings or report.packages)
    severe = [problem.message for problem in only.problems if problem.severe]
    # with nothing in hand everything would seem to have come or gone
    if nothing and severe and only.kind == "file":
        raise UnreadableReport(f"{text}: expected a saved report or a file to scan: {severe[0]}")
    if nothing and severe and only.status == "failed" and only.kind not in OF_FILES:
        raise Unreachable(f"{text.removesuffix(':')}: expected a target that can be read: {severe[0]}")
    return report


def sbom(
    target: str, settings: Settings | None = None, *, progress: Callable[[str], None] | None = None
) -> tuple[SbomInput, list[Problem]]:
    """What is in one target, for `batten.report.sbom.write`, and what could not be read. Nothing is judged.

    Raises `batten.sources.TargetError`, also where the target has images of several platforms, and
    `batten.report.sbom.InvalidEpoch`.
    """
    from batten.engine.read import build_inventory, read_target
    from batten.model.image_content import Image
    from batten.model.package import Package
    from batten.report.sbom import SbomInput, created_now
    from batten.sources import TargetError

    chosen = Settings() if settings is None else settings
    created = created_now()
    opened = open_all([target], chosen)[0]
    reading = read_target(opened, chosen, progress)
    inventory = build_inventory([reading])
    images = inventory.of(Image)
    if len(images) > 1:
        found = ", ".join("/".join(filter(None, (one.os, one.architecture, one.variant))) for one in images[:8])
        raise TargetError(f"{target}: expected one image, found {len(images)} ({found}); choose one with --platform")
    problems = [*reading.problems, *(one for file in reading.files.values() for one in file.problems)]
    if opened.target.kind == "engine":
        raise TargetError(_no_single_image(target, inventory, problems))
    document = SbomInput(
        name=opened.target.ref,
        created=created,
        packages=tuple(inventory.of(Package)),
        image=images[0] if images else None,
        complete=not any(one.severe for one in problems),
    )
    return document, problems


def _no_single_image(target: str, inventory: Inventory, problems: Sequence[Problem]) -> str:
    """Why an engine has no bill of materials: it does not answer, or it runs several images."""
    from batten.model.image import StoredImage

    names = sorted({one.name for one in inventory.of(StoredImage)})
    severe = next((one.message for one in problems if one.severe), "")
    scheme, asked = target.partition(":")[0], target.removesuffix(":")
    if not names and severe:
        return f"{asked}: {severe}"
    told = f" ({', '.join(names[:8])}{', …' if len(names) > 8 else ''})" if names else ""
    example = names[0] if names else "shop/web:1.4"
    return f"{asked}: expected one image, found an engine with {len(names)} in use{told}; name one: {scheme}:{example}"


def read_report(data: bytes) -> Report:
    """A saved report. Raises `batten.report.UnreadableReport`."""
    from batten.report.formats.json import read_report as read

    return read(data)


def rules(settings: Settings | None = None) -> dict[str, RuleInfo]:
    """The catalogue of checks as the renderers want it, with the rules of one's own that `settings` name."""
    found = {}
    checks = all_checks() if settings is None else checks_for(settings)
    for identifier, check in checks.items():
        told = explanation(check)
        found[identifier] = RuleInfo(
            id=identifier,
            title=check.title,
            summary=told.summary,
            remediation=told.fixes,
            references=told.references,
            severity=check.severity.word,  # type: ignore[arg-type]
            strategy=check.strategy,
        )
    return found


def render(report: Report, name: str, options: Options | None = None) -> str | bytes:
    """The report in a format (`batten.report.names()`); raises `batten.report.UnknownFormat`."""
    from batten.report import get

    return get(name).render(report, Options() if options is None else options)
