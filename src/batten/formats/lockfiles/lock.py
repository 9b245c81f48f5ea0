"""What every kind of lock file has in common: the packages that it names are collected here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final, Literal

from msgspec import Struct

from batten import limits
from batten.formats.document import TreeDocument
from batten.formats.interface import ReadContext, Reading
from batten.formats.lines import text_of
from batten.formats.lockfiles.document import LockDocument
from batten.model.package import Package
from batten.model.package_names import is_name, is_version
from batten.model.source import File, Place, Pointer, Problem, Unreadable

Scope = Literal["runtime", "development", "optional", ""]
Confidence = Literal["high", "medium", "low"]

_NEEDED_MOST: Final[tuple[Scope, ...]] = ("runtime", "", "optional", "development")
_SHOWN: Final = 60


class _Entry(Struct):
    """A package as often as the file names it."""

    fields: dict[str, Any]
    direct: bool | None
    scope: Scope


class Lock:
    """One lock file while it is read."""

    def __init__(self, file: File, context: ReadContext, kind: str) -> None:
        self.file = file
        self.context = context
        self.kind = kind
        self.name = file.path.rpartition("/")[2].lower()
        self.notes: list[Problem] = []
        self.leads_to: list[tuple[str, str]] = []
        """As in `Reading`."""
        self._document = LockDocument(file, "")
        self._trees: list[TreeDocument] = []
        self._found: dict[tuple[str, str, str, str], _Entry] = {}
        self._depends = limits.PACKAGE_DEPENDS_TOTAL
        self._text: str | None = None
        self._seen = 0
        self._lost = 0
        self._first = ""
        self._more = False

    @property
    def text(self) -> str:
        """The text; raises `Unreadable`."""
        if self._text is None:
            self._text = text_of(self.file)
            if self._text.count("\n") > limits.LOCK_LINES:
                raise Unreadable(f"expected at most {limits.LOCK_LINES:,} lines, found more")
        return self._text

    def writes(self, command: str, tree: TreeDocument | None = None, *, editable: bool = False) -> None:
        """What comes from now on stands in `tree` (or has offsets as its pointers); see `LockDocument`."""
        self._document = LockDocument(self.file, command, tree, editable=editable)
        if tree is not None:
            self._trees.append(tree)

    def json(self, command: str) -> dict[str, Any]:
        """The object that the file consists of; raises `Unreadable`."""
        from batten.formats.json import read_json

        document = read_json(self.file)
        if not isinstance(document.value, dict):
            raise Unreadable("expected a JSON object, found another value", 1)
        self.writes(command, document)
        value: dict[str, Any] = document.value
        return value

    def beside(self, name: str) -> File | None:
        """Another file of the same folder (`..` leads to the one above)."""
        folder = self.file.directory
        while name.startswith("../"):
            if not folder:
                return None
            folder, name = folder.rpartition("/")[0], name[3:]
        return self.context.files.get(f"{folder}/{name}" if folder else name)

    @property
    def full(self) -> bool:
        """As many packages as are read of one file are there."""
        if len(self._found) >= limits.PACKAGES_PER_FILE or self._seen >= limits.LOCK_ENTRIES:
            self._more = True
        return self._more

    def add(
        self,
        kind: str,
        name: str,
        version: str,
        pointer: Pointer,
        *,
        namespace: str = "",
        qualifiers: tuple[tuple[str, str], ...] = (),
        direct: bool | None = None,
        scope: Scope = "",
        depends: Iterable[str] = (),
        checksums: Iterable[tuple[str, str]] = (),
        licenses: tuple[str, ...] = (),
        confidence: Confidence = "high",
        evidence: str = "",
        refused: str = "",
        shown: str = "",
    ) -> None:
        """One package; `kind` is its type. `refused`: why its version cannot be replaced alone; `shown`: its name
        as its tools have it, where that is not `namespace/name`."""
        if self.full:
            return
        self._seen += 1
        parts = namespace.split("/") if namespace else ()
        if not is_name(name) or not is_version(version) or not all(is_name(one) for one in parts):
            self.lose(f"expected a name and a version, found {quoted(name)} and {quoted(version)}")
            return
        key = (kind, namespace, name, version)
        known = self._found.get(key)
        if known is not None:
            known.direct = known.direct or direct if direct is not None else known.direct
            known.scope = min(known.scope, scope, key=_NEEDED_MOST.index)
            return
        self._document.names[pointer] = shown or (f"{namespace}/{name}" if namespace else name)
        if refused:
            self._document.refused[pointer] = refused
        fields = {
            "type": kind,
            "namespace": namespace,
            "name": name,
            "version": version,
            "qualifiers": qualifiers,
            "depends": self._kept(depends),
            "checksums": tuple(dict.fromkeys(checksums))[: limits.LOCK_CHECKSUMS],
            "licenses": licenses,
            "confidence": confidence,
            "evidence": evidence,
            "place": Place(self._document, pointer),
        }
        self._found[key] = _Entry(fields, direct, scope)

    def lose(self, reason: str) -> None:
        """One entry cannot be read."""
        self._lost += 1
        self._first = self._first or reason

    def reading(self) -> Reading:
        """What was collected."""
        directory = self.file.directory or "."
        packages = [
            Package(
                **entry.fields,
                direct=entry.direct,
                scope=entry.scope,
                origin=self.kind,
                paths=(self.file.path,),
                target=directory,
            )
            for entry in self._found.values()
        ]
        problems = list(self.notes)
        if self._lost:
            what = "package" if self._lost == 1 else "packages"
            first = "" if self._lost == 1 else "the first: "
            message = f"{self._lost:,} {what} could not be read ({first}{self._first}), {len(packages):,} could"
            problems.append(Problem(self.file.path, message))
        if self._more:
            message = f"expected at most {limits.PACKAGES_PER_FILE:,} packages, found more; the rest is not read"
            problems.append(Problem(self.file.path, message))
        for tree in self._trees:
            problems += tree.notes
            tree.forget()
        return Reading(packages, problems, leads_to=self.leads_to)

    def _kept(self, depends: Iterable[str]) -> tuple[str, ...]:
        found = dict.fromkeys(one for one in depends if 0 < len(one) <= limits.PACKAGE_NAME and one.isprintable())
        kept = tuple(found)[: max(min(limits.PACKAGE_DEPENDS, self._depends), 0)]
        self._depends -= len(kept)
        return kept


def read(file: File, context: ReadContext, kind: str) -> Reading:
    """The packages of one file; raises `Unreadable`."""
    lock = Lock(file, context, kind)
    module = import_module(f"batten.formats.lockfiles.{kind}")
    if module.read(lock) is False:
        return Reading(recognised=False)
    return lock.reading()


def word(value: object) -> str:
    """A text without blanks around it; "" for every other value."""
    return value.strip() if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def integrity(text: object) -> list[tuple[str, str]]:
    """Subresource integrity (`sha512-BASE64 …`) as algorithms with hexadecimal digits."""
    from base64 import b64decode

    found = []
    for one in word(text).split()[:4]:
        algorithm, _, digest = one.partition("-")
        try:
            found.append((algorithm.lower(), b64decode(digest.partition("?")[0], validate=True).hex()))
        except ValueError:
            continue
    return [one for one in found if one[0] in ("sha1", "sha256", "sha384", "sha512")]


def digests(values: Iterable[object]) -> list[tuple[str, str]]:
    """`sha256:HEXADECIMAL` texts as pairs."""
    found = []
    for value in values:
        algorithm, _, digits = word(value).partition(":")
        if is_hexadecimal(digits) and algorithm.isalnum():
            found.append((algorithm.lower(), digits.lower()))
    return found


def is_hexadecimal(text: str) -> bool:
    """Digits of a digest?"""
    return 16 <= len(text) <= 128 and all(one in "0123456789abcdefABCDEF" for one in text)


def quoted(text: str) -> str:
    """`text` as it may stand in a message."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
