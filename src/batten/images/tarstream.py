"""Members of a layer's tar archive, read forwards: ustar and pax (POSIX.1-2017), GNU and star extensions.

Where readers differ, this one does what Go's `archive/tar` does, by which every container engine unpacks: a
reader that sees other names than the engine could be made to look past what runs. The loop over headers is
the hot path of reading an image.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct as Layout
from typing import TYPE_CHECKING, BinaryIO, Final
from zlib import adler32

from msgspec import Struct

from batten import limits
from batten.images.tarfields import (
    BLOCK,
    ZEROS,
    Extended,
    Sparse,
    decimal,
    leading_map,
    number,
    old_sparse,
    pax_sparse,
)
from batten.model.source import Unreadable
from batten.sources.names import printable

if TYPE_CHECKING:
    from batten.images.unpack import Unpacked

FILE: Final = "f"
DIRECTORY: Final = "d"
SYMLINK: Final = "l"
HARD_LINK: Final = "h"
OTHER: Final = "o"

# name, mode, uid, size, checksum, type, link name, magic, prefix
_HEADER: Final = Layout("100s16s8x12s12x8sc100s6s82x155s12x")
_KINDS: Final = {
    b"0": FILE, b"\0": FILE, b"7": FILE, b"S": FILE, b"5": DIRECTORY, b"2": SYMLINK, b"1": HARD_LINK,
}  # fmt: skip
_HEADER_ONLY: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_META: Final = frozenset({b"x", b"g", b"L", b"K"})
_ADLER_BASE: Final = 65521
_KEPT_NUMBERS: Final = 4096
_JOINED: Final = 8192  # a header and the beginning of its file
_NAMED: Final = 120  # characters of a name in a message


class Member(Struct, gc=False):
    """One member. Its data, where it has any, come next in the stream: `Members.head`, `Members.content`."""

    name: str
    """As written; printable."""
    kind: str
    size: int
    """Of the file as it is unpacked; of a sparse file with its holes."""
    mode: int
    uid: int
    link: str = ""
    capability: bool = False
    """Carries file capabilities (capabilities(7)), which work like set-uid bits."""


class Members:
    """Iterates over the members of `source`, once.

    Raises `Unreadable` where the archive is cut off or damaged; the members before that are good.
    """

    def __init__(self, source: Unpacked) -> None:
        self._source = source
        self._buffer = b""
        self._position = 0
        self._base = 0  # offset of the buffer in the archive
        self._following = b""  # a chunk of which only the beginning was joined to the buffer
        self._following_base = 0
        self._stored = 0  # bytes of the current member in the archive
        self._sparse: Sparse | None = None
        self._last = ""
        self._headers = 0
        self._ended = False

    def __iter__(self) -> Iterator[Member]:
        unpack, kinds, member_limit = _HEADER.unpack, _KINDS, limits.LAYER_MEMBERS
        numbers: dict[bytes, tuple[int, int]] = {}
        extended: Extended | None = None
        following = 0  # offset of the next header
        while True:
            position = following - self._base
            if position + BLOCK <= len(self._buffer):
                self._position = position
            elif not self._advance(following):
                return
            block = self._buffer[self._position : self._position + BLOCK]
            name, mode_and_uid, size_text, written, kind, link, magic, prefix = unpack(block)
            # The low half of Adler-32 is 1 + the sum of the bytes, modulo 65521, in a tenth of the time of `sum`.
            try:
                holds = (int(written[:6], 8) + sum(written) - 255) % _ADLER_BASE == adler32(block) & 0xFFFF
            except ValueError:
                holds = False
            if not holds and not _checksum_holds(block, written):
                if block == ZEROS:
                    self._end(following + BLOCK)
                    return
                raise self._damaged(following)
            self._headers += 1
            if self._headers > member_limit:
                raise Unreadable(f"expected at most {member_limit:,} members, found more; the rest was not read")
            digits = size_text[:11]
            try:
                size = int(digits, 8) if digits.isdigit() and size_text[11] in b"\0 " else number(size_text)
            except ValueError:
                size = number(size_text)
            following += BLOCK
            if kind in _META:
                extended = extended or Extended()
                extended.take(kind, self._small(following, size))
                following += -(-size // BLOCK) * BLOCK
                continue
            known = numbers.get(mode_and_uid)
            if known is None:
                known = number(mode_and_uid[:8]), number(mode_and_uid[8:])
                if len(numbers) < _KEPT_NUMBERS:
                    numbers[mode_and_uid] = known
            mode, uid = known
            raw = name.partition(b"\0")[0]
            # The prefix is ustar's; GNU keeps times there.
            if prefix[0] and magic == b"ustar\0":
                room = 131 if block[508:] == b"tar\0" else 155  # star keeps times behind it
                raw = prefix[:room].partition(b"\0")[0] + b"/" + raw
            member = Member("", kinds.get(kind, OTHER), size, mode & 0xFFFF, uid)
            raw_link = link.partition(b"\0")[0] if link[0] else b""
            self._sparse = None
            if kind == b"S":
                self._sparse, following = self._old_sparse(block, following)
                member.size = self._sparse.size
            if extended is not None:
                raw, raw_link, size = self._extend(member, extended, raw, raw_link, size)
                extended = None
            member.name = self._last = _text(raw)
            if raw_link:
                member.link = _text(raw_link)
            if kind == b"\0" and member.name.endswith("/"):  # how the oldest archives mark a directory
                member.kind = DIRECTORY
            self._stored = 0 if kind in _HEADER_ONLY else size
            if self._stored != size:
                member.size = 0
            self._position = following - self._base
            if self._position > len(self._buffer):
                self._skip_to(following)
            yield member
            following += -(-self._stored // BLOCK) * BLOCK

    @property
    def broken(self) -> bool:
        """Nothing more can be read: what went wrong is not the current member's matter alone."""
        return self._source.failed or self._ended

    def head(self, size: int) -> bytes:
        """The first bytes of the current member; b"" of a sparse one."""
        if self._sparse is not None or not self._stored:
            return b""
        size = min(size, self._stored)
        position = self._position
        if position + size > len(self._buffer):
            self._fill(size)
            position = self._position
        return self._buffer[position : position + size]

    @contextmanager
    def content(self) -> Iterator[bytes | memoryview]:
        """All bytes of the current member, valid inside the `with`: in memory, or mapped where they are many.

        Call it at most once for a member, after `head`. Raises `Unreadable`.
        """
        stored, sparse = self._stored, self._sparse
        whole = max(stored, sparse.size if sparse else 0)
        if whole > limits.LAYER_MEMBER_BYTES:
            allowed, found = limits.LAYER_MEMBER_BYTES // limits.MIB, whole // limits.MIB
            raise Unreadable(f"expected at most {allowed:,} MiB, found {found:,} MiB; it was not looked into")
        if whole <= limits.LAYER_MEMBER_MEMORY:
            self._fill(stored)
            data = self._buffer[self._position : self._position + stored]
            if len(data) < stored:
                raise self._cut_off()
            yield _expanded(data, sparse) if sparse else data
            return
        from tempfile import TemporaryFile

        with TemporaryFile(prefix="batten-") as file:
            self._spool(file, stored)
            if sparse is None:
                with _mapped(file) as view:
                    yield view
                return
            with TemporaryFile(prefix="batten-") as expanded:
                with _mapped(file) as view:
                    _expand(view, sparse, expanded)
                with _mapped(expanded) as view:
                    yield view

    def _extend(
        self, member: Member, extended: Extended, name: bytes, link: bytes, size: int
    ) -> tuple[bytes, bytes, int]:
        """Name, link name and stored size as the headers before say; GNU's long names win over pax records."""
        found = extended.records
        if found or extended.pieces:
            if found.get(b"size"):
                size = member.size = decimal(found[b"size"])
            if found.get(b"uid"):
                member.uid = decimal(found[b"uid"])
            member.capability = b"SCHILY.xattr.security.capability" in found
            name = found.get(b"path") or name
            link = found.get(b"linkpath") or link
            if member.kind == FILE and self._sparse is None:
                self._sparse = pax_sparse(extended, size)
                if self._sparse is not None:
                    member.size = self._sparse.size
                    name = found.get(b"GNU.sparse.name") or name
        return extended.long_name or name, extended.long_link or link, size

    def _old_sparse(self, block: bytes, following: int) -> tuple[Sparse, int]:
        """The map of a member of type S; `following` past the blocks that continue it."""
        more: list[bytes] = []
        continues = block[482]
        while continues:
            if not self._advance(following) or len(more) * 21 > limits.LAYER_SPARSE_PARTS:
                raise Unreadable("the map of a sparse file is damaged; the rest was not read")
            more.append(self._buffer[self._position : self._position + BLOCK])
            continues = more[-1][504]
            following += BLOCK
        return old_sparse(block, more), following

    def _advance(self, offset: int) -> bool:
        """Makes the block at `offset` the current one; False at the end of the data. Raises `Unreadable`."""
        self._skip_to(offset)
        found = self._fill(BLOCK)
        if 0 < found < BLOCK:
            raise Unreadable(f"ends in the middle of a header{self._after()}: it is cut off")
        return found > 0

    def _skip_to(self, offset: int) -> None:
        """Makes the byte at `offset` the current one, where there is one."""
        end = self._base + len(self._buffer)
        while offset > end:
            if self._following:
                self._switch()
                end = self._base + len(self._buffer)
                continue
            self._buffer = self._source.next()
            self._base, end = end, end + len(self._buffer)
            if not self._buffer:
                raise self._cut_off()
        self._position = offset - self._base

    def _switch(self) -> None:
        """Makes the chunk that follows the buffer; it holds all that comes after the end of the old one."""
        self._buffer, self._base = self._following, self._following_base
        self._following = b""

    def _fill(self, size: int) -> int:
        """Gets `size` bytes from the current one on into the buffer; how many there are."""
        offset = self._base + self._position
        if self._following and offset >= self._following_base:
            self._switch()
            self._position = offset - self._base
        have = len(self._buffer) - self._position
        if have >= size:
            return size
        parts = [self._buffer[self._position :]]
        while have < size:
            chunk, used = self._following, self._base + len(self._buffer) - self._following_base
            if not chunk:
                chunk, used = self._source.next(), 0
                self._following_base = offset + have
                if not chunk:
                    break
            # Most often a few bytes are wanted; joining the whole chunk would copy the whole archive once.
            part = chunk[used : used + max(size - have, _JOINED)]
            self._following = chunk if used + len(part) < len(chunk) else b""
            parts.append(part)
            have += len(part)
        self._base, self._position = offset, 0
        self._buffer = b"".join(parts)
        return min(have, size)

    def _spool(self, file: BinaryIO, size: int) -> None:
        while size:
            piece = memoryview(self._buffer)[self._position : self._position + size]
            if not piece:
                self._skip_to(self._base + len(self._buffer))
                if not self._fill(1):
                    raise self._cut_off()
                continue
            file.write(piece)
            size -= len(piece)
            self._position += len(piece)
        file.flush()

    def _small(self, offset: int, size: int) -> bytes:
        """The data of a header that describes the next member."""
        if size > limits.LAYER_HEADER_BYTES:
            raise Unreadable(f"the extended header{self._after()} is larger than {limits.LAYER_HEADER_BYTES:,} bytes")
        self._skip_to(offset)
        if self._fill(size) < size:
            raise self._cut_off()
        return self._buffer[self._position : self._position + size]

    def _end(self, offset: int) -> None:
        """Behind an empty block at the end stands another one, or nothing."""
        if self._advance(offset) and self._buffer[self._position : self._position + BLOCK] != ZEROS:
            raise Unreadable(f"an empty block{self._after()} is not the end; the rest was not read")

    def _damaged(self, offset: int) -> Unreadable:
        if not offset:
            return Unreadable("expected a tar archive (plain, gzip or zstd), found other data")
        return Unreadable(f"the header{self._after()} is damaged; the rest was not read")

    def _cut_off(self) -> Unreadable:
        self._ended = True
        where = f"in the middle of {self._last[:_NAMED]!r}" if self._last else "too early"
        return Unreadable(f"ends {where}: it is cut off")

    def _after(self) -> str:
        return f" after {self._last[:_NAMED]!r}" if self._last else ""


def _checksum_holds(block: bytes, written: bytes) -> bool:
    """The sum of all bytes, those of the field itself counted as blanks."""
    digits = written.rstrip(b"\0 ").lstrip()
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    # Some old programs added the bytes up as signed.
    return int(digits, 8) in (sum(rest), sum(byte - 256 if byte > 127 else byte for byte in rest))


def _text(name: bytes) -> str:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("utf-8", "surrogateescape")
    return text if text.isprintable() and "\\" not in text else printable(text)


@contextmanager
def _mapped(file: BinaryIO) -> Iterator[memoryview]:
    import mmap

    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
        yield view


def _expanded(data: bytes, sparse: Sparse) -> bytes:
    from io import BytesIO

    whole = BytesIO()
    _expand(memoryview(data), sparse, whole)
    return whole.getvalue()


def _expand(data: memoryview, sparse: Sparse, whole: BinaryIO) -> None:
    """Writes a sparse file with its holes. Raises `Unreadable` where map and data do not fit."""
    position = 0
    if sparse.leading:
        sparse, position = leading_map(sparse.size, data)
    if sum(length for _, length in sparse.parts) != len(data) - position:
        raise Unreadable("the map of a sparse file does not fit its data")
    whole.truncate(sparse.size)
    for offset, length in sparse.parts:
        whole.seek(offset)
        whole.write(data[position : position + length])
        position += length
    if whole.seek(0, 2) < sparse.size:
        whole.seek(sparse.size - 1)
        whole.write(b"\0")
