"""Packages, and the distribution that they are judged by."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from batten.model.source import Place


class Distribution(Struct, frozen=True):
    """What `os-release` says (os-release(5)), "" where it says nothing."""

    id: str
    """`debian`, `alpine`, `rhel`, `wolfi` …"""
    version: str = ""
    """VERSION_ID: `12`, `3.20.3`, `9.4`."""
    codename: str = ""
    name: str = ""
    """PRETTY_NAME."""
    like: tuple[str, ...] = ()
    """ID_LIKE, nearest first."""


class SourcePackage(Struct, frozen=True):
    """What a binary package was built from: advisories of Debian, Ubuntu, Alpine and Wolfi name this."""

    name: str
    version: str


class Package(Struct, frozen=True, eq=False, kw_only=True):
    """One installed or locked package. A package without a version is not reported as one.

    `type`, `namespace`, `name`, `version`, `qualifiers` are those of its package URL, in its normal form,
    percent-decoded (https://github.com/package-url/purl-spec).
    """

    type: str
    """`deb`, `apk`, `rpm`, `pypi`, `npm`, `golang`, `maven`, `gem`, `composer`, `nuget`, `cargo`, `conda`,
    `generic` (binaries known by their own version strings) …"""
    name: str
    version: str
    namespace: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    """Sorted: `arch`, `distro`, `epoch`, `type` …; the epoch of an rpm stands in `version` as well."""
    subpath: str = ""
    source: SourcePackage | None = None
    origin: str = ""
    """The cataloguer or reader that found it: `dpkg`, `python`, `package-lock` …"""
    paths: tuple[str, ...] = ()
    """Where its metadata stands, relative to the root of the image or directory."""
    layer: str = ""
    """Diff id of the layer that brought this version; "" outside images."""
    instruction: str = ""
    """The step of the image's history that made that layer."""
    from_base: bool | None = None
    """The layer belongs to the recognised base image; None where no base was recognised."""
    licenses: tuple[str, ...] = ()
    """SPDX expressions where the metadata has such, else its own words."""
    vendor: str = ""
    """Vendor, Maintainer or Origin of the package: tells third-party packages from the distribution's."""
    module: str = ""
    """Module stream of an rpm, `nodejs:18`."""
    owner: str = ""
    """Package URL of the distribution's package that owns the files of this one."""
    direct: bool | None = None
    """Lock files: asked for by the project itself (None: not known)."""
    scope: Literal["runtime", "development", "optional", ""] = ""
    depends: tuple[str, ...] = ()
    """Names of the packages that it needs, as its metadata says, without versions."""
    confidence: Literal["high", "medium", "low"] = "high"
    evidence: str = ""
    """What was seen where the package has no metadata: `nginx/1.25.3 in usr/sbin/nginx`."""
    files: tuple[str, ...] = ()
    """Executables and libraries that belong to it, where known: decides whether it can be reached."""
    reach: Literal["linked", "imported", "present", "unknown"] = "unknown"
    """How the image's entry point gets at it (`batten.images.reach`); `unknown` outside images."""
    size: int = 0
    """Bytes that it takes when it is installed, as its package manager counts; 0 where that is not said."""
    checksums: tuple[tuple[str, str], ...] = ()
    """(algorithm, hexadecimal) of the artefact, where a lock file gives it."""
    target: str = ""
    """Identifier of what it is in: `Image.id`, or the directory of the lock file."""
    distribution: Distribution | None = None
    place: Place | None = None
    """Where it is written, with lines, for lock files and SBOMs."""

    @property
    def purl(self) -> str:
        """The package URL in its canonical form; the epoch of an rpm is a qualifier there alone (purl-spec)."""
        from packageurl import PackageURL

        version, qualifiers = self.version, dict(self.qualifiers)
        if self.type == "rpm":
            epoch, colon, rest = version.partition(":")
            if colon and epoch.isascii() and epoch.isdigit():
                version = rest
                if int(epoch):
                    qualifiers["epoch"] = epoch
        return PackageURL(
            self.type, self.namespace or None, self.name, version or None, qualifiers, self.subpath
        ).to_string()
