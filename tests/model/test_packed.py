"""Bytes that are held in little memory come back as they were."""

import os
from collections.abc import Iterator

import pytest

from batten.model import packed
from batten.model.objects import config_entry
from batten.model.packed import Aside, Deflated, pack


@pytest.fixture(autouse=True)
def _file_of_its_own() -> Iterator[None]:
    kept, packed._current[:] = packed._current[:], []
    yield
    packed._current[:] = kept


def test_text_is_deflated_in_memory() -> None:
    found = pack(b"a: b\n" * 100_000)
    assert isinstance(found, Deflated)
    assert len(found.data) < 10_000
    assert found.unpack() == b"a: b\n" * 100_000


def test_what_does_not_compress_is_put_aside() -> None:
    contents = [os.urandom(2_000_000) for _ in range(3)]
    found = [pack(one) for one in contents]
    assert all(isinstance(one, Aside) for one in found)
    assert [one.unpack() for one in found] == contents
    del found[1]
    assert found[1].unpack() == contents[2]


def test_the_room_of_the_file_is_given_back() -> None:
    first = pack(os.urandom(2_000_000))
    file = packed._current[0]._file
    assert file is not None
    assert os.fstat(file.fileno()).st_size > 1_900_000
    del first
    assert os.fstat(file.fileno()).st_size == 0
    content = os.urandom(2_000_000)
    assert pack(content).unpack() == content


def test_without_room_on_the_disk_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    content = os.urandom(2_000_000)
    found = pack(content)
    assert isinstance(found, Deflated)
    assert found.unpack() == content


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_leaves_the_file_of_its_parent_alone() -> None:
    content = os.urandom(2_000_000)
    kept = pack(content)
    child = os.fork()
    if not child:
        other = pack(os.urandom(2_000_000))
        same = kept.unpack() == content
        del other, kept
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert kept.unpack() == content


@pytest.mark.parametrize("value", ["", "short", "long\n" * 20_000, "\ud800" * 40_000])
def test_the_value_of_an_entry_is_its_text(value: str) -> None:
    assert config_entry("key", value).value == value
