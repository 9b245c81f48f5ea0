"""From targets to an inventory: discover, ask the readers, keep what could not be read as problems."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from batten.detect import secrets
from batten.engine.charts import TargetCharts
from batten.engine.rooms import all_readers, all_target_readers
from batten.engine.templates import Templates
from batten.engine.variables import TargetVariables
from batten.engine.waive import may_hold_waivers
from batten.formats.document import TreeDocument
from batten.formats.interface import ReadContext, Reader, Reading
from batten.formats.lines import text_of
from batten.formats.text import TextDocument
from batten.limits import MIB
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.objects import Declared, SecretText
from batten.model.package import Package
from batten.model.scope import AnchoredScope, below
from batten.model.settings import Settings
from batten.model.source import File, Problem, Unreadable
from batten.model.workload import Resource, Workload
from batten.sources import Entry, OpenTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SECRET_NAMES = frozenset(
    (
        *(".env", ".npmrc", ".pypirc", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".dockercfg", ".git-credentials"),
        *(".s3cfg", ".boto", ".vault-token", ".terraformrc", "credentials", "kubeconfig"),
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
    )
)
"""`credentials` is AWS's file, in `.aws` or copied from there."""
UNRECOGNISED = "no reader recognises this file"
_KEPT_CHARACTERS = 128 * 1024  # of the first documents of a target, whose values and places stay for the judge
OF_FILES = ("file", "directory", "archive", "stdin")
"""Kinds of target that are read file by file."""
_SECRET_SUFFIXES = (".pem", ".key", ".env", ".tfvars")


class FileReading(Struct):
    """What one file gave, kept so that a changed file alone is read again (`batten.engine.fix`)."""

    file: File
    target: str
    nouns: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    recognised: bool = False
    consumed: list[str] = field(default_factory=list)
    draws_on: list[str] = field(default_factory=list)
    leads_to: list[tuple[str, str]] = field(default_factory=list)
    format: str = ""
    """The reader that another file named for it; "" where its own name and content decide."""
    reader: str = ""
    """The reader that recognised it; "" where none did."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Other files that decide what it gives."""
        return (*self.consumed, *self.draws_on)


class TargetReading(Struct):
    """One target: its files in the order read, and the problems of the target itself."""

    opened: OpenTarget
    files: dict[str, FileReading] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: int = 0
    """Files that an earlier target of the same scan has already: they are told there."""
    charts: TargetCharts | None = None
    """Through which its Helm charts are rendered."""

    @property
    def id(self) -> str:
        return self.opened.target.id


def files_of_nouns(reading: TargetReading) -> Iterator[File]:
    """The files that the nouns of a target stand in: its own, and those that were read for another (a Compose
    `include`) as this one read them."""
    for one in reading.files.values():
        for noun in one.nouns:
            document = getattr(noun, "document", None)
            if document is not None and document.file is not one.file:
                yield document.file


class TargetReader(Protocol):
    """Reads targets as a whole, with a room's own engine: `TARGET_READER` in a module of `<room>/readers/`."""

    def wants(self, opened: OpenTarget) -> bool:
        """Whether it reads targets of this kind."""

    def read(self, opened: OpenTarget, settings: Settings, progress: Callable[[str], None] | None) -> Reading:
        """Its nouns and problems. Raises `batten.sources.TargetError` where the target is none."""


def holds_secrets(path: str) -> bool:
    """Names that no reader wants but that are worth a look for secrets."""
    name = path.rpartition("/")[2].lower()
    return name in _SECRET_NAMES or name.endswith(_SECRET_SUFFIXES) or name.startswith(".env.")


def read_target(opened: OpenTarget, settings: Settings, progress: Callable[[str], None] | None = None) -> TargetReading:
    """Read every file of a target that some reader wants; or the whole of it, where a room's engine does."""
    if opened.target.kind not in OF_FILES:
        for reader in all_target_readers():
            if reader.wants(opened):
                return _read_whole(reader, opened, settings, progress)
    readers = all_readers()
    named = opened.target.kind in ("file", "stdin")

    def is_read(path: str) -> bool:
        return any(reader.wants_name(path) for reader in readers)

    def ordinary(path: str) -> bool:
        return named or holds_secrets(path) or is_read(path)

    def wanted(path: str) -> bool:
        return ordinary(path) or templates.wants_name(path)

    charts = TargetCharts(opened, settings.helm)
    context = ReadContext(
        opened.files,
        dict(settings.pod_template_kinds),
        charts=charts,
        variables=TargetVariables(opened, settings.terraform),
        engine=opened.engine,
        cluster=opened.cluster,
        alone=opened.target.kind == "file",
    )
    templates = Templates(is_read, context)
    result = TargetReading(opened, charts=charts)
    kept = _KEPT_CHARACTERS
    for entry in opened.entries(wanted):
        if progress is not None:
            progress(entry.path)
        is_template = not named and templates.wants_name(entry.path)
        if not is_template or ordinary(entry.path):
            reading = _read_entry(entry, opened.target.id, context, named)
            if reading is not None:
                kept -= _forget(reading, kept)
                if not may_hold_waivers(reading.file.data):  # waivers are read from the text of every file
                    reading.file.pack()
                result.files[entry.path] = reading
                is_template = is_template and not reading.recognised
        if is_template:
            templates.look_at(entry)
    _follow(result, context)
    result.problems = [*opened.problems, *templates.problems(result.files)]
    return result


def _follow(result: TargetReading, context: ReadContext) -> None:
    """Reads the files that others lead to. Those that discovery would find by their name it found already,
    or passed over because an ignore file says so; in a target of one file nothing else is discovered."""
    readers = {reader.name: reader for reader in all_readers()}
    alone = result.opened.target.kind == "file"
    waiting = deque(dict.fromkeys(lead for one in result.files.values() for lead in one.leads_to))
    seen = set(waiting)
    while waiting:
        path, name = waiting.popleft()
        known = result.files.get(path)
        if (known is not None and known.recognised) or (readers[name].wants_name(path) and not alone):
            continue
        file = context.files.get(path)
        if file is not None:
            reading = read_file(file, result.id, context, format=name)
            if not may_hold_waivers(file.data):
                file.pack()
            result.files[path] = reading
            further = [lead for lead in dict.fromkeys(reading.leads_to) if lead not in seen]
            seen.update(further)
            waiting.extend(further)


def without_repeats(readings: Sequence[TargetReading]) -> None:
    """Takes files that lie in several targets (`k8s/web.yaml k8s`) out of all but the first, and files that are part
    of another target's (`compose.yaml compose.override.yaml`) out of their own."""
    if len(readings) < 2:
        return
    parts: dict[str, set[int]] = {}
    for reading in readings:
        for one in reading.files.values():
            for path in one.consumed:
                if path != one.file.path and (native := reading.opened.native(path)) is not None:
                    parts.setdefault(os.path.realpath(native), set()).add(id(reading))
    seen: set[str] = set()
    for reading in readings:
        for path in list(reading.files):
            native = reading.opened.native(path)
            if native is None:
                continue
            real = os.path.realpath(native)
            if real in seen or id(reading) not in parts.get(real, {id(reading)}):
                del reading.files[path]
                reading.elsewhere += 1
            else:
                seen.add(real)


def _read_whole(
    reader: TargetReader, opened: OpenTarget, settings: Settings, progress: Callable[[str], None] | None
) -> TargetReading:
    try:
        found = reader.read(opened, settings, progress)
    finally:
        opened.close()  # nothing of such a target is read a second time
    whole = FileReading(File(".", b""), opened.target.id, found.nouns, found.problems, recognised=found.recognised)
    return TargetReading(opened, {".": whole}, list(opened.problems))


def _read_entry(entry: Entry, target: str, context: ReadContext, named: bool) -> FileReading | None:
    try:
        file = entry.read()
    except Unreadable as error:
        return FileReading(
            File(entry.path, b""), target, problems=[Problem(entry.path, error.message, error.line)], recognised=True
        )
    reading = read_file(file, target, context, named=named, format=entry.format)
    if not reading.nouns:
        # nothing will ever point into it: definitions of custom resources are most of the bytes of a repository
        reading.file = File(file.path, b"", file.directory)
    return reading if reading.recognised or reading.nouns or reading.problems else None


def _forget(reading: FileReading, kept: int = 0) -> int:
    """Lets go of what places and edits ask for, which is read again then, where the documents have more than `kept`
    characters; gives how many of them are kept."""
    # packages of lock files have a place instead
    documents = {id(one): one for noun in reading.nouns if (one := getattr(noun, "document", None)) is not None}
    trees = [one for one in documents.values() if isinstance(one, TreeDocument)]
    size = sum(one.range[1] - one.range[0] for one in trees)
    if size <= kept:
        return size
    for one in trees:
        one.forget()
    return 0


def read_file(file: File, target: str, context: ReadContext, *, named: bool = False, format: str = "") -> FileReading:
    """Ask the readers in order, or that of `format` alone; the first that recognises the file keeps it.
    Secrets are looked for in the text of every file."""
    result = FileReading(file, target, format=format)
    unread: list[Problem] = []
    for reader in all_readers():
        if format:
            if reader.name != format:
                continue
        elif not (named or reader.wants_name(file.path)) or not reader.wants(file):
            continue
        reading = _guarded(reader, file, context)
        if reading.recognised:
            result.nouns, result.problems = reading.nouns, reading.problems
            result.consumed, result.leads_to = reading.consumed, reading.leads_to
            result.draws_on = reading.draws_on
            result.recognised, result.reader = True, reader.name
            break
        unread = unread or reading.problems
    if named and not result.recognised and unread:
        # none knows it for its own, but one says what is wrong in it
        result.problems, result.recognised = unread, True
    if named and not result.recognised and not result.problems:
        known = ", ".join(reader.name for reader in all_readers())
        message = f"{UNRECOGNISED}; expected one of {known}"
        result.problems.append(Problem(file.path, message, 1 if file.data else None))
        result.recognised = True
    if len(file.data) > MIB:
        _forget(result)  # of a large file, text and value together would be too much
    try:
        result.nouns += _secrets_in(file)
    except Exception as error:
        result.problems.append(_broken(file, "the search for secrets", error))
    if result.problems:
        from batten.engine.redact_problems import without_secrets

        result.problems = without_secrets(result.problems, file, context.files)
    return result


def _guarded(reader: Reader, file: File, context: ReadContext) -> Reading:
    try:
        return reader.read(file, context)
    except Unreadable as error:
        return Reading(problems=[Problem(file.path, error.message, error.line)])
    except RecursionError:
        return Reading(problems=[Problem(file.path, "nested deeper than any real file; not read")])
    except Exception as error:
        return Reading(problems=[_broken(file, f"the {reader.name} reader", error)])


def _broken(file: File, what: str, error: Exception) -> Problem:
    why = f"{type(error).__name__}: {str(error)[:100]}"
    return Problem(file.path, f"{what} failed on it ({why}); please report this, with the file")


def _secrets_in(file: File) -> Iterable[SecretText]:
    try:
        text = text_of(file)
    except Unreadable:
        return []
    hits = secrets.find(text, path=file.path)
    if not hits:
        return []
    document = TextDocument(file)
    return [
        SecretText(
            document=document,
            pointer=(hit.start, hit.end),
            resource=Resource("file", "File", file.path),
            scope=file.directory or ".",
            name=file.path,
            kind=hit.kind,
            title=hit.title,
            redacted=hit.redacted,
            confidence=hit.confidence,
            start=hit.start,
            end=hit.end,
        )
        for hit in hits
    ]


def build_inventory(targets: Sequence[TargetReading]) -> Inventory:
    """All nouns of all targets. Files that are part of another (Compose overrides, includes) give
    nothing of their own; workloads that share an identifier are told apart in the order read."""
    inventory = Inventory()
    seen: dict[str, int] = {}
    several = len(targets) > 1
    for target in targets:
        consumed = {path for reading in target.files.values() for path in reading.consumed if path != reading.file.path}
        scopes = _Scopes(target.opened) if several else None
        for path, reading in target.files.items():
            for noun in reading.nouns:
                if path in consumed and not isinstance(noun, SecretText):
                    continue
                if scopes is not None:
                    noun = scopes.anchored(noun)
                if isinstance(noun, Workload):
                    identifier = f"{target.id}//{noun.id}" if several else noun.id
                    count = seen[identifier] = seen.get(identifier, 0) + 1
                    if count > 1 or several:
                        noun = _renamed(noun, identifier if count == 1 else f"{identifier}~{count}")
                elif several and isinstance(noun, Package) and noun.place is not None:
                    # its target is the folder of its file, and two targets may have the same
                    folder = "" if noun.target == "." else f"//{noun.target}"
                    noun = replace(noun, target=sys.intern(f"{target.id}{folder}"))
                inventory.add(noun)
    return inventory


class _Scopes:
    """The scopes of one of several targets: of folders and files by where they lie, so that they are joined as they
    were in a target that holds both; of others by the target."""

    def __init__(self, opened: OpenTarget) -> None:
        native = opened.native("x") if opened.target.kind in ("directory", "file") else None
        if native is None:
            self._anchor = f"{opened.target.id}/."  # no two of them lie in one folder
        else:
            root = os.path.dirname(os.path.realpath(native))  # noqa: PTH120 - a scan does without pathlib
            self._anchor = root.replace(os.sep, "/").rstrip("/")
        self._known: dict[str, AnchoredScope] = {}

    def anchored(self, noun: Any) -> Any:
        """The noun with its scope as it is compared; images and what lies in no folder as they are."""
        if not isinstance(noun, Workload | Declared) or isinstance(noun, Image):
            return noun
        scope = self._known.get(noun.scope)
        if scope is None:
            scope = self._known[noun.scope] = AnchoredScope(below(self._anchor, noun.scope), noun.scope)
        if isinstance(noun, Workload):
            return replace(noun, scope=scope, containers=tuple(replace(one, scope=scope) for one in noun.containers))
        return replace(noun, scope=scope)


def _renamed(workload: Workload, identifier: str) -> Workload:
    containers = tuple(replace(container, workload=identifier) for container in workload.containers)
    return replace(workload, id=sys.intern(identifier), containers=containers)
