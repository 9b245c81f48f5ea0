"""Where the publishers keep their feeds, and which ecosystems each speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import quote

from msgspec import Struct

_OSV: Final = "https://osv-vulnerabilities.storage.googleapis.com"


class Address(Struct, frozen=True):
    """One feed. `url` is also its name in the database (`SourceState.origin`)."""

    url: str
    ecosystems: tuple[str, ...] = ()
    """Whole names (`alpine:3.20`), or those before the colon (`debian`); empty: facts about CVEs, for everybody."""
    lead: Literal["", "latest", "repository", "changes"] = ""
    """What stands at `url`: the feed; the name of the newest archive beside it; a list of rpm mirrors; a list of the
    documents that changed, beside that name."""
    renews: str = ""
    """With `changes`: the address of the feed whose older copies of those documents are no longer true."""


FACTS: Final = (
    Address("https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"),
    Address("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"),
    Address("https://endoflife.date/api/v1/products/full"),
)
_VULNRICHMENT: Final = "https://codeload.github.com/cisagov/vulnrichment/zip/refs/heads/develop"
_NVD: Final = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{}.json.gz"
_NVD_FIRST: Final = 2002  # holds the years before as well

# ecosystem -> folder of https://osv.dev; includes GHSA, the Go vulnerability database, RustSec, PyPA …
_OSV_FOLDERS: Final = {
    "alma": "AlmaLinux",
    "alpaquita": "Alpaquita",
    "bellsoft hardened containers": "BellSoft Hardened Containers",
    "bitnami": "Bitnami",
    "cargo": "crates.io",
    "cleanstart": "CleanStart",
    "composer": "Packagist",
    "cran": "CRAN",
    "docker-hardened": "Docker Hardened Images",
    "echo": "Echo",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "mageia": "Mageia",
    "maven": "Maven",
    "minimos": "MinimOS",
    "npm": "npm",
    "nuget": "NuGet",
    "opam": "opam",
    "openeuler": "openEuler",
    "opensuse-leap": "openSUSE",
    "opensuse-tumbleweed": "openSUSE",
    "pub": "Pub",
    "pypi": "PyPI",
    "rocky": "Rocky Linux",
    "root": "Root",
    "sle-micro": "SUSE",
    "sles": "SUSE",
    "swift": "SwiftURL",
    "tuxcare": "TuxCare",
    "ubuntu": "Ubuntu",
    "ubuntu-pro": "Ubuntu",
    "vscode-extension": "VSCode",
}
_REDHAT: Final = "https://security.access.redhat.com/data/csaf/v2/vex/"
_AMAZON: Final = "https://cdn.amazonlinux.com"
_FIXED: Final = (
    Address("https://security-tracker.debian.org/tracker/data/json", ("debian",)),
    Address(f"{_REDHAT}archive_latest.txt", ("redhat",), "latest"),
    Address(f"{_REDHAT}changes.csv", ("redhat",), "changes", renews=f"{_REDHAT}archive_latest.txt"),
    Address("https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2", ("oracle",)),
    Address("https://packages.wolfi.dev/os/security.json", ("wolfi",)),
    Address("https://packages.cgr.dev/chainguard/security.json", ("chainguard",)),
    Address(f"{_AMAZON}/2/core/latest/x86_64/mirror.list", ("amazon:2",), "repository"),
    Address(f"{_AMAZON}/al2023/core/mirrors/latest/x86_64/mirror.list", ("amazon:2023",), "repository"),
)
_AZURE: Final = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main"
_PATTERNS: Final = {
    "alpine": ("https://secdb.alpinelinux.org/{}/main.json", "https://secdb.alpinelinux.org/{}/community.json"),
    "azurelinux": (_AZURE + "/azurelinux-{}-oval.xml",),
    "mariner": (_AZURE + "/cbl-mariner-{}-oval.xml",),
    "photon": ("https://packages.vmware.com/photon/photon_cve_metadata/cve_data_photon{}.json",),
}
_ALL_RELEASES: Final = {
    "alpine": ("3.18", "3.19", "3.20", "3.21", "3.22", "3.23", "3.24", "edge"),
    "azurelinux": ("3.0",),
    "mariner": ("2.0",),
    "photon": ("4.0", "5.0"),
}


def of_ecosystems(ecosystems: Iterable[str]) -> tuple[list[Address], list[str]]:
    """The feeds for some ecosystems, without the facts; and the ecosystems that nobody publishes one for."""
    found: dict[Address, None] = {}
    missing: list[str] = []
    for ecosystem in ecosystems:
        some = _of(ecosystem)
        found.update(dict.fromkeys(some))
        if not some:
            missing.append(ecosystem)
    return list(found), missing


def scores() -> list[Address]:
    """CVSS and CWE of every CVE by the NVD, a file for each year, and CISA's scores and SSVC; large, so only where
    they are asked for."""
    from datetime import UTC, datetime

    years = range(_NVD_FIRST, datetime.now(UTC).year + 1)
    return [Address(_VULNRICHMENT), *(Address(_NVD.format(year)) for year in years)]


def everything() -> list[Address]:
    """Every feed that batten knows, facts first."""
    names = [*_OSV_FOLDERS, *(f"{name}:{release}" for name, releases in _ALL_RELEASES.items() for release in releases)]
    return [*FACTS, *scores(), *dict.fromkeys((*of_ecosystems(names)[0], *_FIXED))]


def _of(ecosystem: str) -> list[Address]:
    base, _, release = ecosystem.partition(":")
    found = [one for one in _FIXED if ecosystem in one.ecosystems or base in one.ecosystems]
    if folder := _OSV_FOLDERS.get(base):
        found.append(Address(f"{_OSV}/{quote(folder)}/all.zip", (base,)))
    if patterns := _PATTERNS.get(base):
        # secdb names releases with a v
        for one in (release,) if release else _ALL_RELEASES[base]:
            name = f"v{one}" if base == "alpine" and one != "edge" else one
            found += [Address(pattern.format(quote(name)), (f"{base}:{one}",)) for pattern in patterns]
    return found
