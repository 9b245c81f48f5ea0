"""dpkg: `status`, distroless images' `status.d`, the lists of files, the copyright files (Debian, Ubuntu …).

Sources: dpkg(1), deb-control(5), deb-version(7), Debian policy 5, copyright-format 1.0 (DEP-5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._deb822 import fields as fields_named
from batten.images.cataloguers._deb822 import paragraphs
from batten.images.cataloguers._told import Losses, Room, decoded, is_name, is_version, one_line, shown, whole_number
from batten.model.package import Package, SourcePackage

_STATUS: Final = "var/lib/dpkg/status"
_STATUS_FOLDER: Final = "var/lib/dpkg/status.d/"
_INFO: Final = "var/lib/dpkg/info/"
_DOCUMENTS: Final = "usr/share/doc/"
_COPYRIGHT: Final = "/copyright"

_UNPACKED: Final = frozenset({"installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"})
"""States of dpkg(1) in which the package's files are there, whatever is still to be configured."""
_FIELDS: Final = fields_named(
    ("Package", "Status", "Version", "Architecture", "Source", "Maintainer", "Pre-Depends", "Depends", "Installed-Size")
)
_LINE: Final = re.compile(r"[^\n]{2,}")
_SOURCE: Final = re.compile(r"(\S+)(?:\s+\(([^()]*)\))?")
_DEPENDS: Final = re.compile(r"(?:^|[,|])\s*([A-Za-z0-9][A-Za-z0-9+.-]*)")
_LICENSE: Final = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_COMMON: Final = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9][A-Za-z0-9+.-]*)")


class _Dpkg:
    name = "dpkg"
    version = 2
    hint = Hint(endings=(_STATUS, _COPYRIGHT, ".list"), beginnings=(_STATUS_FOLDER,))

    def wants(self, file: LayerFile) -> bool:
        path = file.path
        if path.startswith(_DOCUMENTS):
            return path.endswith(_COPYRIGHT) and path.count("/") == 4
        if not path.startswith("var/lib/dpkg/"):
            return False
        # *.md5sums of info/ names nothing that *.list does not, so it is not read a second time
        return path == _STATUS or path.startswith(_STATUS_FOLDER) or (path.startswith(_INFO) and path.endswith(".list"))

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        if file.path.startswith(_DOCUMENTS):
            return _copyright(file.path[len(_DOCUMENTS) : -len(_COPYRIGHT)], data)
        if file.path.startswith(_INFO):
            return _list(file.name.removesuffix(".list"), data)
        if file.path.endswith(".md5sums"):
            return _md5sums(file.name.removesuffix(".md5sums"), data)
        if file.path.startswith(_STATUS_FOLDER) and "." in file.name and not bytes(data[:512]).lstrip()[:1].isalpha():
            return Catalogue()  # other companions of a package's record (`.list`, `.preinst` …)
        return _status(data, whole=file.path == _STATUS)


CATALOGUER: Final = _Dpkg()


def _status(data: bytes | memoryview, *, whole: bool) -> Catalogue:
    """The packages that are there; `whole` is dpkg's own database, in which each record has a state."""
    losses = Losses()
    room = Room(losses)
    catalogue = Catalogue()
    text = decoded(data, limits.PACKAGE_TEXT_BYTES, losses)
    records, described = 0, False
    for fields in paragraphs(text, _FIELDS):
        records += 1
        if records > limits.PACKAGES_PER_FILE:
            losses.note(f"more than {limits.PACKAGES_PER_FILE:,} records; the rest is not read")
            break
        if not fields:
            continue
        described = True
        state = fields.get("status", "" if whole else "install ok installed").split()
        if whole and not state:
            losses.add(f"{shown(fields.get('package', ''))} has no Status")
        elif state and state[-1] in _UNPACKED:
            _add(catalogue, fields, losses, room)
    if whole and not catalogue.packages and not described and text.strip("\0 \t\n"):
        losses.note("expected records of `Package:`, `Status:`, `Version:`, found none")
    catalogue.problem = losses.problem(len(catalogue.packages))
    return catalogue


def _add(catalogue: Catalogue, fields: dict[str, str], losses: Losses, room: Room) -> None:
    name, version = fields.get("package", "").strip(), fields.get("version", "").strip()
    if not is_name(name):
        losses.add(f"expected the name of a package, found {shown(name)}")
        return
    if not is_version(version):
        losses.add(f"expected a version of {name}, found {shown(version)}")
        return
    architecture = fields.get("architecture", "").strip()
    wanted = f"{fields.get('pre-depends', '')},{fields.get('depends', '')}"
    catalogue.packages.append(
        Package(
            type="deb",
            name=name,
            version=version,
            qualifiers=(("arch", architecture),) if is_name(architecture) else (),
            source=_source(fields.get("source", ""), name, version),
            origin=CATALOGUER.name,
            vendor=one_line(fields.get("maintainer", "")),
            size=whole_number(fields.get("installed-size", "")) * limits.KIB,
            depends=room.depends(_DEPENDS.findall(wanted[: limits.PACKAGE_TEXT_BYTES // 32])),
        )
    )


def _source(text: str, name: str, version: str) -> SourcePackage:
    """`Source: glibc (2.36-9)`; without the field or its brackets the source is called as the package is."""
    found = _SOURCE.match(text.strip())
    if found is not None and is_name(found[1]):
        name = found[1]
        if found[2] is not None and is_version(found[2].strip()):
            version = found[2].strip()
    return SourcePackage(name, version)


def _list(package: str, data: bytes | memoryview) -> Catalogue:
    """`info/NAME.list`, `info/NAME:ARCHITECTURE.list`: a path on each line, folders among them."""
    losses = Losses()
    text = decoded(data, limits.PACKAGE_LIST_BYTES, losses)
    return _owned(package, (line[0] for line in _LINE.finditer(text)), losses)


def _md5sums(package: str, data: bytes | memoryview) -> Catalogue:
    """`status.d/NAME.md5sums`: a sum, two blanks and a path without leading slash on each line."""
    losses = Losses()
    text = decoded(data, limits.PACKAGE_LIST_BYTES, losses)
    return _owned(package, (line[0].partition(" ")[2].lstrip(" *") for line in _LINE.finditer(text)), losses)


def _owned(package: str, paths: Iterable[str], losses: Losses) -> Catalogue:
    if not is_name(package):
        return Catalogue(problem=f"expected the name of a package before the suffix, found {shown(package)}")
    room = Room(losses)
    kept = []
    for path in paths:
        path = path.removeprefix("./").lstrip("/")
        if path and path != "." and "\0" not in path:
            if not room.path(path):
                break
            kept.append(path)
    return Catalogue(owned={package: kept} if kept else {}, problem=losses.problem(1))


def _copyright(package: str, data: bytes | memoryview) -> Catalogue:
    """The short names of a machine-readable file, else the common licences that it refers to."""
    text = str(data[: limits.PACKAGE_COPYRIGHT_BYTES], "utf-8", "replace")
    if text[:256].lstrip("\ufeff \n").lower().startswith("format"):
        words = [one_line(found) for found in _LICENSE.findall(text)]
    else:
        words = [found.rstrip(".") for found in _COMMON.findall(text)]
    kept = [word for word in dict.fromkeys(words) if word][: limits.PACKAGE_LICENSES]
    return Catalogue(licenses={package: kept} if kept and is_name(package) else {})
