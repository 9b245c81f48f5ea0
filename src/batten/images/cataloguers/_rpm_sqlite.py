"""The blobs of the table `Packages` in a SQLite file, and those in a write-ahead log beside it.

Source: the SQLite file format (https://www.sqlite.org/fileformat2.html). Pages are read as they stand: the
library would want a file of its own or a copy in memory, refuses a database in WAL mode without its log, and
gives up at the first broken page.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from batten import limits
from batten.images.cataloguers._rpm_header import is_header
from batten.images.cataloguers._told import Losses
from batten.model.source import Unreadable

MAGIC: Final = b"SQLite format 3\0"
WAL_MAGICS: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
TABLE: Final = b"packages"
_FILE_HEADER: Final = 100
_INTERIOR, _LEAF = 5, 13
_WAL_HEADER: Final = struct.Struct(">4s7I")
_WAL_FRAME: Final = struct.Struct(">6I")
_NUMBER: Final = struct.Struct(">I")
_SCHEMA_COLUMNS: Final = 5  # type, name, tbl_name, rootpage, sql
_INTEGER_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_PAGE_SIZES: Final = tuple(1 << power for power in range(9, 17))


def read_sqlite(data: bytes | memoryview, losses: Losses) -> Iterator[bytes]:
    """The last column of every row of the table `Packages`. Raises Unreadable where there is no such table."""
    view = memoryview(data)
    if len(view) < 512 or bytes(view[:16]) != MAGIC:
        raise Unreadable("expected a SQLite database, found another beginning")
    size = int.from_bytes(view[16:18], "big")
    size = 65536 if size == 1 else size
    if size not in _PAGE_SIZES:
        raise Unreadable(f"expected pages of 512 to 65,536 bytes in a SQLite database, found {size:,}")
    pages = len(view) // size
    if len(view) % size:
        losses.note("the database is cut off in the middle of a page")

    def page(number: int) -> memoryview | None:
        return view[(number - 1) * size : number * size] if 0 < number <= pages else None

    tree = _Tree(page, size - view[20], losses)
    root = next((one for row in tree.rows(1) if (one := _root_of(row, TABLE))), 0)
    if not root and losses.count:  # the list of tables is broken itself
        yield from _headers(tree, range(2, pages + 1))
        return
    if not root:
        raise Unreadable("expected a table Packages in the SQLite database, found none (its log may hold it)")
    for row in tree.rows(root):
        if (blob := _last_column(row)) is not None:
            yield blob
        else:
            losses.add("expected a row with a blob, found another")


def read_wal(data: bytes | memoryview, losses: Losses) -> Iterator[bytes]:
    """The blobs of those rows that stand in the log `rpmdb.sqlite-wal` alone.

    What a log holds is newer than the database. The log is seen without the database here, so the leaves of
    all tables are looked at for headers.
    """
    view = memoryview(data)
    if not len(view):
        return
    if len(view) < _WAL_HEADER.size or bytes(view[:4]) not in WAL_MAGICS:
        raise Unreadable("expected a write-ahead log of SQLite, found another beginning")
    _, _, size, _, *salts, _, _ = _WAL_HEADER.unpack_from(view)
    if size not in _PAGE_SIZES:
        raise Unreadable(f"expected pages of 512 to 65,536 bytes in a log of SQLite, found {size:,}")
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    for start in range(_WAL_HEADER.size, len(view) - _WAL_FRAME.size - size + 1, _WAL_FRAME.size + size):
        number, last, *own, _, _ = _WAL_FRAME.unpack_from(view, start)
        if own != salts:
            break  # of an earlier use of the log
        pending[number] = start + _WAL_FRAME.size
        if last:
            committed |= pending
            pending = {}

    def page(number: int) -> memoryview | None:
        start = committed.get(number)
        return None if start is None else view[start : start + size]

    reserved = page(1)
    usable = size - (reserved[20] if reserved is not None else 0)
    tree = _Tree(page, usable, losses)
    yield from _headers(tree, sorted(committed))


def _headers(tree: _Tree, pages: Iterable[int]) -> Iterator[bytes]:
    """The blobs on leaves of any table that are headers of packages."""
    for number in pages:
        for row in tree.leaf(number):
            if (blob := _last_column(row)) is not None and is_header(blob):
                yield blob


class _Tree:
    """Walks table B-trees."""

    def __init__(self, page: Callable[[int], memoryview | None], usable: int, losses: Losses) -> None:
        self._page, self._usable, self._losses = page, usable, losses
        self._chained: set[int] = set()  # overflow pages that were followed: each belongs to one row

    def rows(self, root: int) -> Iterator[bytes | memoryview]:
        """The records of the table whose tree begins on page `root`, in order."""
        waiting, seen = [root], {root}
        while waiting:
            number = waiting.pop()
            page = self._page(number)
            start = _FILE_HEADER if number == 1 else 0
            kind = page[start] if page is not None else 0
            if page is None or kind not in (_INTERIOR, _LEAF):
                self._losses.add("a page of the table is missing or broken")
            elif kind == _LEAF:
                yield from self.leaf(number)
            else:
                cells = self._cells(page, start, 12)
                children = [_NUMBER.unpack_from(page, cell)[0] for cell in cells if cell + 4 <= len(page)]
                children.append(_NUMBER.unpack_from(page, start + 8)[0])
                fresh = [one for one in dict.fromkeys(children) if one not in seen]
                if len(fresh) != len(children):
                    self._losses.add("pages of the table go round")
                seen.update(fresh)
                waiting.extend(reversed(fresh))

    def leaf(self, number: int) -> Iterator[bytes | memoryview]:
        """The records of one leaf; none where the page is something else."""
        page = self._page(number)
        start = _FILE_HEADER if number == 1 else 0
        if page is None or page[start] != _LEAF:
            return
        for cell in self._cells(page, start, 8):
            record = self._record(page, cell)
            if record is not None:
                yield record

    def _cells(self, page: memoryview, start: int, header: int) -> tuple[int, ...]:
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        if start + header + 2 * count > len(page):
            self._losses.add(f"a page of the table claims {count:,} rows")
            return ()
        return struct.unpack_from(f">{count}H", page, start + header)

    def _record(self, page: memoryview, cell: int) -> bytes | memoryview | None:
        size, at = _varint(page, cell)
        _, at = _varint(page, at)
        if size > limits.RPM_HEADER_BYTES:
            self._losses.add(f"one row claims {size:,} bytes")
            return None
        local = self._local(size)
        if at + local + (4 if local < size else 0) > len(page):
            self._losses.add("a row lies outside of its page")
            return None
        if local == size:
            return page[at : at + size]
        return self._chain(page[at : at + local], _NUMBER.unpack_from(page, at + local)[0], size)

    def _local(self, size: int) -> int:
        """How many bytes of a record stand on its leaf (file format, section 1.6)."""
        most = self._usable - 35
        if size <= most:
            return size
        least = (self._usable - 12) * 32 // 255 - 23
        spilled = least + (size - least) % (self._usable - 4)
        return spilled if spilled <= most else least

    def _chain(self, local: memoryview, following: int, size: int) -> bytes | None:
        parts = [local]
        missing = size - len(local)
        while missing > 0:
            page = self._page(following)
            if page is None or following in self._chained:
                self._losses.add("its overflow pages are missing or go round")
                return None
            self._chained.add(following)
            parts.append(page[4 : 4 + min(missing, self._usable - 4)])
            missing -= len(parts[-1])
            following = _NUMBER.unpack_from(page)[0]
        return b"".join(parts)


def _varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """A number of one to nine bytes at `at`, and where it ends; what is cut off counts as zeros."""
    value = 0
    for index in range(at, min(at + 8, len(data))):
        byte = data[index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, index + 1
    if at + 8 < len(data):
        return value << 8 | data[at + 8], at + 9
    return value, len(data)


def _columns(record: bytes | memoryview) -> list[tuple[int, int, int]]:
    """Serial type, beginning and end of each column of a record."""
    header, at = _varint(record, 0)
    start = header
    found: list[tuple[int, int, int]] = []
    while at < min(header, len(record)) and len(found) <= _SCHEMA_COLUMNS:
        kind, at = _varint(record, at)
        size = (kind - 12) // 2 if kind >= 12 else _INTEGER_SIZES[kind] if kind < 10 else 0
        found.append((kind, start, start + size))
        start += size
    return found


def _last_column(record: bytes | memoryview) -> bytes | None:
    """The blob that ends a row of the table."""
    columns = _columns(record)
    if not columns:
        return None
    kind, start, end = columns[-1]
    if len(columns) > 2 or kind < 12 or kind % 2 or end > len(record):
        return None
    return bytes(record[start:end])


def _root_of(record: bytes | memoryview, table: bytes) -> int:
    """The root page in a row of the schema, if it describes `table`."""
    columns = _columns(record)
    if len(columns) < _SCHEMA_COLUMNS:
        return 0
    kind, name, _, root, _ = (bytes(record[start:end]) for _, start, end in columns[:_SCHEMA_COLUMNS])
    return int.from_bytes(root, "big") if kind.lower() == b"table" and name.lower() == table else 0
