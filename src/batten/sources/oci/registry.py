"""Images in a registry: from a reference to layers that are fetched while they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from batten import limits
from batten.model.image import ImageReference
from batten.model.source import Unreadable
from batten.sources.interface import Target, TargetError, Unreachable
from batten.sources.oci import Blob, ImageData, OpenImage, platforms
from batten.sources.oci.client import RegistryClient
from batten.sources.oci.manifests import Descriptor
from batten.sources.oci.references import Repository, reference, repository
from batten.sources.oci.resolve import Asked, images
from batten.sources.oci.transport import RegistryError

_NOT_FOUND = 404
# Layers that may lie elsewhere (image specification 1.1, "Non-distributable layers"; Docker's "foreign").
_ELSEWHERE = ("foreign", "nondistributable")


class RegistryImages(OpenImage):
    """The image behind a reference, in one or all of its platforms."""

    def __init__(self, target: Target, parsed: ImageReference, platform: str, client: RegistryClient) -> None:
        super().__init__(target)
        self._parsed = parsed
        self._platform = platform
        self._client = client

    def images(self) -> Iterator[ImageData]:
        parsed = self._parsed
        where = repository(parsed)
        try:
            found = self._client.manifest(where, parsed.digest or parsed.tag)
            known = {found.digest: found.data}
            names = (*((f"{where}:{parsed.tag}",) if parsed.tag else ()), f"{where}@{found.digest}")
            root = Descriptor(media_type=found.media_type, digest=found.digest, size=len(found.data))
            asked = Asked(reference=parsed.raw, platform=self._platform, names=names, note=self._note)
            yield from images(_RegistryStore(self._client, where, known), [root], asked)
        except Unreadable as error:
            message = error.message
            shown = str(where)
            told = message if message.startswith(shown) else f"{shown}: {message}"
            if getattr(error, "status", 0) == _NOT_FOUND:
                raise TargetError(told) from None  # an image that is not there is a wrong call
            raise Unreachable(told, message) from None

    def _note(self, message: str) -> None:
        self.problem(".", message, severe=False)

    def close(self) -> None:
        self._client.close()


class _RegistryStore:
    """`batten.sources.oci.resolve.Store` over one repository."""

    def __init__(self, client: RegistryClient, where: Repository, known: dict[str, bytes]) -> None:
        self._client = client
        self._where = where
        self._known = known

    def has(self, descriptor: Descriptor) -> bool:
        return True

    def manifest(self, descriptor: Descriptor) -> bytes:
        if descriptor.digest not in self._known:
            self._known[descriptor.digest] = self._client.manifest(self._where, descriptor.digest).data
        return self._known[descriptor.digest]

    def config(self, descriptor: Descriptor) -> bytes:
        if descriptor.digest not in self._known:
            found = self._client.blob_bytes(self._where, descriptor, limits.IMAGE_CONFIG_BYTES)
            self._known[descriptor.digest] = found
        return self._known[descriptor.digest]

    def blob(self, descriptor: Descriptor, diff_id: str) -> Blob:
        return Blob(
            digest=descriptor.digest,
            diff_id=diff_id,
            media_type=descriptor.media_type,
            size=descriptor.size,
            open=lambda: self._open(descriptor),
        )

    def _open(self, descriptor: Descriptor) -> BinaryIO:
        """Not verified here: who reads a layer hashes it anyway."""
        may_be_elsewhere = descriptor.urls and any(word in descriptor.media_type for word in _ELSEWHERE)
        if may_be_elsewhere and descriptor.urls and not self._client.has_blob(self._where, descriptor.digest):
            return self._client.foreign(descriptor.urls[0], descriptor)
        return self._client.blob(self._where, descriptor, verify=False)


def read_reference(text: str, platform: str, client: RegistryClient) -> Iterator[ImageData]:
    """The images behind the reference `text`; `client` stays open. Raises `TargetError`."""
    try:
        parsed = reference(text)
    except Unreadable as error:
        raise TargetError(error.message) from None
    yield from RegistryImages(Target(f"image:{text}", "image", text), parsed, platform, client).images()


def open_reference(text: str, platform: str = "", client: RegistryClient | None = None) -> OpenImage:
    """The image that a registry has under the reference `text`; nothing is asked before `images`.

    `client` is closed with the target. Raises `TargetError`.
    """
    try:
        parsed = reference(text)
        wanted = platforms.wish(platform, os.environ)
        opened = client or RegistryClient.from_environment()
    except (Unreadable, RegistryError) as error:
        raise TargetError(error.message) from None
    return RegistryImages(Target(f"image:{text}", "image", text), parsed, wanted, opened)
