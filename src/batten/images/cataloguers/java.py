"""Java: archives of classes, also those within others, read where they lie.

What a build tool wrote (`META-INF/maven/GROUP/ARTIFACT/pom.properties`) is believed. Several of those in one
archive mean that others were packed into it: the archive's own is the one that its file name begins with.
Without one, file name and manifest must do, with less confidence.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import headers, licenses
from batten.images.cataloguers._java_groups import group_of, of_repository
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.images.cataloguers._zip import Member, NotAnArchive, Zip
from batten.model.package import Package
from batten.model.source import Unreadable
from batten.pattern import pattern

_ARCHIVES: Final = (".jar", ".war", ".ear", ".par", ".sar", ".rar", ".nar", ".kar", ".hpi", ".jpi", ".lpkg")
_SMALLEST: Final = 22
_NO_CODE: Final = ("-sources", "-javadoc", "-tests", "-test-sources")
_MANIFEST: Final = "META-INF/MANIFEST.MF"
_MAVEN: Final = "META-INF/maven/"
_PROPERTIES: Final = "/pom.properties"
_METADATA_BYTES: Final = 1 * limits.MIB
_FILE_NAME: Final = pattern(r"(.+?)[-_](v?\d[\w.+~]*(?:-[\w.+~]+)*)")
_SCALA: Final = pattern(r"(.+_(?:2\.\d{1,2}|3))-(\d[\w.+~]*(?:-[\w.+~]+)*)")
"""An artifact of Scala has the language's version in its name: `kafka_2.13-3.4.0`."""
_TOMCAT: Final = pattern(r"org\.apache\.(tomcat-[a-z-]+)")
_GROUP: Final = pattern(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+")
_NO_GROUPS: Final = ("com.sun", "org.apache", "org.codehaus", "org.eclipse")
"""Vendors that manifests name and that publish nothing under that name alone, or other things."""
_SAME_GROUP: Final = "the group is a guess: that of the artifact's own name"
_VERSIONS: Final = ("implementation-version", "bundle-version", "plugin-version", "specification-version")


class _Room:
    """What one file may still cost."""

    def __init__(self) -> None:
        self.archives = limits.JAVA_ARCHIVES
        self.packages = limits.PACKAGES_PER_FILE
        self.members = limits.JAVA_MEMBERS
        self.unpacked = limits.JAVA_UNPACKED_BYTES
        self.held = limits.JAVA_HELD_BYTES


class _Java:
    name = "java"
    version = 3
    hint = Hint(endings=_ARCHIVES)

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_ARCHIVES) and file.size >= _SMALLEST

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        losses = Losses()
        try:
            archive = Zip(data, _tells)
        except NotAnArchive as error:
            if not file.path.endswith(_ARCHIVES[:3]) and not file.head.startswith(b"PK"):
                return Catalogue()  # other formats have names of that kind too
            raise Unreadable(str(error)) from None
        packages = _Reading(losses).archive(archive, file.path, 1)
        return Catalogue(packages, problem=losses.problem(len(packages)))


CATALOGUER: Final = _Java()


class _Contents(Struct):
    """The members of an archive that tell something."""

    manifest: Member | None = None
    properties: list[Member] = field(default_factory=list)
    nested: list[Member] = field(default_factory=list)


class _Reading:
    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._room = _Room()

    def archive(self, archive: Zip, path: str, depth: int) -> list[Package]:
        """The packages of an archive and of all that lie in it; `path` has `!` before what lies within."""
        if archive.cut_off:
            self._losses.note(f"an archive with more than {limits.ARCHIVE_MEMBERS:,} members; the rest is not read")
        self._room.members -= archive.count
        contents = _contents(archive)
        found = self._own(archive, contents, path)
        for member in contents.nested:
            found += self._nested(archive, member, path, depth)
        return found

    def _nested(self, archive: Zip, member: Member, path: str, depth: int) -> list[Package]:
        inner = f"{path}!{member.name}"
        if depth >= limits.JAVA_DEPTH:
            self._losses.note(f"archives in archives more than {limits.JAVA_DEPTH} deep are not read")
            return []
        if self._room.members <= 0:
            self._losses.note(f"more than {limits.JAVA_MEMBERS:,} members in all archives; the rest is not read")
            return []
        self._room.archives -= 1
        if self._room.archives < 0:
            self._losses.note(f"more than {limits.JAVA_ARCHIVES:,} archives in one; the rest is not read")
            return []
        held = 0
        try:
            bound = min(self._room.held, self._room.unpacked) if member.method else member.packed
            if bound <= 0:
                raise NotAnArchive("the archives within are too large; it is not read")
            data = archive.read(member, bound)
            held = len(data) if member.method else 0
            self._room.unpacked -= held
            self._room.held -= held
            return self.archive(Zip(data, _tells), inner, depth + 1)
        except NotAnArchive as error:
            if member.size >= _SMALLEST:
                self._losses.add(f"{_shown(member.name)}: {error}")
            return []
        finally:
            self._room.held += held

    def _own(self, archive: Zip, contents: _Contents, path: str) -> list[Package]:
        """The archive's own package first, then those that were packed into it."""
        stem = path.rpartition("!")[2].rpartition("/")[2].rpartition(".")[0]
        if stem.endswith(_NO_CODE) or len(stem) > limits.PACKAGE_NAME:
            return []
        manifest = self._manifest(archive, contents)
        words = licenses([manifest.get("bundle-license", "")]) if len(manifest.get("bundle-license", "")) < 200 else ()
        members = contents.properties[: max(self._room.packages, 0)]
        poms = [found for member in members if (found := self._pom(archive, member)) is not None]
        own = _own_pom(poms, stem, manifest)
        packages = []
        if own is not None:
            packages.append(_package(own, path, words))
        elif (
            (lies := of_repository(path)) is not None and is_name(lies[0]) and is_name(lies[1]) and _is_version(lies[2])
        ):
            own = lies
            packages.append(_package(own, path, words))
        elif (guess := _guess(stem, manifest)) is not None:
            if guess[0]:
                packages.append(_package(guess, path, words, "medium"))
            else:  # as Maven 1 had it: without a group no advisory could be held against it
                packages.append(_package((guess[1], *guess[1:]), path, words, "low", _SAME_GROUP))
        for pom in dict.fromkeys(poms):
            if pom != own:
                packages.append(_package(pom, f"{path}!{_MAVEN}{pom[0]}/{pom[1]}"))
        self._room.packages -= len(packages)
        if len(members) < len(contents.properties):
            self._losses.note(f"more than {limits.PACKAGES_PER_FILE:,} packages; the rest is not read")
        return packages

    def _manifest(self, archive: Zip, contents: _Contents) -> dict[str, str]:
        """Main attributes of the manifest (JAR File Specification), names in lower case."""
        if contents.manifest is None:
            return {}
        text = self._text(archive, contents.manifest).replace("\r\n", "\n").replace("\r", "\n").replace("\n ", "")
        return dict(headers(text))

    def _pom(self, archive: Zip, member: Member) -> tuple[str, str, str] | None:
        """(group, artifact, version) of a `pom.properties`; the folders name the first two as well."""
        values = {}
        for line in self._text(archive, member).splitlines():
            key, _, value = line.partition("=")
            values[key.strip()] = value.strip()
        folders = member.name.split("/")
        group, artifact = values.get("groupId") or folders[-3], values.get("artifactId") or folders[-2]
        version = values.get("version", "")
        if not is_name(group) or not is_name(artifact) or not _is_version(version):
            return None
        return group, artifact, version

    def _text(self, archive: Zip, member: Member) -> str:
        try:
            if self._room.unpacked <= 0:
                raise NotAnArchive("the archives within are too large; it is not read")
            data = archive.read(member, _METADATA_BYTES)
            self._room.unpacked -= len(data)
            return str(data, "utf-8", "replace")
        except NotAnArchive as error:
            self._losses.add(f"{_shown(member.name)}: {error}")
            return ""


def _tells(name: str) -> bool:
    """Is a member of this name looked at?"""
    if len(name) > limits.LAYER_NAME or not name.isprintable():
        return False
    if name.endswith(_PROPERTIES):
        return _MAVEN in name and name.count("/") >= 4
    return name.endswith(_ARCHIVES) or name == _MANIFEST


def _contents(archive: Zip) -> _Contents:
    contents = _Contents()
    for member in archive.members:
        if member.name == _MANIFEST:
            contents.manifest = member
        elif member.name.endswith(_PROPERTIES):
            contents.properties.append(member)
        else:
            contents.nested.append(member)
    return contents


def _own_pom(poms: list[tuple[str, str, str]], stem: str, manifest: dict[str, str]) -> tuple[str, str, str] | None:
    """The one whose artifact the file is named for; the longest, as `log4j` begins `log4j-core-2.0` as well.

    Servers write the group before it: `org.mortbay.jasper.apache-el-10.1.31.jar`.
    """
    fitting = [
        pom
        for pom in poms
        if any(f"{name}-".startswith((f"{pom[1]}-", f"{pom[1]}_")) for name in (stem, stem.removeprefix(f"{pom[0]}.")))
    ]
    exact = [pom for pom in fitting if f"{pom[1]}-{pom[2]}" in stem]
    if exact or fitting:
        return max(exact or fitting, key=lambda pom: len(pom[1]))
    titles = (manifest.get("bundle-name", "").lower(), manifest.get("implementation-title", "").lower())
    return poms[0] if len(poms) == 1 and not _FILE_NAME.fullmatch(stem) and stem.lower() not in titles else None


def _guess(stem: str, manifest: dict[str, str]) -> tuple[str, str, str] | None:
    """What file name and manifest say; the name's version first, it is written by who distributes the file."""
    found = _SCALA.fullmatch(stem) or _FILE_NAME.fullmatch(stem)
    name = found[1] if found else stem
    version = (
        found[2] if found else next((manifest[one] for one in _VERSIONS if _is_version(manifest.get(one, ""))), "")
    )
    if not is_name(name) or not _is_version(version):
        return None
    symbolic = manifest.get("bundle-symbolicname", "").partition(";")[0].strip()
    if symbolic == name and "-" in (last := name.rpartition(".")[2]):
        name = last  # `org.mortbay.jasper.apache-el`: no bundle has a hyphen, many artifacts do
    if (tomcat := _TOMCAT.fullmatch(symbolic)) is not None and not name.startswith("tomcat-"):
        name = tomcat[1]  # `catalina.jar`, as the server's own archive has it, is Central's `tomcat-catalina`
    group = group_of(name, version)
    if not group:
        candidates = (
            manifest.get("implementation-vendor-id", ""),
            symbolic.removesuffix(f".{name}") if symbolic.endswith(f".{name}") else symbolic.rpartition(".")[0],
            manifest.get("automatic-module-name", "").rpartition(".")[0],
        )
        group = next(
            (one for one in candidates if is_name(one) and _GROUP.fullmatch(one) and one not in _NO_GROUPS), ""
        )
    return group, name, version


def _is_version(text: str) -> bool:
    return is_version(text) and text[0] not in "$@" and any(one.isdigit() for one in text)


def _package(
    coordinates: tuple[str, str, str],
    path: str,
    words: tuple[str, ...] = (),
    confidence: str = "high",
    evidence: str = "",
) -> Package:
    group, artifact, version = coordinates
    return Package(
        type="maven",
        namespace=group,
        name=artifact,
        version=version,
        origin=CATALOGUER.name,
        paths=(path,),
        licenses=words,
        evidence=evidence,
        confidence="high" if confidence == "high" else "medium" if confidence == "medium" else "low",
    )


def _shown(name: str) -> str:
    return repr(name[-80:])
