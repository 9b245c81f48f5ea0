"""One scan from targets to a report: read, link, check, judge, gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from batten import __version__
from batten.engine import comply
from batten.engine.check import Check
from batten.engine.enrich import EnrichContext, enrich
from batten.engine.flaws import counted, flaws, gravest, with_shown_paths
from batten.engine.gate import gate
from batten.engine.judge import Judge, Judged, Origins, document_order, order_key
from batten.engine.link import link
from batten.engine.link_images import with_image_users
from batten.engine.read import OF_FILES, TargetReading, build_inventory, read_target, without_repeats
from batten.engine.redact import redact
from batten.engine.rooms import all_readers, checks_for
from batten.engine.run import Result, run_checks, selected
from batten.engine.score import count, score
from batten.engine.waive import ActiveWaiver, Waivers
from batten.engine.waive_inline import annotation_waivers, too_many, waivers_of
from batten.model.facts import ResourceFacts
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.objects import Configuration, Hidden, KubernetesObject, SecretText
from batten.model.package import Package
from batten.model.progress import Question
from batten.model.report import FrameworkResult, Report, TargetReport
from batten.model.settings import Settings
from batten.model.source import Problem
from batten.model.workload import Workload
from batten.sources import OpenTarget, Unreachable, open_target
from batten.sources.names import printable

_SECRET_CHECK = "ACC013"  # noqa: S105 - the identifier of the check on secrets in plain text
_SECRET_ROOMS = ("ACC009", "ACC011", "ACC012")


class Scan(Struct, eq=False):
    """A finished scan: the report, and what a fix or a comparison needs besides."""

    report: Report
    judged: list[Judged]
    inventory: Inventory
    readings: list[TargetReading]
    settings: Settings
    results: list[Result] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


Progress = Callable[[str], None]


def open_all(targets: Sequence[str], settings: Settings) -> list[OpenTarget]:
    """The targets opened; raises `batten.sources.TargetError` for one that is none."""
    images = settings.images
    return [
        open_target(
            text,
            exclude=settings.exclude,
            platform=images.platform,
            offline=images.offline,
            plain_http=images.plain_http,
            stopped=settings.stopped,
            namespaces=settings.namespaces,
            pod_templates=settings.pod_template_kinds,
        )
        for text in targets
    ]


def scan_targets(
    opened: Sequence[OpenTarget],
    settings: Settings,
    *,
    known: Iterable[str] = (),
    before: Iterable[str] = (),
    controls: bool = True,
    progress: Progress | None = None,
) -> Scan:
    """Scan opened targets. `known` are marks of a baseline, `before` fingerprints of the same targets as they were:
    their findings get the status `baseline` and do not count. `controls`: False where nobody will look at those of the
    findings."""
    started = time.time()
    readings = [_read(one, settings, progress) for one in opened]
    without_repeats(readings)
    return judge_readings(
        readings,
        settings,
        known=known,
        before=before,
        controls=controls,
        started=started,
        enriched=True,
        progress=progress,
    )


def _read(opened: OpenTarget, settings: Settings, progress: Progress | None) -> TargetReading:
    if progress is not None and opened.target.kind not in OF_FILES:
        progress(Question(f"reading {printable(opened.target.id)}"))
    try:
        return read_target(opened, settings, progress)
    except Unreachable as error:
        return TargetReading(opened, problems=[*opened.problems, Problem(".", error.reason)])


def judge_readings(
    readings: Sequence[TargetReading],
    settings: Settings,
    *,
    known: Iterable[str] = (),
    before: Iterable[str] = (),
    controls: bool = True,
    started: float | None = None,
    enriched: bool = False,
    images: Sequence[Image] = (),
    progress: Progress | None = None,
) -> Scan:
    """Everything after reading: link, enrich where asked, check, judge, gate. `started`: of `time.time()`."""
    began = time.time() if started is None else started
    today = settings.as_of or datetime.now(UTC).date().isoformat()
    inventory = link(build_inventory(readings), images)
    missing = []
    if enriched:
        known_images = len(inventory.of(Image))
        missing = enrich(inventory, EnrichContext(settings, today, progress))
        if len(inventory.of(Image)) > known_images:
            inventory = with_image_users(inventory, inventory.of(Image))
    wanted = comply.frameworks(settings)
    origins = Origins(readings, (one.place.document.file for one in settings.waivers if one.place is not None))
    waivers = _waivers(readings, inventory, settings, today, origins)
    if wanted:
        checks = comply.selected_checks(wanted, settings)
    else:  # of a waiver it is told what every check says
        checks = selected(settings, None if waivers.all else inventory.types())
    results, crashes = run_checks(inventory, settings, today, checks)
    if wanted:
        results = comply.exact(wanted, results, inventory, settings)
    judge = Judge(inventory, settings, waivers, origins)
    judgement = judge.judge(sorted((one for one in results if one.failures), key=document_order))
    judged = judgement.judged
    known, before = (one if isinstance(one, frozenset) else frozenset(one) for one in (known, before))
    seen = known | before
    found = with_shown_paths(flaws(inventory, settings, waivers, seen), inventory.of(Package), origins.shown)
    if waivers.all:
        from batten.engine.waiver_uses import Reach, flaw_reach, judge_uses

        of_flaws = flaw_reach(found, inventory, missing)
        reach = Reach(readings, crashes, settings, checks_for(settings), comply.whole(wanted, checks), of_flaws)
        more, on_waivers = judge_uses(judge, waivers, reach, settings, today, (check.id for check in checks))
        results, judged = [*results, *more], [*judged, *on_waivers]
    judged = _without_repeated_secrets(judged)
    if controls or wanted:
        judged = comply.with_controls(judged, inventory, settings)
    if seen:
        from batten.engine.known import Known, with_known

        paths = (one.opened.shown(path) for one in readings for path in one.files)
        roots = tuple(one.opened.shown("x")[:-1] for one in readings if one.opened.target.kind != "file")
        judged = with_known(judged, Known.of(known), Known.of(before), paths, roots)
    redact(judged, inventory.of(SecretText), inventory.of(Configuration), inventory.of(Hidden))
    judged.sort(key=order_key)
    wrong = _wrong_rules(settings)
    missing = [*missing, *(("", one) for one in wrong)]
    known_targets = {reading.id for reading in readings}
    reports = [
        _target_report(
            reading,
            crashes if index == 0 else [],
            _of_target(missing, reading.id, first=index == 0, known=known_targets),
        )
        for index, reading in enumerate(readings)
    ]
    findings = [one.finding for one in judged]
    frameworks: list[FrameworkResult] = comply.results(wanted, judged, results, settings)
    gated = [row for row in counted(found.vulnerabilities, seen) if row.fixed or not settings.images.only_fixed]
    code, reason = gate(findings, reports, frameworks, settings.fail_on, gated)
    if wrong:
        code, reason = 2, "a rule of the configuration is wrong"
    report = Report(
        version=__version__,
        started=datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        seconds=round(time.time() - began, 3),
        targets=reports,
        score=score(results, judged, gravest(found)),
        count=count(judged, judgement.hidden),
        findings=findings,
        frameworks=frameworks,
        vulnerabilities=found.vulnerabilities,
        vulnerability_count=found.count,
        plan=found.plan,
        shared_plan=found.shared_plan,
        packages=found.packages,
        sources=found.sources,
        coverage=found.coverage,
        minimality=[one.minimality for one in inventory.of(Image) if one.minimality is not None],
        inventory=_facts(inventory, settings) if settings.with_inventory else None,
        exit_code=code,
        exit_reason=reason,
    )
    return Scan(report, judged, inventory, list(readings), settings, results, checks)


def _facts(inventory: Inventory, settings: Settings) -> list[ResourceFacts]:
    from batten.engine.facts import facts_of

    return facts_of(inventory, compared=settings.compared)


def _wrong_rules(settings: Settings) -> list[Problem]:
    """What is wrong with rules of the user's own: the others are judged by, and the configuration is wrong."""
    if not settings.rules:
        return []
    from batten.engine.rules.registry import rules_of

    return [Problem(one.path, one.told, one.line, severe=False) for one in rules_of(settings).problems]


def _waivers(
    readings: Sequence[TargetReading], inventory: Inventory, settings: Settings, today: str, origins: Origins
) -> Waivers:
    active = [ActiveWaiver(waiver, place=waiver.place) for waiver in settings.waivers]
    for reading in readings:
        active += waivers_of(reading)
    active += annotation_waivers(annotated(inventory), origins.opened)
    checks = checks_for(settings) if active else {}
    return Waivers(active, settings, today, {check.id: check.waivable for check in checks.values()})


def annotated(inventory: Inventory) -> list[Workload | KubernetesObject]:
    """What can carry annotations: workloads (with those of their pod template), then the other objects."""
    workloads = inventory.of(Workload)
    seen = {(workload.document.file.path, workload.resource) for workload in workloads}
    others = [one for one in inventory.of(KubernetesObject) if (one.document.file.path, one.resource) not in seen]
    return [*workloads, *others]


def _of_target(found: list[tuple[str, Problem]], identifier: str, *, first: bool, known: set[str]) -> list[Problem]:
    """What concerns no target that was read (a folder in one, an image of a workload) stands with the first."""
    return [problem for target, problem in found if target == identifier or (first and target not in known)]


def _without_repeated_secrets(judged: list[Judged]) -> list[Judged]:
    """A secret that a check on variables or Secret objects found is not told again as plain text."""
    told: set[tuple[str, int]] = set()
    dumped: dict[str, list[str]] = {}  # what an engine prints of a container says the command more than once
    for one in judged:
        where = one.finding.location
        if one.check.id in _SECRET_ROOMS:
            told |= {(where.path, line) for line in range(where.line, max(where.line, where.end_line) + 1)}
            if one.finding.resource is not None and one.finding.resource.platform in ("docker", "podman"):
                dumped.setdefault(where.path, []).append(one.finding.message)
    return [
        one
        for one in judged
        if one.check.id != _SECRET_CHECK
        or (
            (one.finding.location.path, one.finding.location.line) not in told
            and not any(said.endswith(one.finding.message) for said in dumped.get(one.finding.location.path, ()))
        )
    ]


def _digest(reading: TargetReading) -> str | None:
    """Of a target that is one image: of its manifest; where it came without one (what `docker save` of old writes,
    a root directory), of its configuration, by which engines know it."""
    images = [noun for one in reading.files.values() for noun in one.nouns if isinstance(noun, Image)]
    return images[0].digest or images[0].id or None if len(images) == 1 else None


def _target_report(reading: TargetReading, crashes: list[Problem], outside: list[Problem]) -> TargetReport:
    """`outside`: problems of what was added to the target, whose paths are not below it."""
    problems: dict[tuple[Any, ...], Problem] = {}
    consumed = {path for one in reading.files.values() for path in one.consumed if path != one.file.path}
    found = [*reading.problems]
    for path, one in reading.files.items():
        if path not in consumed:
            found += one.problems
        if (crowd := too_many(one.file, one.reader)) is not None:
            found.append(crowd)
    for problem in (*found, *crashes):
        problems.setdefault((problem.path, problem.message, problem.line), problem)
    # a file that no reader knows still counts where something was found in it (a secret in `.env`)
    recognised = sum(one.recognised or bool(one.nouns) for one in reading.files.values())
    if not recognised and not problems and not reading.elsewhere:
        nothing = f"nothing here that batten reads; expected one of {', '.join(one.name for one in all_readers())}"
        problems["", nothing, None] = Problem(".", nothing)
    severe = any(problem.severe for problem in (*problems.values(), *outside))
    target = reading.opened.target
    failed = severe and not any(one.nouns for one in reading.files.values())
    return TargetReport(
        id=target.id,
        kind=target.kind,
        ref=target.ref,
        digest=_digest(reading),
        status="failed" if failed else "partial" if severe else "complete",
        problems=[*(replace(one, path=reading.opened.shown(one.path)) for one in problems.values()), *outside],
        files=recognised,
    )
