"""A package's header as rpm keeps it in its database (rpm's documentation, "Header format").

Two 32-bit numbers (entries, bytes of data), the entries of 16 bytes (tag, type, offset, count), the data; all
numbers are big-endian. The magic number that headers have in package files is left out in databases.
"""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

from batten import limits

NAME: Final = 1000
VERSION: Final = 1001
RELEASE: Final = 1002
EPOCH: Final = 1003
SIZE: Final = 1009
VENDOR: Final = 1011
LICENSE: Final = 1014
PACKAGER: Final = 1015
ARCH: Final = 1022
OLD_FILE_NAMES: Final = 1027
FILE_STATES: Final = 1029
SOURCE_RPM: Final = 1044
PROVIDE_NAME: Final = 1047
REQUIRE_NAME: Final = 1049
DIR_INDEXES: Final = 1116
BASE_NAMES: Final = 1117
DIR_NAMES: Final = 1118
LONG_SIZE: Final = 5009
MODULARITY_LABEL: Final = 5096

_INT32: Final = 4
_INT64: Final = 5
_TEXTS: Final = frozenset({6, 8, 9})
"""STRING, STRING_ARRAY, I18NSTRING."""
_INTRO: Final = struct.Struct(">2I")
_ENTRY: Final = struct.Struct(">2IiI")
_READ: Final = frozenset(
    {
        NAME,
        VERSION,
        RELEASE,
        EPOCH,
        SIZE,
        VENDOR,
        LICENSE,
        PACKAGER,
        ARCH,
        OLD_FILE_NAMES,
        FILE_STATES,
        SOURCE_RPM,
        PROVIDE_NAME,
        REQUIRE_NAME,
        DIR_INDEXES,
        BASE_NAMES,
        DIR_NAMES,
        LONG_SIZE,
        MODULARITY_LABEL,
    }
)


class BrokenHeader(ValueError):
    """The record is no header."""


class Header(Struct):
    """The entries of one header that are read here, and its data."""

    entries: dict[int, tuple[int, int, int]]
    """Tag -> type, offset, count."""
    data: bytes

    def text(self, tag: int) -> str:
        """The first text of `tag`, "" where there is none."""
        kind, offset, _ = self.entries.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return ""
        end = self.data.find(b"\0", offset)
        return self.data[offset : end if end >= 0 else len(self.data)].decode("utf-8", "replace")

    def texts(self, tag: int, most: int) -> list[str]:
        """The texts of `tag`, the first `most` of them."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        count = min(count, most)
        if kind not in _TEXTS or count <= 0:
            return []
        parts = self.data[offset:].split(b"\0", count)
        return [part.decode("utf-8", "replace") for part in parts[: min(count, len(parts) - 1)]]

    def numbers(self, tag: int, most: int) -> tuple[int, ...]:
        """The 32-bit numbers of `tag`, the first `most` of them."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        count = min(count, most, (len(self.data) - offset) // 4)
        return struct.unpack_from(f">{count}I", self.data, offset) if kind == _INT32 and count > 0 else ()

    def size(self) -> int:
        """Bytes of the files of the package when it is installed; 0 where it is not said."""
        kind, offset, count = self.entries.get(LONG_SIZE, (0, 0, 0))
        if kind == _INT64 and count > 0 and offset + 8 <= len(self.data):
            return int.from_bytes(self.data[offset : offset + 8], "big") % (1 << 48)
        return next(iter(self.numbers(SIZE, 1)), 0)

    def octets(self, tag: int) -> bytes:
        """The bytes of `tag`, one for each of its count."""
        _, offset, count = self.entries.get(tag, (0, 0, 0))
        return self.data[offset : offset + count]


def is_header(blob: bytes | memoryview) -> bool:
    """Do the sizes that `blob` begins with fit its own?"""
    if len(blob) < _INTRO.size:
        return False
    entries: int
    size: int
    entries, size = _INTRO.unpack_from(blob)
    return 0 < entries <= limits.RPM_HEADER_TAGS and _INTRO.size + entries * _ENTRY.size + size <= len(blob)


def read_header(blob: bytes | memoryview) -> Header:
    """The header in `blob`; BrokenHeader where its sizes contradict each other."""
    if len(blob) < _INTRO.size:
        raise BrokenHeader(f"expected the header of a package, found {len(blob)} bytes")
    entries, size = _INTRO.unpack_from(blob)
    start = _INTRO.size + entries * _ENTRY.size
    if not is_header(blob):
        raise BrokenHeader(
            f"expected the header of a package, found {entries:,} entries and {size:,} bytes of data in {len(blob):,}"
        )
    found: dict[int, tuple[int, int, int]] = {}
    for tag, kind, offset, count in _ENTRY.iter_unpack(blob[_INTRO.size : start]):
        if tag in _READ and 0 <= offset < size:
            found.setdefault(tag, (kind, offset, count))
    return Header(found, bytes(blob[start : start + size]))
