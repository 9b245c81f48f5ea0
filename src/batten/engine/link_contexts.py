"""What a build is given by name: `FROM base` then takes that, not an image of this name.

A Compose file says so with `additional_contexts`, whose `service:x` is what is built for another service.
https://docs.docker.com/reference/compose-file/build/#additional_contexts
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, TypeGuard

from msgspec.structs import replace

from batten.engine.link_images import Builds, target_of
from batten.model.image import ImageReference
from batten.model.inventory import Inventory
from batten.model.values import User
from batten.model.workload import Container, Workload

_SERVICE: Final = "service:"
_LENGTH: Final = 16
"""Services that are built one on the other are followed so far."""

Key = tuple[str, str]
"""The target, and the Dockerfile's path in it."""


def with_given_bases(inventory: Inventory) -> Inventory:
    """An inventory in which Dockerfiles know what their builds are given, and whom that makes the user."""
    given: dict[Key, dict[str, str]] = defaultdict(dict)
    services: dict[str, tuple[Workload, Container]] = {}
    for workload in inventory.of(Workload):
        project = workload.id[: -len(workload.name)]
        for container in workload.containers:
            build = container.build
            if build is None:
                continue
            services[workload.id] = (workload, container)
            known = given[target_of(workload), build.dockerfile] if build.contexts else {}
            for name, where in build.contexts:
                if where.startswith(_SERVICE):
                    where = _SERVICE + project + where[len(_SERVICE) :]
                known[name] = where if known.setdefault(name, where) == where else ""
    if not given:
        return inventory
    users = _Users(inventory, given, services)
    builds = {
        id(workload.document): given.get((target_of(workload), workload.name))
        for workload in inventory.of(Workload)
        if workload.platform == "dockerfile"
    }
    linked = Inventory()
    linked.links = inventory.links
    for kind in inventory.types():
        if kind is Container:
            continue  # workloads bring theirs
        nouns: list[Any] = inventory.of(kind)
        for noun in nouns:
            linked.add(users.decided(noun) if kind is Workload else _told(noun, builds))
    return linked


def _told(noun: Any, given: dict[int, dict[str, str] | None]) -> Any:
    from batten.formats.dockerfile import BuildFile

    found = given.get(id(noun.dockerfile)) if isinstance(noun, BuildFile) else None
    return noun if found is None else replace(noun, given=found)


class _Users:
    """Whom a Dockerfile that is silent takes over from what it is given."""

    def __init__(
        self,
        inventory: Inventory,
        given: dict[Key, dict[str, str]],
        services: dict[str, tuple[Workload, Container]],
    ) -> None:
        self._builds = Builds(inventory)
        self._given, self._services = given, services

    def decided(self, workload: Workload) -> Workload:
        if workload.platform != "dockerfile" or not workload.containers:
            return workload
        own = workload.containers[0]
        user = own.user
        if not isinstance(user, User) or user.uid is not None or user.name is not None:
            return workload
        found = self._of((target_of(workload), workload.name), own, _LENGTH)
        if found is None:
            return workload
        merged = replace(user, uid=found.uid, name=found.name, group=found.group, decided_by="image")
        return replace(workload, containers=(replace(own, user=merged), *workload.containers[1:]))

    def _of(self, key: Key, own: Container, left: int) -> User | None:
        """Whom the Dockerfile's base says, where that is what is built for a service."""
        where = self._given.get(key, {}).get(own.image.raw.removesuffix(":latest"), "") if _is_named(own.image) else ""
        service = self._services.get(where.removeprefix(_SERVICE)) if where.startswith(_SERVICE) else None
        if service is None or not left:
            return None
        workload, container = service
        user, built, is_last = self._builds.of(workload, container)
        if isinstance(user, User) and (user.uid is not None or user.name is not None):
            return user
        if built is None or not is_last or container.build is None:
            return None
        return self._of((key[0], container.build.dockerfile), built, left - 1)


def _is_named(image: object) -> TypeGuard[ImageReference]:
    return isinstance(image, ImageReference)
