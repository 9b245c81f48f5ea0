"""Members of a tar archive, read forwards: ustar and pax (POSIX.1-2017, pax), GNU's long names.

Written by hand because the standard library's reader holds a long name or an extended header of
any declared size in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources._streams import Stream
from batten.sources.names import printable

BLOCK: Final = 512
_ZEROS: Final = bytes(BLOCK)
_KINDS: Final = {b"0": "file", b"\0": "file", b"7": "file", b"1": "link", b"2": "link", b"5": "directory"}
_WITHOUT_DATA: Final = frozenset(b"123456")  # links, devices, directories, FIFOs: no data whatever the size says


class Unmarked(Unreadable):
    """The data end where a header might stand. Some writers leave the mark of the end out."""


class Member(Struct):
    """One member; its data, where it has any, come next in the stream."""

    name: str
    kind: str
    """`file`, `link`, `directory`, `sparse` or `other`."""
    size: int
    link: str = ""
    is_hard: bool = False
    """A link that counts from the root of the archive, not from its own folder."""


def is_header(block: bytes) -> bool:
    """Does a tar archive begin with `block`? By its checksum: the oldest archives have no magic."""
    return len(block) >= BLOCK and block[:BLOCK] != _ZEROS and _checksum_holds(block[:BLOCK])


def members(stream: Stream) -> Iterator[Member]:
    """The members in order. Between two of them the caller may read from `stream` up to the member's size.

    Raises `Unreadable` where the archive is cut off or damaged; what came before is good.
    """
    extended: dict[str, str] = {}
    last = ""
    while True:
        block = stream.read(BLOCK)
        if not block:
            raise Unmarked(f"ends{_after(last)} without the two empty blocks that end an archive; it may be cut off")
        if block == _ZEROS:
            return
        if not last and not extended and (len(block) < BLOCK or not _checksum_holds(block)):
            raise Unreadable("expected a tar archive, found other data; unpack the file and scan what comes out")
        if len(block) < BLOCK:
            raise Unreadable(f"ends in the middle of a header{_after(last)}: it is cut off")
        if not _checksum_holds(block):
            raise Unreadable(f"the header{_after(last)} is damaged; the rest was not looked at")
        kind = block[156:157]
        size = _number(block[124:136])
        if kind in b"xgLK":
            content = _small(stream, size, last)
            if kind == b"x":
                extended |= _records(content, last)
            elif kind != b"g":  # what a global header says of names holds for no single member
                extended["path" if kind == b"L" else "linkpath"] = _text(content.split(b"\0")[0])
            continue
        member = _member(block, kind, size, extended)
        if kind == b"S":
            _skip_sparse_map(stream, block)
        extended = {}
        last = member.name
        end = stream.position + -(-member.size // BLOCK) * BLOCK
        yield member
        stream.skip(end - stream.position)
        if stream.position < end:
            raise Unreadable(f"ends in the middle of {printable(last)!r}: it is cut off")


def _member(block: bytes, kind: bytes, size: int, extended: dict[str, str]) -> Member:
    name = _text(block[:100].split(b"\0")[0])
    # The prefix field is ustar's; GNU keeps times there.
    if block[257:263] == b"ustar\0" and (prefix := _text(block[345:500].split(b"\0")[0])):
        name = f"{prefix}/{name}"
    if "size" in extended:
        digits = extended["size"]
        if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
            raise Unreadable(f"the header of {printable(name)!r} is damaged; the rest was not looked at")
        size = int(digits)
    name = extended.get("GNU.sparse.name", extended.get("path", name))
    what = _KINDS.get(kind, "other")
    if kind == b"S" or any(key.startswith("GNU.sparse.") for key in extended):
        what = "sparse"
    if what == "file" and name.endswith("/"):  # how the oldest archives mark a directory
        what = "directory"
    if kind and kind[0] in _WITHOUT_DATA:
        size = 0
    link = extended.get("linkpath", _text(block[157:257].split(b"\0")[0]))
    return Member(name, what, size, link, is_hard=kind == b"1")


def _checksum_holds(block: bytes) -> bool:
    try:
        written = _number(block[148:156])
    except Unreadable:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    # Some old programs added the bytes up as signed.
    return written == sum(rest) or written == sum(byte - 256 if byte > 127 else byte for byte in rest)


def _number(field: bytes) -> int:
    """A numeric field: octal digits, or base 256 where the first bit is set (GNU); raises `Unreadable`."""
    if field[0] & 0x80:
        if field[0] == 0xFF:
            raise Unreadable("a header holds a negative number; the rest was not looked at")
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    if not digits:
        return 0
    if any(byte not in b"01234567" for byte in digits):
        raise Unreadable("a header holds a number that is none; the rest was not looked at")
    return int(digits, 8)


def _small(stream: Stream, size: int, last: str) -> bytes:
    """The data of a header that describes the next member."""
    if size > limits.ARCHIVE_HEADER_BYTES:
        raise Unreadable(f"the extended header{_after(last)} is larger than {limits.ARCHIVE_HEADER_BYTES:,} bytes")
    content = stream.read(size)
    padding = -size % BLOCK
    if len(content) < size or stream.skip(padding) < padding:
        raise Unreadable(f"ends in the middle of a header{_after(last)}: it is cut off")
    return content


def _records(content: bytes, last: str) -> dict[str, str]:
    """Records of a pax header, `LENGTH KEY=VALUE\\n`; those nobody asks for are left out."""
    records: dict[str, str] = {}
    position = 0
    while position < len(content):
        space = content.find(b" ", position, position + 8)
        digits = content[position:space] if space > 0 else b""
        end = position + int(digits) if digits.isdigit() else 0
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        if end <= space or end > len(content) or not equals or content[end - 1] != 0x0A:
            raise Unreadable(f"the extended header{_after(last)} is damaged; the rest was not looked at")
        if key in (b"path", b"linkpath", b"size") or key.startswith(b"GNU.sparse."):
            records[_text(key)] = _text(value)
        position = end
    return records


def _skip_sparse_map(stream: Stream, block: bytes) -> None:
    more = block[482]
    while more:
        following = stream.read(BLOCK)
        if len(following) < BLOCK:
            return  # told when the data are passed over
        more = following[504]


def _after(last: str) -> str:
    return f" after {printable(last)!r}" if last else ""


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
