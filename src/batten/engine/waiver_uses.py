"""What became of each waiver in a scan, and whether the scan can tell.

That a waiver matches nothing is only known where it could have matched: its check ran and said all that it
found, and the files that it may speak of were read without problems. Every option that narrows a scan
(`--check`, `--skip`, `--strategy`, `--framework`, `--persona`, `--exclude`, one file of many) makes some
waivers unknown; none makes one false.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from batten.engine.flaws import Flaws
from batten.engine.judge import Judge, Judged
from batten.engine.read import TargetReading
from batten.engine.rooms import all_checks
from batten.engine.run import Result, Selection, run_checks
from batten.engine.waive import ActiveWaiver, Waivers, names_vulnerability
from batten.formats.text import TextDocument
from batten.model.inventory import Inventory
from batten.model.objects import WaiverUse
from batten.model.settings import Settings, Waiver
from batten.model.source import File, Problem
from batten.model.workload import Container, Resource
from batten.sources import OpenTarget


class FlawReach(Struct, frozen=True):
    """How far a scan can tell which vulnerabilities there are."""

    found: frozenset[str] = frozenset()
    """By every identifier."""
    whole: bool = False
    """Every package was held against advisories, and nothing else that was read runs an image of its own."""


def flaw_reach(found: Flaws, inventory: Inventory, missing: Iterable[tuple[str, Problem]]) -> FlawReach:
    """`missing`: what could not be had of what was to be added."""
    if not found.coverage or any(problem.severe for _, problem in missing):
        return FlawReach()
    names = frozenset(name for row in found.vulnerabilities for name in (row.id, *row.aliases))
    spoken = all(one.sources for one in found.coverage)
    return FlawReach(names, spoken and not inventory.of(Container))


class Reach:
    """What a scan has looked at. `whole`: checks that ran on everything and all of whose findings are kept."""

    def __init__(
        self,
        readings: Sequence[TargetReading],
        crashes: Iterable[Problem],
        settings: Settings,
        known: Iterable[str],
        whole: frozenset[str],
        flaws: FlawReach,
    ) -> None:
        self._readings = readings
        self._settings = settings
        self._known = tuple(known)
        self._whole = whole
        self._flaws = flaws
        self._problems: dict[int, list[str]] = {id(one.opened): [] for one in readings}
        for reading in readings:
            found = [*reading.problems, *(problem for one in reading.files.values() for problem in one.problems)]
            self._problems[id(reading.opened)] = [one.path for one in found if one.severe]
        crashed = [one.path for one in crashes]
        for paths in self._problems.values():
            paths += crashed
        self._roots = [root for one in readings if (root := root_of(one.opened))]
        self._files: set[str] | None = None

    def uses(self, waivers: Iterable[ActiveWaiver]) -> list[WaiverUse]:
        """Each waiver as a noun, for the checks on waivers."""
        return [_use(active, self.could_match(active), self._unknown(active)) for active in waivers]

    def could_match(self, active: ActiveWaiver) -> bool:
        """Would this scan have found what the waiver covers, were it there?"""
        waiver = active.waiver
        if active.unknown:
            return True
        if names_vulnerability(waiver.check):
            return self._could_find(active)
        if waiver.check not in self._whole:
            return False
        if active.file is not None:
            return active.file.path not in self._problems.get(id(active.opened), ())
        everything = waiver.folder is None or self._covers(waiver.folder)
        literal = waiver.path and not any(mark in waiver.path for mark in "*?[")
        if self._settings.narrowed or not everything:
            return bool(literal) and waiver.folder is not None and self._was_read(waiver.folder, waiver.path)
        return not any(self._may_hold(path, waiver.path) for paths in self._problems.values() for path in paths)

    def _could_find(self, active: ActiveWaiver) -> bool:
        """Of a vulnerability: where it was found, but elsewhere, or could be nowhere else than where was looked."""
        waiver = active.waiver
        if active.file is not None or self._settings.narrowed or any(self._problems.values()):
            return False
        if waiver.folder is not None and not self._covers(waiver.folder):
            return False
        return self._flaws.whole or waiver.check in self._flaws.found

    def _covers(self, folder: str) -> bool:
        return bool(folder) and any(covers(root, folder) for root in self._roots)

    def _was_read(self, folder: str, path: str) -> bool:
        """Was the very file that a waiver names read, without problems?"""
        if self._files is None:
            self._files = set()
            for reading in self._readings:
                bad = self._problems[id(reading.opened)]
                for one in reading.files:
                    native = reading.opened.native(one)
                    if native is not None and one not in bad:
                        self._files.add(os.path.realpath(native))
        return bool(folder) and os.path.realpath(os.path.join(folder, path)) in self._files

    @staticmethod
    def _may_hold(problem: str, pattern: str) -> bool:
        """May the file or folder with a problem hold what a glob speaks of?"""
        if not pattern or problem in (".", ""):
            return True
        fixed = pattern.removeprefix("./")
        for mark in "*?[":
            fixed = fixed.partition(mark)[0]
        # the glob may begin further down than the target does
        tails = [problem[start:] for start in (0, *(n + 1 for n, char in enumerate(problem) if char == "/"))]
        return any(fixed.startswith(tail) or tail.startswith(fixed) for tail in tails)

    def _unknown(self, active: ActiveWaiver) -> str:
        if not active.unknown:
            return ""
        from batten.engine.suggest import nearest_check

        word = active.waiver.check
        longer = (one for one in self._known if one != word.upper())
        if word and any(one.startswith(word.upper()) for one in longer):
            return f"the waiver names {word!r}, the beginning of several checks; a waiver names one whole identifier"
        if word.strip().lower() in ("*", "all", "any", "everything"):
            return f"the waiver names {word!r}; a waiver names each check that it accepts, by its identifier"
        near = nearest_check(word, self._known)
        hint = f"; did you mean {near}?" if near else ""
        return f"the waiver names {word[:60]!r}, which is neither a check nor a vulnerability{hint}"


def judge_uses(
    judge: Judge, waivers: Waivers, reach: Reach, settings: Settings, today: str, ran: Iterable[str]
) -> tuple[list[Result], list[Judged]]:
    """The checks on waivers, run last, on what the judge made of them.

    They are findings of their own, which may be waived: waivers of the other checks come first. A waiver
    that does not hold is told even where the check on it was not asked for, if that of the waiver was
    (`--check PRV001`, `--strategy 2`); it is no part of the score then. Only `skip` silences it.
    """
    ran = frozenset(ran)
    about = [check for check in all_checks().values() if check.noun is WaiverUse]
    own = {check.id for check in about}
    takes = Selection(settings).takes
    results: list[Result] = []
    judged: list[Judged] = []
    for on_waivers in (False, True):
        turn = [active for active in waivers.all if (active.waiver.check in own) is on_waivers]
        for check in about:
            asked = takes(check)
            if not asked and (check.waivable or check.id.startswith(settings.skip)):
                continue
            nouns = Inventory()
            # one that names no check may have been meant for any
            told = turn if asked else [one for one in turn if one.waiver.check in ran or not one.waiver.check]
            nouns.extend(reach.uses(told))
            more, _ = run_checks(nouns, settings, today, [check])
            results += more if asked else []
            judged += judge.judge(more).judged
    for one in judged:
        one.lapsed = one.result.noun.expired
    return results, judged


def as_before(settings: Settings, targets: Iterable[str], revision: str) -> Settings:
    """The settings for a scan of the same targets as they were at a Git revision, with the waivers of the
    configuration as it was then: one that the change brings is no news of the revision."""
    from batten.engine.config import waivers_at

    roots = [os.path.realpath(text) for text in targets if os.path.isdir(text)]
    kept: list[Waiver] = []
    then: dict[str, list[Waiver]] = {}
    for one in settings.waivers:
        if one.source not in then:
            then[one.source] = waivers_at(one.source, revision) if one.source else []
        if one.source and not any(_same(one, other) for other in then[one.source]):
            continue
        # an archive stands for the folder: what that covers is all there
        covered = bool(one.folder) and any(covers(root, one.folder or "") for root in roots)
        kept.append(replace(one, folder=None) if covered else one)
    return replace(settings, waivers=tuple(kept))


def _same(one: Waiver, other: Waiver) -> bool:
    names = ("check", "reason", "owner", "expires", "path", "resource", "container", "subject")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def root_of(opened: OpenTarget) -> str:
    """The folder (absolute) of a target that is one; "" for the others."""
    native = opened.native(".") if opened.target.kind == "directory" else None
    return os.path.realpath(native) if native is not None else ""


def covers(root: str, folder: str) -> bool:
    """Is `folder` the folder `root`, or below it?"""
    return f"{folder}{os.sep}".startswith(root.rstrip(os.sep) + os.sep)


def _use(active: ActiveWaiver, assessed: bool, unknown: str) -> WaiverUse:
    waiver = active.waiver
    place = active.place
    document = place.document if place is not None else TextDocument(File(waiver.where.partition(":")[0], b""))
    return WaiverUse(
        document=document,
        pointer=place.pointer if place is not None else (),
        resource=active.resources[0] if active.resources else Resource("batten", "Waiver", _name(active)),
        scope=active.scope,
        name=waiver.check,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires or "",
        expired=active.expired,
        refused=active.refused,
        matched=active.matched,
        assessed=assessed,
        unknown=unknown,
    )


def _name(active: ActiveWaiver) -> str:
    """What tells a waiver from others wherever its lines move to: what it speaks of."""
    waiver = active.waiver
    parts = (waiver.path, waiver.resource, waiver.container, waiver.subject)
    spoken = " ".join(part for part in parts if part)
    named = waiver.check or "without a check"
    return f"{named} on {spoken}" if spoken else named
