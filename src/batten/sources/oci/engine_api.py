"""Images in the storage of Docker or Podman, asked for over the engine's own API (Docker Engine API 1.24 and later).

The engine sends what `docker save` writes; it is put into a temporary file without a name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.engine.connection import client, failure
from batten.sources.engine.where import Engine
from batten.sources.interface import Target, TargetError
from batten.sources.names import printable
from batten.sources.oci import ImageData, OpenImage, platforms
from batten.sources.oci.archives import open_spooled
from batten.sources.oci.manifests import decode
from batten.sources.oci.unpack import Peeked, spool

if TYPE_CHECKING:
    import httpx

_NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}\Z")
# Podman writes the whole archive before it sends the first byte.
_SECONDS: Final = 600


class _Inspected(Struct, rename="pascal"):
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None


class EngineImages(OpenImage):
    """An image of an engine, by name or identifier."""

    def __init__(self, target: Target, engine: Engine, name: str, platform: str) -> None:
        super().__init__(target)
        self._engine = engine
        self._name = name
        self._platform = platform
        self._stored: OpenImage | None = None

    def images(self) -> Iterator[ImageData]:
        try:
            known = self._saved()
        except Unreadable as error:
            raise TargetError(f"{self._engine.name}:{printable(self._name)}: {error.message}") from None
        assert self._stored is not None
        for image in self._stored.images():
            image.names = list(dict.fromkeys([*image.names, *(known.repo_tags or ()), *(known.repo_digests or ())]))
            yield image

    def _saved(self) -> _Inspected:
        """Has the image sent and opened."""
        import httpx

        try:
            with client(self._engine, _SECONDS) as asked:
                path = "/images/" + quote(self._name, safe="/:@")
                with asked.stream("GET", f"{path}/json") as response:
                    known = self._inspect(response)
                query = _platform_query(self._platform)
                with asked.stream("GET", f"{path}/get{query}") as response:
                    if response.status_code != 200:
                        raise self._refused(response)
                    file = spool(Peeked(cast("BinaryIO", _Body(response))))
        except (httpx.HTTPError, OSError) as error:
            raise Unreadable(failure(self._engine, error, _SECONDS)) from None
        target = Target(self.target.id, self.target.kind, self.target.ref)
        self._stored = open_spooled(target, file, self._platform)
        self.problems += self._stored.problems
        return known

    def _inspect(self, response: httpx.Response) -> _Inspected:
        if response.status_code != 200:
            raise self._refused(response)
        limit = limits.IMAGE_CONFIG_BYTES
        return decode(_Body(response).start(limit), _Inspected, f"{self._engine.name}'s answer", limit)

    def _refused(self, response: httpx.Response) -> Unreadable:
        engine, name = self._engine.name, printable(self._name)
        if response.status_code == 404:
            remedy = f"`{engine} pull {name}` brings it, image:{name} asks its registry"
            return Unreadable(f"{engine} holds no such image; {remedy}")
        try:
            said = msgspec.json.decode(_Body(response).start(limits.REGISTRY_ERROR_BYTES), type=dict[str, Any])
            reason = f" ({printable(str(said.get('message', ''))[:200])})"
        except (msgspec.MsgspecError, ValueError, RecursionError):
            reason = ""
        return Unreadable(f"{engine} answered {response.status_code}{reason}")

    def close(self) -> None:
        if self._stored is not None:
            self._stored.close()


def open_in(connect: Callable[[Mapping[str, str], str], Engine], scheme: str, ref: str, platform: str) -> OpenImage:
    """The image `ref` of this user's engine, which `connect` (`docker`, `podman`) finds. Raises `TargetError`."""
    try:
        engine = connect(os.environ, os.path.expanduser("~"))
    except Unreadable as error:
        raise TargetError(f"{scheme}:{ref}: {error.message}") from None
    return open_engine_image(engine, ref, platform)


def open_engine_image(engine: Engine, name: str, platform: str = "") -> OpenImage:
    """The image that an engine knows under `name` (or an identifier). Raises `TargetError`."""
    target = Target(f"{engine.name}:{printable(name)}", "image", printable(name))
    if not _NAME.match(name) or ".." in name:
        raise TargetError(
            f"expected the name or identifier of an image after {engine.name}:, found {printable(name)!r}"
        )
    try:
        return EngineImages(target, engine, name, platforms.wish(platform, os.environ))
    except Unreadable as error:
        raise TargetError(error.message) from None


class _Body:
    """The body of an answer as a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._pieces = response.iter_raw()
        self._rest = b""

    def start(self, limit: int) -> bytes:
        """The first bytes, one more than `limit` where there are more."""
        data = b""
        while len(data) <= limit and (piece := self.read(limit + 1 - len(data))):
            data += piece
        return data

    def read(self, size: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _platform_query(platform: str) -> str:
    """Engines since API 1.48 send one platform where several are stored; older ones pass over the question."""
    if platform in ("", platforms.ALL):
        return ""
    wanted = platforms.parse(platform)
    fields = {"os": wanted.os, "architecture": wanted.architecture, "variant": wanted.variant}
    asked = msgspec.json.encode({key: value for key, value in fields.items() if value})
    return "?" + urlencode({"platform": asked.decode()})
