"""Which libraries an ELF file asks for: the dynamic section, and nothing else of it.

Layout: System V ABI, "ELF Header", "Program Header", "Dynamic Section".
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout
from struct import error as LayoutError
from typing import Final

from batten import limits
from batten.images.facts import Elf
from batten.sources.names import printable

MAGIC: Final = b"\x7fELF"
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS, _SONAME, _RPATH, _RUNPATH = 1, 5, 14, 15, 29
_PROGRAM_HEADERS: Final = 256  # of one file; real ones have about a dozen
_NAME: Final = 4096


def read_elf(data: bytes | memoryview) -> Elf | None:
    """What the file at `data` needs; None where it is no ELF file or a broken one."""
    try:
        return _read(data)
    except (LayoutError, ValueError, IndexError, OverflowError):
        return None


def _read(data: bytes | memoryview) -> Elf | None:
    if data[:4] != MAGIC or data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    if wide:
        offset, size, number = Layout(order + "32x Q 14x H H").unpack_from(data)
        header = Layout(order + "I 4x Q Q 8x Q 16x")  # type, offset, address, size in the file
        entry = Layout(order + "q Q")
    else:
        offset, size, number = Layout(order + "28x I 10x H H").unpack_from(data)
        header = Layout(order + "I I I 4x I 12x")
        entry = Layout(order + "i I")
    segments = [header.unpack_from(data, offset + index * size) for index in range(min(number, _PROGRAM_HEADERS))]
    interpreter, entries = "", []
    for kind, start, _, length in segments:
        if kind == _INTERPRETER:
            interpreter = _string(data, start)
        elif kind == _DYNAMIC:
            entries = list(_entries(data, entry, start, length))
    tags = dict(reversed(entries))
    table = _offset(segments, tags[_STRINGS]) if _STRINGS in tags else None
    if table is None:
        return Elf(interpreter)
    needed = [_string(data, table + value) for tag, value in entries if tag == _NEEDED][: limits.ELF_NEEDED]
    search = tags.get(_RUNPATH, tags.get(_RPATH))
    paths = _string(data, table + search).split(":") if search is not None else []
    soname = _string(data, table + tags[_SONAME]) if _SONAME in tags else ""
    return Elf(interpreter, tuple(filter(None, needed)), tuple(filter(None, paths)), soname)


def _entries(data: bytes | memoryview, entry: Layout, start: int, length: int) -> Iterator[tuple[int, int]]:
    for index in range(min(length // entry.size, 16 * limits.ELF_NEEDED)):
        tag, value = entry.unpack_from(data, start + index * entry.size)
        if tag == 0:
            return
        yield tag, value


def _offset(segments: list[tuple[int, int, int, int]], address: int) -> int | None:
    """Where in the file the byte at `address` of the memory image lies."""
    for kind, start, begins, length in segments:
        if kind == _LOAD and begins <= address < begins + length:
            return start + address - begins
    return None


def _string(data: bytes | memoryview, start: int) -> str:
    if start >= len(data):
        return ""
    return printable(bytes(data[start : start + _NAME]).partition(b"\0")[0].decode("utf-8", "surrogateescape"))
