"""The images that workloads run (`--with-images`), read from their registries, or the engine that runs them."""

from __future__ import annotations

from batten.engine.enrich import EnrichContext, Enrichment
from batten.model.image import ImageReference, StoredImage
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.source import Problem
from batten.model.workload import Container


class WorkloadImages:
    """Implements `batten.engine.enrich.Enricher`."""

    name = "images of workloads"
    needs: tuple[type, ...] = (Container,)
    gives: tuple[type, ...] = (Image, Package)

    def run(self, inventory: Inventory, context: EnrichContext) -> Enrichment:
        """Each reference once, in the order read; one that cannot be had is a problem."""
        found = Enrichment()
        settings = context.settings
        if not settings.images.with_images:
            return found
        stored = list(dict.fromkeys(inventory.of(StoredImage)))
        for one in stored:
            self._read_stored(one, context, found)
        there = {one.raw for one in stored}
        for reference in references(inventory):
            if reference in there:
                continue
            if settings.images.offline:
                found.problems.append(("", Problem(reference, "the image was not read: --offline fetches none")))
                continue
            self._read(reference, context, found)
        return found

    def _read_stored(self, image: StoredImage, context: EnrichContext, found: Enrichment) -> None:
        """What an engine runs is taken from its own storage: nothing of a registry is needed."""
        from batten.images.readers.image import contents, nouns_of
        from batten.sources import TargetError
        from batten.sources.engine.target import open_stored

        target = f"{image.engine.partition(':')[0]}:{image.name}"
        try:
            opened = open_stored(image.engine, image.name, context.settings.images.platform)
            with opened:
                for content in contents(opened, context.settings, context.progress):
                    found.nouns += nouns_of(content, target)
                    found.problems += [("", problem) for problem in content.problems]
        except TargetError as error:
            found.problems.append(("", Problem(image.raw, f"the image cannot be read: {error}")))

    def _read(self, reference: str, context: EnrichContext, found: Enrichment) -> None:
        from batten.images.readers.image import contents, nouns_of
        from batten.sources import TargetError, open_target
        from batten.sources.oci import OpenImage

        settings = context.settings
        try:
            images = settings.images
            with open_target(f"image:{reference}", platform=images.platform, plain_http=images.plain_http) as opened:
                assert isinstance(opened, OpenImage)
                for content in contents(opened, settings, context.progress):
                    found.nouns += nouns_of(content, f"image:{reference}")
                    found.problems += [("", problem) for problem in content.problems]
        except TargetError as error:
            found.problems.append(("", Problem(reference, f"the image cannot be read: {error}")))


def references(inventory: Inventory) -> list[str]:
    """What the containers run, each once, without what was read as a target already."""
    there = {one.reference for one in inventory.of(Image)}
    seen: dict[str, None] = {}
    for container in inventory.of(Container):
        image = container.image
        if isinstance(image, ImageReference) and container.platform != "dockerfile" and image.raw not in there:
            seen.setdefault(image.raw)
    return list(seen)


ENRICH = WorkloadImages()
