"""States of a target, before and after edits, and what the checks say of them, scope by scope.

A check looks at its noun, at what lies in the noun's scope and at what the link step joined to it. So only
the scopes are judged again in which a file was read anew or a link leads elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from msgspec import Struct

from batten.engine.link import link
from batten.engine.read import TargetReading, build_inventory
from batten.engine.run import Result, run_checks
from batten.engine.scan import Scan
from batten.model.inventory import Inventory
from batten.model.objects import WaiverUse
from batten.model.verdict import Failure, Severity
from batten.model.workload import Container

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


class State:
    """A reading of a target. `like`: another state of the same target, whose answers are taken over for every
    scope that is the same there."""

    def __init__(self, reading: TargetReading, scan: Scan, *, like: State | None = None) -> None:
        self.reading = reading
        self._scan = scan
        self._results: dict[str, list[Result]] = {}
        if like is not None:
            known = like._results
            differing = self.differing(like)
            self._results = {scope: found for scope, found in known.items() if scope not in differing}

    @classmethod
    def scanned(cls, reading: TargetReading, scan: Scan) -> State:
        """The target as it was scanned. What the scan found is taken over where it is all that the checks say."""
        state = cls(reading, scan)
        if len(scan.readings) == 1 and not scan.settings.frameworks:
            state._take(scan.results, {noun.scope for one in reading.files.values() for noun in one.nouns})
        return state

    @cached_property
    def inventory(self) -> Inventory:
        """Everything read, linked."""
        return link(build_inventory([self.reading]))

    def differing(self, other: State) -> set[str]:
        """The scopes of which the checks may say something else than in the other state."""
        mine, theirs = self.reading.files, other.reading.files
        paths = {path for path in mine.keys() | theirs.keys() if mine.get(path) is not theirs.get(path)}
        if not paths:
            return set()
        # a file that is part of another gives nothing of its own
        paths |= _consumed(self.reading) ^ _consumed(other.reading)
        scopes = {
            noun.scope for files in (mine, theirs) for path in paths if path in files for noun in files[path].nouns
        }
        # a Dockerfile may decide the user of a workload anywhere
        builds, others = self.inventory.links.dockerfile, other.inventory.links.dockerfile
        for key in builds.keys() | others.keys():
            if builds.get(key) is not others.get(key):
                both = (self.inventory.workload(key[0]), other.inventory.workload(key[0]))
                scopes.update(one.scope for one in both if one is not None)
        return scopes

    def results(self, scopes: Iterable[str]) -> list[Result]:
        """What the checks say of these scopes, passes among it."""
        wanted = sorted(scopes)
        missing = {scope for scope in wanted if scope not in self._results}
        if missing:
            today = self._scan.settings.as_of or datetime.now(UTC).date().isoformat()
            found, _ = run_checks(self._part(missing), self._scan.settings, today, self._scan.checks)
            self._take(found, missing)
        return [result for scope in wanted for result in self._results[scope]]

    def told(self, scopes: Iterable[str]) -> list[Told]:
        """The failures in these scopes."""
        return [_told(result, failure) for result in self.results(scopes) for failure in result.failures]

    def counts(self, scopes: Iterable[str]) -> Counter[Key]:
        """How often each failure is there."""
        return Counter(one.key for one in self.told(scopes))

    def _part(self, scopes: set[str]) -> Inventory:
        part = Inventory()
        part.links = self.inventory.links
        for kind in self.inventory.types():
            if kind is not Container:  # workloads bring theirs
                nouns: list[Any] = self.inventory.of(kind)
                part.extend(noun for noun in nouns if noun.scope in scopes)
        return part

    def _take(self, results: Iterable[Result], scopes: set[str]) -> None:
        for scope in scopes:
            self._results[scope] = []
        for result in results:
            if result.check.noun is not WaiverUse:
                self._results.setdefault(result.noun.scope, []).append(result)


def _told(result: Result, failure: Failure) -> Told:
    path = failure.place.document.file.path
    key = (result.check.id, result.noun.scope, failure.resource or result.resource, failure.subject, path)
    return Told(key, path, result, failure)


def _consumed(reading: TargetReading) -> set[str]:
    return {path for one in reading.files.values() for path in one.consumed if path != one.file.path}
