"""apk: the database of Alpine, Wolfi, Chainguard and their like (apk-package(5), `installed`).

A record has lines of one letter, a colon and a value; upper and lower case letters differ. `D:` names what
a package needs by name, shared library (`so:`), command (`cmd:`) or path; all of them are looked up in
the same file, so that `Package.depends` holds names of packages.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._told import (
    Losses,
    Room,
    decoded,
    is_name,
    is_version,
    one_line,
    records,
    shown,
    whole_number,
)
from batten.model.package import Package, SourcePackage

_DATABASES: Final = frozenset({"lib/apk/db/installed", "usr/lib/apk/db/installed"})
_LINE: Final = re.compile(r"^([CPVALoDpmFRI]):(.*)", re.MULTILINE)
_CONSTRAINT: Final = re.compile(r"[<>=~@].*", re.DOTALL)
_WORDS: Final = 64 * limits.KIB
"""Characters of one line of needs or provisions that are looked at; the longest real one has 20,000."""


class _Apk:
    name = "apk"
    version = 2
    hint = Hint(endings=tuple(_DATABASES))

    def wants(self, file: LayerFile) -> bool:
        return file.path in _DATABASES

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        losses = Losses()
        reading = _Reading(losses)
        text = decoded(data, limits.PACKAGE_TEXT_BYTES, losses)
        for count, record in enumerate(records(text), 1):
            if count > limits.PACKAGES_PER_FILE:
                losses.note(f"more than {limits.PACKAGES_PER_FILE:,} records; the rest is not read")
                break
            reading.record(record)
        return reading.finished()


CATALOGUER: Final = _Apk()


class _Reading:
    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._room = Room(losses)
        self._catalogue = Catalogue()
        self._needs: list[list[str]] = []
        self._providers: dict[str, str] = {}

    def record(self, record: str) -> None:
        """Adds one package with its files."""
        fields: dict[str, str] = {}
        paths: list[str] = []
        folder = ""
        for line in _LINE.finditer(record):
            key, value = line.groups()
            if key == "R":
                path = f"{folder}/{value}" if folder else value
                if "\0" not in path and self._room.path(path):
                    paths.append(path)
            elif key == "F":
                folder = value.strip("/")
            else:
                fields.setdefault(key, value)
        if not fields and not paths and not record.strip("\0 \n"):
            return
        name, version = fields.get("P", "").strip(), fields.get("V", "").strip()
        if name.startswith(".") and not paths:
            return  # a mere list of dependencies: `apk add --virtual .build-deps`
        if not is_name(name):
            self._losses.add(f"expected the name of a package after P:, found {shown(name)}")
            return
        if not is_version(version):
            self._losses.add(f"expected a version of {name} after V:, found {shown(version)}")
            return
        self._add(name, version, fields)
        if paths:
            self._catalogue.owned.setdefault(name, []).extend(paths)

    def _add(self, name: str, version: str, fields: dict[str, str]) -> None:
        architecture, origin = fields.get("A", "").strip(), fields.get("o", "").strip()
        license_ = one_line(fields.get("L", ""))
        self._catalogue.packages.append(
            Package(
                type="apk",
                name=name,
                version=version,
                qualifiers=(("arch", architecture),) if is_name(architecture) else (),
                source=SourcePackage(origin if is_name(origin) else name, version),
                origin=CATALOGUER.name,
                licenses=(license_,) if license_ else (),
                vendor=one_line(fields.get("m", "")),
                size=whole_number(fields.get("I", "")),
            )
        )
        needs = self._room.taken(_names(fields.get("D", "")))
        self._needs.append([one for one in needs if not one.startswith("!")])
        self._providers[name] = name
        for provided in self._room.taken(_names(fields.get("p", ""))):
            self._providers.setdefault(provided, name)

    def finished(self) -> Catalogue:
        """The answer, with dependencies looked up."""
        catalogue = self._catalogue
        wanted = {need.lstrip("/") for needs in self._needs for need in needs if need.startswith("/")}
        owners = {path: name for name, paths in catalogue.owned.items() for path in paths if path in wanted}
        for index, needs in enumerate(self._needs):
            found = (
                owners.get(need.lstrip("/"), "") if need.startswith("/") else self._providers.get(need, "")
                for need in needs
            )
            package = catalogue.packages[index]
            if depends := self._room.depends(one for one in found if one and one != package.name):
                catalogue.packages[index] = replace(package, depends=depends)
        if not catalogue.packages and not self._losses.count:
            self._losses.note("expected records with P: and V:, found none")
        catalogue.problem = self._losses.problem(len(catalogue.packages))
        return catalogue


def _names(text: str) -> list[str]:
    return [_CONSTRAINT.sub("", word) for word in text[:_WORDS].split()][: 4 * limits.PACKAGE_DEPENDS]
