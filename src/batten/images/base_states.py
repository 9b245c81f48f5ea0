"""The bases of what was read that a registry may be asked about, and what it says of them (`BaseState`)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from batten import limits
from batten.engine.built_by import dockerfile_of
from batten.engine.enrich import EnrichContext
from batten.images.newest_tag import newest_tag
from batten.model.image import DOCKER_HUB, ImageReference, parse_reference
from batten.model.image_content import BaseState, Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.source import Unreadable
from batten.model.workload import Container

if TYPE_CHECKING:
    from batten.model.settings import ImageSettings
    from batten.sources.oci import ImageData
    from batten.sources.oci.client import RegistryClient


class Base(Struct, frozen=True):
    """One base of something that was read."""

    reference: ImageReference
    digest: str = ""
    image: Image | None = None

    @property
    def name(self) -> str:
        return _name(self.reference)


class _Found(Struct, frozen=True):
    """What a name leads to."""

    digests: tuple[str, ...]
    layers: tuple[str, ...]
    created: str
    data: ImageData


class Registry:
    """Answers, each question asked once."""

    def __init__(self, client: RegistryClient, settings: ImageSettings, context: EnrichContext) -> None:
        self._client = client
        self._settings = settings
        self._context = context
        self._found: dict[tuple[str, str], _Found | Unreadable] = {}
        self._packages: dict[str, tuple[Package, ...] | None] = {}
        self._tags: dict[str, list[str]] = {}

    def state(self, one: Base) -> BaseState:
        """Raises `Unreadable`."""
        image, reference = one.image, one.reference
        platform = self._settings.platform if self._settings.platform != "all" else ""
        if image is not None and image.architecture:
            platform = image.built_for
        now = self._lookup(reference, reference.tag or "latest", platform)
        layers = tuple(layer.diff_id for layer in image.layers) if image is not None else ()
        is_current = one.digest in now.digests or (bool(now.layers) and layers[: len(now.layers)] == now.layers)
        newer = newest_tag(reference.tag, self._tags_of(reference)) if reference.tag.count(".") >= 2 else ""
        best = self._lookup(reference, newer, platform) if newer else now
        return BaseState(
            reference=_name(reference),
            image=image.id if image is not None else "",
            asked=one.digest,
            digest=now.digests[0],
            is_current=is_current,
            newer=newer,
            newer_digest=best.digests[0] if newer else "",
            created=best.created,
            packages=self._packages_of(best.data) if image is not None and (newer or not is_current) else None,
            layers=self._below(reference, one.digest, platform, layers) or _lowest(now.layers, layers),
        )

    def _below(self, reference: ImageReference, digest: str, platform: str, layers: tuple[str, ...]) -> int:
        """How many of `layers` (diff ids) the base of that digest has; 0 where its registry has forgotten it."""
        if not digest or not layers:
            return 0
        from batten.images.configuration import read_configuration
        from batten.sources import TargetError
        from batten.sources.oci.registry import read_reference

        try:
            data = next(iter(read_reference(f"{reference.name}@{digest}", platform, self._client)))
            return _lowest(read_configuration(data.config).diff_ids, layers)
        except (TargetError, Unreadable):
            return 0

    def _lookup(self, reference: ImageReference, tag: str, platform: str) -> _Found:
        key = (f"{reference.name}:{tag}", platform)
        if key not in self._found:
            if self._context.progress is not None:
                self._context.progress(key[0])
            try:
                self._found[key] = self._ask(reference, tag, platform)
            except Unreadable as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, Unreadable):
            raise found
        return found

    def _ask(self, reference: ImageReference, tag: str, platform: str) -> _Found:
        from batten.images.configuration import read_configuration
        from batten.sources import TargetError
        from batten.sources.oci.references import repository
        from batten.sources.oci.registry import read_reference

        digest = self._client.digest(repository(reference), tag)
        if digest is None:
            raise Unreadable(f"{reference.name} has no tag {tag} any more")
        try:
            data = next(iter(read_reference(f"{reference.name}@{digest}", platform, self._client)))
        except TargetError as error:
            raise Unreadable(str(error)) from None
        configuration = read_configuration(data.config)
        digests = dict.fromkeys((digest, data.index_digest, data.manifest_digest))
        return _Found(tuple(filter(None, digests)), configuration.diff_ids, configuration.created, data)

    def _tags_of(self, reference: ImageReference) -> list[str]:
        from batten.sources.oci.references import repository

        if reference.name not in self._tags:
            try:
                self._tags[reference.name] = self._client.tags(repository(reference))
            except Unreadable:
                self._tags[reference.name] = []  # many registries list no tags to strangers
        return self._tags[reference.name]

    def _packages_of(self, data: ImageData) -> tuple[Package, ...] | None:
        """What is in a newer base, where reading it costs little."""
        from batten.images import LayerCache, read_image

        digest = data.manifest_digest
        if digest not in self._packages:
            self._packages[digest] = None
            sizes = [blob.size for blob in data.layers]
            if all(size >= 0 for size in sizes) and sum(sizes) <= limits.BASE_IMAGE_BYTES:
                content = read_image(data, cache=LayerCache() if self._settings.cache else None, jobs=1)
                if not any(problem.severe for problem in content.problems):
                    self._packages[digest] = tuple(content.packages)
        return self._packages[digest]


def _lowest(base: Sequence[str], layers: Sequence[str]) -> int:
    """The number of `base`'s layers where they are the lowest of `layers`, and not all of them."""
    return len(base) if 0 < len(base) < len(layers) and tuple(layers[: len(base)]) == tuple(base) else 0


def registry_environment(settings: ImageSettings) -> dict[str, str]:
    plain = ",".join(filter(None, (*settings.plain_http, os.environ.get("BATTEN_PLAIN_HTTP", ""))))
    return {**os.environ, "BATTEN_PLAIN_HTTP": plain} if plain else dict(os.environ)


def bases(inventory: Inventory, *, with_all: bool) -> Iterator[Base]:
    """Every base that may be asked about, each once."""
    seen: set[tuple[str, str, str]] = set()
    for one in (*_of_images(inventory, with_all=with_all), *(_of_dockerfiles(inventory) if with_all else ())):
        key = (one.name, one.digest, one.image.id if one.image is not None else "")
        if key not in seen:
            seen.add(key)
            yield one


def _of_images(inventory: Inventory, *, with_all: bool) -> Iterator[Base]:
    for image in inventory.of(Image):
        if not image.raw_config or not (with_all or image.repository_digests):
            continue
        base = image.base
        reference = parse_reference(base.reference) if base is not None and base.reference else None
        digest = base.digest if base is not None else ""
        if reference is None:
            built = dockerfile_of(image, inventory)
            named = built.image if built is not None else None
            reference = named if isinstance(named, ImageReference) else None
            digest = ""
        if reference is not None and (with_all or reference.registry in _near(image)):
            yield Base(reference, digest or reference.digest, image)


def _near(image: Image) -> set[str]:
    """The registries that an image may send this program to by what it says of itself: its own, and Docker Hub. A
    hostile one could name any host of the network otherwise."""
    own = (parse_reference(text) for text in image.repository_digests)
    return {DOCKER_HUB, *(one.registry for one in own if one is not None)}


def _of_dockerfiles(inventory: Inventory) -> Iterator[Base]:
    """Those with tag and digest: without a digest the next build takes what is there."""
    for container in inventory.of(Container):
        image = container.image
        if container.platform == "dockerfile" and isinstance(image, ImageReference) and image.digest and image.tag:
            yield Base(image, image.digest)


def _name(reference: ImageReference) -> str:
    return f"{reference.name}:{reference.tag or 'latest'}"
