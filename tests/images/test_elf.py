from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.images.elf import read_elf
from batten.images.facts import Elf
from images.test_entry import elf


def test_what_a_program_needs() -> None:
    data = elf("/lib64/ld.so.2", ("libssl.so.3", "libc.so.6"), "$ORIGIN/../lib:/opt/lib")
    expected = Elf("/lib64/ld.so.2", ("libssl.so.3", "libc.so.6"), ("$ORIGIN/../lib", "/opt/lib"))
    assert read_elf(data) == expected
    assert read_elf(memoryview(data)) == expected


def test_a_program_without_libraries() -> None:
    assert read_elf(elf()) == Elf()


def big_endian_32() -> bytes:
    strings = b"\0libc.so.1\0"
    at = 52 + 2 * 32
    dynamic = struct.pack(">iIiIiI", 1, 1, 5, at + 24, 0, 0)
    head = b"\x7fELF\x01\x02\x01".ljust(16, b"\0")
    head += struct.pack(">HHIIIIIHHHHHH", 3, 8, 1, 0, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    size = at + len(dynamic) + len(strings)
    segments = struct.pack(">8I", 1, 0, 0, 0, size, size, 5, 4) + struct.pack(">8I", 2, at, at, at, 24, 24, 6, 4)
    return head + segments + dynamic + strings


def test_32_bits_and_the_other_byte_order() -> None:
    assert read_elf(big_endian_32()) == Elf("", ("libc.so.1",))


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("objdump") is None, reason="needs objdump and its machine")
def test_the_same_libraries_as_objdump() -> None:
    program = Path(sys.executable).resolve()
    told = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    needed = [line.split()[1] for line in told.splitlines() if line.split()[:1] == ["NEEDED"]]
    found = read_elf(program.read_bytes())
    assert found is not None
    assert list(found.needed) == needed


@pytest.mark.parametrize(
    "data", [b"", b"\x7fELF", b"MZ" + bytes(100), elf()[:70], b"\x7fELF\x02\x01\x01" + b"\xff" * 200]
)
def test_what_is_none_or_broken_is_none(data: bytes) -> None:
    assert read_elf(data) in (None, Elf())


@given(st.integers(0, 400), st.binary(min_size=1, max_size=9), st.booleans())
def test_no_bytes_make_it_fail(position: int, change: bytes, narrow: bool) -> None:
    data = bytearray(big_endian_32() if narrow else elf("/l", ("a", "b"), "c"))
    data[position : position + len(change)] = change
    found = read_elf(bytes(data))
    assert found is None or len(found.needed) <= 1000
