"""Archives and layouts of images opened: recognised by what is in them, never by their name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from batten import limits
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources import _tar
from batten.sources.confined import open_regular
from batten.sources.interface import Target, TargetError
from batten.sources.names import printable, resolve
from batten.sources.oci import ImageData, OpenImage, platforms
from batten.sources.oci.docker_archive import is_before_manifests, is_docker_archive, saved_images, saved_names
from batten.sources.oci.files import FolderFiles, ImageFiles, TarFiles
from batten.sources.oci.layout import is_layout, layout_images
from batten.sources.oci.unpack import HEAD_BYTES, Peeked, chunks, is_archive, packing, spool

# Every name that some writer of image archives uses: docker, podman, skopeo, crane, Bazel, Jib, Kaniko, Nix.
_OF_IMAGES: Final = pattern(
    r"(?:oci-layout|index\.json|manifest\.json|repositories|config\.json|blobs(?:/sha\d{3}(?:/[0-9a-f]{64,128})?)?|"
    r"(?:sha256:)?[0-9a-f]{64}(?:\.json|\.tar|\.tar\.gz|/(?:layer\.tar|json|VERSION)?)?|\./?)\Z"
)
_OF_LAYERS: Final = pattern(r"(?:blobs/sha\d{3}/[0-9a-f]{64,128}|[0-9a-f]{64}(?:\.tar|\.tar\.gz|/layer\.tar))\Z")
_MANIFEST_START: Final = 64 * limits.KIB


class StoredImages(OpenImage):
    """The images of an archive or a layout on this machine."""

    def __init__(self, target: Target, files: ImageFiles, platform: str, name: str = "") -> None:
        super().__init__(target)
        self._files = files
        self._platform = platform
        self._name = name
        if isinstance(files, TarFiles) and files.cut_off:
            self.problem(".", files.cut_off)

    def images(self) -> Iterator[ImageData]:
        try:
            yield from self._found()
        except Unreadable as error:
            raise TargetError(f"{self.target.ref}: {error.message}") from None

    def _found(self) -> Iterator[ImageData]:
        files, ref = self._files, self.target.ref
        if is_layout(files):
            # The index names more than manifest.json: other platforms, digests of manifests.
            yield from layout_images(
                files, ref, self._platform, name=self._name, more_names=self._tags(), note=self._note
            )
        elif is_docker_archive(files):
            yield from saved_images(files, ref, self._platform, name=self._name)
        else:
            raise Unreadable(_no_image(files))

    def _tags(self) -> dict[str, list[str]]:
        return saved_names(self._files) if is_docker_archive(self._files) else {}

    def _note(self, message: str) -> None:
        self.problem(".", message, severe=False)

    def close(self) -> None:
        self._files.close()


NO_IMAGE: Final = (
    "expected an image (an OCI layout, or what `docker save` writes), found neither oci-layout nor manifest.json"
)


def _no_image(files: ImageFiles) -> str:
    if is_before_manifests(files):
        return "written by a Docker before 1.10, which is not read; load it into a newer one and save it again"
    return NO_IMAGE


def open_stored(target: Target, path: str, platform: str = "", name: str = "") -> OpenImage:
    """The images of the layout (a folder, a tar) or archive at `path`; `name` takes one of them.

    Raises `TargetError`.
    """
    try:
        wanted = platforms.wish(platform, os.environ)
        if os.path.isdir(path):
            return _checked(StoredImages(target, FolderFiles(path), wanted, name))
        descriptor, _ = open_regular(os.path.realpath(path))
        file: BinaryIO = os.fdopen(descriptor, "rb", buffering=0)
        return _open_file(target, file, os.path.realpath(path), wanted, name)
    except Unreadable as error:
        raise TargetError(f"{target.ref}: {error.message}") from None


def open_archive_stream(stream: BinaryIO | Peeked, *, ref: str = "-", platform: str = "") -> OpenImage:
    """The images of an archive that comes through a pipe, put into a temporary file without a name.

    Who does not know whether it is an archive asks `is_archive(peeked.head)` first. Raises `TargetError`.
    """
    stream = stream if isinstance(stream, Peeked) else Peeked(stream)
    target = Target(f"image:{ref}", "image", ref)
    try:
        wanted = platforms.wish(platform, os.environ)
        if not is_archive(stream.head):
            raise Unreadable("expected an image archive (tar, perhaps packed), found other data")
        return open_spooled(target, spool(stream), wanted)
    except Unreadable as error:
        raise TargetError(f"{ref}: {error.message}") from None


def open_spooled(target: Target, file: BinaryIO, wanted: str, name: str = "") -> OpenImage:
    """The images of an unpacked archive in an open file, which belongs to the target now. Raises `Unreadable`."""
    return _opened(target, file, "", wanted, name)


def _open_file(target: Target, file: BinaryIO, path: str, wanted: str, name: str) -> OpenImage:
    try:
        head = file.read(HEAD_BYTES)
        if not is_archive(head):
            raise Unreadable("expected an image archive (tar, perhaps packed), found another file")
        file.seek(0)
        if packing(head):
            packed, file = file, spool(Peeked(file))
            packed.close()
            path = ""
    except BaseException:
        file.close()
        raise
    return _opened(target, file, path, wanted, name)


def _opened(target: Target, file: BinaryIO, path: str, wanted: str, name: str) -> OpenImage:
    try:
        return _checked(StoredImages(target, TarFiles(file, path), wanted, name))
    except BaseException:
        file.close()
        raise


def _checked(opened: StoredImages) -> StoredImages:
    """An archive without an image is told when it is opened, not when it is read."""
    files = opened._files
    if not is_layout(files) and not is_docker_archive(files):
        raise Unreadable(_no_image(files))
    return opened


def looks_like_layout(path: str) -> bool:
    """Is the folder at `path` an OCI layout?"""
    return os.path.isfile(os.path.join(path, "oci-layout")) and os.path.isfile(os.path.join(path, "index.json"))


def looks_like_image_archive(path: str) -> bool:
    """Is the file at `path` an archive with an image in it? By some members' names, not by reading it whole."""
    try:
        descriptor, _ = open_regular(os.path.realpath(path))
    except Unreadable:
        return False
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        try:
            head = file.read(HEAD_BYTES)
            if not is_archive(head):
                return False
            file.seek(0)
            if packing(head):
                return _looks_like_packed(file)
            return _looks_like_plain(file)
        except (OSError, Unreadable):
            return False


def _looks_like_plain(file: BinaryIO) -> bool:
    from batten.sources._streams import PlainStream

    stream = PlainStream(file.fileno(), os.fstat(file.fileno()).st_size)
    names: set[str] = set()
    for count, member in enumerate(_tar.members(stream)):
        name = resolve(member.name)
        if name == "manifest.json" and member.kind == "file":
            return b'"Layers"' in stream.read(min(member.size, _MANIFEST_START))
        if name in ("oci-layout", "index.json"):
            names.add(name)
            if len(names) == 2:
                return True
        if count >= limits.IMAGE_SNIFF_MEMBERS:
            break
    return False


def _looks_like_packed(file: BinaryIO) -> bool:
    """From the members at the start: what stands behind cannot be had without unpacking it all."""
    stream = _Forward(chunks(Peeked(file)))
    names: set[str] = set()
    has_layer = False
    try:
        for count, member in enumerate(_tar.members(stream)):
            name = resolve(member.name) or "."
            if not _OF_IMAGES.match(name) or count >= limits.IMAGE_SNIFF_MEMBERS:
                return False
            if name == "manifest.json":
                return b'"Layers"' in stream.read(min(member.size, _MANIFEST_START))
            names.add(name)
            has_layer = has_layer or bool(_OF_LAYERS.match(name))
            if {"oci-layout", "index.json"} <= names:
                return True
    except _EnoughError:
        return has_layer
    return False


class _EnoughError(Exception):
    """As much was unpacked as a first look may cost."""


class _Forward:
    """`batten.sources._streams.Stream` over pieces, up to `limits.IMAGE_SNIFF_BYTES`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._data = b""
        self.position = 0

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0 and (self._data or self._more()):
            part, self._data = self._data[:size], self._data[size:]
            parts.append(part)
            size -= len(part)
            self.position += len(part)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size and (part := len(self.read(min(size - passed, limits.MIB)))):
            passed += part
        return passed

    def _more(self) -> bool:
        if self.position > limits.IMAGE_SNIFF_BYTES:
            raise _EnoughError
        while not self._data:
            data = next(self._pieces, None)
            if data is None:
                return False
            self._data = data
        return True


def split_name(text: str, exists: Callable[[str], bool] = os.path.exists) -> tuple[str, str]:
    """`PATH` or `PATH:NAME` (or `PATH@DIGEST`) as (path, name); the longest path that exists wins."""
    if exists(text):
        return text, ""
    ends = [index for index, character in enumerate(text) if character in ":@" and index]
    for end in reversed(ends):
        if exists(text[:end]):
            return text[:end], text[end + 1 :]
    return text, ""


def missing(scheme: str, path: str, what: str) -> TargetError:
    return TargetError(f"expected {what} after {scheme}:, found nothing at {printable(path)!r}")
