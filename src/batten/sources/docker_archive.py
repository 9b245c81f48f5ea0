"""`docker-archive:` - images in what `docker save` or `podman save` wrote, plain or packed."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_docker_archive(ref: str, options: Options) -> OpenTarget:
    """`FILE` or `FILE:NAME`, the name being a tag in the archive. Raises `TargetError`."""
    from batten.sources.oci_layout import open_stored_image

    return open_stored_image("docker-archive", ref, options, "what docker save or podman save wrote")


SOURCE = Source(
    scheme="docker-archive",
    summary="images in an archive of docker save or podman save, plain or packed (gzip, zstd, xz)",
    example="docker-archive:shop.tar.gz",
    open=open_docker_archive,
)
