"""Whose word a record is: the name, licence and habits of every source."""

from __future__ import annotations

from typing import Final, NamedTuple


class Source(NamedTuple):
    name: str
    licence: str
    comprehensive: bool = False
    """Lists flaws without a fix as well."""


ADP: Final = Source("adp", "CC0-1.0")
ALPINE: Final = Source("alpine", "as published by Alpine Linux")
AMAZON: Final = Source("amazon", "as published by Amazon")
ANCHORE: Final = Source("anchore", "CC0-1.0")
AZURE: Final = Source("azurelinux", "as published by Microsoft", comprehensive=True)
CHAINGUARD: Final = Source("chainguard", "Apache-2.0")
CVE_PROGRAM: Final = Source("cve", "CVE terms of use")
DEBIAN: Final = Source("debian", "public", comprehensive=True)
DEBIAN_CHANGELOGS: Final = Source("debian-changelogs", "as Debian's packages")
DEBIAN_SECURITY: Final = Source("debian-security", "public")
END_OF_LIFE: Final = Source("endoflife", "MIT")
EPSS: Final = Source("epss", "free use with attribution to FIRST")
KEV: Final = Source("kev", "CC0-1.0")
MINIMOS: Final = Source("minimos", "as published by MinimOS")
NODEJS: Final = Source("nodejs-security-wg", "MIT")
NVD: Final = Source("nvd", "public domain")
ORACLE: Final = Source("oracle", "as published by Oracle")
PHOTON: Final = Source("photon", "as published by VMware")
REDHAT: Final = Source("redhat", "CC-BY-4.0", comprehensive=True)
SUSE: Final = Source("suse", "CC-BY-4.0", comprehensive=True)
UBUNTU: Final = Source("ubuntu", "CC-BY-SA-4.0", comprehensive=True)
WOLFI: Final = Source("wolfi", "Apache-2.0")

# beginning of the identifier, up to the first hyphen -> source of an OSV record
_PREFIXES: Final = {
    "ALBA": Source("almalinux", "MIT"),
    "ALEA": Source("almalinux", "MIT"),
    "ALSA": Source("almalinux", "MIT"),
    "ALPINE": Source("alpine", "as published by Alpine Linux"),
    "ANCHORE": ANCHORE,
    "BELL": Source("bellsoft", "as published by BellSoft"),
    "BIT": Source("bitnami", "Apache-2.0"),
    "CGA": CHAINGUARD,
    "CLEANSTART": Source("cleanstart", "as published by CleanStart"),
    "DEBIAN": DEBIAN,
    "DLA": DEBIAN_SECURITY,
    "DRUPAL": Source("drupal", "as published by Drupal"),
    "DSA": DEBIAN_SECURITY,
    "DTSA": DEBIAN_SECURITY,
    "ECHO": Source("echo", "as published by Echo", comprehensive=True),
    "EEF": Source("erlef", "CC-BY-4.0"),
    "FRIENDSOFPHP": Source("friendsofphp", "Unlicense"),
    "GHSA": Source("ghsa", "CC-BY-4.0"),
    "GO": Source("go", "CC-BY-4.0"),
    "GSD": Source("gsd", "CC0-1.0"),
    "HSEC": Source("haskell", "CC0-1.0"),
    "JLSEC": Source("julia", "CC-BY-4.0"),
    "LSN": Source("ubuntu-notices", "CC-BY-SA-4.0"),
    "MAL": Source("malicious-packages", "Apache-2.0"),
    "MGASA": Source("mageia", "CC-BY-SA-4.0"),
    "MINI": MINIMOS,
    "OESA": Source("openeuler", "as published by openEuler"),
    "OSV": Source("oss-fuzz", "CC-BY-4.0"),
    "PSF": Source("psf", "CC-BY-4.0"),
    "PYSEC": Source("pypa", "CC-BY-4.0"),
    "RETIREJS": Source("retirejs", "Apache-2.0"),
    "RHBA": Source("redhat-errata", "CC-BY-4.0"),
    "RHEA": Source("redhat-errata", "CC-BY-4.0"),
    "RHSA": Source("redhat-errata", "CC-BY-4.0"),
    "RLSA": Source("rocky", "BSD-3-Clause"),
    "RSEC": Source("r-consortium", "Apache-2.0"),
    "RUBYSEC": Source("rubysec", "public domain"),
    "RUSTSEC": Source("rustsec", "CC0-1.0"),
    "RXSA": Source("rocky", "BSD-3-Clause"),
    "SUSE": Source("suse-notices", "CC-BY-4.0"),
    "TUXCARE": Source("tuxcare", "as published by TuxCare"),
    "UBUNTU": UBUNTU,
    "USN": Source("ubuntu-notices", "CC-BY-SA-4.0"),
    "V8": Source("chromium", "CC-BY-4.0"),
    "WOLFI": WOLFI,
    "openSUSE": Source("suse-notices", "CC-BY-4.0"),
}

# the prefixes whose advisories mend flaws rather than being one
NOTICES: Final = frozenset(
    (
        *("ALBA", "ALEA", "ALSA", "DLA", "DSA", "DTSA", "ELBA", "ELSA", "FEDORA", "LSN", "MGASA", "OESA", "RHBA"),
        *("RHEA", "RHSA", "RLSA", "RXSA", "SUSE", "USN", "openSUSE"),
    )
)
_KINDS: Final = {"ALBA": "bugfix", "RHBA": "bugfix", "ALEA": "enhancement", "RHEA": "enhancement"}


_ECOSYSTEMS: Final = {"kubernetes": Source("kubernetes", "Apache-2.0")}


def of_osv(ident: str, ecosystem: str) -> Source:
    """The source of an OSV record, by its identifier, else `osv:ECOSYSTEM`."""
    prefix = ident.partition("-")[0]
    found = _PREFIXES.get(prefix)
    if found is None:
        base = ecosystem.partition(":")[0]
        found = _ECOSYSTEMS.get(base) or Source(f"osv:{base or 'unknown'}", "as published")
    return found


def kind_of(ident: str) -> str:
    """`bugfix` and `enhancement` for notices that are not about security, else ""."""
    return _KINDS.get(ident.partition("-")[0], "")
