"""Runs the checks over an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from batten.engine.check import DEPLOYED, Check, Context
from batten.engine.rooms import checks_for, checks_on
from batten.limits import FAILURES
from batten.model.inventory import Inventory
from batten.model.settings import PERSONAS, Settings
from batten.model.source import Problem
from batten.model.verdict import Failure, Outcome
from batten.model.workload import Container, Resource, Workload


class Result(Struct, eq=False, gc=False):
    """What one check said of one noun: failures, or none for a pass."""

    check: Check
    noun: Any
    resource: Resource
    failures: list[Failure]


class Selection(Struct, frozen=True):
    """Which checks run."""

    settings: Settings

    def takes(self, check: Check) -> bool:
        settings = self.settings
        named = any(check.id.startswith(word) for word in settings.checks)
        if settings.checks and not named:
            return False
        if any(check.id.startswith(word) for word in settings.skip):
            return False
        if settings.strategies and check.strategy not in settings.strategies:
            return False
        # a check that is asked for by name runs whatever its persona
        return named or check.id in settings.also or PERSONAS.index(check.persona) <= PERSONAS.index(settings.persona)


def selected(settings: Settings, nouns: Iterable[type] | None = None) -> list[Check]:
    """The checks that these settings ask for, by identifier; of them those on `nouns`."""
    selection = Selection(settings)
    found = checks_for(settings) if nouns is None else checks_on(settings, nouns)
    return [check for check in found.values() if selection.takes(check)]


def run_checks(
    inventory: Inventory, settings: Settings, as_of: str, checks: Iterable[Check] | None = None
) -> tuple[list[Result], list[Problem]]:
    """Every selected check on every noun of its type. A check that crashes on hostile input becomes a
    problem that names the check and the resource; the others go on."""
    context = Context(inventory, settings, as_of)
    wanted = selected(settings) if checks is None else list(checks)
    answers = {check.id: _Answers([], [], []) for check in wanted}
    by_noun: dict[type, list[Check]] = {}
    for check in wanted:
        by_noun.setdefault(check.noun, []).append(check)
    # noun by noun: what one check works out of a document is at hand for the others, and need not be kept for all
    for kind, asked in by_noun.items():
        nouns: list[Any] = inventory.of(kind)
        for noun in nouns:
            for check in asked:
                _ask(check, noun, context, answers[check.id])
            if (rest := getattr(noun.document, "rest", None)) is not None:
                rest()
    results: list[Result] = []
    problems: list[Problem] = []
    for check in wanted:
        answer = answers[check.id]
        results += answer.results
        problems += answer.problems
        if answer.declined:
            from batten.engine.rules.judge import declined_problems

            problems += declined_problems(check, answer.declined)
    return results, problems


class _Answers(Struct, eq=False):
    """What one check said, in the order of the nouns."""

    results: list[Result]
    problems: list[Problem]
    declined: list[tuple[Any, Exception]]


def _ask(check: Check, noun: Any, context: Context, answers: _Answers) -> None:
    resource = noun.resource
    platform = resource.platform
    if check.platforms and platform not in check.platforms and platform in _PLATFORMS:
        return
    function: Callable[..., Any] = check.function
    try:
        verdict = function(noun, context) if check.wants_context else function(noun)
    except Exception as error:
        if not check.number:
            answers.problems.append(_crash(check, noun, error))
            return
        answers.declined.append((noun, error))
        verdict = getattr(error, "failures", None) or Outcome.NOT_APPLICABLE
    if verdict is Outcome.NOT_APPLICABLE:
        return
    failures = _NO_FAILURES if verdict is Outcome.PASS else verdict if isinstance(verdict, list) else [verdict]
    if len(failures) > FAILURES:
        message = (
            f"check {check.id} finds {len(failures):,} places in {resource.kind} {resource.name}; "
            f"the first {FAILURES:,} are reported"
        )
        answers.problems.append(Problem(noun.document.file.path, message, severe=False))
        failures = failures[:FAILURES]
    answers.results.append(Result(check, noun, resource, failures))


_NO_FAILURES: Final[list[Failure]] = []  # one for all that passed, never filled: they are most of the results
_PLATFORMS = frozenset(DEPLOYED)


def _crash(check: Check, noun: Any, error: Exception) -> Problem:
    resource = noun.resource
    return Problem(
        noun.document.file.path,
        f"check {check.id} could not judge {resource.kind} {resource.name} ({type(error).__name__}: {error}); "
        "please report this, with the file",
    )


def workload_of(result: Result, inventory: Inventory) -> Workload | None:
    """The workload that a result is about, None for other nouns."""
    if isinstance(result.noun, Workload):
        return result.noun
    if isinstance(result.noun, Container):
        return inventory.workload_of(result.noun)
    return None
