"""What stands in the headers of tar archives: numbers, pax records, maps of sparse files."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from batten import limits
from batten.model.source import Unreadable

BLOCK: Final = 512
ZEROS: Final = bytes(BLOCK)
_LARGEST: Final = 2**63 - 1
_PART: Final = 24  # bytes of one piece in GNU's old map: offset and length, 12 each


def number(text: bytes) -> int:
    """A numeric field: octal digits, or base 256 where the first bit is set (GNU). Raises `Unreadable`."""
    if text and text[0] & 0x80:
        value = int.from_bytes(text, "big") & ((1 << (8 * len(text) - 1)) - 1)
        if text[0] & 0x40:
            raise Unreadable("a header holds a negative number; the rest was not read")
        if value > _LARGEST:
            raise Unreadable("a header holds a number too large to be one; the rest was not read")
        return value
    digits = text.strip(b" \0")
    if not digits:
        return 0
    digits = digits.partition(b"\0")[0]
    if not digits.isdigit() or b"8" in digits or b"9" in digits:  # `int` would take signs and underscores
        raise Unreadable("a header holds a number that is none; the rest was not read")
    return int(digits, 8)


def decimal(text: bytes) -> int:
    """A number of a pax record. Raises `Unreadable`."""
    if not text.isdigit() or len(text) > 19:
        raise Unreadable("an extended header holds a number that is none; the rest was not read")
    return min(int(text), _LARGEST)


class Extended(Struct):
    """What headers before a member say of it. "" and None: nothing."""

    long_name: bytes = b""
    long_link: bytes = b""
    records: dict[bytes, bytes] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    """Offsets and lengths of GNU's sparse format 0.0, in turn."""

    def take(self, kind: bytes, content: bytes) -> None:
        """A header of kind x, g, L or K. Raises `Unreadable`."""
        if kind == b"L":
            self.long_name = content.partition(b"\0")[0]
        elif kind == b"K":
            self.long_link = content.partition(b"\0")[0]
        elif kind == b"x":
            self.records, self.pieces = records(content)
        else:
            # No engine applies a global header to the members that follow (Go's reader hands it out as a
            # member of its own), so a name in it must not hide theirs. It has to be well-formed all the same.
            records(content)


def records(content: bytes) -> tuple[dict[bytes, bytes], list[bytes]]:
    """The records of a pax header, `LENGTH KEY=VALUE\\n`, that are of use; pieces of sparse format 0.0 apart."""
    found: dict[bytes, bytes] = {}
    pieces: list[bytes] = []
    position = 0
    while position < len(content):
        space = content.find(b" ", position, position + 12)
        digits = content[position:space] if space > 0 else b""
        end = position + int(digits) if digits.isdigit() else 0
        if end <= space or end > len(content) or content[end - 1] != 0x0A:
            raise Unreadable("an extended header is damaged; the rest was not read")
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        if not equals or not key:
            raise Unreadable("an extended header is damaged; the rest was not read")
        position = end
        if key in (b"path", b"linkpath", b"GNU.sparse.name") and b"\0" in value:
            raise Unreadable("an extended header holds a name with a null byte; the rest was not read")
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            if len(pieces) % 2 != (key == b"GNU.sparse.numbytes") or len(pieces) >= 2 * limits.LAYER_SPARSE_PARTS:
                raise Unreadable("the map of a sparse file is damaged; the rest was not read")
            pieces.append(value)
        elif key in _WANTED or key.startswith(b"GNU.sparse."):
            found[key] = value
    return found, pieces


_WANTED: Final = frozenset({b"path", b"linkpath", b"size", b"uid", b"SCHILY.xattr.security.capability"})


class Sparse(Struct):
    """Where the stored bytes of a sparse file belong."""

    size: int
    """Of the file with its holes."""
    parts: list[tuple[int, int]]
    """Offset and length of each piece, in order."""
    leading: bool = False
    """The map stands before the pieces, in the data (GNU's sparse format 1.0)."""


def old_sparse(block: bytes, more: list[bytes]) -> Sparse:
    """The map in a header of type S and the blocks that continue it (GNU's oldest format)."""
    raw = block[386 : 386 + 4 * _PART] + b"".join(one[: 21 * _PART] for one in more)
    parts = []
    for start in range(0, len(raw), _PART):
        if not raw[start]:
            break
        parts.append((number(raw[start : start + 12]), number(raw[start + 12 : start + _PART])))
    return _checked(number(block[483:495]), parts)


def pax_sparse(extended: Extended, stored: int) -> Sparse | None:
    """The map of GNU's formats 0.0, 0.1 and 1.0; None where the member is not sparse."""
    found = extended.records
    major, minor = found.get(b"GNU.sparse.major"), found.get(b"GNU.sparse.minor")
    size = decimal(found.get(b"GNU.sparse.realsize") or found.get(b"GNU.sparse.size") or b"%d" % stored)
    if (major, minor) == (b"1", b"0"):
        return Sparse(size, [], leading=True)
    written = found[b"GNU.sparse.map"].split(b",") if b"GNU.sparse.map" in found else extended.pieces
    if not written or (major, minor) not in ((None, None), (b"0", b"0"), (b"0", b"1")):
        return None
    return _checked(size, _pairs(written))


def leading_map(size: int, data: bytes | memoryview) -> tuple[Sparse, int]:
    """The map at the beginning of `data` (format 1.0) and the bytes that it takes. Raises `Unreadable`."""
    text, position = b"", 0
    wanted = 1  # lines: the number of pieces, then offset and length of each
    while text.count(b"\n") < wanted:
        block = bytes(data[position : position + BLOCK])
        if len(block) < BLOCK or len(text) > 64 * limits.LAYER_SPARSE_PARTS:
            raise Unreadable("the map of a sparse file is damaged")
        text += block
        position += BLOCK
        if wanted == 1 and b"\n" in text:
            wanted = 1 + 2 * min(decimal(text.partition(b"\n")[0]), limits.LAYER_SPARSE_PARTS + 1)
    return _checked(size, _pairs(text.split(b"\n")[1:wanted])), position


def _pairs(written: list[bytes]) -> list[tuple[int, int]]:
    if len(written) % 2 or len(written) > 2 * limits.LAYER_SPARSE_PARTS:
        raise Unreadable("the map of a sparse file is damaged; the rest was not read")
    values = [decimal(one) for one in written]
    return list(zip(values[::2], values[1::2], strict=True))


def _checked(size: int, parts: list[tuple[int, int]]) -> Sparse:
    end = 0
    for offset, length in parts:
        if offset < end or offset + length > size:
            raise Unreadable("the map of a sparse file is damaged; the rest was not read")
        end = offset + length
    return Sparse(size, parts)
