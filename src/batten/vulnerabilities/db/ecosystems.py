"""Names of ecosystems and packages in their normal form: importers write them, look-ups ask with them.

Languages are named as the types of the package URL specification, distributions `NAME:RELEASE`:

    debian:12  ubuntu:22.04  ubuntu-pro:22.04  alpine:3.20  alpine:edge  wolfi  chainguard  redhat:9  alma:9
    rocky:9  oracle:9  amazon:2023  azurelinux:3.0  mariner:2.0  photon:5.0  fedora:40  sles:15.5  opensuse-leap:15.5
    pypi npm golang cargo maven gem composer nuget hex pub swift bitnami kubernetes …
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from batten.model.package import Distribution

# ecosystems of the OSV schema, lower case; the release follows behind a colon
_OSV: Final = {
    "almalinux": "alma",
    "alpaquita": "alpaquita",
    "alpine": "alpine",
    "amazon linux": "amazon",
    "azure linux": "azurelinux",
    "bitnami": "bitnami",
    "cbl-mariner": "mariner",
    "chainguard": "chainguard",
    "conancenter": "conan",
    "cran": "cran",
    "crates.io": "cargo",
    "debian": "debian",
    "docker hardened images": "docker-hardened",
    "echo": "echo",
    "fedora": "fedora",
    "github actions": "githubactions",
    "go": "golang",
    "hackage": "hackage",
    "hex": "hex",
    "julia": "julia",
    "kubernetes": "kubernetes",
    "mageia": "mageia",
    "maven": "maven",
    "minimos": "minimos",
    "npm": "npm",
    "nuget": "nuget",
    "openeuler": "openeuler",
    "opensuse": "opensuse",
    "oracle linux": "oracle",
    "packagist": "composer",
    "photon os": "photon",
    "pub": "pub",
    "pypi": "pypi",
    "red hat": "redhat",
    "rocky linux": "rocky",
    "rubygems": "gem",
    "suse": "suse",
    "swifturl": "swift",
    "ubuntu": "ubuntu",
    "vscode": "vscode-extension",
    "wolfi": "wolfi",
}

_DEBIAN: Final = {
    "hamm": "2",
    "slink": "2.1",
    "potato": "2.2",
    "woody": "3.0",
    "sarge": "3.1",
    "etch": "4",
    "lenny": "5",
    "squeeze": "6",
    "wheezy": "7",
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
    "duke": "15",
    "sid": "sid",
}
"""Code names (https://www.debian.org/releases/); the tracker knows no numbers."""

_UBUNTU: Final = {
    "trusty": "14.04",
    "xenial": "16.04",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "kinetic": "22.10",
    "lunar": "23.04",
    "mantic": "23.10",
    "noble": "24.04",
    "oracular": "24.10",
    "plucky": "25.04",
    "questing": "25.10",
    "resolute": "26.04",
}

# ID of os-release -> (name, parts of VERSION_ID that name the release)
_DISTRIBUTIONS: Final = {
    "alma": ("alma", 1),
    "alpaquita": ("alpaquita", 1),
    "almalinux": ("alma", 1),
    "alpine": ("alpine", 2),
    "amzn": ("amazon", 1),
    "azurelinux": ("azurelinux", 2),
    "bottlerocket": ("bottlerocket", 0),
    "centos": ("redhat", 1),
    "chainguard": ("chainguard", 0),
    "debian": ("debian", 1),
    "fedora": ("fedora", 1),
    "mageia": ("mageia", 1),
    "mariner": ("mariner", 2),
    "minimos": ("minimos", 0),
    "ol": ("oracle", 1),
    "opensuse-leap": ("opensuse-leap", 2),
    "opensuse-tumbleweed": ("opensuse-tumbleweed", 0),
    "photon": ("photon", 2),
    "raspbian": ("debian", 1),
    "redhat": ("redhat", 1),
    "rhel": ("redhat", 1),
    "rocky": ("rocky", 1),
    "sl-micro": ("sle-micro", 2),
    "sle-micro": ("sle-micro", 2),
    "sles": ("sles", 2),
    "sles_sap": ("sles", 2),
    "ubuntu": ("ubuntu", 2),
    "wolfi": ("wolfi", 0),
}

_NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_PEP503: Final = re.compile(r"[-_.]+")


def debian_release(word: str) -> str:
    """`12` for `bookworm`; a word that is no code name stays as it is."""
    return _DEBIAN.get(word.lower(), word.lower())


def ubuntu_release(word: str) -> str:
    """`22.04` for `jammy`; a word that is no code name stays as it is."""
    return _UBUNTU.get(word.lower(), word.lower())


@lru_cache(maxsize=4096)
def from_osv(text: str) -> str:
    """The normal form of an OSV ecosystem: `debian:12` for `Debian:12`, `ubuntu:22.04` for `Ubuntu:22.04:LTS`.

    An ecosystem that batten does not know keeps its name in lower case.
    """
    name, _, release = text.strip().partition(":")
    base = name.strip().lower()
    if base not in _OSV and (found := re.fullmatch(r"([a-z ]+?) ?([0-9][0-9.]*)", base)) and found[1] in _OSV:
        base, release = found[1], release or found[2]
    known = _OSV.get(base, base)
    if known in ("suse", "opensuse"):
        return _suse(known, release)
    if known == "ubuntu":
        parts = release.split(":")
        pro = any(part.lower() == "pro" for part in parts)
        number = next((part for part in parts if _NUMBERS.fullmatch(part)), release)
        return f"ubuntu-pro:{number}" if pro else f"ubuntu:{ubuntu_release(number)}"
    if known == "redhat":
        return redhat_release(release)
    if not release or known in ("maven", "npm", "golang", "wolfi", "chainguard", "github actions", "minimos"):
        return known
    release = release.lower()
    if known == "alpine":
        release = release.removeprefix("v")
    elif known == "debian":
        release = debian_release(release)
    elif known in ("alma", "rocky", "oracle"):
        release = release.partition(".")[0]
    return f"{known}:{release}"


def redhat_release(cpe: str) -> str:
    """`redhat:9` for `enterprise_linux:9::appstream`, `cpe:/o:redhat:rhel_eus:9.2::baseos`; other products: `redhat`.

    Extended update support has fixes of its own; it is the same release, told apart by the row's product.
    """
    if found := re.search(r"(?:enterprise_linux(?:_eus)?|rhel_[a-z0-9]+(?:_[a-z0-9]+)*|hummingbird):([0-9]+)", cpe):
        return f"redhat:{found[1]}"
    return "redhat"


def _suse(known: str, release: str) -> str:
    text = release.lower()
    numbers = _NUMBERS.search(text)
    number = numbers[0] if numbers else ""
    if service_pack := re.search(r"sp ?([0-9]+)", text):
        number = f"{number.partition('.')[0]}.{service_pack[1]}"
    if "tumbleweed" in text:
        return "opensuse-tumbleweed"
    if known == "opensuse" or "leap" in text:
        return f"opensuse-leap:{number}" if number else "opensuse"
    if "micro" in text:
        return f"sle-micro:{number}"
    return f"sles:{number}" if number else "suse"


def suse_product(text: str) -> str:
    """The ecosystem of a product name of SUSE: `sles:15.5` for `SUSE Linux Enterprise Server 15 SP5`, or "".

    The modules of SUSE Linux Enterprise 15 (Basesystem, Python 3 …) belong to the server of the service pack.
    """
    lower = text.lower().replace("_", " ")
    if "tumbleweed" in lower:
        return "opensuse-tumbleweed"
    known = "opensuse" if "opensuse" in lower or "leap" in lower else "suse" if "suse" in lower else ""
    return _suse(known, lower) if known and any(char.isdigit() for char in lower) else ""


def of_distribution(distribution: Distribution, *, pro: bool = False) -> list[str]:
    """Ecosystems whose advisories speak of the packages of a distribution, the nearest first; none: not known.

    With `pro`, those of Ubuntu Pro (ESM) as well: only for images with its package sources.
    """
    identity = distribution.id.lower()
    known = _DISTRIBUTIONS.get(identity)
    if known is None:
        return []
    name, parts = known
    version = distribution.version.lower()
    if name == "debian" and not _NUMBERS.match(version):
        version = debian_release(distribution.codename or "sid")
    if name == "alpine" and ("alpha" in version or "edge" in version):
        return ["alpine:edge"]
    if name == "chainguard":
        return ["chainguard", "wolfi"]
    if name == "amazon" and version.startswith("201"):  # 2018.03 is the last of the first generation
        return ["amazon:1"]
    if not parts:
        return [name]
    numbers = version.split(".")
    release = ".".join(numbers[:parts])
    if not release:
        return []
    found = [f"{name}:{release}"]
    if name == "ubuntu" and pro:
        found.append(f"ubuntu-pro:{release}")
    return found


# About half of the packages that whole feeds of the registries with many advisories named in 2026; a distribution's
# names hundreds from its first months on. Registries that are not here have few advisories in all.
_FEWEST: Final = {
    "cargo": 400,
    "composer": 150,
    "gem": 200,
    "golang": 600,
    "maven": 1000,
    "npm": 1500,
    "nuget": 150,
    "pypi": 700,
}
_FEWEST_OF_DISTRIBUTION: Final = 100
_WITHOUT_RELEASE: Final = frozenset({"wolfi", "chainguard", "opensuse-tumbleweed"})


def is_few(ecosystem: str, packages: int) -> bool:
    """Whether advisories on so many packages of an ecosystem can only be a sample, or a part, of what is published."""
    fewest = _FEWEST.get(ecosystem, 0)
    if not fewest and (":" in ecosystem or ecosystem in _WITHOUT_RELEASE):
        fewest = _FEWEST_OF_DISTRIBUTION
    return packages < fewest


def of_type(purl_type: str, namespace: str = "") -> list[str]:
    """Ecosystems for a type of package URL outside distributions.

    Never `kubernetes` for Go: its feed names components (`k8s.io/kubelet` 1.29) like modules (0.29).
    """
    kind = purl_type.lower()
    return [] if kind in ("deb", "rpm", "apk") else [kind]


@lru_cache(maxsize=65536)
def package_name(ecosystem: str, name: str) -> str:
    """The name that rows are filed under: PEP 503 for PyPI, lower case where the registry ignores case.

    Maven is `group:artifact`, Go the module path, npm with its scope (`@scope/name`), Composer `vendor/name`.
    """
    base = ecosystem.partition(":")[0]
    if base == "pypi":
        return _PEP503.sub("-", name).lower()
    if base in ("nuget", "composer", "hex", "pub", "githubactions", "bitnami", "vscode-extension"):
        return name.lower()
    if base == "cargo":
        return name.replace("_", "-")
    if base == "maven":
        return name.replace("/", ":", 1) if ":" not in name else name
    if base == "swift":
        return re.sub(r"^https?://|\.git$", "", name).lower()
    return name
