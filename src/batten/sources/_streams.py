"""Packed streams read forwards in bounded memory: gzip (RFC 1952), xz, and plain files.

The decoders of the standard library's file classes cannot be told how much memory or how much
output they may use, so the decoders below them are driven by hand.
"""

from __future__ import annotations

import lzma
import os
import zlib
from typing import Final, Protocol

from batten import limits
from batten.model.source import Unreadable

_CHUNK: Final = 64 * limits.KIB


class Stream(Protocol):
    """Bytes in order."""

    position: int
    """How many bytes were read or passed over."""

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer at the end; raises `Unreadable` where the data are damaged or a bomb."""

    def skip(self, size: int) -> int:
        """Passes over `size` bytes; how many there were."""


class PlainStream:
    """A file that is not packed."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self.position = 0

    def read(self, size: int) -> bytes:
        data = read_at(self._descriptor, self.position, min(size, self._size - self.position))
        self.position += len(data)
        return data

    def skip(self, size: int) -> int:
        passed = max(0, min(size, self._size - self.position))
        self.position += passed
        return passed


class _Gzip:
    """One member of a gzip file."""

    magic = b"\x1f\x8b"

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes, size: int) -> bytes:
        """At most `size` unpacked bytes; `data` is empty unless `hungry`."""
        return self._decoder.decompress(data or self._decoder.unconsumed_tail, size)

    @property
    def hungry(self) -> bool:
        return not self._decoder.unconsumed_tail

    @property
    def rest(self) -> bytes | None:
        """What follows the member; None before its end."""
        return self._decoder.unused_data if self._decoder.eof else None


class _Xz:
    """One stream of an xz file."""

    magic = b"\xfd7zXZ\x00"

    def __init__(self) -> None:
        self._decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=limits.ARCHIVE_XZ_BYTES)

    def feed(self, data: bytes, size: int) -> bytes:
        return self._decoder.decompress(data, size)

    @property
    def hungry(self) -> bool:
        return self._decoder.needs_input

    @property
    def rest(self) -> bytes | None:
        return self._decoder.unused_data if self._decoder.eof else None


_DECODERS: Final[dict[str, type[_Gzip] | type[_Xz]]] = {"gzip": _Gzip, "xz": _Xz}


def packing(head: bytes) -> str | None:
    """`gzip` or `xz` by the first bytes, else None."""
    return next((kind for kind, decoder in _DECODERS.items() if head.startswith(decoder.magic)), None)


class PackedStream:
    """The unpacked bytes of a gzip or xz file, its members one after the other."""

    def __init__(self, descriptor: int, kind: str) -> None:
        self._descriptor = descriptor
        self._kind = kind
        self._decoder: _Gzip | _Xz | None = _DECODERS[kind]()
        self._packed = b""  # of the next member, when it came with the end of the last
        self._consumed = 0
        self._unpacked = bytearray()
        self.position = 0

    def read(self, size: int) -> bytes:
        while len(self._unpacked) < size and self._more(size - len(self._unpacked)):
            pass
        data = bytes(self._unpacked[:size])
        del self._unpacked[:size]
        self.position += len(data)
        return data

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size:
            data = self.read(min(_CHUNK, size - passed))
            if not data:
                break
            passed += len(data)
        return passed

    def _more(self, size: int) -> bool:
        """Unpacks some bytes, about `size`; False at the end."""
        if self._decoder is None:
            return False
        packed = b""
        if self._decoder.hungry:
            packed = self._packed or self._next()
            self._packed = b""
            if not packed:
                raise Unreadable(f"the {self._kind} stream ends too early: the archive is cut off")
        try:
            self._unpacked += self._decoder.feed(packed, max(512, min(size, _CHUNK)))
        except (zlib.error, lzma.LZMAError, MemoryError) as error:
            raise Unreadable(f"the {self._kind} stream is damaged: {str(error).lower()}") from None
        rest = self._decoder.rest
        if rest is not None:
            # Another member may follow; zeros and anything else after the last one are padding.
            rest += self._next() if len(rest) < len(self._decoder.magic) else b""
            self._packed = rest
            self._decoder = _DECODERS[self._kind]() if rest.startswith(self._decoder.magic) else None
        self._guard(self.position + len(self._unpacked))
        return True

    def _next(self) -> bytes:
        data = read_at(self._descriptor, self._consumed, _CHUNK)
        self._consumed += len(data)
        return data

    def _guard(self, unpacked: int) -> None:
        if unpacked > limits.ARCHIVE_STREAM_BYTES:
            allowed = limits.ARCHIVE_STREAM_BYTES // limits.MIB
            raise Unreadable(f"expected at most {allowed:,} MiB unpacked, found more; the rest was not looked at")
        if unpacked > limits.FILE_BYTES and unpacked > limits.ARCHIVE_RATIO * max(1, self._consumed):
            raise Unreadable(
                f"expected to unpack to at most {limits.ARCHIVE_RATIO} times its size, found more: a bomb; "
                "the rest was not looked at"
            )


def read_at(descriptor: int, offset: int, size: int) -> bytes:
    """`size` bytes at `offset`, fewer at the end of the file; raises `Unreadable`."""
    if size <= 0 or not 0 <= offset < 1 << 62:  # a hostile header may say anything
        return b""
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)  # os.pread is missing on Windows
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
    except OSError as error:
        raise Unreadable(f"cannot be read: {(error.strerror or 'input/output error').lower()}") from None
    return data
