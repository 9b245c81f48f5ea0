"""Image references, as the distribution specification and Docker's normal form read them."""

from __future__ import annotations

from msgspec import Struct

from batten.pattern import pattern

_REFERENCE = pattern(
    r"(?P<name>[^@:\s]+(?::[0-9]+/[^@:\s]+)?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9+._-]+:[0-9a-fA-F]{32,}))?\Z"
)
DOCKER_HUB = "docker.io"


class ImageReference(Struct, frozen=True, gc=False):
    """`registry/repository:tag@digest`; `registry` and `repository` in Docker's normal form.

    `nginx` is `docker.io/library/nginx`. `tag` and `digest` are "" where not written.
    """

    raw: str
    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """`registry/repository`."""
        return f"{self.registry}/{self.repository}"

    @property
    def is_pinned(self) -> bool:
        return bool(self.digest)

    @property
    def is_mutable_tag(self) -> bool:
        """No tag (which means `latest`) or `latest` itself, and no digest."""
        return not self.digest and self.tag in ("", "latest")


class StoredImage(Struct, frozen=True, gc=False):
    """An image that something runs, in the storage of the engine that runs it."""

    raw: str
    """As the container has it."""
    name: str
    """Under which the engine gives it: that, or its identifier where the tag leads to another by now."""
    engine: str
    """The target that the engine is: `docker:`, `podman:unix:///run/podman/podman.sock`."""


def parse_reference(text: str) -> ImageReference | None:
    """The reference in `text`, or None where it is none (a template, a malformed name)."""
    match = _REFERENCE.match(text)
    if match is None:
        return None
    name = match["name"]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, repository = first, rest
    else:
        registry, repository = DOCKER_HUB, name if slash else f"library/{name}"
    if registry == "index.docker.io":
        registry = DOCKER_HUB
    if not repository or repository != repository.lower():
        return None
    return ImageReference(text, registry, repository, match["tag"] or "", match["digest"] or "")
