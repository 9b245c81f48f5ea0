"""`docker:` - what runs in Docker, or an image in its storage, through its API."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_reference(ref: str, options: Options) -> OpenTarget:
    """The engine itself for no reference or a place (`batten.sources.engine.where.is_place`), else the image of that
    name (`shop/web:1.4`) or identifier. Raises `TargetError`."""
    from batten.sources.engine.where import is_place

    if is_place(ref):
        from batten.sources.engine.target import open_engine

        return open_engine("docker", ref, options)
    from batten.sources.engine.where import docker
    from batten.sources.oci.engine_api import open_in

    return open_in(docker, "docker", ref, options.platform)


SOURCE = Source(
    scheme="docker",
    summary="what runs in Docker, asked over its socket or TCP; with a name, an image in its storage",
    example="docker:  or  docker:tcp://host:2376, docker:@prod; an image: docker:shop/web:1.4",
    open=open_reference,
)
