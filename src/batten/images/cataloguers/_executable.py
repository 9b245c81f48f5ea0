"""Sections and segments of programs: ELF, PE and Mach-O, also several of those in one file.

Layouts: System V ABI; Microsoft PE/COFF specification; Mach-O (loader.h, fat.h). Only headers are touched,
so that a large program in a memory map stays on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout
from struct import error as LayoutError
from typing import Final

from msgspec import Struct, field

ELF: Final = b"\x7fELF"
PE: Final = b"MZ"
_THIN: Final = {
    b"\xcf\xfa\xed\xfe": ("<", True),
    b"\xce\xfa\xed\xfe": ("<", False),
    b"\xfe\xed\xfa\xcf": (">", True),
    b"\xfe\xed\xfa\xce": (">", False),
}
_FAT: Final = b"\xca\xfe\xba\xbe"
_MAGICS: Final = (ELF, PE, *_THIN, _FAT)
_SECTIONS: Final = 2_000  # of one program; those with a section per function are no finished programs
_SEGMENTS: Final = 256
_COMMANDS: Final = 1_000
_ARCHITECTURES: Final = 16  # of one fat file; more is a Java class, which begins with the same bytes
_NAMES: Final = 64 * 1024
_NO_BITS: Final = 8
_ELF_SECTION: Final = {True: "2I 4Q", False: "6I"}  # name, type, flags, address, offset, size


class Part(Struct, frozen=True):
    """A section or segment: where it lies in the file and in memory. `size` is that in the file."""

    name: str
    offset: int
    size: int
    address: int
    writable: bool = False


class _Table(Struct, frozen=True):
    """The sections of an ELF program: most programs are asked for names that none of theirs has."""

    offset: int
    count: int
    step: int
    names: bytes


class Program(Struct):
    """What the headers of one program say."""

    data: memoryview
    order: str
    """`<` or `>`."""
    wide: bool
    """Pointers have eight bytes."""
    sections: dict[str, Part] = field(default_factory=dict)
    """Filled when one is asked for where `table` is set."""
    segments: list[Part] = field(default_factory=list)
    table: _Table | None = None

    def at(self, address: int, size: int) -> memoryview:
        """`size` bytes of the memory image; fewer or none where the file has them not."""
        for part in self.segments:
            if part.address <= address < part.address + part.size:
                start = part.offset + address - part.address
                return self.data[start : min(start + size, part.offset + part.size)]
        return self.data[:0]

    def section(self, name: str) -> memoryview | None:
        """The bytes of a section, where there is one."""
        table = self.table
        if table is not None and not self.sections and name.encode() in table.names:
            self.sections = _elf_sections(self, table)
        part = self.sections.get(name)
        return None if part is None else self.data[part.offset : part.offset + part.size]


def is_program(head: bytes) -> bool:
    """Does a file with these first bytes hold a program or library?"""
    return head.startswith(_MAGICS) and (head[:4] != _FAT or int.from_bytes(head[4:8], "big") <= _ARCHITECTURES)


def programs(data: bytes | memoryview) -> Iterator[Program]:
    """The program in `data`, or all of a fat file; nothing where it is none or its headers are broken."""
    view = memoryview(data)
    magic = bytes(view[:4])
    for part in _fat(view) if magic == _FAT else (view,):
        try:
            found = _program(part)
        except (LayoutError, ValueError, IndexError, OverflowError):
            continue
        if found is not None:
            yield found


def _program(data: memoryview) -> Program | None:
    magic = bytes(data[:4])
    if magic == ELF:
        return _elf(data)
    if magic[:2] == PE:
        return _pe(data)
    return _mach_o(data, *_THIN[magic]) if magic in _THIN else None


def _elf(data: memoryview) -> Program | None:
    if data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    program = Program(data, order, wide)
    if wide:
        layout = Layout(order + "32x 2Q 6x 5H")
        segment = Layout(order + "2I 3Q Q")  # type, flags, offset, address, physical, size
    else:
        layout = Layout(order + "28x 2I 6x 5H")
        segment = Layout(order + "7I")  # type, offset, address, physical, size, memory, flags
    section = Layout(order + _ELF_SECTION[wide])
    at_segments, at_sections, segment_size, segments, section_size, sections, names = layout.unpack_from(data)
    for index in range(min(segments, _SEGMENTS)):
        fields = segment.unpack_from(data, at_segments + index * segment_size)
        kind, flags, offset, address, size = (
            (fields[0], fields[1], fields[2], fields[3], fields[5])
            if wide
            else (fields[0], fields[6], fields[1], fields[2], fields[4])
        )
        if kind == 1:
            program.segments.append(Part("", offset, size, address, bool(flags & 2)))
    count = min(sections, _SECTIONS) if at_sections else 0
    if count and at_sections + (count - 1) * section_size + section.size > len(data):
        raise LayoutError
    if names < count:
        *_, start, size = section.unpack_from(data, at_sections + names * section_size)
        program.table = _Table(at_sections, count, section_size, bytes(data[start : start + min(size, _NAMES)]))
    return program


def _elf_sections(program: Program, table: _Table) -> dict[str, Part]:
    section = Layout(program.order + _ELF_SECTION[program.wide])
    found: dict[str, Part] = {}
    for index in range(table.count):
        name, kind, flags, address, offset, size = section.unpack_from(program.data, table.offset + index * table.step)
        if kind != _NO_BITS:
            label = _text(table.names[name : name + 64])
            found.setdefault(label, Part(label, offset, size, address, bool(flags & 1)))
    return found


def _pe(data: memoryview) -> Program | None:
    (start,) = Layout("<60x I").unpack_from(data)
    if bytes(data[start : start + 4]) != b"PE\0\0":
        return None
    count, optional = Layout("<4x 2x H 12x H").unpack_from(data, start)
    (kind,) = Layout("<H").unpack_from(data, start + 24)
    wide = kind == 0x20B
    (base,) = Layout("<24x Q" if wide else "<28x I").unpack_from(data, start + 24)
    program = Program(data, "<", wide)
    header = Layout("<8s 4I 12x I")
    for index in range(min(count, _SECTIONS)):
        name, memory, address, size, offset, flags = header.unpack_from(data, start + 24 + optional + index * 40)
        part = Part(_text(name), offset, min(size, memory) if memory else size, base + address, flags & 0x80000000 != 0)
        program.sections.setdefault(part.name, part)
        program.segments.append(part)
    return program


def _mach_o(data: memoryview, order: str, wide: bool) -> Program:
    program = Program(data, order, wide)
    count, _ = Layout(order + "16x 2I").unpack_from(data)
    command = Layout(order + "2I")
    segment = Layout(order + ("16s 4Q 4I" if wide else "16s 4I 4I"))
    section = Layout(order + ("16s 16s 2Q I" if wide else "16s 16s 2I I"))
    step = 80 if wide else 68
    at = 32 if wide else 28
    read = 0
    for _ in range(min(count, _COMMANDS)):
        kind, size = command.unpack_from(data, at)
        if size < command.size:
            break
        if kind == (0x19 if wide else 0x01):
            name, address, _, offset, length, _, protection, sections, _ = segment.unpack_from(data, at + 8)
            program.segments.append(Part(_text(name), offset, length, address, bool(protection & 2)))
            for index in range(min(sections, _SECTIONS - read)):
                label, _, start, bytes_, place = section.unpack_from(data, at + 8 + segment.size + index * step)
                program.sections.setdefault(_text(label), Part(_text(label), place, bytes_, start))
            read += min(sections, _SECTIONS - read)
        at += size
    return program


def _fat(data: memoryview) -> Iterator[memoryview]:
    """The programs of a file for several processors (fat.h; always big-endian)."""
    if len(data) < 8:
        return
    count = int.from_bytes(data[4:8], "big")
    if count > _ARCHITECTURES:
        return
    for index in range(count):
        entry = bytes(data[8 + index * 20 : 28 + index * 20])
        offset, size = int.from_bytes(entry[8:12], "big"), int.from_bytes(entry[12:16], "big")
        if offset >= 8 and size:
            yield data[offset : offset + size]


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1")
