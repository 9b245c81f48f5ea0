"""Whether the bases of images and Dockerfiles are what their registries have today, and what is newer.

Asked only where a registry was asked anyway (the image came from one) or may be (`--with-images`), never with
`--offline`. A base is known by annotation or label, else by the Dockerfile that builds the image; it is current where
its digest, or the lowest layers of the image, are those that the name leads to now.
"""

from __future__ import annotations

import os

from batten import limits
from batten.engine.enrich import EnrichContext, Enrichment
from batten.model.image_content import BaseState, Image
from batten.model.inventory import Inventory
from batten.model.source import Problem, Unreadable
from batten.model.workload import Container


class BaseImages:
    """Implements `batten.engine.enrich.Enricher`."""

    name = "base images"
    needs: tuple[type, ...] = (Image, Container)
    gives: tuple[type, ...] = (BaseState,)

    def run(self, inventory: Inventory, context: EnrichContext) -> Enrichment:
        """One state for each base; one that cannot be asked about is a problem that stops nothing."""
        found = Enrichment()
        settings = context.settings.images
        if settings.offline or os.environ.get("BATTEN_OFFLINE", "") not in ("", "0"):
            return found
        if not settings.with_images and not inventory.of(Image):
            return found
        from batten.images.base_states import Registry, bases, registry_environment

        asked = list(bases(inventory, with_all=settings.with_images))
        if not asked:
            return found
        from batten.sources.oci.client import RegistryClient
        from batten.sources.oci.transport import Patience, RegistryError

        try:
            client = RegistryClient.from_environment(
                registry_environment(settings), patience=Patience(attempts=2, read=15)
            )
        except (Unreadable, RegistryError) as error:
            found.problems.append(("", Problem("registries", f"no base image was asked about: {error}", severe=False)))
            return found
        with client:
            registry = Registry(client, settings, context)
            for one in asked[: limits.BASE_IMAGES]:
                try:
                    found.nouns.append(registry.state(one))
                except Unreadable as error:
                    message = f"whether it is the newest base could not be asked: {error}"
                    found.problems.append(("", Problem(one.name, message, severe=False)))
        if len(asked) > limits.BASE_IMAGES:
            message = f"asked about the first {limits.BASE_IMAGES:,} of {len(asked):,} base images"
            found.problems.append(("", Problem("registries", message, severe=False)))
        return found


ENRICH = BaseImages()
"""Runs after the images of workloads were read, before packages are matched."""
