"""The packages of the finished image: what cataloguers told file by file, joined over files and layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from batten.images.facts import Found
from batten.images.squash import SYSTEM_TYPES, Squash
from batten.model.image_content import Layer
from batten.model.package import Distribution, Package

_RELEASES: Final = ("etc/os-release", "usr/lib/os-release")
_NAMESPACES: Final = {"rhel": "redhat", "opensuse-leap": "opensuse", "opensuse-tumbleweed": "opensuse", "ol": "oracle"}
"""ID of os-release -> namespace of package URLs where the two differ (purl-spec, types deb, apk, rpm)."""
_EMBEDDED: Final = "embedded-sbom"
_PROGRAMS: Final = "binaries"
_LIBRARY_FOLDERS: Final = ("site-packages/", "dist-packages/")


class Catalogued(Struct):
    """The packages, and what the files of each are for."""

    packages: list[Package] = field(default_factory=list)
    distribution: Distribution | None = None
    modules: dict[str, set[str]] = field(default_factory=dict)
    """Top-level module of Python -> names of the packages that bring it, normalised (PEP 503)."""


def catalogued(squash: Squash, layers: Sequence[Layer], target: str, paths: dict[int, str]) -> Catalogued:
    """Every package that is still there, with layer, instruction, owner, files, purl qualifiers.

    `paths` gives the real path of every member that `squash.found` names.
    """
    told = [(paths[member], member, one) for member, one in squash.found() if member in paths]
    told.sort(key=lambda one: (one[0], one[2].cataloguer))
    result = Catalogued(distribution=_distribution(told))
    merged: dict[tuple[str, ...], Package] = {}
    licenses = _licenses(told)
    sources = _sources(told)
    listed = {
        (path.rpartition("/")[0] + "/", package.name)
        for path, _, one in told
        if one.cataloguer == _EMBEDDED
        for package in one.catalogue.packages
    }
    cataloguer_of: dict[tuple[str, ...], str] = {}
    for path, member, one in told:
        for raw in one.catalogue.packages:
            if raw.type == "generic" and any(raw.name == name and path.startswith(folder) for folder, name in listed):
                continue  # a program by its version string, which the bill of materials beside it lists
            number = squash.since(raw, squash.path_in_layer(member))
            package = _placed(raw, path, result.distribution, target)
            if number < len(layers):
                layer = layers[number]
                package = replace(package, layer=layer.diff_id, instruction=layer.created_by)
            if not package.licenses and (found := licenses.get((one.cataloguer, package.name))):
                package = replace(package, licenses=tuple(found))
            if (source := sources.get(path)) is not None and len(one.catalogue.packages) == 1:
                package = replace(package, qualifiers=tuple(sorted({*package.qualifiers, source})))
            key = _instance(package)
            before = merged.get(key)
            merged[key] = package if before is None else _joined(before, package)
            cataloguer_of.setdefault(key, one.cataloguer)
    owned = _Owned(squash, told, merged, cataloguer_of)
    result.modules = owned.modules
    packages = [(owned.completed(key, package), cataloguer_of[key]) for key, package in merged.items()]
    # a program that the distribution's own package has is that package: its version string tells nothing more
    result.packages = [package for package, by in packages if not (package.owner and by == _PROGRAMS)]
    result.packages.sort(key=lambda one: (one.type, one.namespace, one.name, one.version, one.paths))
    return result


def _instance(package: Package) -> tuple[str, ...]:
    """Packages of the system are there once, those of languages once per place."""
    key = (package.type, package.namespace, package.name, package.version, *map("=".join, package.qualifiers))
    return key if package.type in SYSTEM_TYPES else (*key, *package.paths)


def _joined(one: Package, other: Package) -> Package:
    """Two mentions of one package."""
    return replace(
        one,
        paths=tuple(dict.fromkeys((*one.paths, *other.paths))),
        licenses=one.licenses or other.licenses,
        depends=one.depends or other.depends,
        source=one.source or other.source,
        files=tuple(dict.fromkeys((*one.files, *other.files))),
    )


def _placed(package: Package, path: str, distribution: Distribution | None, target: str) -> Package:
    namespace, qualifiers = package.namespace, package.qualifiers
    if distribution is not None and package.type in SYSTEM_TYPES:
        namespace = namespace or _NAMESPACES.get(distribution.id, distribution.id)
        if distribution.id and not any(name == "distro" for name, _ in qualifiers):
            distro = f"{distribution.id}-{distribution.version}" if distribution.version else distribution.id
            qualifiers = tuple(sorted((*qualifiers, ("distro", distro))))
    return replace(
        package,
        namespace=namespace,
        qualifiers=qualifiers,
        paths=package.paths or (path,),
        target=target,
        distribution=distribution,
    )


def _distribution(told: Iterable[tuple[str, int, Found]]) -> Distribution | None:
    """What os-release says; other files that name the distribution where there is none."""
    found = {path: one.catalogue.distribution for path, _, one in told if one.catalogue.distribution is not None}
    first = next((found[path] for path in _RELEASES if path in found and found[path].id), None)
    return first or next((one for one in found.values() if one.id), None)


def _licenses(told: Iterable[tuple[str, int, Found]]) -> dict[tuple[str, str], list[str]]:
    """(cataloguer, package) -> licences that stand in a file of their own."""
    licenses: dict[tuple[str, str], list[str]] = {}
    for _, _, one in told:
        for name, words in one.catalogue.licenses.items():
            licenses.setdefault((one.cataloguer, name), []).extend(words)
    return licenses


def _sources(told: Iterable[tuple[str, int, Found]]) -> dict[str, tuple[str, str]]:
    """Path of metadata -> where its package came from; said by a file of the same folder, or not at all."""
    return {
        metadata: source
        for path, _, one in told
        for metadata, source in one.catalogue.sources.items()
        if metadata.rpartition("/")[0] == path.rpartition("/")[0]
    }


class _Owned:
    """Which package owns which file."""

    def __init__(
        self,
        squash: Squash,
        told: Sequence[tuple[str, int, Found]],
        packages: dict[tuple[str, ...], Package],
        cataloguer_of: dict[tuple[str, ...], str],
    ) -> None:
        self._files = squash.files
        self._aliases = self._root_links()
        self._lists: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for path, _, one in told:
            for name, joined in one.owned.items():
                self._lists.setdefault((one.cataloguer, name), []).append((path, joined))
        self._cataloguer_of = cataloguer_of
        self._owner: dict[str, str] = {}
        self.modules: dict[str, set[str]] = {}
        for key, package in packages.items():
            if package.type in SYSTEM_TYPES:
                purl = package.purl
                for owned in self._owned_by(key, package):
                    self._owner.setdefault(owned, purl)

    def completed(self, key: tuple[str, ...], package: Package) -> Package:
        """`package` with its files, and its owner where a package of the system has brought it."""
        owned = self._owned_by(key, package)
        files = list(package.files)
        for path in owned:
            if _runs_or_links(path) and (found := self._files.find(path)) is not None:
                files.append(found[0])
            if package.type == "pypi" and (module := _module(path)):
                self.modules.setdefault(module, set()).add(normalised(package.name))
        files = list(dict.fromkeys(files))
        owner = "" if package.type in SYSTEM_TYPES else self._owner_of(package.paths)
        if files == list(package.files) and not owner:
            return package
        return replace(package, files=tuple(files), owner=owner or package.owner)

    def _owned_by(self, key: tuple[str, ...], package: Package) -> list[str]:
        """The paths that the package's lists name, without leading slashes."""
        cataloguer = self._cataloguer_of[key]
        architecture = dict(package.qualifiers).get("arch", "")
        lists = self._lists.get((cataloguer, f"{package.name}:{architecture}")) if architecture else None
        lists = lists or self._lists.get((cataloguer, package.name), [])
        if package.type not in SYSTEM_TYPES and len(lists) > 1:  # several environments have one of this name
            folders = {path.rpartition("/")[0] for path in package.paths}
            lists = [one for one in lists if one[0].rpartition("/")[0] in folders]
        return [path.lstrip("/") for _, joined in lists for path in joined.split("\0")]

    def _owner_of(self, paths: Iterable[str]) -> str:
        for path in paths:
            path = path.partition("!")[0]
            for spelling in self._spellings(path):
                if found := self._owner.get(spelling):
                    return found
        return ""

    def _spellings(self, path: str) -> list[str]:
        """`usr/lib/x` is `lib/x` for packages from before the folders were merged."""
        return [path, *(link + path[len(target) :] for link, target in self._aliases if path.startswith(target + "/"))]

    def _root_links(self) -> list[tuple[str, str]]:
        links = []
        for name, node in self._files.root.items():
            if name and type(node) is int and self._files.stat(node).kind == "l":
                target = self._files.real_folder(name)
                if target is not None and target[0]:
                    links.append((name, target[0]))
        return links


def _runs_or_links(path: str) -> bool:
    return "bin/" in path or ".so" in path or "/libexec/" in path or path.endswith((".jar", ".node"))


def _module(path: str) -> str:
    """`usr/lib/python3/dist-packages/yaml/__init__.py` -> `yaml`."""
    if not path.endswith((".py", ".so")):
        return ""
    for folder in _LIBRARY_FOLDERS:
        if folder in path:
            path = path.rpartition(folder)[2]
            break
    return path.partition("/")[0].partition(".")[0]


def normalised(name: str) -> str:
    """The name of a Python project in the form that is compared (PEP 503)."""
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text


def import_name(package: Package) -> str:
    """How code and other packages name it: `@scope/name` of npm, the normalised name of Python."""
    if package.type == "pypi":
        return normalised(package.name)
    return f"{package.namespace}/{package.name}" if package.namespace else package.name
