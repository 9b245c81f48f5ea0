"""Frameworks in a scan: which checks count, exact Pod Security verdicts, controls on findings.

Pod Security Standards are versioned and a control there is not one check: `batten.frameworks.pss` gives
the exact verdict on the model, and the findings of the mapped checks carry it (place, fix, excerpt).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from batten.engine.check import Check
from batten.engine.judge import Judged
from batten.engine.rooms import all_checks, checks_for
from batten.engine.run import Result
from batten.frameworks import Framework, controls_of, get
from batten.model.inventory import Inventory
from batten.model.report import ControlRef, ControlResult, FrameworkResult
from batten.model.settings import Settings
from batten.model.verdict import Change, Failure, Fix
from batten.model.workload import Container, Workload

if TYPE_CHECKING:
    from batten.frameworks.pss import Violation

_PSS = "pss-"


def frameworks(settings: Settings) -> list[Framework]:
    """The frameworks asked for; raises `KeyError` with a suggestion for an unknown name."""
    return [get(name) for name in settings.frameworks]


def selected_checks(wanted: Iterable[Framework], settings: Settings) -> list[Check]:
    """The checks that answer a control of these frameworks, whatever their persona or group."""
    asked = list(wanted)
    named = {identifier for one in asked for control in one.controls for identifier in control.checks}
    names = {one.name for one in asked}
    return [
        check
        for identifier, check in checks_for(settings).items()
        if identifier in named or any(name in names for name, _ in check.controls)
    ]


def whole(wanted: Iterable[Framework], checks: Iterable[Check]) -> frozenset[str]:
    """The checks of which every finding is in the report. Of a check that answers to Pod Security alone only
    what the evaluator confirms is kept, so that its silence says nothing (of a waiver, for one)."""
    kept = {
        identifier for one in wanted if not _level(one) for control in one.controls for identifier in control.checks
    }
    exact_alone = any(_level(one) for one in wanted)
    return frozenset(check.id for check in checks if not exact_alone or check.id in kept)


def _level(framework: Framework) -> str:
    return framework.name.removeprefix(_PSS) if framework.name.startswith(_PSS) else ""


def _version(settings: Settings) -> str:
    from batten.frameworks import pss

    return settings.pss_version or pss.NEWEST


def exact(wanted: list[Framework], results: list[Result], inventory: Inventory, settings: Settings) -> list[Result]:
    """Results in which Pod Security controls are judged by the evaluator instead of the mapped checks.

    A failure of a mapped check on the container that the evaluator blames is kept (it has the best place
    and the fix); where no check failed there, the evaluator's own words and place become the failure.
    """
    levels = [level for one in wanted if (level := _level(one))]
    if not levels:
        return results
    others = {
        identifier for one in wanted if not _level(one) for control in one.controls for identifier in control.checks
    }
    kept = [result for result in results if result.check.id in others]
    failures: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.failures:
            failures[result.check.id, _owner(result.noun)].append(result)
    seen: set[Any] = {id(result) for result in kept}
    for level in dict.fromkeys(levels):
        kept += _judged_exactly(get(_PSS + level), level, failures, inventory, settings, seen)
    return kept


def _owner(noun: Any) -> str:
    return noun.workload if isinstance(noun, Container) else getattr(noun, "id", "")


def _judged_exactly(
    framework: Framework,
    level: str,
    failures: dict[tuple[str, str], list[Result]],
    inventory: Inventory,
    settings: Settings,
    seen: set[Any],
) -> list[Result]:
    from batten.frameworks import pss

    checks = {control.id: control.checks for control in framework.controls}
    registry = all_checks()
    results: list[Result] = []
    for workload in inventory.of(Workload):
        if workload.platform != "kubernetes":
            continue
        violations = pss.evaluate(workload, level, _version(settings))
        violated = {violation.control for violation in violations}
        for violation in violations:
            identifiers = [one for one in checks.get(violation.control, ()) if one in registry]
            found = [
                result
                for identifier in identifiers
                for result in failures.get((identifier, workload.id), ())
                if not isinstance(result.noun, Container)
                or not violation.containers
                or result.noun.name in violation.containers
            ]
            own = _own_failures(registry[identifiers[0]], workload, violation, found) if identifiers else []
            # both levels blame the same thing in the same words: it is one finding
            for mark, result in [
                *((id(one), one) for one in found),
                *(((one.check.id, workload.id, one.failures[0].message), one) for one in own),
            ]:
                if mark not in seen:
                    seen.add(mark)
                    results.append(result)
        for control, mapped in checks.items():
            if control not in violated and mapped and mapped[0] in registry:
                results.append(Result(registry[mapped[0]], workload, workload.resource, []))
    return results


def _own_failures(check: Check, workload: Workload, violation: Violation, found: list[Result]) -> list[Result]:
    """What the evaluator blames and no check has found: by container where the check is one of containers, with
    the identity that its own finding there would have (so that it stays the same one when the check speaks)."""
    told = {result.noun.name for result in found if isinstance(result.noun, Container)}
    if len(told) < len(found):
        return []  # one of them is about the workload as a whole
    results: list[Result] = []
    if check.noun is Container:
        for container in workload.containers:
            if container.name in violation.containers and container.name not in told:
                mine = violation.of(container.name)
                fix = _host_ports_go(container) if violation.control == "host-ports" else None
                failure = Failure(mine.places[0], mine.message, related=mine.places[1:], fix=fix)
                results.append(Result(check, container, container.resource, [failure]))
    if found or results:
        return results
    place = violation.places[0] if violation.places else workload.where()
    failure = Failure(place, violation.message, subject=violation.control, related=violation.places[1:])
    return [Result(check, workload, workload.resource, [failure])]


def _host_ports_go(container: Container) -> Fix:
    """The control forbids a host port on loopback, too, which no check blames."""
    ports = [port for port in container.ports if port.host]
    return Fix("review", "remove hostPort; use a Service", tuple(Change(container, "remove", port) for port in ports))


def with_controls(judged: list[Judged], inventory: Inventory, settings: Settings) -> list[Judged]:
    """Every finding with the controls that it answers; Pod Security controls only where the evaluator
    says that they are violated."""
    violated = _violations(inventory, settings) if judged else {}
    known: dict[tuple[int, ...], list[ControlRef]] = {}  # findings that answer the same controls share the list
    for one in judged:
        noun = one.result.noun
        owner, name = _owner(noun), noun.name if isinstance(noun, Container) else ""
        refs = [
            ref
            for ref, exact in _references(one.check.id, one.check.controls)
            if not exact or _blames(violated.get((ref.framework, ref.id, owner)), name)
        ]
        one.finding = replace(one.finding, controls=known.setdefault(tuple(map(id, refs)), refs))
    return judged


@cache
def _references(check: str, own: tuple[tuple[str, str], ...]) -> tuple[tuple[ControlRef, bool], ...]:
    """The controls that a check answers, and whether the evaluator decides. One for all findings: together
    they name controls fifty thousand times in a large repository."""
    return tuple((ControlRef(name, control), name.startswith(_PSS)) for name, control in (*controls_of(check), *own))


def _blames(containers: tuple[str, ...] | None, name: str) -> bool:
    """Is a control violated by the container `name` ("": by something else of the workload)?"""
    return containers is not None and (not containers or not name or name in containers)


def _violations(inventory: Inventory, settings: Settings) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """(framework, control, workload id) -> containers blamed, () for the pod itself."""
    from batten.frameworks import pss

    version = _version(settings)
    return {
        (_PSS + level, control, workload.id): containers
        for workload in inventory.of(Workload)
        if workload.platform == "kubernetes"
        for level, control, containers in pss.violated(workload, version)
    }


def _controls_at(framework: Framework, settings: Settings) -> set[str] | None:
    """The controls that a Pod Security level has in the version that is judged; None: all of them."""
    level = _level(framework)
    if not level:
        return None
    from batten.frameworks import pss

    return {control for control, _ in pss.controls(level, _version(settings))}


def results(
    wanted: Iterable[Framework], judged: list[Judged], ran: list[Result], settings: Settings
) -> list[FrameworkResult]:
    """Each framework control by control."""
    everything = {result.check.id for result in ran}
    # Pod Security Standards speak of pods: what a check says of a Dockerfile is no answer there
    of_pods = {result.check.id for result in ran if result.resource.platform == "kubernetes"}
    answered_by_rules = {control for result in ran for control in result.check.controls}
    by_control: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in judged:
        for ref in one.finding.controls:
            by_control[ref.framework, ref.id].append(one.finding.status)
    reports = []
    for framework in wanted:
        controls = []
        known = _controls_at(framework, settings)
        answered = of_pods if _level(framework) else everything
        for control in framework.controls:
            if known is not None and control.id not in known:
                continue  # this version of the standard does not have it
            told = by_control[framework.name, control.id]
            opened = sum(state == "open" for state in told)
            known_before = sum(state == "baseline" for state in told)
            status: Any = "not-assessed"
            if control.coverage == "manual":
                status = "manual"
            elif opened:
                status = "failed"
            elif known_before:
                status = "baseline"
            elif told:
                status = "waived"
            elif (framework.name, control.id) in answered_by_rules or any(one in answered for one in control.checks):
                status = "passed"
            controls.append(
                ControlResult(
                    id=control.id,
                    title=control.title,
                    coverage=control.coverage,
                    status=status,
                    findings=opened + known_before,
                )
            )
        # a waiver and a baseline hide from the gate what is open; that the control is not kept stays true
        states = [one.status for one in controls]
        passed = "passed" in states and not {"failed", "baseline", "waived"} & set(states)
        version = _version(settings) if _level(framework) else framework.version
        reports.append(
            FrameworkResult(
                name=framework.name, title=framework.title, version=version, passed=passed, controls=controls
            )
        )
    return reports
