"""The unpacked bytes of a layer, chunk after chunk, both digests computed while they pass.

Compression is told by the first bytes, never by the media type: gzip (RFC 1952, one or more members), zstd
(RFC 8878, frames of any number, skippable ones such as those of zstd:chunked passed over), or none.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, Final, Protocol

from batten import limits
from batten.model.source import Unreadable

_STORED_CHUNK: Final = 64 * limits.KIB
# Small enough to stay in the second-level cache between the decoder, the hash and the walk over headers.
_CHUNK: Final = 256 * limits.KIB
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = frozenset(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60))
_OTHERS: Final = {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x04\x22\x4d\x18": "lz4", b"PK\x03\x04": "zip"}


class _Decoder(Protocol):
    """One gzip member, as the decoders of the standard library's bz2 and lzma."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """`zlib` in that shape, for machines without isal."""

    def __init__(self) -> None:
        import zlib

        self._decoder = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail and not self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data


def _gzip_decoders() -> tuple[Callable[[], Any], tuple[Any, ...]]:
    """What decodes a member, and what that raises. isal, where it is installed, is two to three times as fast."""
    from zlib import error

    try:
        from isal import igzip_lib
    except ImportError:
        return _Zlib, (error,)
    return partial(igzip_lib.IgzipDecompressor, flag=igzip_lib.DECOMP_GZIP), (igzip_lib.error, error)


class _Hashed:
    """The stored bytes; what is read passes the hash."""

    def __init__(self, stream: BinaryIO, algorithm: str, first: bytes) -> None:
        self._stream = stream
        self._first = first
        self.hash = hashlib.new(algorithm)
        self.size = 0

    def read(self, size: int = _STORED_CHUNK) -> bytes:
        data = self._first or self._stream.read(size if size > 0 else _STORED_CHUNK)
        if self._first:
            data, self._first = data[:size], data[size:]
        self.hash.update(data)
        self.size += len(data)
        return data


class Unpacked:
    """A blob that is unpacked while it is read.

    `packing` is `gzip`, `zstd` or "" as the bytes say. After the last chunk (b"") `digest` and `diff_id` are
    the digests of all bytes, in the algorithms that were asked for.
    """

    def __init__(self, stream: BinaryIO, *, digest: str = "sha256", diff_id: str = "sha256") -> None:
        """`digest` and `diff_id` name the hash algorithms. Raises `Unreadable`, as `next` does."""
        first = _first(stream)
        self.packing = _packing(first)
        self._stored = _Hashed(stream, digest, first)
        # Where nothing is packed the two are one, and need not be computed twice.
        self._same = not self.packing and digest == diff_id
        self._hash = self._stored.hash if self._same else hashlib.new(diff_id)
        self._decoder: Any = None
        self._deadline = time.monotonic() + limits.LAYER_SECONDS
        self.size = 0
        """Unpacked bytes so far."""
        self.rest = 0
        """Stored bytes after the end of the compressed stream that belong to nothing."""
        self.failed = False
        """The stream could not be read to its end: digests mean nothing."""

    @property
    def stored(self) -> int:
        """Stored bytes so far."""
        return self._stored.size

    @property
    def digest(self) -> str:
        return f"{self._stored.hash.name}:{self._stored.hash.hexdigest()}"

    @property
    def diff_id(self) -> str:
        return f"{self._hash.name}:{self._hash.hexdigest()}"

    def next(self) -> bytes:
        """The next bytes, b"" at the end. Raises `Unreadable` where they are damaged, cut off or a bomb."""
        self.failed = True
        if not self.packing:
            chunk = self._stored.read(_CHUNK)
        elif self.packing == "gzip":
            chunk = self._next_gzip()
        else:
            chunk = self._next_zstd()
        if not self._same:
            self._hash.update(chunk)
        self.size += len(chunk)
        self._guard()
        self.failed = False
        return chunk

    def drain(self) -> None:
        """Reads what follows to the end, for the digests."""
        while self.next():
            pass

    def _next_gzip(self) -> bytes:
        decoder = self._decoder
        if decoder is None:
            self._new_decoder, self._errors = _gzip_decoders()
            decoder = self._decoder = self._new_decoder()
        while True:
            if decoder.eof:
                rest = decoder.unused_data
                if len(rest) < 2:
                    rest += self._stored.read()
                if not rest.startswith(_GZIP):
                    self._pass_over(rest)
                    return b""
                decoder = self._decoder = self._new_decoder()
                packed = rest
            elif decoder.needs_input:
                packed = self._stored.read()
                if not packed:
                    raise Unreadable("the gzip stream ends too early: it is cut off")
            else:
                packed = b""
            try:
                chunk: bytes = decoder.decompress(packed, _CHUNK)
            except (*self._errors, MemoryError) as error:
                raise Unreadable(f"the gzip stream is damaged: {str(error).lower()}") from None
            if chunk:
                return chunk

    def _pass_over(self, rest: bytes) -> None:
        """What follows the last member. Zeros are padding."""
        while rest:
            self.rest += len(rest.strip(b"\0"))
            rest = self._stored.read()
            self._guard()

    def _next_zstd(self) -> bytes:
        import zstandard

        try:
            if self._decoder is None:
                settings = zstandard.ZstdDecompressor(max_window_size=limits.LAYER_WINDOW)
                self._decoder = settings.stream_reader(
                    self._stored,  # type: ignore[arg-type]  # all that it needs is `read`
                    read_size=_STORED_CHUNK,
                    read_across_frames=True,
                )
            chunk: bytes = self._decoder.read(_CHUNK)
            if not chunk and not self.size and self.stored:  # the decoder does not tell a frame without an end
                raise Unreadable("the zstd stream ends too early: it is cut off")
        except (zstandard.ZstdError, MemoryError) as error:
            raise Unreadable(f"the zstd stream is damaged: {str(error).lower()}") from None
        return chunk

    def _guard(self) -> None:
        if self.size > limits.LAYER_UNPACKED_BYTES:
            allowed = limits.LAYER_UNPACKED_BYTES // limits.MIB
            raise Unreadable(f"expected at most {allowed:,} MiB unpacked, found more; the rest was not read")
        if self.size > limits.LAYER_RATIO_BYTES and self.size > limits.LAYER_RATIO * self.stored:
            raise Unreadable(
                f"expected to unpack to at most {limits.LAYER_RATIO} times its size, found more: a bomb; "
                "the rest was not read"
            )
        if time.monotonic() > self._deadline:
            raise Unreadable(f"took longer than {limits.LAYER_SECONDS:,} s to read; the rest was not read")


def _first(stream: BinaryIO) -> bytes:
    """Enough bytes to tell the compression."""
    data = stream.read(_STORED_CHUNK)
    while data and len(data) < 8 and (more := stream.read(_STORED_CHUNK)):
        data += more
    return data


def _packing(first: bytes) -> str:
    if first.startswith(_GZIP):
        return "gzip"
    if first[:4] == _ZSTD or first[:4] in _SKIPPABLE:
        return "zstd"
    for magic, name in _OTHERS.items():
        if first.startswith(magic):
            raise Unreadable(f"expected gzip, zstd or a plain tar archive, found {name}, which no engine reads")
    return ""
