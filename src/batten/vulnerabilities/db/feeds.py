"""The documents in a file of a feed: archives, packed and plain files, read as a stream and told by content."""

from __future__ import annotations

import io
import lzma
import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import msgspec

from batten import limits
from batten.model.source import Unreadable as SourceUnreadable
from batten.sources import _tar, _zip
from batten.vulnerabilities.db import importers
from batten.vulnerabilities.db.importers import Kind, pages
from batten.vulnerabilities.db.importers.common import Unreadable
from batten.vulnerabilities.db.writer import Writer

_HEAD: Final = 64 * limits.KIB
_XML: Final = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(oval_definitions|updates)[\s>]")
_DATED: Final = re.compile(rb"\[[0-9]{1,2} [A-Z]")  # Debian's lists, no JSON
_GZIP: Final = b"\x1f\x8b"
_BZIP2: Final = b"BZh"
_XZ: Final = b"\xfd7zXZ\x00"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_PIECE: Final = 2 * limits.KIB
_PACKED_TWICE: Final = 2  # a packed member of a packed archive
_TOLD: Final = 3  # records that cannot be read and are named, per file


class Tally:
    """What became of the documents of one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.read = 0
        self.unknown = 0
        self.broken: list[str] = []
        self.broken_count = 0

    def fault(self, name: str, reason: object) -> None:
        self.broken_count += 1
        if len(self.broken) < _TOLD:
            text = " ".join(str(reason).split())[:160]
            self.broken.append(text if self._name.startswith(name) else f"{_shown(name)}: {text}")

    def problem(self) -> str:
        """One line about the records that cannot be read; "" where all can."""
        if not self.broken_count:
            return ""
        more = self.broken_count - len(self.broken)
        text = "; ".join(self.broken) + (f"; and {more:,} more" if more > 0 else "")
        total = self.read + self.broken_count
        return f"{self.broken_count:,} of {total:,} records cannot be read: {text}" if total > 1 else text


def read_file(path: Path, writer: Writer, *, name: str = "") -> Tally:
    """Reads every document of a file into the database that is being made; `name` stands for that of the file.

    Raises Unreadable where the file as a whole is damaged: cut off, a bomb, a packing that does not hold.
    """
    tally = Tally(name or path.name)
    try:
        with path.open("rb", buffering=_HEAD) as file:
            head = file.read(4)
            file.seek(0)
            if head in (_zip.LOCAL, _zip.EMPTY):
                _read_zip(file, path, writer, tally)
            else:
                _read_stream(name or path.name, cast("Any", file), writer, tally, 0)
    except SourceUnreadable as error:
        raise Unreadable(str(error)) from None
    except (EOFError, zlib.error, lzma.LZMAError, MemoryError) as error:
        raise Unreadable(f"the file is damaged or cut off: {error or type(error).__name__}") from None
    except OSError as error:  # bz2 and gzip say so of what does not hold
        if error.errno is not None:
            raise
        raise Unreadable(f"the file is damaged or cut off: {error}") from None
    return tally


def _read_zip(file: BinaryIO, path: Path, writer: Writer, tally: Tally) -> None:
    descriptor = file.fileno()
    end = _zip.find_end(descriptor, path.stat().st_size)
    if end is None:
        raise Unreadable("the end of the zip archive is missing: it is cut off")
    room = limits.FEED_UNPACKED_BYTES
    for number, member in enumerate(_zip.members(descriptor, end)):
        if number >= limits.FEED_MEMBERS:
            raise Unreadable(f"expected at most {limits.FEED_MEMBERS:,} members, found more")
        if member.name.endswith("/") or member.is_link:
            continue
        room -= member.size
        if member.size > limits.FEED_BYTES or room < 0:
            raise Unreadable(f"expected at most {limits.FEED_BYTES // limits.MIB} MiB in one member, found more")
        data = _zip.content(descriptor, member)
        _read_member(member.name, data, writer, tally)


def _read_member(name: str, data: bytes, writer: Writer, tally: Tally) -> None:
    """A member of an archive; its own packing is its own fault."""
    try:
        if data[:1] == b"{" and not pages.wants(data[: 8 * limits.KIB]):
            _read_json(name, data, writer, tally)
        else:
            _read_stream(name, io.BufferedReader(cast("Any", io.BytesIO(data)), _HEAD), writer, tally, 1)
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        tally.fault(name, f"damaged or cut off: {error}")
    except (Unreadable, SourceUnreadable) as error:
        tally.fault(name, error)


def _read_stream(name: str, stream: io.BufferedReader, writer: Writer, tally: Tally, depth: int) -> None:
    head = stream.peek(_HEAD)[:_HEAD]
    if unpacked := _unpacked(stream, head):
        if depth >= _PACKED_TWICE:
            raise Unreadable(f"expected at most {_PACKED_TWICE} packings in one another, found more")
        with closing(unpacked):
            inner = io.BufferedReader(cast("Any", _Counted(unpacked)), _HEAD)
            stem = re.sub(r"\.(gz|bz2|xz|zst)$", "", name)
            _read_stream(stem, inner, writer, tally, depth + 1)
        return
    if _tar.is_header(head):
        _read_tar(stream, writer, tally)
        return
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"<":
        _read_xml(name, stream, text, writer, tally)
    elif text[:1] == b"{" or (text[:1] == b"[" and not _DATED.match(text)):
        if _is_lines(text):
            _read_lines(stream, writer, tally)
        elif pages.wants(text[: 8 * limits.KIB]):
            for number, entry in enumerate(pages.entries(stream), 1):
                _guarded(f"entry {number:,}", tally, writer, importers.read_json, entry, "nvd-entry", name, writer)
        else:
            _read_json(name, _all(stream), writer, tally)
    else:
        _read_text(name, stream, text, writer, tally)


def _read_tar(stream: io.BufferedReader, writer: Writer, tally: Tally) -> None:
    position = _Position(stream)
    try:
        for number, member in enumerate(_tar.members(position)):
            if number >= limits.FEED_MEMBERS:
                raise Unreadable(f"expected at most {limits.FEED_MEMBERS:,} members, found more")
            if member.kind != "file":
                continue
            if member.size > limits.FEED_BYTES:
                raise Unreadable(f"expected at most {limits.FEED_BYTES // limits.MIB} MiB in one member, found more")
            _read_member(member.name, position.read(member.size), writer, tally)
    except _tar.Unmarked:
        return  # some writers leave the mark of the end out


def _read_xml(name: str, stream: io.BufferedReader, text: bytes, writer: Writer, tally: Tally) -> None:
    found = _XML.search(text[: 8 * limits.KIB])
    if found is None:
        tally.unknown += 1
        return
    if found[1] == b"oval_definitions":
        from batten.vulnerabilities.db.importers import oval

        read = oval.read
    else:
        from batten.vulnerabilities.db.importers import updateinfo

        read = updateinfo.read
    _guarded(name, tally, writer, read, stream, writer)


def _read_text(name: str, stream: io.BufferedReader, text: bytes, writer: Writer, tally: Tally) -> None:
    from batten.vulnerabilities.db.importers import debian_lists, endoflife, epss, friendsofphp, rubysec

    head = text[: 4 * limits.KIB].decode("utf-8", "replace")
    if epss.wants(head):
        _guarded(name, tally, writer, epss.read, _text_lines(stream), writer)
    elif debian_lists.wants(head):
        _guarded(name, tally, writer, debian_lists.read, _text_lines(stream), writer)
    elif endoflife.wants(head):
        _guarded(name, tally, writer, endoflife.read_page, stream.read(limits.ADVISORY_PAGE), writer, name)
    elif rubysec.wants(head):
        _guarded(name, tally, writer, rubysec.read, stream.read(limits.ADVISORY_PAGE + 1), writer, name)
    elif friendsofphp.wants(text.decode("utf-8", "replace")):
        _guarded(name, tally, writer, friendsofphp.read, stream.read(limits.ADVISORY_PAGE + 1), writer, name)
    else:
        tally.unknown += 1


def _read_json(name: str, data: bytes, writer: Writer, tally: Tally) -> None:
    kind: Kind | None
    try:
        kind = importers.kind_of(data)
    except (msgspec.MsgspecError, Unreadable, UnicodeDecodeError, RecursionError) as error:
        tally.fault(name, error)
        return
    if kind is None:
        tally.unknown += 1
        return
    _guarded(name, tally, writer, importers.read_json, data, kind, name, writer)


def _read_lines(stream: io.BufferedReader, writer: Writer, tally: Tally) -> None:
    for number, line in enumerate(_lines(stream), 1):
        if line.strip():
            _read_json(f"line {number:,}", line, writer, tally)


def _guarded(name: str, tally: Tally, writer: Writer, function: Any, *arguments: Any) -> None:
    try:
        function(*arguments)
    except (msgspec.MsgspecError, Unreadable, ValueError, RecursionError) as error:
        tally.fault(name, error)
    else:
        tally.read += 1
    for text in writer.faults():
        tally.fault(name, text)


def _is_lines(text: bytes) -> bool:
    """Whether a second object follows the first on a line of its own."""
    end = text.find(b"\n")
    return end > 0 and text[:end].rstrip().endswith(b"}") and text[end:].lstrip()[:1] == b"{"


def _lines(stream: io.BufferedReader) -> Iterator[bytes]:
    while line := stream.readline(limits.FEED_LINE + 1):
        if len(line) > limits.FEED_LINE:
            raise Unreadable(f"expected lines of at most {limits.FEED_LINE // limits.MIB} MiB, found a longer one")
        yield line


def _text_lines(stream: io.BufferedReader) -> Iterator[str]:
    for line in _lines(stream):
        yield line.decode("utf-8", "replace")


def _all(stream: io.BufferedReader) -> bytes:
    data = stream.read(limits.FEED_BYTES + 1)
    if len(data) > limits.FEED_BYTES:
        raise Unreadable(f"expected a document of at most {limits.FEED_BYTES // limits.MIB} MiB, found a larger one")
    return data.removeprefix(b"\xef\xbb\xbf")


def _unpacked(stream: io.BufferedReader, head: bytes) -> IO[bytes] | None:
    if head.startswith(_GZIP):
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if head.startswith(_BZIP2):
        import bz2

        return bz2.BZ2File(stream)
    if head.startswith(_XZ):
        return cast("IO[bytes]", _Xz(stream))
    if head.startswith(_ZSTD):
        return cast("IO[bytes]", _Zstd(stream))
    return None


class _Xz(io.RawIOBase):
    """xz with a bound on the decoder's memory, which the standard library's file class cannot be given."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._decoder = self._new()

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=limits.FEED_XZ_BYTES)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data + self._stream.read(_HEAD)
                rest = rest.lstrip(b"\0")
                if not rest:
                    return b""
                self._decoder = self._new()
                data = self._decoder.decompress(rest, size)
            else:
                packed = self._stream.read(_HEAD) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not packed:
                    raise EOFError("the xz stream ends too early")
                data = self._decoder.decompress(packed, size)
            if data:
                return data


class _Zstd(io.RawIOBase):
    """zstd that tells when it is cut off, which the library's own reader does not."""

    def __init__(self, stream: io.BufferedReader) -> None:
        import zstandard

        self._stream = stream
        self._library = zstandard.ZstdDecompressor(max_window_size=limits.FEED_WINDOW)
        self._fault = zstandard.ZstdError
        self._decoder = self._library.decompressobj()
        self._data = b""
        self._fresh = True

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._data:
            # a few bytes can unpack to 128 KiB, so few are fed at a time
            packed = (self._decoder.unused_data if self._decoder.eof else b"") or self._stream.read(_ZSTD_PIECE)
            if self._decoder.eof:
                self._decoder, self._fresh = self._library.decompressobj(), True
            if not packed:
                if not self._fresh:
                    raise EOFError("the zstd stream ends too early")
                return b""
            try:
                self._data = self._decoder.decompress(packed)
            except self._fault as error:
                raise EOFError(str(error)) from None
            self._fresh = False
        data = self._data if size < 0 else self._data[:size]
        self._data = self._data[len(data) :]
        return data


class _Counted(io.RawIOBase):
    """Stops what unpacks to more than any feed has."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._room = limits.FEED_UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._room -= len(data)
        if self._room < 0:
            raise Unreadable(f"expected at most {limits.FEED_UNPACKED_BYTES // limits.MIB:,} MiB unpacked, found more")
        buffer[: len(data)] = data
        return len(data)


class _Position:
    """A stream as the tar reader wants it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.position = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.position += len(data)
        return data

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size and (data := self.read(min(_HEAD, size - passed))):
            passed += len(data)
        return passed


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)[-100:]
