"""Lays the facts of all layers over each other, and remembers since when each package is there.

A package database is one file that later layers rewrite whole, so the layer of the file says nothing of the
packages in it. A package belongs to the first layer from which on it stayed present.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from batten import limits
from batten.images.facts import Elf, Found, LayerFacts, Script, Secret
from batten.images.filesystem import FileSystem
from batten.model.package import Package

SYSTEM_TYPES: Final = frozenset({"deb", "apk", "rpm", "alpm", "opkg", "ebuild", "brew", "nix"})
"""Package types with one database for the whole system: the same package may move from file to file."""

Key: TypeAlias = tuple[str, ...]


class HiddenSecret(Struct, frozen=True):
    """A secret in a file that a later layer hides: it is still in the blobs."""

    path: str
    member: int
    hidden_in: int
    secrets: tuple[Secret, ...]


class HiddenCache(Struct, frozen=True):
    """Files of a cache that a later layer removes: they are still in the blobs."""

    folder: str
    layer: int
    hidden_in: int
    files: int
    size: int


class _Kept(Struct):
    """What is said of the insides of a member, until it is hidden."""

    path: str
    found: list[Found]
    secrets: list[Secret]
    caches: list[tuple[str, int, int]]
    counted: bool = False


def _packages(kept: _Kept) -> int:
    return sum(len(found.catalogue.packages) for found in kept.found)


class Squash:
    """`add` the layers, lowest first; then `files`, `found` and `since` tell what the image holds."""

    def __init__(self) -> None:
        self.files = FileSystem()
        self.hidden: list[HiddenSecret] = []
        self.hidden_caches: list[HiddenCache] = []
        self.elf: dict[int, Elf] = {}
        self.scripts: dict[int, Script] = {}
        self.marks: list[tuple[int, str]] = []
        """Of all layers; what is hidden is still in it."""
        self.capabilities: list[int] = []
        self.search_paths: list[str] = []
        self.wanted_links: dict[int, tuple[str, list[str]]] = {}
        """Link -> its path in its layer, and the cataloguers that want to read it under that name."""
        self.nothing: set[tuple[str, int]] = set()
        """(cataloguer, member) that was read in vain."""
        self._kept: dict[int, _Kept] = {}
        self._present: dict[Key, int] = {}
        self._since: dict[Key, int] = {}
        self._layers = 0
        self._held = 0

    def add(self, facts: LayerFacts) -> list[str]:
        """Lays one layer over those before; what of it no engine could have unpacked."""
        number, first = self._layers, self.files.next_member
        self._layers += 1
        names = facts.paths()
        mine: dict[int, _Kept] = {}
        for one in facts.found:
            mine.setdefault(one.index, _Kept(names[one.index], [], [], [])).found.append(one)
        for index, secrets in facts.secrets.items():
            mine.setdefault(index, _Kept(names[index], [], [], [])).secrets += secrets
        for folder, (index, files, size) in facts.caches.items():
            mine.setdefault(index, _Kept(names[index], [], [], [])).caches.append((folder, files, size))
        self._kept |= {first + index: kept for index, kept in mine.items()}
        self.files.watched.update(first + index for index in mine)
        problems = self._bounded(mine)
        before: dict[Key, bool] = {}
        for kept in mine.values():
            self._count(kept, 1, before)
        for member in self.files.apply(facts):
            kept = self._kept.pop(member)
            self._held -= _packages(kept)
            self.files.watched.discard(member)
            self._count(kept, -1, before)
            layer = self.files.layer_of(member)
            self.hidden_caches += [HiddenCache(folder, layer, number, *rest) for folder, *rest in kept.caches]
            if kept.secrets:
                self.hidden.append(HiddenSecret(kept.path, member, number, tuple(kept.secrets)))
        for key, was_there in before.items():
            if self._present.get(key, 0) <= 0:
                self._present.pop(key, None)
                self._since.pop(key, None)
            elif not was_there:
                self._since[key] = number
        self._take(facts, first, names)
        return problems + self.files.problems

    def _bounded(self, mine: dict[int, _Kept]) -> list[str]:
        """Leaves out the packages that are too many; the words for that."""
        for kept in mine.values():
            number = _packages(kept)
            if self._held + number > limits.IMAGE_PACKAGES:
                most = limits.IMAGE_PACKAGES
                for other in mine.values():
                    self._held -= _packages(other) if other.counted else 0
                    other.found.clear()
                return [f"expected at most {most:,} packages, found more; those of this layer are not listed"]
            kept.counted = True
            self._held += number
        return []

    def _take(self, facts: LayerFacts, first: int, names: list[str]) -> None:
        self.elf |= {first + index: one for index, one in facts.elf.items()}
        self.scripts |= {first + index: one for index, one in facts.scripts.items()}
        self.marks += [(first + index, kind) for index, kind in facts.marks]
        self.capabilities += [first + index for index in facts.capabilities]
        self.wanted_links |= {first + index: (names[index], one) for index, one in facts.wanted_links.items()}
        self.search_paths += [path for path in facts.search_paths if path not in self.search_paths]
        for name, indexes in facts.nothing.items():
            self.nothing.update((name, first + index) for index in indexes)

    def _count(self, kept: _Kept, step: int, before: dict[Key, bool]) -> None:
        for found in kept.found:
            for package in found.catalogue.packages:
                key = package_key(package, kept.path)
                have = self._present.get(key, 0)
                before.setdefault(key, have > 0)
                self._present[key] = have + step

    def add_found(self, path: str, found: Found) -> None:
        """What was told later of the link `found.index`, a member by its number; it is its own layer's."""
        member = found.index
        kept = self._kept.setdefault(member, _Kept(path, [], [], []))
        kept.found.append(found)
        number = self.files.layer_of(member)
        for package in found.catalogue.packages:
            self._since.setdefault(package_key(package, kept.path), number)

    def told(self, cataloguer: str, member: int) -> bool:
        """Has this cataloguer read the member?"""
        if (cataloguer, member) in self.nothing:
            return True
        kept = self._kept.get(member)
        return kept is not None and any(one.cataloguer == cataloguer for one in kept.found)

    def found(self) -> Iterator[tuple[int, Found]]:
        """What cataloguers told of the members that are still there."""
        for member, kept in self._kept.items():
            for found in kept.found:
                yield member, found

    def secrets(self) -> Iterator[tuple[int, list[Secret]]]:
        """The secrets in members that are still there."""
        for member, kept in self._kept.items():
            if kept.secrets:
                yield member, kept.secrets

    def caches(self) -> Iterator[tuple[int, str, int, int]]:
        """Layer, folder, number of files and bytes of the caches that are still there."""
        for member, kept in self._kept.items():
            for folder, files, size in kept.caches:
                yield self.files.layer_of(member), folder, files, size

    def since(self, package: Package, path: str) -> int:
        """The layer that `package`, told by the file that stood at `path` in its layer, is there since."""
        return self._since[package_key(package, path)]

    def path_in_layer(self, member: int) -> str:
        """The path that its own layer gives a member with packages or secrets."""
        return self._kept[member].path


def package_key(package: Package, path: str) -> Key:
    """What makes two mentions of a package, in two layers, the same one."""
    key = (package.type, package.namespace, package.name, package.version, *map("=".join, package.qualifiers))
    return key if package.type in SYSTEM_TYPES else (*key, path)
