"""Bytes that few ask for again, held in little memory: deflated, and where that is still much, in a file.

The file has no name and goes with the process. Manifests stay far below what is put there: it is for the target
that is made of large files which do not compress.
"""

from __future__ import annotations

import os
from _thread import RLock  # `threading` costs 1 ms at import
from typing import IO, Final

from msgspec import Struct

_ASIDE_BYTES: Final = 1024 * 1024  # what is still larger once deflated is put into the file


class Deflated(Struct, frozen=True, eq=False, gc=False):
    """Held in memory."""

    data: bytes

    def unpack(self) -> bytes:
        """The bytes that were packed."""
        import zlib

        return zlib.decompress(self.data)


class Aside:
    """Held in the file, a piece of it."""

    __slots__ = ("_size", "_spool", "_start")

    def __init__(self, spool: _Spool, start: int, size: int) -> None:
        self._spool, self._start, self._size = spool, start, size

    def unpack(self) -> bytes:
        """The bytes that were packed."""
        import zlib

        return zlib.decompress(self._spool.read(self._start, self._size))

    def __del__(self) -> None:
        self._spool.drop()


Packed = Deflated | Aside


def pack(data: bytes) -> Packed:
    """Never fails: where no file can be had or its disk is full, the bytes stay in memory."""
    import zlib

    deflated = zlib.compress(data, 1)
    if len(deflated) < _ASIDE_BYTES:
        return Deflated(deflated)
    spool = _spool()
    try:
        start = spool.add(deflated)
    except OSError:
        return Deflated(deflated)
    return Aside(spool, start, len(deflated))


class _Spool:
    """The file. Its room is given back when nothing in it is held any more."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._lock = RLock()  # garbage may be collected, and a piece dropped, while another is written
        self._file: IO[bytes] | None = None
        self._end = 0
        self._held = 0

    def add(self, data: bytes) -> int:
        """Where `data` begin in the file. Raises `OSError`."""
        with self._lock:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile(prefix="batten-", buffering=0)  # noqa: SIM115 - lives as long as the process
            self._held += 1
            start = self._end
            try:
                self._file.seek(start)
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                self.drop()
                raise
            self._end = start + len(data)
        return start

    def read(self, start: int, size: int) -> bytes:
        """A piece of the file."""
        with self._lock:
            assert self._file is not None
            pieces = []
            while size and (piece := _read_at(self._file, start, size)):
                pieces.append(piece)
                start, size = start + len(piece), size - len(piece)
        return b"".join(pieces)

    def drop(self) -> None:
        """One piece is not asked for any more."""
        with self._lock:
            self._held -= 1
            # a child shares the file with the process that it was forked from
            if not self._held and self._file is not None and self.process == os.getpid():
                self._file.truncate(0)
                self._end = 0

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()


def _read_at(file: IO[bytes], start: int, size: int) -> bytes:
    if hasattr(os, "pread"):  # a child that was forked shares the position in the file
        return os.pread(file.fileno(), size, start)
    file.seek(start)
    return file.read(size)


_current: list[_Spool] = []


def _spool() -> _Spool:
    if not _current or _current[0].process != os.getpid():
        _current[:] = [_Spool()]
    return _current[0]
