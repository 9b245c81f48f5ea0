"""Waivers: which finding is covered by which.

They come from the configuration (`batten.toml`), from comments beside the code and from Kubernetes
annotations (`batten.engine.waive_inline` reads those two).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

from batten.engine.check import ROOMS
from batten.model.settings import Settings, Waiver
from batten.model.source import File, Location, Place
from batten.model.workload import Resource
from batten.pattern import pattern
from batten.sources import OpenTarget

IDENTIFIER: Final = r"(?:[a-z]{3}\d{3}|cve-\d{4}-\d+|ghsa(?:-[0-9a-z]{4}){3})\b"
KNOWN: Final = pattern(IDENTIFIER, re.IGNORECASE)
"""What comments and annotations name: a check, or a vulnerability."""
_VULNERABILITY: Final = pattern(r"(?P<source>[A-Z][A-Z0-9]{1,11})-(?=[^\s]*\d)[A-Za-z0-9][A-Za-z0-9.:_-]{2,60}")
_GLOBS: Final = 16_384  # compiled ones that are kept; the standard library keeps 256
_VARIANTS: Final = 4  # `**/` in one glob that may also stand for no folder at all


class ActiveWaiver(Struct, eq=False):
    """A waiver ready to be matched. Lines are those of `file` that it holds for (0, 0: not by line)."""

    waiver: Waiver
    file: File | None = None
    """Of a comment or an annotation: the file that it stands in, of the target `opened`."""
    opened: OpenTarget | None = None
    first: int = 0
    last: int = 0
    resources: list[Resource] = field(default_factory=list)
    """Of an annotation: the object that carries it, as its workloads are named."""
    scope: str = "."
    place: Place | None = None
    expired: bool = False
    refused: str = ""
    malformed: str = ""
    """Of a comment that is surely meant for a waiver and is not written as one: why it is refused."""
    unknown: bool = False
    matched: int = 0


class Subject(Struct, eq=False):
    """What a waiver is held against: one failure of a check."""

    check: str
    resource: Resource | None
    location: Location
    subject: str
    file: File
    opened: OpenTarget | None
    below: Callable[[str], str]
    """The file's path from a folder (absolute); "" where that is not known."""


def may_hold_waivers(data: bytes) -> bool:
    """Whether there may be a waiver in a comment of the text, or what is meant for one."""
    return b"batten" in data or b"Batten" in data or b"BATTEN" in data


def names_vulnerability(identifier: str) -> bool:
    """`CVE-2027-1234`, `GHSA-…`, `RHSA-2027:1`, `DSA-1-1` …: what a vulnerability is known by.

    They are written in waivers as checks are; a check's identifier with a dash in it is a slip.
    """
    found = _VULNERABILITY.fullmatch(identifier)
    return found is not None and found["source"] not in ROOMS


class Waivers:
    """All waivers of a scan, indexed by check; remembers which of them matched."""

    def __init__(
        self, waivers: Iterable[ActiveWaiver], settings: Settings, today: str, waivable: dict[str, bool]
    ) -> None:
        self.all = list(waivers)
        self._anywhere: dict[str, list[ActiveWaiver]] = {}
        self._in_file: dict[tuple[str, str], list[ActiveWaiver]] = {}
        self._broad: dict[str, list[int]] = {}
        self._narrow: dict[tuple[str, str, str], list[int]] = {}
        """Check, `path` or `resource`, and the text without wildcards that it has to be."""
        self._folders: dict[str, set[str]] = {}
        for number, active in enumerate(self.all):
            waiver = active.waiver
            active.unknown = waiver.check not in waivable and not names_vulnerability(waiver.check)
            active.refused = active.malformed or _refused(waiver, settings, waivable)
            active.expired = not active.refused and bool(waiver.expires) and str(waiver.expires) < today
            if active.file is None:
                self._anywhere.setdefault(waiver.check, []).append(active)
                if waiver.path and not _WILD.search(waiver.path):
                    place = (waiver.check, "path", waiver.path.removeprefix("./"))
                    self._narrow.setdefault(place, []).append(number)
                    self._folders.setdefault(waiver.check, set()).add(waiver.folder or "")
                elif waiver.resource and not _WILD.search(waiver.resource):
                    self._narrow.setdefault((waiver.check, "resource", waiver.resource), []).append(number)
                else:
                    self._broad.setdefault(waiver.check, []).append(number)
            else:
                self._in_file.setdefault((waiver.check, active.file.path), []).append(active)

    def match(self, subject: Subject) -> ActiveWaiver | None:
        """The first waiver that holds, else the first that does not (expired, refused); all that cover it
        are counted."""
        chosen: ActiveWaiver | None = None
        for active in self._candidates(subject):
            if _covers(active, subject):
                active.matched += 1
                if chosen is None or (not holds(chosen) and holds(active)):
                    chosen = active
        return chosen

    def about(self, identifier: str) -> Iterable[ActiveWaiver]:
        """The waivers of the configuration for an identifier."""
        return self._anywhere.get(identifier, ())

    def speaks_of(self, check: str, file: File) -> bool:
        """Is there any waiver that could cover a finding of the check in the file?"""
        return check in self._anywhere or (check, file.path) in self._in_file

    def _candidates(self, subject: Subject) -> Iterable[ActiveWaiver]:
        check = subject.check
        numbers = set(self._broad.get(check, ()))
        if self._narrow:
            folders = self._folders.get(check, ())
            paths = {subject.file.path, subject.location.path, *(subject.below(one) for one in folders if one)}
            names = set(_spoken(subject.resource)) if subject.resource is not None else ()
            for kind, texts in (("path", paths), ("resource", names)):
                for text in texts:
                    numbers.update(self._narrow.get((check, kind, text), ()))
        near = self._in_file.get((check, subject.file.path), ())
        return (*(self.all[number] for number in sorted(numbers)), *near)


def holds(active: ActiveWaiver) -> bool:
    """Is it honoured on this day?"""
    return not active.expired and not active.refused


def _refused(waiver: Waiver, settings: Settings, waivable: dict[str, bool]) -> str:
    """Why the waiver is not honoured whatever the day; "" where it is."""
    if not waiver.reason.strip():
        return "it gives no reason"
    if waivable.get(waiver.check) is False or any(waiver.check.startswith(word) for word in settings.non_waivable):
        return f"{waiver.check} may not be waived"
    if waiver.expires:
        try:
            written_otherwise = datetime.date.fromisoformat(waiver.expires).isoformat() != waiver.expires
        except ValueError:
            written_otherwise = True
        if written_otherwise:
            return f"expected a date YYYY-MM-DD after until, found {waiver.expires[:40]!r}"
    return ""


def _covers(active: ActiveWaiver, subject: Subject) -> bool:
    waiver, resource = active.waiver, subject.resource
    if active.file is not None and not (active.file.path == subject.file.path and active.opened is subject.opened):
        return False
    if active.first and not active.first <= subject.location.line <= active.last:
        return False
    if active.resources and not any(_same_object(one, resource) for one in active.resources):
        return False
    if active.file is None and waiver.path and not _in_path(waiver, subject):
        return False
    if waiver.container and (resource is None or not _glob(waiver.container)(resource.container)):
        return False
    if waiver.subject and not _glob(waiver.subject)(subject.subject):
        return False
    return not waiver.resource or (resource is not None and _names(waiver.resource, resource))


def _same_object(mine: Resource, other: Resource | None) -> bool:
    bare = (mine.platform, mine.kind, mine.namespace, mine.name)
    return other is not None and bare == (other.platform, other.kind, other.namespace, other.name)


def _in_path(waiver: Waiver, subject: Subject) -> bool:
    """A glob may speak of the path below the target, of the path as it is shown, and of the path from the
    folder of the configuration, so that it holds from wherever the scan is started."""
    if path_matches(subject.file.path, waiver.path) or path_matches(subject.location.path, waiver.path):
        return True
    return bool(waiver.folder) and path_matches(subject.below(waiver.folder or ""), waiver.path)


def path_matches(path: str, pattern: str) -> bool:
    """`*` matches across folders, too; `**/` also stands for no folder."""
    return any(_glob(one)(path) for one in _globs(pattern.removeprefix("./")))


_WILD: Final = pattern(r"[*?[]")


@lru_cache(_GLOBS)
def _glob(pattern: str) -> Callable[[str], object]:
    """As `fnmatch.fnmatchcase`, which compiles anew where there are more than 256 patterns in turn."""
    return re.compile(translate(pattern)).match if _WILD.search(pattern) else pattern.__eq__


@lru_cache(_GLOBS)
def _globs(pattern: str) -> list[str]:
    first, *rest = pattern.split("**/")
    found = [first]
    for index, part in enumerate(rest):
        found = [whole + part for whole in found] + [f"{whole}**/{part}" for whole in found if index < _VARIANTS]
    return found


def _names(pattern: str, resource: Resource) -> bool:
    """`name`, `namespace/name`, `kind/name` or `kind/namespace/name`, each a glob."""
    matches = _glob(pattern)
    return any(matches(one) for one in _spoken(resource))


def _spoken(resource: Resource) -> tuple[str, str, str, str]:
    """How a waiver may name it."""
    return (
        resource.name,
        f"{resource.namespace}/{resource.name}",
        f"{resource.kind}/{resource.name}",
        f"{resource.kind}/{resource.namespace}/{resource.name}",
    )
