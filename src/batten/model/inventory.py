"""Everything that was read in one scan: typed lists, and the links between their members."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from batten.model.workload import Container, Workload

Noun = TypeVar("Noun")


class Inventory:
    """Nouns by type. `of(Workload)` lists them in the order read; readers may add types of their own."""

    def __init__(self) -> None:
        self._lists: dict[type, list[Any]] = {}
        self._by_id: dict[str, Workload] = {}
        self._groups: dict[type, dict[tuple[str, str | None], list[Any]]] = {}
        self._indexes: dict[tuple[type, Callable[[Any], Hashable]], dict[Hashable, list[Any]]] = {}
        self.links = Links()

    def add(self, noun: object) -> None:
        """Add one noun; a workload brings its containers."""
        self._lists.setdefault(type(noun), []).append(noun)
        self._groups.clear()
        self._indexes.clear()
        if isinstance(noun, Workload):
            self._by_id[noun.id] = noun
            for container in noun.containers:
                self._lists.setdefault(Container, []).append(container)

    def extend(self, nouns: Iterable[object]) -> None:
        for noun in nouns:
            self.add(noun)

    def of(self, kind: type[Noun]) -> list[Noun]:
        """All nouns of exactly this type (the list is the inventory's own: do not change it)."""
        return self._lists.setdefault(kind, [])

    def within(self, kind: type[Noun], scope: str, namespace: str | None = None) -> list[Noun]:
        """The nouns of this type in a scope (and namespace), in the order read; from an index."""
        groups = self._groups.get(kind)
        if groups is None:
            groups = self._groups[kind] = {}
            nouns: list[Any] = self.of(kind)
            for noun in nouns:
                groups.setdefault((noun.scope, None), []).append(noun)
                groups.setdefault((noun.scope, getattr(noun, "namespace", "")), []).append(noun)
        return groups.get((scope, namespace), [])

    def indexed(self, kind: type[Noun], key: Callable[[Noun], Hashable]) -> Mapping[Hashable, list[Noun]]:
        """The nouns of this type by what `key` says of each, in the order read. `key` is a function of a module:
        it stands for the index, which is made once."""
        index = self._indexes.get((kind, key))
        if index is None:
            index = self._indexes[kind, key] = {}
            for noun in self.of(kind):
                index.setdefault(key(noun), []).append(noun)
        return index

    def types(self) -> list[type]:
        return [kind for kind, nouns in self._lists.items() if nouns]

    def workload_of(self, container: Container) -> Workload:
        """The workload that the container belongs to."""
        return self._by_id[container.workload]

    def workload(self, identifier: str) -> Workload | None:
        return self._by_id.get(identifier)


class Exposure:
    """How a workload can be reached from outside: human-readable hops, most open first."""

    __slots__ = ("public", "through")

    def __init__(self, through: tuple[str, ...], public: bool) -> None:
        self.through = through
        """e.g. `("Ingress shop/web", "Service shop/web")`."""
        self.public = public
        """Reachable from outside the cluster or host."""


class Links:
    """What the link step found, by `Workload.id`. Filled by `batten.engine.link` alone."""

    def __init__(self) -> None:
        self.exposure: dict[str, Exposure] = {}
        self.services: dict[str, list[Any]] = {}
        """Services that select the workload."""
        self.routes: dict[str, list[Any]] = {}
        self.identity: dict[str, Any] = {}
        """The declared service account."""
        self.grants: dict[str, list[Any]] = {}
        """Role bindings that name the workload's service account."""
        self.likely_grants: dict[str, list[Any]] = {}
        """Of a workload without such: one that may name it, in another folder or through a group of all."""
        self.roles: dict[str, list[Any]] = {}
        """The roles that those grants lead to, as far as they were read."""
        self.policies: dict[str, list[Any]] = {}
        """Network policies that select the workload."""
        self.likely_policies: dict[str, list[Any]] = {}
        """Of a workload into which none of those lets only some: one in another folder that may do so."""
        self.limit_ranges: dict[str, list[Any]] = {}
        """LimitRanges that hold for the workload's containers."""
        self.likely_limit_ranges: dict[str, list[Any]] = {}
        """Where those do not give all that a LimitRange can: those, and others that may hold for them."""
        self.units: dict[str, Any] = {}
        """Of a workload in a manifest that Podman plays: the `.kube` unit that names the manifest. It runs in no
        cluster."""
        self.dockerfile: dict[tuple[str, str], Any] = {}
        """(workload id, container name) -> the Dockerfile's own container (its last stage), where it is certain
        that this is what runs."""
        self.likely_dockerfile: dict[tuple[str, str], Any] = {}
        """The same, where nothing but the name of the Dockerfile's folder says so, or where another stage of it is
        what runs: no verdict may rest on it."""
