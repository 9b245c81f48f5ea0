"""Which image a container runs: the Dockerfile that builds it, and the images that were read.

Where a manifest is silent about the user, the image decides: its Dockerfile's last USER, or the user of its
configuration. That a Dockerfile builds an image is said by a Compose `build`; what a folder is called proves
nothing, and changes no verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from batten.model.image import ImageReference, parse_reference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.scope import in_target
from batten.model.values import Absent, User
from batten.model.workload import Container, Workload

_UID_DIGITS: Final = 10
_OFFICIAL: Final = "docker.io/library/"


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
    builds, read = Builds(inventory), _Read(images)
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


def _decided(workload: Workload, builds: Builds, read: _Read, linked: Inventory) -> Workload:
    if workload.platform == "dockerfile":
        return workload
    containers = []
    for container in workload.containers:
        built, made, is_last = builds.of(workload, container)
        key = (workload.id, container.name)
        if made is not None and is_last:
            linked.links.dockerfile[key] = made
        elif (likely := made or builds.by_name(workload, container)) is not None:
            linked.links.likely_dockerfile[key] = likely
        user = container.user
        if isinstance(user, User) and user.uid is None and user.name is None:
            # what is built under the name counts less than what was read under the very reference
            sources = [built, read.user(container)]
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


_Built = tuple[User | Absent | None, Container | None, bool]
"""The user of what a build makes, the Dockerfile's own container, and whether that is what is built: the last stage."""
_NOT_BUILT: Final[_Built] = (None, None, False)


class Builds:
    """Which Dockerfile builds which image, as Compose files of the same target say."""

    def __init__(self, inventory: Inventory) -> None:
        self._by_path: dict[tuple[str, str], Container] = {}
        self._by_folder: dict[tuple[str, str], list[Container]] = defaultdict(list)
        self._by_image: dict[tuple[str, str, str], list[tuple[str, Container]]] = defaultdict(list)
        workloads = inventory.of(Workload)
        for workload in workloads:
            if workload.platform == "dockerfile" and workload.containers:
                target, path = target_of(workload), workload.document.file.path
                self._by_path[target, workload.name] = workload.containers[0]
                folder, _, name = path.rpartition("/")
                if folder and name in ("Dockerfile", "Containerfile"):
                    self._by_folder[target, folder.rpartition("/")[2]].append(workload.containers[0])
        for workload in workloads if self._by_path else ():
            for container in workload.containers:
                image = container.image
                if container.build is not None and isinstance(image, ImageReference) and not image.digest:
                    key = (target_of(workload), image.name, image.tag or "latest")
                    self._by_image[key].append((workload.scope, container))

    def __bool__(self) -> bool:
        return bool(self._by_path)

    def of(self, workload: Workload, container: Container) -> _Built:
        """What is built for the container: by its own `build`, else by that of one service under the very name
        and tag. An image of Docker's own (`redis:8`) is what another project builds only in its own engine."""
        if container.build is not None:
            return self._built(workload, container)
        image = container.image
        if not isinstance(image, ImageReference) or image.digest:
            return _NOT_BUILT
        found = self._by_image.get((target_of(workload), image.name, image.tag or "latest"), ())
        if image.name.startswith(_OFFICIAL):
            found = [(scope, one) for scope, one in found if scope == workload.scope]
        builds = {
            (one.build.dockerfile, one.build.target, one.build.args): one for _, one in found if one.build is not None
        }
        return self._built(workload, *builds.values()) if len(builds) == 1 else _NOT_BUILT

    def _built(self, workload: Workload, container: Container) -> _Built:
        build = container.build
        own = None if build is None else self._by_path.get((target_of(workload), build.dockerfile))
        if build is None or own is None:
            return _NOT_BUILT
        if not build.target and not build.args:
            return own.user, own, True
        from batten.formats.dockerfile.arguments import built_user, target_stage
        from batten.formats.dockerfile.nodes import Dockerfile

        dockerfile = own.document
        if not isinstance(dockerfile, Dockerfile):
            return _NOT_BUILT
        last = target_stage(dockerfile, build.target) == len(dockerfile.stages) - 1
        return built_user(dockerfile, build.target, dict(build.args)), own, last

    def by_name(self, workload: Workload, container: Container) -> Container | None:
        """The Dockerfile in a folder that is called as the image: it may build it, and nothing says that it does."""
        image = container.image
        if container.build is not None or not isinstance(image, ImageReference):
            return None
        if image.name.startswith(_OFFICIAL) and (image.tag or image.digest or "/" in image.raw):
            return None  # `web` may be built here, `nginx:1.29` is Docker's
        folder = image.repository.rpartition("/")[2]
        candidates = self._by_folder.get((target_of(workload), folder), ())
        if len(candidates) != 1:
            return None
        base = candidates[0].image
        if isinstance(base, ImageReference) and base.repository.rpartition("/")[2] == folder:
            return None  # a folder that is called as what it begins with
        return candidates[0]


def target_of(workload: Workload) -> str:
    """What stands before its own identifier where several targets are read: paths are those of one."""
    return workload.id[: max(workload.id.rfind(f"{in_target(workload.scope)}/{workload.platform}/"), 0)]
