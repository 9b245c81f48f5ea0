"""The judge: from results of checks to findings, with severity, place, excerpt, waiver, controls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from batten.engine.check import Check, explanation
from batten.engine.fixed_with import fixed_with
from batten.engine.marks import Tops, fingerprint
from batten.engine.read import TargetReading, files_of_nouns
from batten.engine.run import Result, workload_of
from batten.engine.waive import ActiveWaiver, Subject, Waivers, holds
from batten.formats.kustomize import NAMES as KUSTOMIZATIONS
from batten.formats.lines import lines_of
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.report import Excerpt, Finding, FixNote, WaiverNote
from batten.model.scope import in_target
from batten.model.settings import Settings
from batten.model.source import File, Location, Place, Pointer, Unreadable, pointer_text
from batten.model.verdict import Failure, Severity
from batten.model.workload import Resource
from batten.sources import OpenTarget

_EXCERPT_LINES = 1  # lines before and after the first line of a finding
_EXCERPT_WIDTH = 400  # characters of a line that are kept; a longer one is generated text
_LINES_KEPT = 20_000  # lines of excerpts that are held once however often they are shown
_PUBLIC_STEP = 1  # how far exposure raises a severity


class Judged(Struct, eq=False, gc=False):
    """A finding, and what the fixer needs to know of where it came from."""

    finding: Finding
    failure: Failure
    check: Check
    scope: str
    file: File
    result: Result
    lapsed: bool = False
    """A waiver that has expired covers it: it was accepted until a day, and is to be decided again."""
    masked_from_top: tuple[str, ...] = ()
    """`Finding.masked_by` as `Finding.fingerprint_from_top`."""


class Judgement(Struct, eq=False):
    judged: list[Judged] = field(default_factory=list)
    hidden: int = 0


def location_of(place: Place) -> Location:
    """Lines and columns of a place. A key and its short value are shown as one range."""
    document, pointer = place.document, place.pointer
    location = document.locate(pointer, key=place.key)
    if place.key or not pointer or not isinstance(pointer[-1], str) or not hasattr(type(document), "value"):
        return location
    key = document.locate(pointer, key=True)
    if key.line == location.line == location.end_line and key.column < location.column:
        return replace(location, column=key.column)
    if key.line <= location.line:
        return replace(key, pointer=location.pointer or pointer_text(pointer))
    return location


class Origins:
    """File -> the target that it is of. What a reader fetched on its own (an included file) is of the target
    of the file that asked for it; the configuration is of none, and its path is shown as it is."""

    def __init__(self, readings: Sequence[TargetReading], apart: Iterable[File] = ()) -> None:
        self._first = readings[0].opened if readings else None
        self._by_file: dict[int, OpenTarget] = {}
        self._apart = {id(file): file for file in apart}
        self._kept: list[File] = []
        self._paths: dict[tuple[int, str], str] = {}
        self._last: tuple[File | None, File | None, str] = (None, None, "")
        for reading in readings[1:]:
            for one in reading.files.values():
                self._know(one.file, reading.opened)
        if len(readings) > 1:
            # what the first target's files are known by, too: only the rest is looked up by who asked
            for one in readings[0].files.values():
                self._know(one.file, readings[0].opened)
            for reading in readings:
                # an included file that was read for another is none of them, nor are the documents of an image
                for file in files_of_nouns(reading):
                    if id(file) not in self._by_file:
                        self._know(file, reading.opened)

    def _know(self, file: File, opened: OpenTarget) -> None:
        self._kept.append(file)
        self._by_file[id(file)] = opened

    def opened(self, file: File, asked_by: File | None = None) -> OpenTarget | None:
        """The target of a file."""
        found = self._by_file.get(id(file))
        if found is None and asked_by is not None:
            found = self._by_file.get(id(asked_by))
        return found or self._first

    def shown(self, file: File, asked_by: File | None = None) -> str:
        """The file's path as the user would write it; one text for all that is asked of a file in a row."""
        if self._last[0] is not file or self._last[1] is not asked_by:
            opened = self.opened(file, asked_by)
            found = file.path if opened is None or id(file) in self._apart else opened.shown(file.path)
            self._last = (file, asked_by, found)
        return self._last[2]

    def below(self, opened: OpenTarget | None, path: str, folder: str) -> str:
        """The path of a file of a target from a folder (absolute); "" where that is not known."""
        native = opened.native(path) if opened is not None else None
        if native is None:
            return ""
        here, name = os.path.split(native)
        mark = (id(opened), here + "\0" + folder)
        if mark not in self._paths:
            try:
                found = os.path.relpath(os.path.realpath(here), folder).replace(os.sep, "/")
            except ValueError:  # another drive
                found = ".."
            self._paths[mark] = found
        found = self._paths[mark]
        return "" if found.split("/")[0] == ".." else name if found == "." else f"{found}/{name}"


class Judge:
    """Turns results into findings. One per scan: it counts repeats and caches texts."""

    def __init__(self, inventory: Inventory, settings: Settings, waivers: Waivers, origins: Origins) -> None:
        self.inventory = inventory
        self.settings = settings
        self.waivers = waivers
        self.origins = origins
        self._repeats: dict[str, int] = {}
        self._tops = Tops()
        self._told: set[tuple[object, ...]] = set()
        self._excerpts: tuple[File | None, dict[int, Excerpt | None]] = (None, {})
        self._lines: dict[str, str] = {}
        self._explained: dict[str, Any] = {}

    def judge(self, results: Iterable[Result]) -> Judgement:
        """The findings of these results."""
        judgement = Judgement()
        wanted = ("low", "medium", "high").index(self.settings.min_confidence)
        for result in results:
            for failure in result.failures:
                if ("low", "medium", "high").index(failure.confidence) < wanted:
                    judgement.hidden += 1
                    self._match_hidden(result, failure)
                    continue
                found = self._finding(result, failure)
                if found is not None:
                    judgement.judged.append(found)
        return judgement

    def _match_hidden(self, result: Result, failure: Failure) -> None:
        """A waiver of what is left out as not sure enough is of use nevertheless."""
        place = failure.place.written()
        if self.waivers.speaks_of(result.check.id, place.document.file):
            self._waiver(result, failure, place.document.file, self._shown(place, result))

    def _waiver(self, result: Result, failure: Failure, file: File, location: Location) -> ActiveWaiver | None:
        if not self.waivers.speaks_of(result.check.id, file):
            return None
        opened = self.origins.opened(file, result.noun.document.file)
        return self.waivers.match(
            Subject(
                check=result.check.id,
                resource=failure.resource or result.resource,
                location=location,
                subject=failure.subject,
                file=file,
                opened=opened,
                below=lambda folder: self.origins.below(opened, file.path, folder),
            )
        )

    def _note(self, active: ActiveWaiver) -> WaiverNote:
        waiver = active.waiver
        where = waiver.where
        if active.place is not None and active.file is not None:
            where = f"{self.origins.shown(active.file, active.file)}:{location_of(active.place).line}"
        return WaiverNote(waiver.reason, waiver.owner, waiver.expires or "", where)

    def _finding(self, result: Result, failure: Failure) -> Judged | None:
        """None for what was told already: overlays that share a base have its findings once."""
        check, noun = result.check, result.noun
        place = failure.place.written()
        resource: Resource = failure.resource or result.resource
        file = place.document.file
        location = self._shown(place, result)
        severity, raised, exposure = self._severity(result, failure)
        scope = in_target(noun.scope)
        if place is not failure.place and not _one_scope(failure) and file.directory != noun.document.file.directory:
            # what stands in a base is told of the base's object, whatever overlays call it
            scope, resource = file.directory or ".", as_written(resource, failure.place.document)
        named = ("", _of_any_build(resource, noun)) if isinstance(noun, Image) else (scope, resource)
        mark = fingerprint(check.id, *named, failure.subject, 0)
        found = self._waiver(result, failure, file, location)
        waiver = found if found is not None and holds(found) else None
        if place is not failure.place:
            # one entry of `images` decides for every container of that image
            # and one line of a module for everything that is made of it
            alone = file.name in KUSTOMIZATIONS or getattr(failure.place.document, "repeated", False)
            whose = check.id if alone else mark
            told = (whose, location.path, location.line, location.column, failure.message, waiver is None)
            if told in self._told:
                return None
            self._told.add(told)
        repeat = self._repeats[mark] = self._repeats.get(mark, -1) + 1
        fix, no_fix = _fix_note(failure)
        if fix is not None and (whole := fixed_with(failure, place, noun.document.file, self.origins)):
            fix = replace(fix, of=whole)
        opened = self.origins.opened(file, noun.document.file)
        top, masked = self._tops.marks(opened, check, *named, failure.subject) if named[0] else ("", ())
        finding = Finding(
            check=check.id,
            strategy=check.strategy,
            title=check.title,
            severity=severity.word,  # type: ignore[arg-type]
            confidence=failure.confidence,
            status="waived" if waiver is not None else "open",
            target=opened.target.id if opened is not None else "",
            resource=resource,
            message=failure.message,
            remediation=self._remediation(check, resource.platform),
            location=location,
            related=[self._shown(each, result) for each in beside] if (beside := _beside(failure)) else _NONE,
            fix=fix,
            no_fix=no_fix,
            fingerprint=fingerprint(check.id, *named, failure.subject, repeat) if repeat else mark,
            fingerprint_from_top=top,
            masked_by=[fingerprint(graver, *named, "", 0) for graver in check.masked_by] if check.masked_by else _NONE,
            group=check.group,
            raised=raised,
            exposure=exposure,
            persona=check.persona,
            excerpt=None if getattr(place.document, "private", False) else self._excerpt(file, location),
            waiver=self._note(waiver) if waiver is not None else None,
        )
        lapsed = found is not None and found.expired
        return Judged(finding, failure, check, scope, file, result, lapsed, masked)

    def _shown(self, place: Place, result: Result) -> Location:
        """The location with the path as the user would write it."""
        place = place.written()
        location = location_of(place)
        if getattr(place.document, "names_itself", False):
            return location
        path = self.origins.shown(place.document.file, result.noun.document.file)
        return replace(location, path=path) if path != location.path else location

    def _severity(self, result: Result, failure: Failure) -> tuple[Severity, str, str]:
        check = result.check
        severity = failure.severity if failure.severity is not None else check.severity
        configured = self.settings.severities.get(check.id)
        if configured:
            severity = Severity[configured.upper()]
        workload = workload_of(result, self.inventory)
        exposed = self.inventory.links.exposure.get(workload.id) if workload is not None else None
        if exposed is None or not exposed.public:
            return severity, "", ""
        shown = exposed.through[0]
        if check.exposure and not configured and Severity.INFO < severity < Severity.CRITICAL:
            return Severity(severity + _PUBLIC_STEP), f"reachable through {shown}", shown
        return severity, "", shown

    def _remediation(self, check: Check, platform: str) -> str:
        explained = self._explained.get(check.id)
        if explained is None:
            explained = self._explained[check.id] = explanation(check)
        text: str = explained.fixes.get(platform) or explained.fixes.get("all", "")
        return text

    def _excerpt(self, file: File, location: Location) -> Excerpt | None:
        if self._excerpts[0] is not file:
            self._excerpts = (file, {})
        known = self._excerpts[1]
        if location.line not in known:
            known[location.line] = _excerpt(file, location.line, self._lines)
        return known[location.line]


def _of_any_build(resource: Resource, image: Image) -> Resource:
    """The next build of an image has another tag, and is to be compared with this one."""
    from batten.engine.image_parts import repository

    return replace(resource, name=repository(image))


def _one_scope(failure: Failure) -> bool:
    """All that its document was built from is deployed together, as the templates and values of a chart are."""
    return getattr(failure.place.document, "one_scope", False)


def _beside(failure: Failure) -> tuple[Place, ...]:
    """What else is to be looked at: beside a value that decides, the template that prints it."""
    found = getattr(failure.place.document, "beside", None)
    return failure.related if found is None else (*found(failure.place.pointer), *failure.related)


def as_written(resource: Resource, document: Any) -> Resource:
    """A resource of a built object under the name and namespace that its own file has."""
    if (resource.namespace, resource.name) != document.deployed:
        return resource
    namespace, name = document.original
    return replace(resource, namespace=namespace, name=name)


_NONE: Final[list[Any]] = []  # one for all findings without any, never filled


def _excerpt(file: File, line: int, seen: dict[str, str]) -> Excerpt | None:
    """The line and those around it; None where the file has no such line. `seen`: lines of earlier excerpts, which
    are held once: manifests repeat themselves."""
    try:
        lines = lines_of(file)
    except Unreadable:
        return None
    if not lines.text or line < 1 or lines.offset(line) < 0:
        return None
    first = max(1, line - _EXCERPT_LINES)
    shown = [text.rstrip("\r") for text in lines.slices(first, line + _EXCERPT_LINES, _EXCERPT_WIDTH)]
    if shown and not shown[-1].strip():
        shown = shown[:-1]
    if len(seen) > _LINES_KEPT:
        seen.clear()
    return Excerpt(first, [seen.setdefault(text, text) for text in shown])


def _fix_note(failure: Failure) -> tuple[FixNote | None, str]:
    if failure.fix is None:
        return None, failure.no_fix
    try:
        resolve(failure.fix)
    except CannotEdit as error:
        return None, str(error)
    return FixNote(failure.fix.kind, failure.fix.summary), ""


def order_key(judged: Judged) -> tuple[Any, ...]:
    """Most urgent first, then by place: the order of the report."""
    finding = judged.finding
    rank = ("critical", "high", "medium", "low", "info").index(finding.severity)
    return (
        rank,
        finding.location.path,
        finding.location.line,
        finding.location.column,
        finding.check,
        finding.fingerprint,
    )


def document_order(result: Result) -> tuple[str, int, Pointer]:
    """Results by file and document, so that each document is located in once."""
    document = result.noun.document
    return (document.file.path, getattr(document, "index", 0), ())
