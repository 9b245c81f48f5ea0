"""`image:` - an image in a registry, or in an archive or layout on this machine."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source, TargetError


def open_image(ref: str, options: Options) -> OpenTarget:
    """A reference (`nginx:1.25`) or the path of a layout or archive. Raises `TargetError`.

    A path is one where something lies that looks like an image; `oci:` and `docker-archive:` say it outright.
    """
    import os

    from batten.sources.oci.archives import looks_like_image_archive, looks_like_layout, split_name
    from batten.sources.oci.registry import open_reference

    path, _ = split_name(ref) if ref and "\0" not in ref else (ref, "")
    is_written_as_path = ref.startswith(("./", "../", "/", ".\\", "..\\")) or os.path.isabs(ref)
    there = bool(path) and os.path.exists(path) if "\0" not in ref else False
    if is_written_as_path or (there and (looks_like_layout(path) or looks_like_image_archive(path))):
        from batten.sources.oci_layout import open_stored_image

        return open_stored_image("image", ref, options, "a reference, an image archive or an OCI layout")
    if options.offline:
        raise TargetError(
            f"image:{ref}: this run fetches nothing (offline); name a saved image: docker save -o FILE {ref}"
        )
    if not options.plain_http:
        return open_reference(ref, options.platform)
    from batten.sources.oci.client import RegistryClient

    plain = ",".join((*options.plain_http, os.environ.get("BATTEN_PLAIN_HTTP", "")))
    return open_reference(
        ref, options.platform, RegistryClient.from_environment({**os.environ, "BATTEN_PLAIN_HTTP": plain})
    )


SOURCE = Source(
    scheme="image",
    summary="a container image in a registry (also an archive or OCI layout at that path)",
    example="image:ghcr.io/shop/web:1.4",
    open=open_image,
)
