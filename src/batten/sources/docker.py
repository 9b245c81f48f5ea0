"""`docker:` - an image in the storage of Docker, through its API."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source, TargetError


def open_image(ref: str, options: Options) -> OpenTarget:
    """A name (`shop/web:1.4`) or identifier. Raises `TargetError`."""
    import os

    from batten.model.source import Unreadable
    from batten.sources.oci.engine_api import docker, open_engine_image

    try:
        engine = docker(os.environ, os.path.expanduser("~"))
    except Unreadable as error:
        raise TargetError(f"docker:{ref}: {error.message}") from None
    return open_engine_image(engine, ref, options.platform)


SOURCE = Source(
    scheme="docker",
    summary="an image in Docker's own storage, asked for over its socket",
    example="docker:shop/web:1.4",
    open=open_image,
)
