"""What was known before: findings of a baseline, of a Git revision, of another report.

A finding is known by its fingerprint. Of a file that was renamed or moved it is known by what it says of what, where
no file of the old name is there any more and nothing was known of the new one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from batten.engine.marks import BY_PATH, digest
from batten.model.report import Finding
from batten.model.source import Location
from batten.model.workload import Resource

if TYPE_CHECKING:
    from batten.engine.judge import Judged

_BY_UNIT: Final = (*BY_PATH, "quadlet")
"""Platforms whose resources are called as their files."""
_LENGTH: Final = 16
_WORD: Final = 2
"""Folders with shorter names are called as words of every message are."""
_NOTHING: Final = Resource("", "", "")


class Was(Struct, frozen=True, gc=False):
    """A finding as it was known: its fingerprint, `content_of` it, and the path of its file as it was shown."""

    mark: str
    content: str
    path: str


class Known(frozenset[str]):
    """The fingerprints of findings, and what each was of."""

    __slots__ = ("was",)
    was: tuple[Was, ...]

    def __new__(cls, marks: Iterable[str] = (), was: Iterable[Was] = ()) -> Known:
        made = super().__new__(cls, marks)
        made.was = tuple(was)
        return made

    @classmethod
    def of(cls, marks: Iterable[str]) -> Known:
        """The same, where there is nothing but the fingerprints."""
        return marks if isinstance(marks, Known) else cls(marks)


class Told(Protocol):
    """As much of a finding as is asked for here."""

    @property
    def check(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def resource(self) -> Resource | None: ...
    @property
    def location(self) -> Location: ...


def remembered(finding: Told, mark: str) -> Was:
    """A finding as it is remembered under a mark."""
    return Was(mark, content_of(finding), finding.location.path)


def content_of(finding: Told) -> str:
    """What a finding says of what, whatever file it stands in: 16 hexadecimal digits."""
    resource, path = finding.resource or _NOTHING, finding.location.path
    message = finding.message
    folder, name = posixpath.split(path)
    for place in (path, folder, name):  # what messages say of the place
        if len(place) > _WORD and place in message:
            message = re.sub(rf"(?<!\w){re.escape(place)}(?!\w)", "", message)
    parts = (
        finding.check,
        resource.platform,
        resource.kind,
        resource.namespace,
        "" if resource.platform in _BY_UNIT else resource.name,
        resource.container,
        message,
    )
    return digest(parts)[:_LENGTH]


def moved(
    new: Iterable[Finding], known: Collection[Was], marks: Collection[str], paths: Collection[str]
) -> Iterator[tuple[int, str]]:
    """Those of the new findings that were known of a file that is gone: the index of each, and its mark of then.

    `marks` and `paths`: of all that is told, and of all files that are there now.
    """
    there = {one.path for one in known}
    gone: dict[str, list[str]] = {}
    for one in known:
        if one.mark not in marks and one.path not in paths:
            gone.setdefault(one.content, []).append(one.mark)
    for index, finding in enumerate(new if gone else ()):
        # what comes in a file that was there before is new
        if finding.location.path not in there and (left := gone.get(content_of(finding))):
            yield index, left.pop(0)


def with_known(
    judged: list[Judged], known: Known, before: Known, paths: Iterable[str], roots: tuple[str, ...]
) -> list[Judged]:
    """Those that were known get the status `baseline`. `known` are marks from the top, `before` fingerprints; `paths`:
    of all files that are there, as they are shown; `roots`: what the paths of each target begin with that was listed.
    A file that lay elsewhere was not looked for: it is not gone."""
    from batten.engine.baseline import mark_of
    from batten.engine.diff import uncovered

    marks = {mark_of(one.finding) for one in judged}
    now = {one.finding.fingerprint for one in judged}
    new: list[Judged] = []
    for one in judged:
        finding = one.finding
        if finding.status != "open" or one.lapsed:
            continue  # an expired waiver, and what it covered, is to be decided again whatever was known
        masked = replace(finding, fingerprint=mark_of(finding), masked_by=[*(one.masked_from_top or finding.masked_by)])
        told = mark_of(finding) in known or finding.fingerprint in before
        if told or uncovered(masked, known, marks) or uncovered(finding, before, now):
            one.finding = replace(finding, status="baseline")
        else:
            new.append(one)
    if new and (earlier := [*(one for one in known.was if one.path.startswith(roots)), *before.was]):
        for index, _ in moved((one.finding for one in new), earlier, marks | now, {*paths}):
            new[index].finding = replace(new[index].finding, status="baseline")
    return judged
