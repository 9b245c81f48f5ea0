"""What an engine knows besides the records of its containers, and what of them only that decides.

Filled by the source that asks the engine; empty where a saved record is read by itself.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from batten.formats import docker_values as values
from batten.formats.part import as_text
from batten.model.image import ImageReference, StoredImage, parse_reference
from batten.model.values import Absent, Profile, User


class EngineFacts(Struct, eq=False):
    """One engine. Every fact is as it is where nothing was said."""

    reference: str = ""
    """The target that it is; "" where it is none."""
    rootless: bool = False
    remapped: bool = False
    """`userns-remap`: uid 0 inside is another outside, unless a container asks for the host's."""
    seccomp: Profile | None = None
    """What containers get that name no profile; None: the engine's own."""
    no_new_privileges: bool = False
    """Containers get it that do not refuse it."""
    images: dict[str, Any] = field(default_factory=dict)
    """`Config` of the images in use by identifier (`sha256:…`)."""
    image_names: dict[str, str] = field(default_factory=dict)
    """Identifiers by name, as in `ImageReference.name:tag`, and by repository digest."""
    volumes: dict[str, Any] = field(default_factory=dict)
    """Options of the driver by name of the volume."""
    networks: dict[str, str] = field(default_factory=dict)
    """Names by identifier."""
    systems: frozenset[str] = frozenset()
    """Operating systems of the nodes of the swarm."""

    def add_image(self, record: Any) -> None:
        """An image's record: whom it runs as, and its names."""
        if not isinstance(record, dict):
            return
        identifier = _digest(as_text(record.get("Id")))
        config = record.get("Config")
        if not identifier or not isinstance(config, dict):
            return
        self.images[identifier] = config
        for key in ("RepoTags", "RepoDigests"):
            texts = record.get(key)
            for text in texts if isinstance(texts, list) else ():
                if isinstance(text, str) and (reference := parse_reference(text)) is not None:
                    self.image_names[_key(reference)] = identifier

    def user_of(self, image: str | ImageReference) -> User | None:
        """Whom an image (identifier or reference) runs as: root where it names nobody; None where it is not known."""
        identifier = self.image_names.get(_key(image)) if isinstance(image, ImageReference) else _digest(image)
        config = self.images.get(identifier or "")
        if config is None:
            return None
        text = as_text(config.get("User"))
        found = values.user(text) if text else User(uid=0)
        return found if isinstance(found, User) else None

    def stored(self, image: ImageReference | Absent | None, identifier: str = "") -> list[StoredImage]:
        """Where the image of a container (with its identifier) or a service can be had: at the engine, if it has it."""
        reference = image if isinstance(image, ImageReference) else None
        known = self.image_names.get(_key(reference)) if reference is not None else None
        wanted = _digest(identifier) or known
        if not self.reference or wanted not in self.images:
            return []
        raw = reference.raw if reference is not None else wanted
        return [StoredImage(raw, raw if known == wanted else wanted, self.reference)]

    def bound(self, volume: str) -> str:
        """The path of the host that a volume of the driver `local` is in truth; "" for any other."""
        options = self.volumes.get(volume)
        if not isinstance(options, dict):
            return ""
        device, how = as_text(options.get("device")), as_text(options.get("o")).split(",")
        bind = "bind" in how or "rbind" in how
        return device if bind and device.startswith("/") else ""


def _digest(text: str) -> str:
    """Podman writes identifiers without their algorithm."""
    return text if not text or ":" in text else f"sha256:{text}"


def _key(reference: ImageReference) -> str:
    if reference.digest:
        return f"{reference.name}@{reference.digest}"
    return f"{reference.name}:{reference.tag or 'latest'}"
