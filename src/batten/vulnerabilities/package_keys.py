"""By what packages of different scanners are the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from batten.model.package import Package
from batten.vulnerabilities.lookups import DISTRIBUTED, is_binary_alone

Key = tuple[str, str, str]
"""(type, name with namespace, version)."""

_SEPARATORS: Final = re.compile(r"[-_.]+")


def key(package: Package) -> Key:
    """Without architecture, distribution and epoch: scanners leave them out at will."""
    return (package.type, _name(package.type, package.namespace, package.name), _version(package.type, package.version))


def _name(kind: str, namespace: str, name: str) -> str:
    if kind in DISTRIBUTED:
        return name
    if kind == "pypi":
        return _SEPARATORS.sub("-", name).lower()
    whole = f"{namespace}/{name}" if namespace else name
    return whole.lower() if kind in ("npm", "composer", "nuget", "golang") else whole


def _version(kind: str, version: str) -> str:
    if kind in DISTRIBUTED:
        epoch, colon, rest = version.partition(":")
        return rest if colon and epoch.isdigit() else version
    return version.removeprefix("v") if kind in ("golang", "composer") else version


class Index:
    """Packages that were read, by target: found again under the words of other scanners."""

    def __init__(self, packages: Iterable[Package]) -> None:
        self._exact: dict[tuple[str, Key], list[Package]] = defaultdict(list)
        self._sources: dict[tuple[str, Key], list[Package]] = defaultdict(list)
        self._versions: dict[tuple[str, str, str], list[Package]] = defaultdict(list)
        self._bare: dict[tuple[str, str, str], list[Package]] = defaultdict(list)
        for package in packages:
            self.add(package)

    def add(self, package: Package) -> None:
        self._exact[package.target, key(package)].append(package)
        self._bare[package.target, package.name.lower(), _version(package.type, package.version)].append(package)
        if package.type in DISTRIBUTED:
            self._versions[package.target, package.type, _version(package.type, package.version)].append(package)
        if package.type in DISTRIBUTED and package.source is not None:
            name, version = package.source.name, _version(package.type, package.source.version)
            self._sources[package.target, (package.type, name, version)].append(package)

    def same(self, package: Package) -> Package | None:
        """The very instance of `package`, as another scanner names it: of a distribution's packages one for each
        architecture, of the others one for each place, where both name it."""
        for one in self._exact.get((package.target, key(package)), ()):
            if package.type in DISTRIBUTED:
                left, right = (dict(some.qualifiers).get("arch", "") for some in (one, package))
                if not left or not right or left == right:
                    return one
            elif not one.paths or not package.paths or not set(one.paths).isdisjoint(package.paths):
                return one
        return None

    def find(self, target: str, package: Package) -> list[Package]:
        """The instances of `package`; none where the target has no such package, or was not read."""
        wanted = key(package)
        found = self._exact.get((target, wanted))
        if not found or is_binary_alone(package):
            # a name of a scanner that tells no sources may mean the source and the binary package that is called so
            found = [*{id(one): one for one in (*(found or ()), *self._sources.get((target, wanted), ()))}.values()]
        if not found and (package.type == "generic" or (package.type == "maven" and not package.namespace)):
            # a name without its group, or a kind that the scanner has a word of its own for
            epochless = _version("rpm", wanted[2]) if package.type == "generic" else wanted[2]
            some = [
                one
                for version in dict.fromkeys((wanted[2], epochless))
                for one in self._bare.get((target, package.name.lower(), version), ())
            ]
            kinds = {(one.type, one.namespace) for one in some if package.type in ("generic", one.type)}
            found = some if len(kinds) == 1 else []
        if not found:
            return []
        return self._narrowed(found, package)

    def built_together(self, target: str, package: Package) -> list[Package]:
        """Packages of a distribution that may be of one source with `package`, which is named without its own: of the
        same version. Whether they are, a flaw that they share tells."""
        if package.type not in DISTRIBUTED or package.source is not None:
            return []
        return self._versions.get((target, package.type, _version(package.type, package.version)), [])

    def _narrowed(self, found: list[Package], package: Package) -> list[Package]:
        """Of several copies those at the path, else in the layer, that is named."""
        if len(found) < 2:
            return found
        if package.paths and (there := [one for one in found if not set(one.paths).isdisjoint(package.paths)]):
            return there
        if package.layer and (there := [one for one in found if one.layer == package.layer]):
            return there
        return found
