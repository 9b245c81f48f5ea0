"""Which scheme the versions of a package URL's type, or of an OSV ecosystem, follow.

Sources: the types of the package URL specification; the ecosystems of the OSV schema.
"""

from __future__ import annotations

from typing import Final

_TYPES: Final = {
    "apk": "apk",
    "bitnami": "semver",
    "cargo": "semver",
    "composer": "packagist",
    "deb": "dpkg",
    "gem": "gem",
    "githubactions": "semver",
    "golang": "golang",
    "hex": "semver",
    "julia": "semver",
    "maven": "maven",
    "npm": "semver",
    "nuget": "nuget",
    "opkg": "dpkg",
    "pub": "semver",
    "pypi": "pep440",
    "rpm": "rpm",
    "swift": "semver",
    "vscode-extension": "semver",
}

# lower case, without what stands behind the colon; a release may also follow the name (almalinux8)
_ECOSYSTEMS: Final = {
    "alpaquita": "apk",
    "alpine": "apk",
    "bellsoft hardened containers": "apk",
    "chainguard": "apk",
    "minimos": "apk",
    "wolfi": "apk",
    "debian": "dpkg",
    "echo": "dpkg",
    "ubuntu": "dpkg",
    "almalinux": "rpm",
    "amazon linux": "rpm",
    "azure linux": "rpm",
    "centos": "rpm",
    "cbl-mariner": "rpm",
    "fedora": "rpm",
    "mageia": "rpm",
    "openeuler": "rpm",
    "opensuse": "rpm",
    "oracle linux": "rpm",
    "photon os": "rpm",
    "red hat": "rpm",
    "rocky linux": "rpm",
    "suse": "rpm",
    "bitnami": "semver",
    "crates.io": "semver",
    "github actions": "semver",
    "go": "golang",
    "hex": "semver",
    "julia": "semver",
    "kubernetes": "semver",
    "maven": "maven",
    "npm": "semver",
    "nuget": "nuget",
    "packagist": "packagist",
    "pub": "semver",
    "pypi": "pep440",
    "rubygems": "gem",
    "swifturl": "semver",
    "vscode": "semver",
}


def scheme_of(purl_type: str, ecosystem: str = "") -> str | None:
    """The scheme of a package URL's type ("deb") or, where that says nothing, of an OSV ecosystem ("Debian:12").

    None where the versions follow no scheme that batten compares exactly (conda, CRAN, Hackage, Git ranges).
    """
    scheme = _TYPES.get(purl_type.lower())
    if scheme is not None or not ecosystem:
        return scheme
    name = ecosystem.partition(":")[0].strip().lower()
    return _ECOSYSTEMS.get(name) or _ECOSYSTEMS.get(name.rstrip("0123456789.").rstrip())
