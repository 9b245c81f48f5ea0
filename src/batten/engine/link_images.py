"""Which image a container runs: the Dockerfile that builds it, and the images that were read.

Where a manifest is silent about the user, the image decides: its Dockerfile's last USER, or the user of its
configuration.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from batten.model.image import ImageReference, parse_reference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.values import User
from batten.model.workload import Container, Workload

_UID_DIGITS = 10


def names_of(image: Image) -> list[ImageReference]:
    """The names that lead to it: as the user wrote it, then what its place knows it by."""
    texts = dict.fromkeys((image.reference, *image.repository_digests, *image.tags))
    return [found for text in texts if (found := parse_reference(text)) is not None]


def leads_to(wanted: ImageReference, name: ImageReference, image: Image) -> bool:
    """Whether a manifest that asks for `wanted` gets the image, one of whose names is `name`."""
    if wanted.name != name.name:
        return False
    if wanted.digest:
        return wanted.digest in (name.digest, image.digest)
    if name.digest and not name.tag:
        return False  # a digest of some repository says nothing of which tag leads to it
    return (wanted.tag or "latest") == (name.tag or "latest")


def with_image_users(inventory: Inventory, images: Sequence[Image]) -> Inventory:
    """A new inventory, with the same links, in which silent users are those that the image decides."""
    builds, read = _Builds(inventory), _Read(images)
    linked = Inventory()
    linked.links = inventory.links
    decided = bool(builds) or bool(read)
    for kind in inventory.types():
        if kind is Container:
            continue  # workloads bring theirs
        nouns: list[Any] = inventory.of(kind)
        for noun in nouns:
            linked.add(_decided(noun, builds, read, linked) if kind is Workload and decided else noun)
    return linked


def _decided(workload: Workload, builds: _Builds, read: _Read, linked: Inventory) -> Workload:
    if workload.platform == "dockerfile":
        return workload
    containers = []
    for container in workload.containers:
        built = builds.of(container)
        if built is not None:
            linked.links.dockerfile[workload.id, container.name] = built
        user = container.user
        if isinstance(user, User) and user.uid is None and user.name is None:
            # what a Dockerfile of the same name may build counts less than what was read under the very reference
            sources = [built.user if built is not None else None, read.user(container)]
            chosen = sources if container.build is not None else sources[::-1]
            found = next((one for one in chosen if isinstance(one, User)), None)
            if found is not None:
                merged = replace(found, must_not_be_root=user.must_not_be_root, decided_by="image")
                container = replace(container, user=merged)
        containers.append(container)
    changed = any(new is not old for new, old in zip(containers, workload.containers, strict=True))
    return replace(workload, containers=tuple(containers)) if changed else workload


class _Read:
    """The images that were read, by their names."""

    def __init__(self, images: Iterable[Image]) -> None:
        self.by_name: dict[str, list[tuple[ImageReference, Image]]] = defaultdict(list)
        for image in images:
            if image.raw_config and image.os != "windows":  # a root directory has no configuration
                for name in names_of(image):
                    self.by_name[name.name].append((name, image))

    def __bool__(self) -> bool:
        return bool(self.by_name)

    def user(self, container: Container) -> User | None:
        """Whom the image's configuration names; root where it names nobody. None where no image was read,
        or several that differ (those of an index)."""
        wanted = container.image
        if not isinstance(wanted, ImageReference):
            return None
        users = {image.user for name, image in self.by_name.get(wanted.name, ()) if leads_to(wanted, name, image)}
        return _user(users.pop()) if len(users) == 1 else None


def _user(text: str) -> User:
    name, _, group = text.strip().partition(":")
    if not name:
        return User(uid=0, group=group or None)
    if name.isascii() and name.isdigit() and len(name) <= _UID_DIGITS:
        return User(uid=int(name), group=group or None)
    return User(name=name, group=group or None)


class _Builds:
    """Which Dockerfile builds which image: said by a Compose `build`, else by the folder's name."""

    def __init__(self, inventory: Inventory) -> None:
        self.by_path: dict[str, Container] = {}
        self.by_folder: dict[str, list[Container]] = defaultdict(list)
        self.by_image: dict[str, Container] = {}
        for workload in inventory.of(Workload):
            if workload.platform == "dockerfile" and workload.containers:
                path = workload.document.file.path
                self.by_path[workload.name] = workload.containers[0]
                if path.rpartition("/")[2] in ("Dockerfile", "Containerfile"):
                    self.by_folder[path.rpartition("/")[0].rpartition("/")[2]].append(workload.containers[0])
        if self.by_path:
            for container in inventory.of(Container):
                if container.build is not None and isinstance(container.image, ImageReference):
                    built = self.by_path.get(container.build.dockerfile)
                    if built is not None:
                        self.by_image.setdefault(container.image.name, built)

    def __bool__(self) -> bool:
        return bool(self.by_path)

    def of(self, container: Container) -> Container | None:
        if container.build is not None:
            # another stage than the last may be the target; its user is not the one that was read
            return None if container.build.target else self.by_path.get(container.build.dockerfile)
        image = container.image
        if not isinstance(image, ImageReference):
            return None
        if image.name in self.by_image:
            return self.by_image[image.name]
        if image.registry == "docker.io" and image.repository.startswith("library/") and "/" not in image.raw:
            # `web` may be built here, `nginx` is Docker's: only a reference without a tag of Docker's own
            folder = image.repository.removeprefix("library/")
        else:
            folder = image.repository.rpartition("/")[2]
        candidates = self.by_folder.get(folder, ())
        return candidates[0] if len(candidates) == 1 else None
