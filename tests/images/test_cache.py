from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest
import zstandard

from batten import limits
from batten.images import LayerCache, read_image
from batten.images.cache import default_folder
from batten.images.facts import LayerFacts
from batten.images.layers import read_layer
from batten.sources.oci import ImageData
from images import builder
from images.builder import Layer, file, image, symlink, whiteout
from images.cataloguing import LINES, Lines

BASE = [file("a.db", b"one 1\n"), file("etc/os-release", b"debian"), symlink("b", "a.db")]


def facts() -> LayerFacts:
    return read_layer(builder.layer(BASE).blob().open, LINES)


def entries(cache: LayerCache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path: Path) -> LayerCache:
    return LayerCache(tmp_path / "layers")


def names(data: ImageData, cache: LayerCache) -> list[str]:
    return [f"{one.name} {one.version}" for one in read_image(data, cache=cache, cataloguers=LINES).packages]


def test_what_was_put_is_got(cache: LayerCache) -> None:
    put = facts()
    cache.put(put, LINES)
    got = cache.get(put.diff_id, LINES)
    assert got is not None
    assert msgspec.msgpack.encode(got) == msgspec.msgpack.encode(put)
    assert cache.get(builder.digest(b""), LINES) is None


def test_the_second_image_on_a_base_opens_its_own_layers_only(cache: LayerCache) -> None:
    opened: list[int] = []
    first = image([BASE, [file("b.db", b"two 1\n")]], packing="gzip", opened=opened.append)
    assert names(first, cache) == ["one 1", "two 1"]
    assert opened == [0, 1]
    opened.clear()
    second = image([BASE, [file("c.db", b"six 1\n"), whiteout("b")]], packing="zstd", opened=opened.append)
    assert names(second, cache) == ["one 1", "six 1"]
    assert opened == [1]
    opened.clear()
    assert names(first, cache) == ["one 1", "two 1"]
    assert opened == []


def test_results_with_and_without_the_cache_are_the_same(cache: LayerCache) -> None:
    data = image([BASE, [file("b.db", b"two 1\n")]], packing="gzip", Cmd=["b"])
    fresh = read_image(data, cataloguers=LINES)
    read_image(data, cache=cache, cataloguers=LINES)
    again = read_image(data, cache=cache, cataloguers=LINES)
    for one in (fresh, again):
        assert msgspec.to_builtins(one.image.layers) == msgspec.to_builtins(fresh.image.layers)
        assert msgspec.to_builtins(one.packages) == msgspec.to_builtins(fresh.packages)
        assert one.image.files == fresh.image.files


def test_a_newer_cataloguer_reads_again(cache: LayerCache) -> None:
    class Newer(Lines):
        version = 2

    put = facts()
    cache.put(put, LINES)
    assert cache.get(put.diff_id, (Newer(),)) is None
    assert cache.get(put.diff_id, ()) is None


def rewritten(payload: bytes) -> bytes:
    return b"batten-layer/1\n" + hashlib.sha256(payload).digest() + payload


def forged(**changes: object) -> bytes:
    """An entry with a right checksum."""
    changed = msgspec.structs.replace(facts(), **changes)
    return rewritten(zstandard.compress(msgspec.msgpack.encode(changed)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"batten-layer/1\n",
        b"batten-layer/2\n" + bytes(100),
        rewritten(b"no zstd"),
        rewritten(zstandard.compress(b"no msgpack")),
        rewritten(zstandard.compress(msgspec.msgpack.encode({"diff_id": 7}))),
        forged(diff_id=builder.digest(b"another")),
        forged(complete=False),
        forged(kinds=b"f"),
        forged(names=b"a"),
        forged(links={99: "x"}),
        forged(marks=[(-1, "shell")]),
    ],
)
def test_an_entry_that_is_not_what_it_should_be_is_passed_over(cache: LayerCache, data: bytes) -> None:
    put = facts()
    cache.put(put, LINES)
    (path,) = entries(cache)
    path.write_bytes(data)
    assert cache.get(put.diff_id, LINES) is None


def test_a_flipped_bit_is_noticed(cache: LayerCache) -> None:
    put = facts()
    cache.put(put, LINES)
    (path,) = entries(cache)
    good = path.read_bytes()
    for position in range(0, len(good), 7):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        assert cache.get(put.diff_id, LINES) is None


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_an_entry_that_others_may_write_or_that_is_a_link_is_passed_over(cache: LayerCache, tmp_path: Path) -> None:
    put = facts()
    cache.put(put, LINES)
    (path,) = entries(cache)
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o666)
    assert cache.get(put.diff_id, LINES) is None
    path.chmod(0o600)
    assert cache.get(put.diff_id, LINES) is not None
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.get(put.diff_id, LINES) is None


def test_what_lies_or_is_damaged_is_never_kept(cache: LayerCache) -> None:
    good = builder.layer(BASE, "gzip")
    other = builder.digest(b"other")
    for lie in (
        Layer(good.stored, good.digest, other, "gzip"),
        Layer(good.stored, other, good.diff_id, "gzip"),
        Layer(good.stored[:-30], good.digest, good.diff_id, "gzip"),
    ):
        assert read_image(image([lie]), cache=cache, cataloguers=LINES).problems
    assert entries(cache) == []


def test_the_entries_not_used_for_longest_go_first(tmp_path: Path) -> None:
    cache = LayerCache(tmp_path / "layers")
    for number in range(4):
        data = image([[file("a.db", b"one 1\n" * 50), file(f"{number}")]])
        names(data, cache)
        for path in entries(cache):
            if path.stat().st_mtime > 1_000_000:
                os.utime(path, (number, number))
    size = max(path.stat().st_size for path in entries(cache))
    small = LayerCache(cache.folder, limit=3 * size)
    names(image([[file("a.db", b"one 1\n" * 50), file("last")]]), small)
    assert len(entries(small)) == 3
    assert min(path.stat().st_mtime for path in entries(small)) == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert names(image([BASE]), LayerCache(tmp_path / "file" / "layers")) == ["one 1"]


def test_entries_are_bounded(cache: LayerCache, monkeypatch: pytest.MonkeyPatch) -> None:
    put = facts()
    cache.put(put, LINES)
    monkeypatch.setattr(limits, "LAYER_CACHE_ENTRY", 200)
    assert cache.get(put.diff_id, LINES) is None


def test_nothing_is_left_behind(cache: LayerCache) -> None:
    cache.put(facts(), LINES)
    assert [path.suffix for path in entries(cache)] == [".layer"]


def test_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "batten" / "layers"
