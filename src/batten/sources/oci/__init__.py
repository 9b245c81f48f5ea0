"""Images wherever they lie: what a registry, an archive, a layout or a root directory have in common.

Every kind of place gives an `OpenImage`; `batten.images` reads its layers. Nothing here judges or parses
what is inside a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from msgspec import Struct, field

from batten.sources.interface import Entry, NoFiles, OpenTarget, Target, Wanted


class Extent(Struct, frozen=True):
    """A run of bytes of a file of this machine: enough for another process to read a blob by itself."""

    path: str
    offset: int
    size: int


class Blob(Struct, frozen=True, kw_only=True):
    """One layer as it is stored. `open` gives its bytes from the start; the caller closes and verifies.

    Opening and reading raise `batten.model.source.Unreadable` (one line, without credentials) where the
    place does not give the bytes. `open` may be called from any thread, again after an error too.
    """

    digest: str
    """Of the stored bytes, `sha256:…`; "" where the place has none (`docker save` of old)."""
    diff_id: str
    """Of the unpacked archive, from the configuration; the reader verifies it."""
    media_type: str
    """What the manifest says; compression is told by the first bytes, never by this."""
    size: int
    """Stored bytes; -1 where not known before reading."""
    open: Callable[[], BinaryIO]
    extent: Extent | None = None
    """Where the stored bytes lie on this machine; None where only `open` reaches them (a registry, an
    archive that is itself compressed, standard input)."""


class ImageData(Struct, kw_only=True):
    """One image of one platform, resolved, its layers unread."""

    reference: str
    """As the user named it."""
    config: bytes
    """The configuration as stored, verified against its digest."""
    config_digest: str
    manifest_digest: str = ""
    index_digest: str = ""
    layers: list[Blob] = field(default_factory=list)
    """Lowest first."""
    platform: str = ""
    """`linux/amd64`, `linux/arm64/v8` …"""
    other_platforms: list[str] = field(default_factory=list)
    """Of the same index, not chosen."""
    annotations: dict[str, str] = field(default_factory=dict)
    """Of the index entry and the manifest, the manifest's winning."""
    names: list[str] = field(default_factory=list)
    """Tags and repository digests that the place knows the image by."""


class OpenImage(OpenTarget):
    """A target that holds images. `images` reads what is asked for; a root directory has `root` instead."""

    root: str | None = None
    """A directory that is the root file system, where the target is one."""

    def __init__(self, target: Target, images: Callable[[], Iterator[ImageData]] | None = None) -> None:
        super().__init__(target)
        self._images = images
        self.files = NoFiles()

    def images(self) -> Iterator[ImageData]:
        """The images of the target: one, or one per platform or tag that was asked for.

        Raises `batten.sources.TargetError` where the place cannot be reached or holds no such image.
        """
        return iter(()) if self._images is None else self._images()

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """None: images are read by `batten.images`, not file by file."""
        return iter(())
