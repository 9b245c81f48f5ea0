"""Node: the `package.json` of installed packages, and npm's own list of what it has installed.

A name in a `package.json` may be anything where nobody installed it (samples and test data within packages,
markers of a module's kind): how far it is believed depends on where the file lies. Without a version it is
no package.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import items, json_object, licenses, mapping, names, word
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.model.package import Package
from batten.model.package_names import split_scope
from batten.model.source import Unreadable

_MANIFEST: Final = "/package.json"
_INSTALLED: Final = "node_modules/.package-lock.json"
_ROOTS: Final = ("node_modules/", "usr/share/nodejs/")
_NO_PACKAGE: Final = frozenset(
    [
        "test",
        "tests",
        "__tests__",
        "__mocks__",
        "fixture",
        "fixtures",
        "__fixtures__",
        "spec",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "template",
        "templates",
        "benchmark",
        "benchmarks",
        "doc",
        "docs",
        "testdata",
    ]
)
"""Folders whose manifests are samples."""
_CACHES: Final = ("/_cacache/", "/.cache/", "/.npm/", "/proc/")


class _Node:
    name = "node"
    version = 1
    hint = Hint(endings=(_MANIFEST, _INSTALLED, "package.json"))

    def wants(self, file: LayerFile) -> bool:
        path = file.path
        return path.endswith((_MANIFEST, _INSTALLED)) or path == "package.json"

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        if file.path.endswith(_INSTALLED):
            return _installed(file.path, json_object(data))
        confidence = _confidence(file.path)
        if not confidence:
            return Catalogue()
        try:
            manifest = json_object(data)
        except Unreadable:
            if confidence == "high":
                raise
            return Catalogue()  # test data of parsers
        package = _package(manifest, file.path, confidence)
        return Catalogue([package] if package else [])


CATALOGUER: Final = _Node()


def _confidence(path: str) -> Literal["high", "medium", "low", ""]:
    """High in the folder that a package manager made for it, low deeper in there, medium elsewhere."""
    if any(one in path for one in _CACHES):
        return ""
    for root in _ROOTS:
        start = 0 if path.startswith(root) else path.rfind("/" + root) + 1
        if not path.startswith(root, start):
            continue
        inner = path[max(path.rfind("/" + root) + 1, 0) + len(root) :].split("/")[:-1]
        depth = 2 if inner and inner[0].startswith("@") else 1
        if len(inner) == depth:
            return "high"
        return "" if not _NO_PACKAGE.isdisjoint(inner[depth:]) else "low"
    return "" if not _NO_PACKAGE.isdisjoint(path.split("/")[:-1]) else "medium"


def _package(manifest: dict[str, Any], path: str, confidence: Literal["high", "medium", "low"]) -> Package | None:
    name, version = word(manifest.get("name")), word(manifest.get("version")).lstrip("=v")
    if not version or (confidence != "high" and manifest.get("private") is True):
        return None  # what is private is in no registry, and no advisory speaks of it
    namespace, name = split_scope(name)
    if not is_name(name) or not _is_scope(namespace) or not is_version(version) or not version[0].isdigit():
        return None
    needs = mapping(manifest.get("dependencies"))
    return Package(
        type="npm",
        namespace=namespace,
        name=name,
        version=version,
        origin=CATALOGUER.name,
        paths=(path,),
        licenses=_licenses(manifest),
        depends=names(needs),
        confidence=confidence,
    )


def _is_scope(namespace: str) -> bool:
    return not namespace or is_name(namespace)


def _licenses(manifest: dict[str, Any]) -> tuple[str, ...]:
    """`license`, or the older `licenses`: texts, or objects with a `type`."""
    found = [manifest.get("license"), *items(manifest.get("licenses"))[: limits.PACKAGE_LICENSES]]
    return licenses(one.get("type") if isinstance(one, dict) else one for one in found)


def _installed(path: str, lock: dict[str, Any]) -> Catalogue:
    """npm's hidden lock file (npm-v7 and later, package-lock.json(5), "Hidden Lockfiles").

    Each package is told with the path of its own manifest, so that both mentions are one.
    """
    losses = Losses()
    folder = path.removesuffix(_INSTALLED)
    packages: list[Package] = []
    for place, entry in mapping(lock.get("packages")).items():
        if len(packages) >= limits.PACKAGES_PER_FILE:
            losses.note(f"more than {limits.PACKAGES_PER_FILE:,} packages; the rest is not read")
            break
        version = word(mapping(entry).get("version"))
        if "node_modules/" not in place or not version or entry.get("link") is True or "\0" in place:
            continue
        namespace, name = split_scope(word(entry.get("name")) or place.rpartition("node_modules/")[2])
        if not is_name(name) or not _is_scope(namespace) or not is_version(version):
            losses.add("expected a name and a version")
            continue
        development, optional = entry.get("dev") is True, entry.get("optional") is True
        packages.append(
            Package(
                type="npm",
                namespace=namespace,
                name=name,
                version=version,
                origin=CATALOGUER.name,
                paths=(f"{folder}{place}{_MANIFEST}",),
                licenses=_licenses(entry),
                scope="development" if development else "optional" if optional else "runtime",
                depends=names(mapping(entry.get("dependencies"))),
            )
        )
    return Catalogue(packages, problem=losses.problem(len(packages)))
