"""Archives that come packed or through a pipe: unpacked once into a temporary file without a name."""

from __future__ import annotations

import lzma
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast

from batten import limits
from batten.model.source import Unreadable
from batten.sources import _tar

_CHUNK: Final = 1 * limits.MIB
_MAGIC: Final = {"gzip": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}
# zstd's skippable frames (RFC 8878, section 3.1.2), which pzstd and zstd:chunked may put first
_SKIPPABLE: Final = frozenset(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16))
HEAD_BYTES: Final = _tar.BLOCK


class Peeked:
    """A stream whose first bytes were looked at and come again; for pipes, which cannot go back."""

    def __init__(self, stream: BinaryIO, size: int = HEAD_BYTES) -> None:
        self._stream = stream
        head = b""
        while len(head) < size and (more := stream.read(size - len(head))):
            head += more
        self.head = head
        self._rest = head

    def read(self, size: int) -> bytes:
        if self._rest:
            data, self._rest = self._rest[:size], self._rest[size:]
            return data
        return self._stream.read(size)

    def all(self, limit: int) -> bytes:
        """What is left, at most `limit` bytes."""
        parts = []
        while limit > 0 and (data := self.read(min(limit, _CHUNK))):
            parts.append(data)
            limit -= len(data)
        return b"".join(parts)


def packing(head: bytes) -> str | None:
    """`gzip`, `xz` or `zstd` by the first bytes."""
    if head[:4] in _SKIPPABLE:
        return "zstd"
    return next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)


def is_archive(head: bytes) -> bool:
    """Do these first `HEAD_BYTES` bytes begin a tar archive, perhaps a packed one?"""
    return packing(head) is not None or _tar.is_header(head)


def chunks(stream: Peeked) -> Iterator[bytes]:
    """The unpacked bytes in order, in pieces of at most some MiB.

    Raises `Unreadable` where they are damaged, cut off, or a bomb.
    """
    kind = packing(stream.head)
    if kind is None:
        while data := stream.read(_CHUNK):
            yield data
        return
    counted = _Counted(stream)
    unpacked = 0
    pieces = _zstd(counted) if kind == "zstd" else _members(counted, kind)
    try:
        for piece in pieces:
            unpacked += len(piece)
            if unpacked > limits.FILE_BYTES and unpacked > limits.IMAGE_ARCHIVE_RATIO * counted.count:
                raise Unreadable(
                    f"expected an archive that unpacks to at most {limits.IMAGE_ARCHIVE_RATIO:,} times its size, "
                    "found more: a bomb"
                )
            yield piece
    except Unreadable:
        raise
    except (zlib.error, lzma.LZMAError, MemoryError, EOFError, ValueError, _isal_error()) as error:
        raise Unreadable(f"the {kind} stream is damaged: {str(error).lower() or 'no memory'}") from None


def spool(stream: Peeked) -> BinaryIO:
    """The unpacked bytes as a file without a name that can be read anywhere. Raises `Unreadable`."""
    file = tempfile.TemporaryFile(prefix="batten-", buffering=0)  # noqa: SIM115 - given to the caller
    try:
        total = 0
        for piece in chunks(stream):
            if total // (64 * _CHUNK) != (total + len(piece)) // (64 * _CHUNK) or not total:
                _guard_disk()
            total += len(piece)
            if total > limits.IMAGE_ARCHIVE_BYTES:
                allowed = limits.IMAGE_ARCHIVE_BYTES // limits.MIB // 1024
                raise Unreadable(f"expected at most {allowed} GiB unpacked, found more")
            view = memoryview(piece)
            while view:
                view = view[file.write(view) or 0 :]
    except OSError as error:
        file.close()
        reason = (error.strerror or "input/output error").lower()
        raise Unreadable(f"cannot be put into a temporary file: {reason}; TMPDIR says where those lie") from None
    except BaseException:
        file.close()
        raise
    return file


def _guard_disk() -> None:
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < limits.IMAGE_ARCHIVE_FREE_BYTES + 64 * _CHUNK:
        raise Unreadable(
            f"the disk of temporary files has only {free // limits.MIB:,} MiB left; set TMPDIR to a larger one"
        )


class _Counted:
    """Counts what is taken from a stream."""

    def __init__(self, stream: Peeked) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(_CHUNK if size < 0 else size)
        self.count += len(data)
        return data


def _members(source: _Counted, kind: str) -> Iterator[bytes]:
    """gzip members or xz streams one after the other; padding after the last is passed over."""
    decoder: Any = _decoder(kind)
    data = b""
    while True:
        if decoder.eof:
            data = decoder.unused_data or source.read(_CHUNK)
            data += source.read(8) if len(data) < 8 else b""
            if not data.startswith(_MAGIC[kind]):
                return
            decoder = _decoder(kind)
        elif not data:
            data = source.read(_CHUNK)
            if not data:
                raise EOFError("it ends too early: the archive is cut off")
        yield decoder.decompress(data, _CHUNK)
        data = b""
        while not decoder.eof and (more := _pending(decoder)):
            yield more


def _isal_error() -> type[Exception]:
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.error
    return cast("type[Exception]", isal_zlib.error)


def _pending(decoder: Any) -> bytes:
    """The next unpacked bytes of what was fed already."""
    if isinstance(decoder, lzma.LZMADecompressor):
        return b"" if decoder.needs_input else decoder.decompress(b"", _CHUNK)
    tail = decoder.unconsumed_tail
    return decoder.decompress(tail, _CHUNK) if tail else b""


def _decoder(kind: str) -> Any:
    if kind == "xz":
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=limits.ARCHIVE_XZ_BYTES)
    try:
        from isal import isal_zlib  # three times as fast; not built for every machine
    except ImportError:
        return zlib.decompressobj(wbits=31)
    return isal_zlib.decompressobj(wbits=31)


def _zstd(source: _Counted) -> Iterator[bytes]:
    import zstandard

    decoder = zstandard.ZstdDecompressor(max_window_size=limits.IMAGE_ZSTD_WINDOW)
    try:
        with decoder.stream_reader(
            cast("BinaryIO", source), read_size=_CHUNK, read_across_frames=True, closefd=False
        ) as reader:
            while data := reader.read(_CHUNK):
                yield data
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from None
