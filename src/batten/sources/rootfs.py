"""`rootfs:` - a folder that is the root file system of a container or a machine."""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source, TargetError


def open_root(ref: str, options: Options) -> OpenTarget:
    """Raises `TargetError` where `ref` is no folder."""
    import os

    from batten.sources.interface import Target
    from batten.sources.names import printable
    from batten.sources.oci import OpenImage

    if not ref or "\0" in ref or not os.path.isdir(ref):
        found = "a file" if ref and "\0" not in ref and os.path.exists(ref) else "nothing"
        raise TargetError(f"expected a folder after rootfs:, found {found} at {printable(ref)!r}")
    shown = printable(os.path.normpath(ref).replace(os.sep, "/"))
    opened = OpenImage(Target(f"rootfs:{shown}", "rootfs", shown))
    opened.root = os.path.realpath(ref)
    return opened


SOURCE = Source(
    scheme="rootfs",
    summary="a folder that is the root file system of a container or machine",
    example="rootfs:/mnt/image",
    open=open_root,
)
