"""`podman:` - what runs in Podman, or an image in its storage, through its API."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_reference(ref: str, options: Options) -> OpenTarget:
    """The engine itself for no reference or a place (`batten.sources.engine.where.is_place`), else the image of that
    name (`shop/web:1.4`) or identifier. Raises `TargetError`."""
    from batten.sources.engine.where import is_place

    if is_place(ref):
        from batten.sources.engine.target import open_engine

        return open_engine("podman", ref, options)
    from batten.sources.engine.where import podman
    from batten.sources.oci.engine_api import open_in

    return open_in(podman, "podman", ref, options.platform)


SOURCE = Source(
    scheme="podman",
    summary="what runs in Podman, asked over its socket or TCP; with a name, an image in its storage",
    example="podman:  or  podman:tcp://host:2376, podman:@prod; an image: podman:shop/web:1.4",
    open=open_reference,
)
