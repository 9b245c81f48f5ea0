"""`oci:` - images in an OCI layout: a folder, or a tar archive of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.sources.interface import OpenTarget, Options, Source

if TYPE_CHECKING:
    from batten.sources.oci import OpenImage


def open_layout(ref: str, options: Options) -> OpenTarget:
    """`PATH` or `PATH:NAME`, the name being a tag or reference in the layout's index. Raises `TargetError`."""
    return open_stored_image("oci", ref, options, "an OCI layout (a folder or a tar archive)")


def open_stored_image(scheme: str, ref: str, options: Options, what: str) -> OpenImage:
    """What `oci:` and `docker-archive:` have in common; each reads both, as newer writers mix them."""
    import os

    from batten.sources.interface import Target
    from batten.sources.names import printable
    from batten.sources.oci.archives import missing, open_stored, split_name

    path, name = split_name(ref)
    if not ref or "\0" in ref or not os.path.exists(path):
        raise missing(scheme, path, what)
    shown = printable(os.path.normpath(path).replace(os.sep, "/")) + (f":{printable(name)}" if name else "")
    return open_stored(Target(f"image:{shown}", "image", shown), path, options.platform, name)


SOURCE = Source(
    scheme="oci",
    summary="images in an OCI layout: a folder or a tar archive, also what containerd exports",
    example="oci:build/layout:1.4",
    open=open_layout,
)
