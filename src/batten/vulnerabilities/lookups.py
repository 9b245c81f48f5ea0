"""Under which names and versions a package is looked up, and which rows may speak of it."""

from __future__ import annotations

from msgspec import Struct

from batten.model.package import Package
from batten.versions import scheme_of
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.db.ecosystems import of_distribution, of_type, package_name

_DISTRIBUTED = ("deb", "rpm", "apk")
_KERNELS = ("linux", "kernel")
_KERNEL_PACKAGES = ("linux-libc-dev", "linux-headers", "linux-image", "linux-kbuild", "linux-modules", "linux-tools")
_OTHER_PRODUCTS = ("eus", "aus", "tus", "e4s", "sap", "fips", "esm", "ksplice")
_VENDORS = {
    "debian": ("debian.org", "debian"),
    "ubuntu": ("ubuntu.com", "canonical", "debian.org"),
    "redhat": ("red hat",),
    "rhel": ("red hat",),
    "centos": ("centos",),
    "almalinux": ("almalinux",),
    "rocky": ("rocky",),
    "fedora": ("fedora",),
    "amzn": ("amazon",),
    "ol": ("oracle",),
    "sles": ("suse",),
    "opensuse-leap": ("opensuse", "suse"),
}


class Question(Struct, frozen=True):
    """One package as it is asked for."""

    package: Package
    ecosystems: tuple[str, ...]
    """Empty: no source can speak of it."""
    scheme: str
    names: tuple[str, ...]
    """Of the package itself and, in distributions, of its source."""


def question(package: Package) -> Question:
    """How to ask for `package`."""
    if package.type in _DISTRIBUTED:
        ecosystems = of_distribution(package.distribution) if package.distribution is not None else []
        names = [package.name] if package.source is None else [package.name, package.source.name]
    else:
        ecosystems = of_type(package.type, package.namespace)
        names = [full_name(package)]
    scheme = scheme_of(package.type) or ""
    return Question(package, tuple(ecosystems) if scheme else (), scheme, tuple(dict.fromkeys(names)))


def full_name(package: Package) -> str:
    """The name as its registry writes it: `group:artifact`, `@scope/name`, `vendor/name`, a module path."""
    if not package.namespace:
        return package.name
    return f"{package.namespace}{':' if package.type == 'maven' else '/'}{package.name}"


def version_for(package: Package, row: AdvisoryRow) -> str | None:
    """The version that `row` is held against: the source's or the binary's; None where it is not about it."""
    if row.withdrawn or row.informational:
        return None
    if row.arch and dict(package.qualifiers).get("arch", row.arch[0]) not in (*row.arch, "all", "noarch"):
        return None
    if package.type == "rpm" and row.module != package.module and (row.module or row.unit == "binary"):
        # a stream is compared inside itself alone; rows without one speak of packages without one
        return None
    if row.product and any(word in row.product.lower() for word in _OTHER_PRODUCTS):
        return None
    if row.unit == "source":
        if package.source is None:
            return package.version if _same_name(row, package.name) else None
        return package.source.version or package.version if _same_name(row, package.source.name) else None
    if package.type in _DISTRIBUTED and not _same_name(row, package.name):
        return None
    return package.version


def _same_name(row: AdvisoryRow, name: str) -> bool:
    return row.name == package_name(row.ecosystem, name)


def is_kernel(package: Package) -> bool:
    """Headers or images of the kernel: a container runs on that of its host."""
    if package.type not in _DISTRIBUTED:
        return False
    source = package.source.name if package.source is not None else ""
    if package.type == "deb":
        return package.name.startswith(_KERNEL_PACKAGES) and source.startswith(_KERNELS)
    return package.name in ("kernel", "kernel-headers", "linux-headers") or package.name.startswith("kernel-")


def is_foreign(package: Package) -> bool:
    """From another vendor than the distribution: its versions need not mean what the distribution's mean."""
    if package.distribution is None or not package.vendor:
        return False
    own = _VENDORS.get(package.distribution.id.lower())
    return own is not None and not any(word in package.vendor.lower() for word in own)
