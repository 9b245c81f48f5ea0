"""Package URLs as packages: what bills of materials and other scanners' reports have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from batten.limits import SBOM_FIELD, SBOM_LIST
from batten.model.package import Distribution, Package, SourcePackage
from batten.model.package_names import is_name
from batten.model.source import Place
from batten.pattern import pattern

DISTRIBUTED: Final = ("deb", "apk", "rpm")
_NAMES: Final = {
    "redhat": "rhel",
    "amazon": "amzn",
    "oracle": "ol",
    "alma": "almalinux",
    "rockylinux": "rocky",
    "opensuse.leap": "opensuse-leap",
    "suse linux enterprise server": "sles",
    "photon os": "photon",
    "cbl-mariner": "mariner",
}
"""What scanners call a distribution -> its ID in os-release."""


def package_of(purl: str, *, distribution: Distribution | None = None, place: Place | None = None) -> Package | None:
    """The package of a package URL; None where it is none, or names no version.

    The epoch of an rpm goes into the version too; `distro` and `upstream` (Syft's words) become what they stand for.
    """
    from packageurl import PackageURL

    if not purl or len(purl) > SBOM_FIELD:
        return None
    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return None
    qualifiers = {str(name): str(value) for name, value in _qualifiers(found.qualifiers)}
    version = (found.version or "").strip()
    if not version or not found.name:
        return None
    if found.type == "rpm":
        version = with_epoch(version, qualifiers.get("epoch", ""))
    told = distribution_of(qualifiers.get("distro", ""), found.namespace or "") if found.type in DISTRIBUTED else None
    if found.type in DISTRIBUTED and qualifiers.get("os_name") and not qualifiers.get("distro"):  # Docker Scout's words
        told = Distribution(identifier(qualifiers["os_name"]), qualifiers.get("os_version", ""))
    return Package(
        type=found.type,
        namespace=found.namespace or "",
        name=found.name,
        version=version,
        qualifiers=tuple(
            sorted(one for one in qualifiers.items() if one[0] in _KEPT or (found.type, one[0]) in _KEPT_OF_TYPE)
        ),
        subpath=found.subpath or "",
        source=_source(qualifiers.get("upstream", ""), version),
        distribution=better(told, distribution) if found.type in DISTRIBUTED else None,
        module=module_of(*(qualifiers.get(name, "") for name in _MODULES)) if found.type == "rpm" else "",
        place=place,
    )


_KEPT: Final = ("arch", "classifier", "distro", "epoch", "platform", "type")  # `package-id` and the like name nothing
_MODULES: Final = ("rpmmod", "modularitylabel", "modularity")
"""What Red Hat, and others, call the label of an rpm's module in package URLs."""
_KEPT_OF_TYPE: Final = frozenset(
    [("conda", "build"), ("conda", "channel"), ("conda", "subdir"), *(("rpm", name) for name in _MODULES)]
)
_OF_A_MODULE: Final = pattern(r"\.module[+_](?:e[lp]|f|oe|an|ocs)\d")
"""In the release of what is built for a module of Enterprise Linux, Fedora and what is made from them."""


def module_of(*labels: str) -> str:
    """The stream that the first label names, `nodejs:18` of `nodejs:18:8090020240301110609:a75119d5`."""
    for label in labels:
        name, _, rest = label.partition(":")
        stream = rest.partition(":")[0]
        if is_name(name) and is_name(stream):
            return f"{name}:{stream}"
    return ""


def lacks_module(package: Package) -> bool:
    """Whether it was built for a module whose stream is not told: no advisory can be held against it."""
    return package.type == "rpm" and not package.module and _OF_A_MODULE.search(package.version) is not None


def _qualifiers(found: object) -> Iterable[tuple[str, str]]:
    return found.items() if isinstance(found, dict) else ()


def with_epoch(version: str, epoch: str) -> str:
    """`1:2.3-4` for an epoch that is not 0 and not written yet."""
    if not epoch.isascii() or not epoch.isdigit() or len(epoch) > 10 or int(epoch) == 0 or ":" in version:
        return version
    return f"{int(epoch)}:{version}"


def _source(upstream: str, version: str) -> SourcePackage | None:
    """`openssl`, `openssl@3.0.11-1` or `openssl-3.0.7-1.el9.src.rpm`."""
    first = upstream.partition(",")[0]
    if not first:
        return None
    if first.endswith(".src.rpm"):
        parts = first.removesuffix(".src.rpm").rsplit("-", 2)
        return SourcePackage(parts[0], version) if len(parts) == 3 and parts[0] else None
    name, _, built_from = first.partition("@")
    return SourcePackage(name, built_from or version) if name else None


def distribution_of(distro: str, namespace: str = "") -> Distribution | None:
    """`debian-12`, `3.18.4` (with the namespace `alpine`), `ubuntu:22.04`; None where no name is to be had."""
    if not distro:
        return Distribution(identifier(namespace)) if namespace else None
    for sign in ("-", ":", " "):
        name, found, version = distro.rpartition(sign)
        version = release(version)
        if found and name and version[:1].isdigit():
            return Distribution(identifier(name), version)
    if distro[:1].isdigit():
        return Distribution(identifier(namespace), distro) if namespace else None
    return Distribution(identifier(distro))


def release(version: str) -> str:
    """Without the words that Amazon's releases carry: `2 (Karoo)`, `AMI release 2018.03`."""
    return version.partition(" (")[0].removeprefix("AMI release ")


def identifier(name: str) -> str:
    """The ID in os-release of a distribution's name."""
    plain = name.strip().lower()
    return _NAMES.get(plain, plain)


def better(told: Distribution | None, general: Distribution | None) -> Distribution | None:
    """The package's own word, unless the document's says the same and more."""
    if told is None or not told.id:
        return general
    if general is not None and general.id == told.id and general.version.startswith(told.version):
        return general
    return told


def short(text: str) -> str:
    """At most `SBOM_FIELD` characters."""
    return text[:SBOM_FIELD]


def few(texts: Iterable[str]) -> tuple[str, ...]:
    """At most `SBOM_LIST` different ones that say something, in their order."""
    found: dict[str, None] = {}
    for text in texts:
        if text:
            found.setdefault(short(text))
            if len(found) >= SBOM_LIST:
                break
    return tuple(found)


def plain_path(path: str) -> str:
    """Relative to the root, as packages have their paths."""
    return short(path.replace("\\", "/").lstrip("/"))


def with_source(package: Package, name: str, version: str) -> Package:
    """The package with the source package that a document names."""
    if not name:
        return package
    return replace(package, source=SourcePackage(short(name), short(version) or package.version))
