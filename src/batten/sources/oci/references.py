"""References to images in registries: the normal form of `batten.model.image`, checked before it becomes a URL."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.model.image import DOCKER_HUB, ImageReference, parse_reference
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.names import printable

# OCI distribution specification 1.1, "Pulling manifests": <name> and <reference>
_NAME: Final = pattern(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\Z")
_NAME_CHARACTERS: Final = 255
_HOST: Final = pattern(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?\Z")
# The endings of files that a mistyped path has; a tag or repository that ends so is rarer than the mistake.
_FILE: Final = pattern(
    r".*\.(?:ya?ml|json|toml|tf|tfvars|tar|tgz|gz|xz|zst|zip|env|md|txt|py|sh|conf|container|dockerfile)\Z"
)


class Repository(Struct, frozen=True):
    """A repository of a registry, both in Docker's normal form (`docker.io`, `library/nginx`)."""

    registry: str
    name: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.name}"


def reference(text: str) -> ImageReference:
    """The reference that `text` writes, with `latest` where it names neither tag nor digest.

    Raises `Unreadable` where it is none, or one that no registry can hold.
    """
    parsed = parse_reference(text)
    if parsed is None or not _is_sound(parsed):
        from batten.detect.build_steps import masked

        found = masked(printable(text))  # credentials before a host are no part of a reference
        raise Unreadable(
            f"expected an image reference such as nginx:1.25 or ghcr.io/shop/web@sha256:…, found {found!r}"
        )
    if parsed.tag or parsed.digest:
        return parsed
    return ImageReference(parsed.raw, parsed.registry, parsed.repository, "latest")


def repository(parsed: ImageReference) -> Repository:
    return Repository(parsed.registry, parsed.repository)


def is_reference(text: str) -> bool:
    """Is `text`, which is no path, meant as an image: `nginx:1.25`, `ghcr.io/shop/web`, `web@sha256:…`?

    A bare word (`nginx`) and what ends like a file (`web:1.yaml`) are not: they are mistyped paths more
    often; `image:nginx` says what is meant.
    """
    parsed = parse_reference(text)
    if parsed is None or not _is_sound(parsed):
        return False
    if parsed.digest:
        return True
    if _FILE.match(text.lower()):
        return False
    return (
        bool(parsed.tag) or parsed.registry != DOCKER_HUB or text.startswith((f"{DOCKER_HUB}/", f"index.{DOCKER_HUB}/"))
    )


def is_host(text: str) -> bool:
    """A registry's host, perhaps with a port."""
    return bool(_HOST.match(text.lower()))


def is_repository_name(text: str) -> bool:
    return len(text) <= _NAME_CHARACTERS and bool(_NAME.match(text))


def _is_sound(parsed: ImageReference) -> bool:
    from batten.sources.oci.digests import is_digest

    return (
        is_host(parsed.registry)
        and is_repository_name(parsed.repository)
        and (not parsed.digest or is_digest(parsed.digest))
    )
