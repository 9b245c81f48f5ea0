"""Questions to an API server: nothing but GET, busy servers asked again, answers bounded in size, shape and time.

Source: "Kubernetes API Concepts" (chunks: `limit` and `continue`, 410 where the place in a list is forgotten; 429 and
`Retry-After`).
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from batten import limits
from batten.model.source import Unreadable
from batten.sources.cluster.access import Access
from batten.sources.cluster.connection import client, failure, is_worth_another_try
from batten.sources.names import printable
from batten.sources.oci.transport import retry_after

if TYPE_CHECKING:
    import httpx

_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_FORGOTTEN: Final = 410
_SAID: Final = 200
_T = TypeVar("_T")


class Refused(Unreadable):
    """The server answered something else than what was asked for."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Broken(Unreadable):
    """The server cannot be asked any more."""


class TooLarge(Unreadable):
    """One answer is larger than what is taken at once."""


class PageMetadata(msgspec.Struct):
    """Where a list goes on; "" at its end."""

    following: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct):
    """A part of a list. Go writes an empty one as null."""

    kind: str = ""
    metadata: PageMetadata = msgspec.field(default_factory=PageMetadata)
    items: list[msgspec.Raw] | None = None


class Api:
    """One API server. A context manager; everything raises `Refused`, `Broken`, or `Unreadable` for one answer."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._until = time.monotonic() + limits.CLUSTER_SECONDS
        self._left = limits.CLUSTER_BYTES
        self._objects = limits.CLUSTER_OBJECTS
        self._client: httpx.Client = client(access)
        self._extensions = {"sni_hostname": access.server_name} if access.server_name else {}

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path of the API."""
        return _decoded(path, self._data(path), dict[str, Any])

    def objects(self, path: str) -> Iterator[dict[str, Any] | None]:
        """Every object of the list at a path, page by page; None for one that is larger than any real one.

        A list whose place the server has forgotten is read from its beginning, without what was given already; a page
        that is too large is asked for in smaller ones.
        """
        given: set[str] = set()
        place, size, restarts = "", limits.CLUSTER_PAGE, 0
        while True:
            query = f"?limit={size}" + (f"&continue={quote(place, safe='')}" if place else "")
            try:
                page = _decoded(path, self._data(path + query), Page)
            except TooLarge:
                if size == 1:
                    raise
                size = max(1, size // 8)
                continue
            except Refused as error:
                if error.status != _FORGOTTEN or restarts >= limits.CLUSTER_RESTARTS:
                    raise
                place, restarts = "", restarts + 1
                continue
            if not page.kind.endswith("List"):
                raise Unreadable(f"expected a list from {_name(path)}, found other")
            for text in page.items or ():
                self._objects -= 1
                if self._objects < 0:
                    raise Broken(
                        f"expected at most {limits.CLUSTER_OBJECTS:,} objects, found more; the rest is not read"
                    )
                if len(text) > limits.CLUSTER_OBJECT_BYTES:
                    yield None
                    continue
                found = _decoded(path, text, dict[str, Any])
                mark = _mark(found)
                if mark not in given:
                    given.add(mark)
                    yield found
            following = page.metadata.following
            if not following:
                return
            if following == place:
                raise Unreadable(f"expected the next page of {_name(path)}, found the same again")
            place = following

    def _data(self, path: str) -> bytes:
        attempt = 0
        while True:
            attempt += 1
            status, wait, data = self._ask(path, attempt)
            if status == 200:
                return data
            if status not in _BUSY or attempt >= limits.CLUSTER_ATTEMPTS:
                raise _refused(path, status, data)
            if wait is not None and wait > limits.CLUSTER_WAIT_SECONDS:
                raise Refused(f"it answers {status} to {_name(path)} and asks to come back in {wait:,.0f} s", status)
            self._sleep(attempt, wait)

    def _ask(self, path: str, attempt: int) -> tuple[int, float | None, bytes]:
        """Status, the `Retry-After` in seconds, body."""
        import httpx

        if time.monotonic() > self._until:
            raise Broken(f"expected an end within {limits.CLUSTER_SECONDS:,} s; the rest is not read")
        try:
            with self._client.stream("GET", path, extensions=self._extensions) as response:
                self._client.cookies.clear()
                small = response.status_code != 200
                data = self._body(response, limits.REGISTRY_ERROR_BYTES if small else limits.CLUSTER_ANSWER_BYTES)
                return response.status_code, retry_after(response.headers.get("retry-after", "")), data
        except zlib.error:
            raise Unreadable(f"the answer to {_name(path)} is packed in a damaged way") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            if is_worth_another_try(error) and attempt < limits.CLUSTER_ATTEMPTS:
                return 503, None, b""
            raise Broken(failure(self._access, error)) from None

    def _body(self, response: httpx.Response, limit: int) -> bytes:
        """Unpacked as it comes: of a small answer that unpacks to a large one no more is held than the limit."""
        packed = response.headers.get("content-encoding", "identity").lower() in ("gzip", "x-gzip")
        decoder = zlib.decompressobj(wbits=31) if packed else None
        data = bytearray()
        for piece in response.iter_raw():
            self._left -= len(piece)
            data += piece if decoder is None else decoder.decompress(piece, limit + 1 - len(data))
            if len(data) > limit:
                if response.status_code != 200:
                    break
                raise TooLarge(f"expected an answer of at most {limit // limits.MIB} MiB, found more")
            if self._left < 0:
                whole = limits.CLUSTER_BYTES // limits.MIB
                raise Broken(f"expected at most {whole:,} MiB in all; the rest is not read")
            if time.monotonic() > self._until:
                raise Broken(f"expected an end within {limits.CLUSTER_SECONDS:,} s; the rest is not read")
        return bytes(data)

    def _sleep(self, attempt: int, asked: float | None) -> None:
        wait = 0.25 * 2 ** (attempt - 1)
        wait *= 0.75 + random.random() / 2  # noqa: S311 - so that many clients do not come back together
        time.sleep(min(max(wait, asked or 0), limits.CLUSTER_WAIT_SECONDS))


def _decoded(path: str, data: bytes | msgspec.Raw, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Unreadable(f"expected JSON of an API server from {_name(path)}, found other") from None


def _refused(path: str, status: int, body: bytes) -> Refused:
    said: Any = None
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        said = None  # the page of a proxy
    text = said.get("message") if isinstance(said, dict) else ""
    text = printable(" ".join(str(text or "").split()))[:_SAID]
    return Refused(f"it answers {status} to {_name(path)}{f' ({text})' if text else ''}", status)


def _mark(item: dict[str, Any]) -> str:
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return str(id(item))
    return str(metadata.get("uid") or (metadata.get("namespace"), metadata.get("name")))


def _name(path: str) -> str:
    return printable(path.partition("?")[0])[:120]
