"""Members of a zip archive (PKWARE APPNOTE 6.3): stored and deflated ones.

Written by hand because the standard library's reader holds a central directory of any size in
memory and finds nothing in an archive whose end is missing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources._streams import read_at
from batten.sources.names import printable

LOCAL: Final = b"PK\x03\x04"
EMPTY: Final = b"PK\x05\x06"
_CENTRAL: Final = b"PK\x01\x02"
_LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_CENTRAL_HEADER: Final = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_END: Final = struct.Struct("<4s4H2LH")  # 4.3.16
_END_64: Final = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR_64: Final = struct.Struct("<4sLQL")  # 4.3.15
_UNSET: Final = 0xFFFFFFFF
_CHUNK: Final = 64 * limits.KIB


class Member(Struct):
    """One member as its header describes it."""

    name: str
    method: int
    """0 is stored, 8 deflated (APPNOTE 4.4.5)."""
    flags: int
    checksum: int
    packed: int
    size: int
    offset: int
    """Where its local header stands."""
    is_link: bool = False

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & 0x2041)  # traditional, strong, and masked headers


class End(Struct):
    """What the end of the archive says."""

    count: int
    start: int
    """Where the central directory really stands, whatever was put before the archive."""
    size: int
    shift: int
    """What is to be added to every offset: bytes put before the archive."""


def is_zip(head: bytes) -> bool:
    """Do these first bytes begin a zip archive?"""
    return head.startswith((LOCAL, EMPTY))


def find_end(descriptor: int, length: int) -> End | None:
    """The end record of a file of `length` bytes; None where there is none: the archive is cut off."""
    tail_start = max(0, length - _END.size - 0xFFFF)
    tail = read_at(descriptor, tail_start, length - tail_start)
    place = tail.rfind(EMPTY)
    while place >= 0 and len(tail) - place < _END.size:
        place = tail.rfind(EMPTY, 0, place)
    if place < 0:
        return None
    _, _, _, _, count, size, start, _ = _END.unpack_from(tail, place)
    end = tail_start + place
    locator = read_at(descriptor, end - _LOCATOR_64.size, _LOCATOR_64.size) if end >= _LOCATOR_64.size else b""
    if locator[:4] == b"PK\x06\x07":
        # Its offset does not know of bytes put before the archive; then it stands right before the locator.
        for wide in (_LOCATOR_64.unpack(locator)[2], end - _LOCATOR_64.size - _END_64.size):
            record = read_at(descriptor, wide, _END_64.size) if 0 <= wide < length else b""
            if record[:4] == b"PK\x06\x06" and len(record) == _END_64.size:
                *_, count, size, start = _END_64.unpack(record)
                end = wide
                break
    real = end - size
    return End(count, real, size, real - start) if real >= 0 else None


def members(descriptor: int, end: End) -> Iterator[Member]:
    """The members in the order of the central directory, which is read piece by piece; raises `Unreadable`."""
    position, stop = end.start, end.start + end.size
    buffer, at = b"", 0
    while position + at < stop:
        if len(buffer) - at < _CENTRAL_HEADER.size + 3 * 0xFFFF:
            position += at
            buffer, at = read_at(descriptor, position, min(stop - position, limits.MIB)), 0
        if buffer[at : at + 4] != _CENTRAL or len(buffer) - at < _CENTRAL_HEADER.size:
            raise Unreadable("the directory of the zip archive is damaged; the rest was not looked at")
        fields = _CENTRAL_HEADER.unpack_from(buffer, at)
        flags, method, checksum, packed, size = fields[3], fields[4], *fields[7:10]
        name_length, extra_length, comment_length, attributes, offset = *fields[10:13], fields[15], fields[16]
        at += _CENTRAL_HEADER.size
        name = buffer[at : at + name_length]
        extra = buffer[at + name_length : at + name_length + extra_length]
        at += name_length + extra_length + comment_length
        size, packed, offset = _wide(extra, size, packed, offset)
        is_link = attributes >> 28 == 0xA  # the upper half is st_mode where Unix wrote it
        yield Member(_name(name, flags), method, flags, checksum, packed, size, offset + end.shift, is_link)


def local_members(descriptor: int, length: int) -> Iterator[Member]:
    """The members of an archive whose end is missing, from their local headers up to its cut.

    Always ends by raising `Unreadable`, which says where the archive is cut off: one fault, told once.
    """
    position = 0
    room = limits.ARCHIVE_BYTES
    while position < length:
        header = read_at(descriptor, position, _LOCAL_HEADER.size)
        if header[:4] != LOCAL or len(header) < _LOCAL_HEADER.size:
            break
        _, _, flags, method, _, _, checksum, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        names = read_at(descriptor, position + _LOCAL_HEADER.size, name_length + extra_length)
        start = position + _LOCAL_HEADER.size + name_length + extra_length
        name = _name(names[:name_length], flags)
        size, packed, _ = _wide(names[name_length:], size, packed, 0)
        following = start + packed
        if flags & 8 and not packed:  # streamed: the sizes stand behind the data
            if method != 8:
                raise Unreadable("the archive is cut off, and only its end says where the rest of it stands")
            packed, size = _measure(descriptor, start, room, name)
            room -= size
            descriptor_start = start + packed
            record = read_at(descriptor, descriptor_start, 24)
            signed = 4 if record[:4] == b"PK\x07\x08" else 0
            checksum = int.from_bytes(record[signed : signed + 4], "little")
            # Its two sizes have four bytes each, or eight (APPNOTE 4.3.9).
            is_wide = record[signed + 4 : signed + 12] == packed.to_bytes(8, "little")
            following = descriptor_start + signed + (20 if is_wide else 12)
        if start + packed > length:
            raise Unreadable(_cut_off_in(name))
        yield Member(name, method, flags, checksum, packed, size, position)
        position = following
    raise Unreadable("the end of the zip archive is missing: it is cut off; what comes before was read")


def _cut_off_in(name: str) -> str:
    return f"the zip archive is cut off in {printable(name)!r}; what comes before was read"


def _measure(descriptor: int, start: int, room: int, name: str) -> tuple[int, int]:
    """Packed and unpacked size of the deflated data at `start`; raises `Unreadable` for more than `room`."""
    decoder = zlib.decompressobj(wbits=-15)
    consumed = total = 0
    while not decoder.eof:
        packed = decoder.unconsumed_tail
        if not packed:
            packed = read_at(descriptor, start + consumed, _CHUNK)
            consumed += len(packed)
        if not packed:
            raise Unreadable(_cut_off_in(name))
        if total > room:
            raise Unreadable(f"{printable(name)!r} unpacks to more than is allowed; the rest was not looked at")
        try:
            total += len(decoder.decompress(packed, _CHUNK))
        except zlib.error as error:
            raise Unreadable(f"{printable(name)!r} is damaged: {error}; the rest was not looked at") from None
    return consumed - len(decoder.unused_data), total


def content(descriptor: int, member: Member) -> bytes:
    """The unpacked data, at most `limits.FILE_BYTES`; raises `Unreadable`."""
    header = read_at(descriptor, member.offset, _LOCAL_HEADER.size)
    if header[:4] != LOCAL or len(header) < _LOCAL_HEADER.size:
        raise Unreadable("the member is not where the directory of the zip archive says")
    if member.is_encrypted:
        raise Unreadable("encrypted; unpack the archive with its password and scan the directory")
    if member.method not in (0, 8):
        raise Unreadable(f"expected a stored or deflated member, found compression method {member.method}")
    start = member.offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(header)[9:11])
    if member.method == 0:
        data = read_at(descriptor, start, member.size)
    else:
        data = _inflate(descriptor, start, member)
    if len(data) != member.size:
        raise Unreadable(f"expected {member.size:,} bytes, found {len(data):,}: the archive is cut off or damaged")
    if zlib.crc32(data) != member.checksum:
        raise Unreadable("damaged: the checksum does not hold")
    return data


def _inflate(descriptor: int, start: int, member: Member) -> bytes:
    decoder = zlib.decompressobj(wbits=-15)
    chunks: list[bytes] = []
    total = 0
    position, stop = start, start + member.packed
    while total <= member.size and not decoder.eof:
        packed = decoder.unconsumed_tail
        if not packed:
            packed = read_at(descriptor, position, min(_CHUNK, stop - position))
            position += len(packed)
            if not packed:
                break
        try:
            chunks.append(decoder.decompress(packed, member.size + 1 - total))
        except zlib.error as error:
            raise Unreadable(f"damaged: {error}") from None
        total += len(chunks[-1])
    return b"".join(chunks)


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The fields that do not fit 32 bits (APPNOTE 4.5.3); raises `Unreadable`."""
    if _UNSET not in (size, packed, offset):
        return size, packed, offset
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4))
            wide = [next(numbers, -1) if field == _UNSET else field for field in (size, packed, offset)]
            if -1 not in wide:
                return wide[0], wide[1], wide[2]
        at += 4 + length
    raise Unreadable("the directory of the zip archive is damaged: a size is missing; the rest was not looked at")


def _name(name: bytes, flags: int) -> str:
    """The member's name; backslashes, which the format forbids and old Windows programs wrote, separate too."""
    text = name.decode("utf-8", "surrogateescape") if flags & 0x800 else _legacy(name)
    return text.replace("\\", "/")


def _legacy(name: bytes) -> str:
    # Without its flag the name is code page 437 by the book; programs on Unix write UTF-8 there.
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437")
