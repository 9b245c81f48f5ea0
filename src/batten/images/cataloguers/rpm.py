"""rpm: its databases (SQLite, its own format, Berkeley DB), and the manifests of distroless Azure Linux.

Source: rpm's documentation and tags (`rpmtag.h`); `rpmmanifest/container-manifest-2` is the answer of
`rpm -qa` with tabs, as CBL-Mariner's image builder writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers import _rpm_header as tags
from batten.images.cataloguers._rpm_header import BrokenHeader, Header, read_header
from batten.images.cataloguers._told import Losses, Room, decoded, is_name, is_version, one_line, shown, whole_number
from batten.model.package import Package, SourcePackage
from batten.model.source import Unreadable

_FOLDERS: Final = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_DATABASES: Final = frozenset(
    f"{folder}/{name}"
    for folder in _FOLDERS
    for name in ("rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages")
)
_MANIFEST: Final = "var/lib/rpmmanifest/container-manifest-2"
_MANIFEST_FIELDS: Final = 10  # name, version-release, installed, built, vendor, epoch, size, arch, epoch number, source
_NONE: Final = ("", "(none)")
_KEYS: Final = "gpg-pubkey"
"""Keys that packages are signed with; rpm keeps them as if they were packages."""
_NOT_ITS_OWN: Final = frozenset({1, 4})
"""States of files: replaced by another package's, or of a colour that is not installed."""


class _Rpm:
    name = "rpm"
    version = 2
    hint = Hint(endings=(*_DATABASES, _MANIFEST))

    def wants(self, file: LayerFile) -> bool:
        return file.path in _DATABASES or file.path == _MANIFEST

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        losses = Losses()
        if file.path == _MANIFEST:
            return _manifest(data, losses)
        if len(data) > limits.PACKAGE_DATABASE_BYTES:
            losses.note(f"larger than {limits.PACKAGE_DATABASE_BYTES // limits.MIB} MiB; only the first are read")
            data = memoryview(data)[: limits.PACKAGE_DATABASE_BYTES]
        reading = _Reading(losses)
        try:
            for blob in _blobs(data, losses, in_log=file.name.endswith("-wal")):
                if not reading.blob(blob):
                    break
        except Unreadable:
            if not reading.catalogue.packages:
                raise
        return reading.finished()


CATALOGUER: Final = _Rpm()


def _blobs(data: bytes | memoryview, losses: Losses, *, in_log: bool) -> Iterator[bytes | memoryview]:
    """The records of a database, whose kind its first bytes tell: names of files have changed it before."""
    if in_log:
        from batten.images.cataloguers._rpm_sqlite import read_wal

        return read_wal(data, losses)
    head = bytes(data[:16])
    if head.startswith(b"SQLite"):
        from batten.images.cataloguers._rpm_sqlite import read_sqlite

        return read_sqlite(data, losses)
    if head.startswith(b"RpmP"):
        from batten.images.cataloguers._rpm_ndb import read_ndb

        return read_ndb(data, losses)
    from batten.images.cataloguers._rpm_bdb import read_bdb

    return read_bdb(data, losses)


class _Reading:
    """Turns records into packages."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._room = Room(losses)
        self.catalogue = Catalogue()
        self._records = 0
        self._needs: list[list[str]] = []
        self._providers: dict[str, str] = {}

    def blob(self, blob: bytes | memoryview) -> bool:
        """Adds the package of one record; False where there are too many."""
        self._records += 1
        if self._records > limits.PACKAGES_PER_FILE:
            self._losses.note(f"more than {limits.PACKAGES_PER_FILE:,} records; the rest is not read")
            return False
        try:
            header = read_header(blob)
        except BrokenHeader as error:
            self._losses.add(str(error))
            return True
        name = header.text(tags.NAME)
        if name == _KEYS:
            return True
        epochs = header.numbers(tags.EPOCH, 1)
        package = _package(
            self._losses,
            name=name,
            version=f"{header.text(tags.VERSION)}-{header.text(tags.RELEASE)}".removesuffix("-"),
            epoch=epochs[0] if epochs else None,
            architecture=header.text(tags.ARCH),
            source=header.text(tags.SOURCE_RPM),
            vendor=header.text(tags.VENDOR) or header.text(tags.PACKAGER),
            license_=header.text(tags.LICENSE),
            module=header.text(tags.MODULARITY_LABEL),
            size=header.size(),
        )
        if package is not None:
            self._add(package, header)
        return True

    def _add(self, package: Package, header: Header) -> None:
        self.catalogue.packages.append(package)
        name, architecture = package.name, dict(package.qualifiers).get("arch", "")
        paths = self._paths(header)
        if paths:  # two architectures, or two kernels, have lists of their own
            self.catalogue.owned.setdefault(f"{name}:{architecture}" if architecture else name, []).extend(paths)
        needs = self._room.taken(header.texts(tags.REQUIRE_NAME, min(8 * limits.PACKAGE_DEPENDS, self._room.names)))
        self._needs.append([one for one in needs if not one.startswith(("(", "rpmlib(", "config("))])
        self._providers.setdefault(name, name)
        for provided in self._room.taken(header.texts(tags.PROVIDE_NAME, self._room.names)):
            self._providers.setdefault(provided, name)

    def _paths(self, header: Header) -> list[str]:
        """The files that the package owns, without leading slashes."""
        most = limits.PACKAGE_PATHS
        bases = header.texts(tags.BASE_NAMES, most)
        if bases:
            folders = [one.lstrip("/") for one in header.texts(tags.DIR_NAMES, most)]
            indexes = header.numbers(tags.DIR_INDEXES, most)
            pairs: Iterable[tuple[str, str]] = (
                (folders[index], base) for base, index in zip(bases, indexes, strict=False) if index < len(folders)
            )
        else:
            pairs = (("", path.lstrip("/")) for path in header.texts(tags.OLD_FILE_NAMES, most))
        states = header.octets(tags.FILE_STATES)
        if any(state in _NOT_ITS_OWN for state in set(states)) and len(states) >= len(bases):
            pairs = (pair for pair, state in zip(pairs, states, strict=False) if state not in _NOT_ITS_OWN)
        kept = []
        for folder, base in pairs:
            path = folder + base
            if not self._room.path(path):
                break
            kept.append(path)
        return kept

    def finished(self) -> Catalogue:
        """The answer, with what packages need looked up among what they provide and own."""
        catalogue = self.catalogue
        wanted = {need.lstrip("/") for needs in self._needs for need in needs if need.startswith("/")}
        owners = {
            path: owner.partition(":")[0]
            for owner, paths in catalogue.owned.items()
            for path in paths
            if path in wanted
        }
        for index, needs in enumerate(self._needs):
            package = catalogue.packages[index]
            found = (self._providers.get(need) or owners.get(need.lstrip("/"), "") for need in needs)
            if depends := self._room.depends(one for one in found if one and one != package.name):
                catalogue.packages[index] = replace(package, depends=depends)
        catalogue.problem = self._losses.problem(len(catalogue.packages))
        return catalogue


def _manifest(data: bytes | memoryview, losses: Losses) -> Catalogue:
    """One package on each line, its fields with tabs between them."""
    catalogue = Catalogue()
    for number, line in enumerate(decoded(data, limits.PACKAGE_TEXT_BYTES, losses).splitlines(), 1):
        if number > limits.PACKAGES_PER_FILE:
            losses.note(f"more than {limits.PACKAGES_PER_FILE:,} lines; the rest is not read")
            break
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t", _MANIFEST_FIELDS)]
        if len(fields) < _MANIFEST_FIELDS:
            losses.add(f"line {number} has {len(fields)} fields where {_MANIFEST_FIELDS} are expected")
            continue
        name, version, _, _, vendor, epoch, size, architecture, _, source = fields[:_MANIFEST_FIELDS]
        if name == _KEYS:
            continue
        package = _package(
            losses,
            name=name,
            version=version,
            epoch=int(epoch) if epoch.isascii() and epoch.isdigit() and len(epoch) <= 10 else None,
            architecture=architecture,
            source=source,
            vendor="" if vendor in _NONE else vendor,
            license_="",
            module="",
            size=whole_number(size),
        )
        if package is not None:
            catalogue.packages.append(package)
    catalogue.problem = losses.problem(len(catalogue.packages))
    return catalogue


def _package(
    losses: Losses,
    *,
    name: str,
    version: str,
    epoch: int | None,
    architecture: str,
    source: str,
    vendor: str,
    license_: str,
    module: str,
    size: int,
) -> Package | None:
    """`version` is without epoch; `source` the file name of the source package, `module` the label."""
    if not is_name(name):
        losses.add(f"expected the name of a package, found {shown(name)}")
        return None
    if not is_version(version) or version.startswith("-"):
        losses.add(f"expected a version of {name}, found {shown(version)}")
        return None
    full = f"{epoch}:{version}" if epoch else version  # an epoch of 0 is as none
    qualifiers = []
    if architecture not in _NONE and is_name(architecture):
        qualifiers.append(("arch", architecture))
    if epoch:
        qualifiers.append(("epoch", str(epoch)))
    license_ = one_line(license_)
    return Package(
        type="rpm",
        name=name,
        version=full,
        qualifiers=tuple(qualifiers),
        source=_source(source, version, full),
        origin=CATALOGUER.name,
        licenses=(license_,) if license_ not in _NONE else (),
        vendor=one_line(vendor),
        module=_module(module),
        size=size,
    )


def _source(text: str, version: str, full: str) -> SourcePackage | None:
    """`bash-5.1.8-6.el9.src.rpm`; the epoch is not written there: it is the package's, if the rest is."""
    if not text.endswith(".rpm") or not is_name(text):
        return None
    parts = text.removesuffix(".rpm").rpartition(".")[0].rsplit("-", 2)
    if len(parts) < 3 or not parts[0]:
        return None
    built_from = f"{parts[1]}-{parts[2]}"
    return SourcePackage(parts[0], full if built_from == version else built_from)


def _module(label: str) -> str:
    """`nodejs:18:8090020240301110609:a75119d5` -> `nodejs:18`."""
    name, colon, rest = label.partition(":")
    stream = rest.partition(":")[0]
    return f"{name}:{stream}" if colon and is_name(name) and is_name(stream) else ""
