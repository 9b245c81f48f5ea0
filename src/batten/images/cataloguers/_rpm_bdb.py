"""Records of a Berkeley DB hash table (`Packages`, rpm before 4.16): pages, items, chains of overflow pages.

Source: the page layouts of Berkeley DB's `db_page.h`. Keys are numbers of packages, that with the number 0
is no package. Nothing is hashed: all pages of the hash are walked, so that a broken bucket costs itself only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from batten import limits
from batten.images.cataloguers._told import Losses
from batten.model.source import Unreadable

MAGIC_OFFSET: Final = 12
_HASH: Final = 0x061561
_BTREE: Final = 0x053162
_PAGE_HEADER: Final = 26
_PAGE_SIZES: Final = tuple(1 << power for power in range(9, 17))
_HASH_PAGES: Final = (2, 13)  # P_HASH_UNSORTED, P_HASH
_OVERFLOW_PAGE: Final = 7
_KEY_DATA, _OFF_PAGE = 1, 3  # H_KEYDATA, H_OFFPAGE


def read_bdb(data: bytes | memoryview, losses: Losses) -> Iterator[bytes]:
    """The values of all records but that with the key 0. Raises Unreadable where it is no such table."""
    order = _byte_order(data)
    page_size = struct.unpack_from(f"{order}I", data, 20)[0]
    if page_size not in _PAGE_SIZES:
        raise Unreadable(f"expected a page size of 512 to 65,536 bytes in a Berkeley DB, found {page_size:,}")
    if data[24]:
        raise Unreadable("the Berkeley DB is encrypted")
    yield from _Table(data, order, page_size, losses).values()


def _byte_order(data: bytes | memoryview) -> str:
    if len(data) < 512:
        raise Unreadable(f"expected a Berkeley DB of 512 bytes or more, found {len(data)}")
    for order in "<>":
        magic = struct.unpack_from(f"{order}I", data, MAGIC_OFFSET)[0]
        if magic == _HASH:
            return order
        if magic == _BTREE:
            raise Unreadable("expected a hash table of Berkeley DB, found a B-tree")
    raise Unreadable("expected a hash table of Berkeley DB, found another magic number")


class _Table:
    def __init__(self, data: bytes | memoryview, order: str, page_size: int, losses: Losses) -> None:
        self._data, self._page_size, self._losses = data, page_size, losses
        self._header = struct.Struct(f"{order}8xI4xIHHBB")
        self._number, self._short = struct.Struct(f"{order}I"), order + "{}H"
        self._off_page = struct.Struct(f"{order}II")
        self._items = 0
        self._chained: set[int] = set()  # pages of chains that were followed: each belongs to one record

    def values(self) -> Iterator[bytes]:
        pages = len(self._data) // self._page_size
        if len(self._data) % self._page_size:
            self._losses.note("the database is cut off in the middle of a page")
        for page in range(1, pages):
            start = page * self._page_size
            number, _, entries, _, _, kind = self._header.unpack_from(self._data, start)
            if kind in _HASH_PAGES and number == page and entries:
                self._items += entries
                if self._items > 4 * limits.PACKAGES_PER_FILE:
                    self._losses.note(f"more than {2 * limits.PACKAGES_PER_FILE:,} records; the rest is not read")
                    return
                yield from self._page(start, entries)

    def _page(self, start: int, entries: int) -> Iterator[bytes]:
        """Keys and values take turns; items are laid from the end of the page."""
        if entries * 2 > self._page_size - _PAGE_HEADER:
            self._losses.add(f"a page of the database claims {entries:,} entries")
            return
        offsets = struct.unpack_from(self._short.format(entries), self._data, start + _PAGE_HEADER)
        end = self._page_size
        ends = (end, *offsets[:-1])
        for index in range(0, entries - 1, 2):
            if self._is_counter(start, offsets[index], ends[index]):
                continue
            value = self._value(start, offsets[index + 1], ends[index + 1])
            if value is not None:
                yield value

    def _is_counter(self, start: int, offset: int, end: int) -> bool:
        return bytes(self._data[start + offset + 1 : start + end]) == b"\0\0\0\0"

    def _value(self, start: int, offset: int, end: int) -> bytes | None:
        if not _PAGE_HEADER <= offset < end <= self._page_size:
            self._losses.add("an item lies outside of its page")
            return None
        kind = self._data[start + offset]
        if kind == _KEY_DATA:
            return bytes(self._data[start + offset + 1 : start + end])
        if kind == _OFF_PAGE and end - offset >= 12:
            page, size = self._off_page.unpack_from(self._data, start + offset + 4)
            return self._chain(page, size)
        self._losses.add(f"expected a value, found an item of type {kind}")
        return None

    def _chain(self, page: int, size: int) -> bytes | None:
        """The `size` bytes that begin on overflow page `page`."""
        if size > limits.RPM_HEADER_BYTES:
            self._losses.add(f"one record claims {size:,} bytes")
            return None
        pages = len(self._data) // self._page_size
        parts: list[bytes | memoryview] = []
        missing = size
        while missing > 0:
            start = page * self._page_size
            if not 0 < page < pages or page in self._chained:
                self._losses.add("its overflow pages end too early or go round")
                return None
            self._chained.add(page)
            number, following, _, used, _, kind = self._header.unpack_from(self._data, start)
            if kind != _OVERFLOW_PAGE or number != page or not 0 < used <= self._page_size - _PAGE_HEADER:
                self._losses.add("an overflow page is none")
                return None
            parts.append(self._data[start + _PAGE_HEADER : start + _PAGE_HEADER + min(used, missing)])
            missing -= used
            page = following
        return b"".join(parts)
