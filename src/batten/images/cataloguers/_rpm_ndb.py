"""Records of rpm's own database format (`Packages.db`, SUSE): slots that lead to blobs.

Source: rpm's `lib/backend/ndb/rpmpkg.c`. The file begins with a header of 32 bytes, pages of 4,096 bytes with
slots of 16 follow; blobs are counted in blocks of 16 bytes. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final
from zlib import adler32

from batten import limits
from batten.images.cataloguers._told import Losses
from batten.model.source import Unreadable

MAGIC: Final = b"RpmP"
_SLOT: Final = b"Slot"
_BLOB: Final = b"BlbS"
_BLOB_END: Final = b"BlbE"
_HEADER: Final = struct.Struct("<4s4I")  # magic, version, generation, pages of slots, next number
_SLOT_ENTRY: Final = struct.Struct("<4s3I")  # magic, number, block, blocks
_BLOB_HEAD: Final = struct.Struct("<4s3I")  # magic, number, generation, length
_BLOB_TAIL: Final = struct.Struct("<2I4s")  # adler32 of all before it, length, magic
_PAGE: Final = 4096
_BLOCK: Final = 16
_HEADER_SLOTS: Final = 2


def read_ndb(data: bytes | memoryview, losses: Losses) -> Iterator[memoryview]:
    """The blobs of all slots in use. Raises Unreadable where it is no such database."""
    view = memoryview(data)
    if len(view) < _HEADER.size or bytes(view[:4]) != MAGIC:
        raise Unreadable("expected a database of rpm that begins with RpmP, found another beginning")
    _, version, _, slot_pages, _ = _HEADER.unpack_from(view)
    if version != 0:
        raise Unreadable(f"expected version 0 of rpm's own database format, found {version:,}")
    end = slot_pages * _PAGE
    if end > len(view):
        losses.note("the database is cut off in its slots")
        end = len(view) // _BLOCK * _BLOCK
    start = _HEADER_SLOTS * _SLOT_ENTRY.size
    unread = len(view)  # blobs do not overlap, so that all of them are no longer than the file
    for magic, number, block, blocks in _SLOT_ENTRY.iter_unpack(view[start : max(start, end)]):
        if magic != _SLOT or not block:
            if magic != _SLOT and number:
                losses.add("a slot of the database is none")
            continue
        unread -= blocks * _BLOCK
        if unread < 0:
            losses.note("records overlap; the rest is not read")
            return
        reason, blob = _blob(view, number, block * _BLOCK, blocks * _BLOCK)
        if blob is None:
            losses.add(reason)
        else:
            yield blob


def _blob(view: memoryview, number: int, offset: int, size: int) -> tuple[str, memoryview | None]:
    """What is wrong with the blob at `offset`, or the blob."""
    if size < _BLOB_HEAD.size + _BLOB_TAIL.size or offset + size > len(view):
        return "its record lies outside of the file", None
    magic, own, _, length = _BLOB_HEAD.unpack_from(view, offset)
    tail = offset + size - _BLOB_TAIL.size
    checksum, length_again, magic_end = _BLOB_TAIL.unpack_from(view, tail)
    if magic != _BLOB or magic_end != _BLOB_END or own != number or length != length_again:
        return "its record does not begin or end as one", None
    start = offset + _BLOB_HEAD.size
    if length > limits.RPM_HEADER_BYTES or start + length > tail:
        return f"its record claims {length:,} bytes", None
    if adler32(view[offset:tail]) != checksum:
        return "its checksum is wrong", None
    return "", view[start : start + length]
