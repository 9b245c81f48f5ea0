"""`podman:` - an image in the storage of Podman, through its API."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_image(ref: str, options: Options) -> OpenTarget:
    """A name (`shop/web:1.4`) or identifier. Raises `TargetError`."""
    from batten.sources.oci.engine_api import open_in, podman

    return open_in(podman, "podman", ref, options.platform)


SOURCE = Source(
    scheme="podman",
    summary="an image in Podman's own storage, asked for over its socket",
    example="podman:shop/web:1.4",
    open=open_image,
)
