"""Zip archives read from memory: the central directory, and single members within bounds.

Layout: APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (its end).
Members that are stored are given as they lie, without a copy. The data may be hostile in every way.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from struct import Struct as Layout
from struct import error as LayoutError
from typing import Final

from msgspec import Struct

from batten import limits

_END: Final = b"PK\x05\x06"
_END_LAYOUT: Final = Layout("<4s 4H 2I H")
_END64_LAYOUT: Final = Layout("<4s Q 2H 2I 4Q")
_LOCATOR: Final = Layout("<4s I Q I")
_ENTRY: Final = Layout("<4s 4x H H 4x 4x 2I 3H 8x I")
_LOCAL: Final = Layout("<4s 22x 2H")
_COMMENT: Final = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED: Final = 1
_ALL_ONES: Final = 0xFFFFFFFF
_ZIP64: Final = 1


class NotAnArchive(ValueError):
    """The data is no zip archive, or a broken one."""


class Member(Struct, frozen=True):
    """One entry of the directory."""

    name: str
    offset: int
    packed: int
    size: int
    method: int
    encrypted: bool


class Zip:
    """The archive in `data`; NotAnArchive where there is none."""

    def __init__(self, data: bytes | memoryview, wanted: Callable[[str], bool]) -> None:
        self._data = memoryview(data)
        self._wanted = wanted
        self.count = 0
        """All members that were looked at; `members` has those whose name is wanted."""
        self.cut_off = False
        """More members than are looked at."""
        try:
            self.members = list(self._directory())
        except (LayoutError, ValueError, OverflowError, IndexError):
            raise NotAnArchive("expected a zip archive, found no readable directory of one") from None

    def _directory(self) -> Iterator[Member]:
        data = self._data
        tail = max(0, len(data) - _END_LAYOUT.size - _COMMENT)
        at = bytes(data[tail:]).rfind(_END)
        if at < 0:
            raise ValueError
        end = tail + at
        _, _, _, _, count, size, start, _ = _END_LAYOUT.unpack_from(data, end)
        if end >= _LOCATOR.size and bytes(data[end - _LOCATOR.size :][:4]) == b"PK\x06\x07":
            _, _, end64, _ = _LOCATOR.unpack_from(data, end - _LOCATOR.size)
            mark, _, _, _, _, _, _, count, size, start = _END64_LAYOUT.unpack_from(data, end64)
            if mark != b"PK\x06\x06":
                raise ValueError
            end = end64
        before = end - size - start  # a script or program stands before the archive
        if before < 0 or size > limits.ARCHIVE_DIRECTORY_BYTES:
            raise ValueError
        at = start + before
        for number in range(count):
            if number >= limits.ARCHIVE_MEMBERS:
                self.cut_off = True
                return
            self.count = number + 1
            mark, flags, method, packed, full, name, extra, comment, offset = _ENTRY.unpack_from(data, at)
            if mark != b"PK\x01\x02":
                raise ValueError
            at += _ENTRY.size
            if _ALL_ONES in (packed, full, offset):
                packed, full, offset = _wide(bytes(data[at + name : at + name + extra]), packed, full, offset)
            text = bytes(data[at : at + name]).decode("utf-8" if flags & 0x800 else "cp437", "replace")
            if self._wanted(text):
                yield Member(text, offset + before, packed, full, method, bool(flags & _ENCRYPTED))
            at += name + extra + comment

    def read(self, member: Member, bound: int) -> bytes | memoryview:
        """At most `bound` bytes of it; NotAnArchive where it cannot be read."""
        if member.encrypted or member.method not in (_STORED, _DEFLATED):
            raise NotAnArchive("a member is encrypted or packed in an unusual way")
        try:
            mark, name, extra = _LOCAL.unpack_from(self._data, member.offset)
        except LayoutError:
            raise NotAnArchive("a member lies outside of the archive") from None
        if mark != b"PK\x03\x04":
            raise NotAnArchive("a member lies outside of the archive")
        start = member.offset + _LOCAL.size + name + extra
        packed = self._data[start : start + member.packed]
        if member.method == _STORED:
            return packed[:bound]
        try:
            return zlib.decompressobj(-15).decompress(packed, bound)
        except zlib.error:
            raise NotAnArchive("a member's packed data is damaged") from None


def _wide(extra: bytes, packed: int, full: int, offset: int) -> tuple[int, int, int]:
    """The sizes and the offset of an entry of a large archive (4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        if kind == _ZIP64:
            part = extra[at + 4 : at + 4 + length]
            values = iter(int.from_bytes(part[one : one + 8], "little") for one in range(0, len(part) - 7, 8))
            full = next(values, full) if full == _ALL_ONES else full
            packed = next(values, packed) if packed == _ALL_ONES else packed
            offset = next(values, offset) if offset == _ALL_ONES else offset
            break
        at += 4 + length
    return packed, full, offset
