"""States of a target, before and after edits, and what the checks say of them, scope by scope.

A check looks at its noun; one that asks for the context looks at what lies in the noun's scope and at what
the link step joined to it, too. So only the scopes are judged again in which a file was read anew or a
link leads elsewhere, and there only what a check could see change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from batten.engine.comply import exact, frameworks
from batten.engine.elsewhere import JOINED
from batten.engine.link import link
from batten.engine.read import FileReading, TargetReading, build_inventory
from batten.engine.run import Result, run_checks
from batten.engine.scan import Scan
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.objects import WaiverUse
from batten.model.scope import in_target
from batten.model.verdict import Failure, Severity
from batten.model.workload import Container, Resource, Workload

Key = tuple[Any, ...]
"""(check, scope, resource, subject, path): what tells findings apart in a proof."""


class Told(Struct, eq=False):
    """A failure of a check, as the proof counts it: no places are worked out."""

    key: Key
    path: str
    result: Result
    failure: Failure

    @property
    def severity(self) -> Severity:
        return severity_of(self.result, self.failure)


def severity_of(result: Result, failure: Failure) -> Severity:
    """How bad it is in itself, wherever it can be reached from."""
    return failure.severity if failure.severity is not None else result.check.severity


class _Answers(Struct, eq=False):
    """What the checks say of one scope, passes among it."""

    results: list[Result]
    nouns: list[Any]
    """All that were judged: a check that gave no result for one of them did not apply."""
    exactly: list[Result] = field(default_factory=list)
    """What only the evaluator of a framework blames."""
    told: list[Told] | None = None
    applied: set[tuple[str, Resource, str]] | None = None
    """(check, resource, path) of all results."""
    there: set[tuple[Resource, str]] = field(default_factory=set)
    """(resource, path) of all nouns, once `applied` is known."""


class State:
    """A reading of a target. `like`: another state of the same target, whose answers are taken over for what
    is the same there."""

    def __init__(self, reading: TargetReading, scan: Scan, *, like: State | None = None) -> None:
        self.reading = reading
        self._scan = scan
        self._answers: dict[str, _Answers] = {}
        self._former: dict[str, _Answers] = {}
        self._compared: tuple[State, set[str]] | None = None
        if like is not None:
            differing = self.differing(like)
            for scope, answers in like._answers.items():
                (self._former if scope in differing else self._answers)[scope] = answers

    @classmethod
    def scanned(cls, reading: TargetReading, scan: Scan) -> State:
        """The target as it was scanned. What the scan found is taken over where it is all that the checks say."""
        state = cls(reading, scan)
        if len(scan.readings) == 1 and not scan.settings.frameworks:
            state.inventory = scan.inventory
            state._take(scan.results, _scopes(reading.files.values()))
        return state

    @cached_property
    def inventory(self) -> Inventory:
        """Everything read, linked."""
        return link(build_inventory([self.reading]), self._scan.inventory.of(Image))

    def differing(self, other: State) -> set[str]:
        """The scopes of which the checks may say something else than in the other state."""
        if self._compared is None or self._compared[0] is not other:
            self._compared = (other, self._differing(other))
        return self._compared[1]

    def _differing(self, other: State) -> set[str]:
        mine, theirs = self.reading.files, other.reading.files
        paths = {path for path in mine.keys() | theirs.keys() if mine.get(path) is not theirs.get(path)}
        if not paths:
            return set()
        # a file that is part of another gives nothing of its own
        paths |= _consumed(self.reading) ^ _consumed(other.reading)
        scopes = _scopes(files[path] for files in (mine, theirs) for path in paths if path in files)
        scopes |= self._joined(files[path] for files in (mine, theirs) for path in paths if path in files)
        # a Dockerfile may decide the user of a workload anywhere
        links, former = self.inventory.links, other.inventory.links
        for builds, others in (
            (links.dockerfile, former.dockerfile),
            (links.likely_dockerfile, former.likely_dockerfile),
        ):
            for key in builds.keys() | others.keys():
                if builds.get(key) is not others.get(key):
                    both = (self.inventory.workload(key[0]), other.inventory.workload(key[0]))
                    scopes.update(one.scope for one in both if one is not None)
        return scopes

    def _joined(self, changed: Iterable[FileReading]) -> set[str]:
        """The scopes of the workloads that objects in changed files may be joined with, or missed by."""
        spaces = {noun.namespace for one in changed for noun in one.nouns if isinstance(noun, JOINED)}
        if not spaces:
            return set()
        pods = (one for one in self.inventory.of(Workload) if one.platform == "kubernetes")
        return {one.scope for one in pods if "" in spaces or not one.namespace or one.namespace in spaces}

    def told(self, scopes: Iterable[str]) -> list[Told]:
        """The failures in these scopes."""
        return [told for answers in self._of(scopes) for told in _told(answers)]

    def counts(self, scopes: Iterable[str]) -> Counter[Key]:
        """How often each failure is there."""
        return Counter(one.key for one in self.told(scopes))

    def new_since(self, before: State) -> list[Told]:
        """The failures that are here more often than they were before."""
        scopes = self.differing(before)
        was, now = before.counts(scopes), self.counts(scopes)
        return [one for one in self.told(scopes) if now[one.key] > was[one.key]]

    def was_not_applicable(self, check: str, scope: str, resource: Resource, path: str) -> bool:
        """The resource was there, and the check had nothing to say of it."""
        answers = self._of([scope])[0]
        if answers.applied is None:
            answers.applied = {(one.check.id, one.resource, one.noun.document.file.path) for one in answers.results}
            answers.there = {(noun.resource, noun.document.file.path) for noun in answers.nouns}
        return (check, resource, path) not in answers.applied and (resource, path) in answers.there

    def _of(self, scopes: Iterable[str]) -> list[_Answers]:
        wanted = sorted(scopes)
        missing = {scope for scope in wanted if scope not in self._answers}
        if missing:
            self._judge(missing)
        return [self._answers[scope] for scope in wanted]

    def _judge(self, scopes: set[str]) -> None:
        """Checks that look at a noun alone say of the same noun what they said."""
        settings = self._scan.settings
        today = settings.as_of or datetime.now(UTC).date().isoformat()
        former = [self._former.pop(scope) for scope in scopes if scope in self._former]
        known = {id(noun) for answers in former for noun in answers.nouns}
        whole, new = self._part(scopes), Inventory()
        nouns = list(_nouns(whole))
        new.extend(noun for noun in nouns if id(noun) not in known and type(noun) is not Container)
        new.links = whole.links
        seeing = [check for check in self._scan.checks if check.wants_context]
        alone = [check for check in self._scan.checks if not check.wants_context]
        results = run_checks(whole, settings, today, seeing)[0] + run_checks(new, settings, today, alone)[0]
        same = known & {id(noun) for noun in nouns}
        for answers in former:
            results += [one for one in answers.results if id(one.noun) in same and not one.check.wants_context]
        self._take(results, scopes)
        if settings.frameworks:
            known = {id(one) for one in results}
            for one in exact(frameworks(settings), results, whole, settings):
                if one.failures and id(one) not in known:
                    self._answers[one.noun.scope].exactly.append(one)

    def _part(self, scopes: set[str]) -> Inventory:
        part = Inventory()
        part.links = self.inventory.links
        part.extend(noun for noun in _nouns(self.inventory) if noun.scope in scopes and type(noun) is not Container)
        return part

    def _take(self, results: Iterable[Result], scopes: set[str]) -> None:
        for scope in scopes:
            self._answers[scope] = _Answers([], [])
        for noun in _nouns(self.inventory):
            if noun.scope in scopes:
                self._answers[noun.scope].nouns.append(noun)
        for result in results:
            if result.check.noun is not WaiverUse:
                self._answers[result.noun.scope].results.append(result)


def _nouns(inventory: Inventory) -> Iterable[Any]:
    """What checks look at: packages, flaws and updates are no declarations and lie in no scope."""
    for kind in inventory.types():
        nouns: list[Any] = inventory.of(kind)
        yield from (noun for noun in nouns if hasattr(noun, "document"))


def _scopes(files: Iterable[FileReading]) -> set[str]:
    return {noun.scope for one in files for noun in one.nouns if hasattr(noun, "document")}


def told_key(result: Result, failure: Failure) -> Key:
    """The key of a failure: by what is deployed, and the file where it is written; of a chart, whose values are
    moved by edits, the chart."""
    document = failure.place.document
    path = document.file.path if getattr(document, "one_scope", False) else written_path(failure)
    return (result.check.id, in_target(result.noun.scope), failure.resource or result.resource, failure.subject, path)


def written_path(failure: Failure) -> str:
    """The file where what fails is written."""
    return failure.place.written().document.file.path


def _told(answers: _Answers) -> list[Told]:
    if answers.told is None:
        answers.told = []
        for result in (*answers.results, *answers.exactly):
            for failure in result.failures:
                key = told_key(result, failure)
                path = key[-1] if not getattr(failure.place.document, "one_scope", False) else written_path(failure)
                answers.told.append(Told(key, path, result, failure))
    return answers.told


def _consumed(reading: TargetReading) -> set[str]:
    return {path for one in reading.files.values() for path in one.consumed if path != one.file.path}
