"""What other scanners say: reports that were read, before they are joined with batten's own rows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from batten.model.package import Distribution, Package
from batten.model.source import Place
from batten.model.vulnerability import Score, SeverityWord, Status


class ImportedTarget(Struct, frozen=True, kw_only=True):
    """What was scanned, as far as the report says; "" where it does not."""

    name: str = ""
    digest: str = ""
    """Of the manifest, `sha256:…`."""
    repository_digests: tuple[str, ...] = ()
    image_id: str = ""
    """Digest of the configuration."""
    diff_ids: tuple[str, ...] = ()
    """All layers, lowest first."""
    distribution: Distribution | None = None
    machine: bool = False
    """A virtual machine: unlike an image, it runs the kernel that is installed in it."""


class ImportedRow(Struct, frozen=True, eq=False, kw_only=True):
    """One flaw in one package instance, by one scanner's word."""

    package: Package
    """`name` may be that of a source package, and `namespace` missing (Maven): see `batten.vulnerabilities.merge`."""
    id: str
    aliases: tuple[str, ...] = ()
    """The same flaw; never the several flaws that one advisory mends."""
    advisory: str = ""
    """The report's own identifier, where `id` is one of several flaws that it stands for."""
    status: Status = "affected"
    fixed: str = ""
    """First version without the flaw, "" where none is told. Of several lines of versions, that of the installed."""
    severity: SeverityWord = "unknown"
    scores: tuple[Score, ...] = ()
    epss: float | None = None
    epss_date: str = ""
    kev: bool = False
    kev_due: str = ""
    ransomware: bool = False
    exploit: Literal["none", "poc", "active", ""] = ""
    reason: str = ""
    """In the scanner's terms: why it is not affected, will not be fixed, or was matched on a guess."""
    origin: str = ""
    """The source that the scanner names: `debian`, `ghsa`, `nvd`."""
    summary: str = ""
    urls: tuple[str, ...] = ()
    cwes: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    confidence: Literal["high", "medium", "low"] = "high"
    place: Place | None = None
    """Where the report says it."""


class ImportedReport(Struct, frozen=True, eq=False, kw_only=True):
    """One report of one scanner on one target."""

    source: str
    """`trivy`, `grype`, `clair`, `snyk`, `anchore`, `inspector`, `securityhub`, the tool of a SARIF run …"""
    target: ImportedTarget
    path: str
    """The file."""
    version: str = ""
    """Of the scanner."""
    created: str = ""
    packages: tuple[Package, ...] = ()
    """Everything that it lists, flawed or not; empty where it lists flaws alone."""
    silent: bool = False
    """A bill of materials that speaks of no flaws at all: that it lists none says nothing."""
    rows: tuple[ImportedRow, ...] = ()
