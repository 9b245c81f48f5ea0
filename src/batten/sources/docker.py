"""`docker:` - an image in the storage of Docker, through its API."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_image(ref: str, options: Options) -> OpenTarget:
    """A name (`shop/web:1.4`) or identifier. Raises `TargetError`."""
    from batten.sources.oci.engine_api import docker, open_in

    return open_in(docker, "docker", ref, options.platform)


SOURCE = Source(
    scheme="docker",
    summary="an image in Docker's own storage, asked for over its socket",
    example="docker:shop/web:1.4",
    open=open_image,
)
