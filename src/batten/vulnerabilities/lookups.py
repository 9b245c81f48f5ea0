"""Under which names and versions a package is looked up, and which rows may speak of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct

from batten.model.package import Package
from batten.versions import scheme_of
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.db.ecosystems import of_distribution, of_type, package_name

DISTRIBUTED: Final = ("deb", "rpm", "apk")
# a product with one of these words has fixes of its own, for those who pay for it or run it alone
_OTHER_PRODUCTS: Final = ("eus", "aus", "tus", "e4s", "sap", "fips", "esm", "ksplice")
_CHANGELOGS: Final = "debian-changelogs"
_WITHOUT_SOURCES: Final = ("inspector",)
_MODULAR: Final = ".module"  # in the release of every package that Fedora's and Red Hat's build systems make of modules
_KERNEL_SOURCES: Final = ("linux", "kernel")
_KERNEL_DEBS: Final = ("linux-libc-dev", "linux-headers", "linux-image", "linux-kbuild", "linux-modules", "linux-tools")
_KERNEL_APKS: Final = ("linux-headers", "linux-lts", "linux-virt", "linux-edge", "linux-rpi")
_PROGRAMS: Final = {
    "apache": "apache",
    "consul": "consul",
    "elasticsearch": "elasticsearch",
    "etcd": "etcd",
    "go": "golang",
    "grafana": "grafana",
    "haproxy": "haproxy",
    "httpd": "apache",
    "java": "java",
    "mariadb": "mariadb",
    "memcached": "memcached",
    "mongodb": "mongodb",
    "nginx": "nginx",
    "node": "node",
    "php": "php",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "python": "python",
    "rabbitmq": "rabbitmq",
    "redis": "redis",
    "ruby": "ruby",
    "traefik": "traefik",
    "valkey": "valkey",
    "vault": "vault",
}
"""Programs known by their own version strings -> the name under which Bitnami's advisories speak of them."""

_RPM_VENDORS: Final = {
    "rhel": ("red hat",),
    "redhat": ("red hat",),
    "centos": ("centos", "red hat"),
    "almalinux": ("almalinux",),
    "rocky": ("rocky",),
    "fedora": ("fedora",),
    "amzn": ("amazon",),
    "ol": ("oracle",),
    "sles": ("suse",),
    "opensuse-leap": ("opensuse", "suse"),
}
"""ID of os-release -> what its packages' vendor has in it."""

# maintainers of Debian's own packages write from anywhere: only what is known to be another's counts
_DEB_MAINTAINERS: Final = (
    *("@docker.com", "@elastic.co", "@github.com", "@gitlab.com", "@google.com", "@hashicorp.com", "@mariadb.org"),
    *("@microsoft.com", "@mongodb.com", "@nginx.com", "nodesource", "@percona.com", "sury.org", "google-cloud-sdk"),
)
_DEB_VERSIONS: Final = (
    "nodesource",
    ".pgdg",
    "~bookworm",
    "~bullseye",
    "~trixie",
    "~jammy",
    "~noble",
    "~ppa",
    "sury.org",
)


class Question(Struct, frozen=True):
    """One package as it is asked for."""

    package: Package
    ecosystems: tuple[str, ...]
    """Empty: no source can speak of it."""
    scheme: str
    names: tuple[str, ...]
    """Of the package itself and, in distributions, of its source."""
    version: str
    """Of the package, as it is compared."""


def question(package: Package) -> Question:
    """How to ask for `package`."""
    kind, version = package.type, package.version
    if kind in DISTRIBUTED:
        ecosystems = _of_distribution(package)
        names = [package.name] if package.source is None else [package.name, package.source.name]
    elif kind == "generic":
        program = _PROGRAMS.get(package.name.lower(), "")
        kind, ecosystems, names = "bitnami", ["bitnami"] if program else [], [program]
    else:
        ecosystems = of_type(kind, package.namespace)
        names = [full_name(package)]
    scheme = scheme_of(kind) or ""
    if scheme == "pep440":
        # what a distributor appends (`2.1.0+cu118`) is the same code: it stands neither above nor beside it
        version = version.partition("+")[0]
    return Question(package, tuple(ecosystems) if scheme else (), scheme, tuple(dict.fromkeys(names)), version)


def _of_distribution(package: Package) -> list[str]:
    return of_distribution(package.distribution) if package.distribution is not None else []


def full_name(package: Package) -> str:
    """The name as its registry writes it: `group:artifact`, `@scope/name`, `vendor/name`, a module path.

    The namespace of a distribution's package is the distribution, no part of its name.
    """
    if not package.namespace or package.type in DISTRIBUTED:
        return package.name
    return f"{package.namespace}{':' if package.type == 'maven' else '/'}{package.name}"


def version_for(one: Question, row: AdvisoryRow) -> str | None:
    """The version that `row` is held against: the source's or the binary's; None where it is not about it."""
    package = one.package
    if row.withdrawn or row.informational:
        return None
    if row.arch and dict(package.qualifiers).get("arch", row.arch[0]) not in (*row.arch, "all", "noarch"):
        return None
    if package.type == "rpm" and not _of_one_stream(package, row):
        return None
    if row.product and _is_other(row.product):
        return None
    if package.type not in DISTRIBUTED:
        return one.version
    source = package.source if row.unit == "source" else None
    if row.name != package_name(row.ecosystem, source.name if source is not None else package.name):
        return None
    version = (source.version if source is not None else "") or package.version
    if row.source == _CHANGELOGS and "~deb" in version and not any("~deb" in one.fixed for one in row.ranges):
        # `590-2.1~deb12u1` is 590-2.1 built for a release: what the changelog says of that holds for it
        return version.partition("~deb")[0]
    return version


def _of_one_stream(package: Package, row: AdvisoryRow) -> bool:
    """Whether both are of one module stream, or both of none: what dnf compares too. A release such as
    `3.module_el8.9.0+1` is one of a module, also where nothing says of which stream."""
    if row.module or package.module:
        return row.module == package.module
    return not in_unknown_stream(package) and not any(_MODULAR in each.fixed for each in row.ranges)


def in_unknown_stream(package: Package) -> bool:
    """Of a module by its release, without the label that names the stream: no advisory can be held against it."""
    return package.type == "rpm" and not package.module and _MODULAR in package.version


@lru_cache(maxsize=4096)
def _is_other(products: str) -> bool:
    """Whether each of the products is one that an image of the distribution itself is not."""
    words = products.lower().split()
    return bool(words) and all(any(other in word for other in _OTHER_PRODUCTS) for word in words)


def is_binary_alone(package: Package) -> bool:
    """Named by a scanner that never tells the source package; elsewhere, none told means one of the same name."""
    return package.type in ("deb", "apk") and package.source is None and package.origin in _WITHOUT_SOURCES


def is_kernel(package: Package) -> bool:
    """Headers, modules or images of the kernel: a container runs on that of its host."""
    match package.type:
        case "deb":
            if package.name == "linux":  # a source package, as scanners name it that know no binary ones
                return True
            source = package.source.name if package.source is not None else "linux"
            return package.name.startswith(_KERNEL_DEBS) and source.startswith(_KERNEL_SOURCES)
        case "apk":
            return package.name.startswith(_KERNEL_APKS)
        case "rpm":
            return package.name == "kernel" or package.name.startswith("kernel-")
    return False


def is_foreign(package: Package) -> bool:
    """From another vendor than the distribution: its versions need not mean what the distribution's mean."""
    if package.type == "deb":
        vendor, version = package.vendor.lower(), package.version.lower()
        return any(mark in vendor for mark in _DEB_MAINTAINERS) or any(mark in version for mark in _DEB_VERSIONS)
    if package.type != "rpm" or package.distribution is None or not package.vendor:
        return False
    own = _RPM_VENDORS.get(package.distribution.id.lower())
    return own is not None and not any(word in package.vendor.lower() for word in own)
