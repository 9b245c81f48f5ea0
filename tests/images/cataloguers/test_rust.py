from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

import pytest

from batten import limits
from batten.images.cataloguers.rust import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.programs import elf
from images.cataloguers.reading import by_name, read

DATA = Path(__file__).parents[2] / "data" / "languages" / "rust-linux-amd64.gz"


def _with(section: bytes) -> bytes:
    return elf({".dep-v0": section})


def test_the_crates_of_a_program_are_read_and_those_that_built_it_left_out():
    packages = by_name(read(CATALOGUER, "usr/bin/shop", gzip.decompress(DATA.read_bytes())))
    assert {name: one.version for name, one in packages.items()} == {
        "itoa": "1.0.19",
        "libc": "0.2.191",
        "shop": "0.3.0",
    }
    assert packages["shop"].depends == ("itoa", "libc")
    assert packages["itoa"].purl == "pkg:cargo/itoa@1.0.19"
    assert packages["itoa"].files == ("usr/bin/shop",)


def test_programs_without_the_section_tell_nothing():
    assert read(CATALOGUER, "usr/bin/ls", elf({".text": b"x"})).packages == []


def test_good_crates_of_a_broken_list_are_kept():
    crates = [{"name": "a"}, {"name": "b", "version": "1.0.0", "dependencies": [0, 7, -1, "c"]}, 3]
    catalogue = read(CATALOGUER, "x", _with(zlib.compress(json.dumps({"packages": crates}).encode())))
    assert [(one.name, one.depends) for one in catalogue.packages] == [("b", ("a",))]
    assert catalogue.problem.startswith("2 packages could not be read")


@pytest.mark.parametrize(("section", "message"), [(b"no zlib", "zlib stream"), (zlib.compress(b"[1]"), "JSON object")])
def test_a_section_that_holds_something_else_is_told(section, message):
    with pytest.raises(Unreadable, match=message):
        read(CATALOGUER, "x", _with(section))


def test_a_list_that_inflates_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "RUST_CRATES_BYTES", 1000)
    with pytest.raises(Unreadable, match="larger than"):
        read(CATALOGUER, "x", _with(zlib.compress(b" " * 100_000)))
