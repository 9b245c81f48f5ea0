"""Images and root file systems as targets: their nouns for the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from batten.formats.interface import Reading
from batten.model.settings import Settings
from batten.sources import OpenTarget
from batten.sources.oci import OpenImage

if TYPE_CHECKING:
    from batten.images import ImageContent
    from batten.model.package import Package

Progress = Callable[[str], None]


class ImageTargetReader:
    """Implements `batten.engine.read.TargetReader`."""

    def wants(self, opened: OpenTarget) -> bool:
        return isinstance(opened, OpenImage)

    def read(self, opened: OpenTarget, settings: Settings, progress: Progress | None) -> Reading:
        """Images with their packages, one after the other."""
        assert isinstance(opened, OpenImage)
        reading = Reading()
        several = settings.images.platform == "all"
        for content in contents(opened, settings, progress):
            reading.nouns += nouns_of(content, opened.target.id, content.image.built_for if several else "")
            reading.problems += content.problems
        return reading


def contents(opened: OpenImage, settings: Settings, progress: Progress | None) -> Iterator[ImageContent]:
    """Every image of the target, read."""
    from batten.images import LayerCache, read_image, read_root

    if opened.root is not None:
        content = read_root(opened.root)
        named = replace(content.image, reference=opened.target.ref)  # its packages are told to be of that
        yield replace(content, image=named)
        return
    cache = LayerCache() if settings.images.cache else None
    for data in opened.images():
        if progress is not None:
            progress(data.reference)
        yield read_image(data, cache=cache, jobs=settings.images.jobs or None)


def nouns_of(content: ImageContent, target: str, platform: str = "") -> list[Any]:
    """The image and its packages as the inventory wants them; named with its platform where several were asked for."""
    from batten.images import reach
    from batten.images.minimal import minimality

    if platform:
        name, target = f"{content.image.name} ({platform})", f"{target} ({platform})"
        resource = replace(content.image.resource, name=name)
        content = replace(content, image=replace(content.image, name=name, resource=resource))
    packages: list[Package] = [replace(one, reach=reach(one, content), target=target) for one in content.packages]
    return [
        replace(content.image, minimality=minimality(content.image, packages, target, understood=content.understood)),
        *packages,
    ]


TARGET_READER = ImageTargetReader()
