from __future__ import annotations

import builtins
import gzip
import hashlib
import io
import struct
import time
from typing import Any

import pytest
import zstandard

from batten import limits
from batten.images.unpack import Unpacked
from batten.model.source import Unreadable
from images.builder import digest, packed

TEXT = bytes(range(256)) * 5000
SKIPPABLE = struct.pack("<II", 0x184D2A51, 9) + b"table of "


def unpack(stored: bytes) -> tuple[bytes, Unpacked]:
    unpacked = Unpacked(io.BytesIO(stored))
    parts = []
    while part := unpacked.next():
        parts.append(part)
    return b"".join(parts), unpacked


@pytest.fixture
def no_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("isal"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)


STORED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT, 6),
    "gzip of two members": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
    "gzip padded with zeros": gzip.compress(TEXT) + bytes(1000),
    "zstd": zstandard.compress(TEXT),
    "zstd of two frames": zstandard.compress(TEXT[:1000]) + zstandard.compress(TEXT[1000:]),
    "zstd:chunked": SKIPPABLE + zstandard.compress(TEXT[:9]) + SKIPPABLE + zstandard.compress(TEXT[9:]) + SKIPPABLE,
}


@pytest.mark.parametrize("what", STORED)
def test_the_bytes_and_both_digests(what: str) -> None:
    data, unpacked = unpack(STORED[what])
    assert data == TEXT
    assert unpacked.digest == digest(STORED[what])
    assert unpacked.diff_id == digest(TEXT)
    assert (unpacked.size, unpacked.stored, unpacked.failed) == (len(TEXT), len(STORED[what]), False)


@pytest.mark.usefixtures("no_isal")
@pytest.mark.parametrize("what", [one for one in STORED if one.startswith("gzip")])
def test_gzip_without_isal(what: str) -> None:
    data, unpacked = unpack(STORED[what])
    assert data == TEXT
    assert unpacked.digest == digest(STORED[what])


def test_other_hash_algorithms() -> None:
    stored = STORED["gzip"]
    unpacked = Unpacked(io.BytesIO(stored), digest="sha512", diff_id="sha384")
    unpacked.drain()
    assert unpacked.digest == f"sha512:{hashlib.sha512(stored).hexdigest()}"
    assert unpacked.diff_id == f"sha384:{hashlib.sha384(TEXT).hexdigest()}"
    plain = Unpacked(io.BytesIO(TEXT), digest="sha512", diff_id="sha256")
    plain.drain()
    assert (plain.digest, plain.diff_id) == (f"sha512:{hashlib.sha512(TEXT).hexdigest()}", digest(TEXT))


def test_bytes_after_the_last_member_are_counted() -> None:
    assert unpack(gzip.compress(TEXT) + b"\0\0rest")[1].rest == 4


@pytest.mark.parametrize("cut", [5, 100, 2000])
def test_gzip_cut_off(cut: int) -> None:
    with pytest.raises(Unreadable, match="cut off"):
        unpack(STORED["gzip"][:cut])


def test_damage_is_told() -> None:
    for packing in ("gzip", "zstd"):
        stored = bytearray(packed(TEXT, packing))
        stored[12:60] = b"\xff" * 48
        with pytest.raises(Unreadable, match=f"the {packing} stream is damaged"):
            unpack(bytes(stored))


def test_compressions_that_no_engine_reads() -> None:
    with pytest.raises(Unreadable, match="found bzip2"):
        unpack(b"BZh91AY" + bytes(100))


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_bombs_end_early(packing: str) -> None:
    million = bytes(1 << 20)
    bomb = (gzip.compress(million) if packing == "gzip" else packed(million, packing)) * 200
    started = time.process_time()
    unpacked = Unpacked(io.BytesIO(bomb))
    with pytest.raises(Unreadable, match="a bomb"):
        unpacked.drain()
    assert unpacked.size <= limits.LAYER_RATIO_BYTES + limits.MIB
    assert unpacked.failed
    assert time.process_time() - started < 2


def test_a_window_that_takes_too_much_memory_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, write_content_size=False)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    stored = compressor.compress(TEXT) + compressor.flush()
    with pytest.raises(Unreadable, match=r"the zstd stream is damaged: .*memory"):
        unpack(stored)


def test_too_much_and_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_UNPACKED_BYTES", 1000)
    with pytest.raises(Unreadable, match="expected at most 0 MiB unpacked"):
        unpack(TEXT)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "LAYER_SECONDS", -1)
    with pytest.raises(Unreadable, match="took longer"):
        unpack(TEXT)


def test_an_empty_blob() -> None:
    assert unpack(b"")[0] == b""
