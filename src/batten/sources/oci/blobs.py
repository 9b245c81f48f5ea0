"""A blob of a registry as a stream that goes on where a broken connection left it (RFC 9110, section 14)."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from batten import limits
from batten.pattern import pattern
from batten.sources.oci.transport import Patience, RegistryError

if TYPE_CHECKING:
    import httpx
    from _typeshed import WriteableBuffer

_RANGE: Final = pattern(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)\Z")


class BlobStream(io.RawIOBase):
    """The stored bytes in order; nothing is kept but the piece that came last.

    Reading raises `RegistryError` where the registry gives fewer or more bytes than the manifest says, or
    hangs. The digest is checked by whoever reads.
    """

    def __init__(self, ask: Callable[[int], httpx.Response], what: str, size: int, patience: Patience) -> None:
        """`ask` opens the answer from a position on; `size` is what the manifest says, in bytes."""
        super().__init__()
        self._ask = ask
        self._what = what
        self._size = size
        self._patience = patience
        self._position = 0
        self._piece = memoryview(b"")
        self._response: httpx.Response | None = None
        self._pieces: Iterator[bytes] | None = None
        self._failures = 0
        self._progress = 0
        """Where the last failure was."""
        self._watch = (time.monotonic(), 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while not self._piece and self._next():
            pass
        size = min(len(view), len(self._piece))
        view[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size

    def close(self) -> None:
        self._drop()
        super().close()

    def _next(self) -> bool:
        """The next piece; False at the end."""
        if self._position >= self._size:
            # More than the manifest says would be noticed by the digest; one piece is enough to know.
            if self._pieces is not None and next(self._pieces, b""):
                raise RegistryError(f"{self._what}: expected {self._size:,} bytes, found more")
            self._drop()
            return False
        import httpx

        first = self._pieces is None and not self._position and not self._failures
        try:
            if self._pieces is None:
                self._open()
                first = False
            assert self._pieces is not None
            piece = next(self._pieces, b"")
            if piece:
                self._guard(len(piece))
        except (httpx.HTTPError, httpx.StreamError, OSError):
            piece = b""
        except RegistryError as error:
            if first or not error.broken:
                raise  # the request was repeated by the transport, and there is nothing to go on with
            piece = b""
        if not piece:
            self._broken()
            return True
        rest = self._size - self._position
        if len(piece) > rest:
            raise RegistryError(f"{self._what}: expected {self._size:,} bytes, found more")
        self._position += len(piece)
        self._piece = memoryview(piece)
        return True

    def _open(self) -> None:
        response = self._ask(self._position)
        skip = 0
        if self._position and response.status_code != 206:
            skip = self._position  # it does not know ranges and starts anew
        elif response.status_code == 206:
            found = _RANGE.match(response.headers.get("content-range", ""))
            if found is None or int(found[1]) != self._position:
                response.close()
                raise RegistryError(f"{self._what}: asked for the bytes from {self._position:,} on, got others")
        self._response = response
        self._watch = (time.monotonic(), self._position - skip)
        # Stored bytes are wanted even where a server calls their compression an encoding.
        self._pieces = _after(response.iter_raw(), skip)

    def _guard(self, size: int) -> None:
        since, position = self._watch
        now = time.monotonic()
        if now - since >= self._patience.slow_seconds:
            if self._position + size - position < limits.REGISTRY_SLOW_BYTES:
                raise RegistryError(f"{self._what}: it hangs", broken=True)
            self._watch = (now, self._position + size)

    def _broken(self) -> None:
        """Waits before the next attempt; raises `RegistryError` after too many without progress."""
        self._drop()
        if self._position - self._progress >= limits.MIB:
            self._failures = 0
        self._progress = self._position
        self._failures += 1
        if self._failures >= self._patience.attempts:
            message = f"{self._what}: broke off {self._failures} times, the last after {self._position:,} of"
            raise RegistryError(f"{message} {self._size:,} bytes", broken=True)
        time.sleep(min(self._patience.backoff * 2 ** (self._failures - 1), self._patience.longest_wait))

    def _drop(self) -> None:
        if self._response is not None:
            self._response.close()
        self._response = self._pieces = None


def _after(pieces: Iterator[bytes], skip: int) -> Iterator[bytes]:
    """`pieces` without their first `skip` bytes."""
    for piece in pieces:
        if skip >= len(piece):
            skip -= len(piece)
            continue
        yield piece[skip:] if skip else piece
        skip = 0
