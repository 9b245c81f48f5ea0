from __future__ import annotations

import base64
import gzip
import random
from typing import Any

import msgspec
import pytest

from batten import limits
from batten.images.cataloguers import Catalogue, LayerFile
from batten.images.facts import LayerFacts, LayerProblem, consistent
from batten.images.layers import normal, read_layer
from images.builder import (
    END,
    Entry,
    Layer,
    digest,
    file,
    folder,
    gnu_long,
    hardlink,
    layer,
    opaque,
    program,
    symlink,
    tar,
    whiteout,
)
from images.cataloguing import LINES


def read(built: Layer, **claims: str) -> LayerFacts:
    return read_layer(built.blob().open, LINES, **claims)


def said(facts: LayerFacts) -> list[str]:
    return [f"{one.path}: {one.message}" if one.path else one.message for one in facts.problems]


def found(facts: LayerFacts) -> dict[str, list[str]]:
    """Path -> packages that were found in it."""
    paths = facts.paths()
    return {
        paths[one.index]: [f"{package.name} {package.version}" for package in one.catalogue.packages]
        for one in facts.found
    }


@pytest.mark.parametrize("packing", ["", "gzip", "zstd"])
def test_members_with_their_columns(packing: str) -> None:
    built = layer([folder("./a"), file("/a//b", b"12", uid=9), symlink("c", "/a/b"), program("d")], packing)
    facts = read(built, digest=built.digest, diff_id=built.diff_id)
    assert facts.paths() == ["a", "a/b", "c", "d"]
    assert facts.kinds == b"dflf"
    assert list(facts.modes()) == [0o755, 0o644, 0o777, 0o755]
    assert list(facts.uids()) == [0, 9, 0, 0]
    assert list(facts.sizes()) == [0, 2, 0, 10]
    assert facts.links == {2: "/a/b"}
    assert (facts.diff_id, facts.digest, facts.size) == (built.diff_id, built.digest, len(built.stored))
    assert facts.complete
    assert not facts.problems


def test_whiteouts_are_no_members() -> None:
    facts = read(layer([whiteout("a/b"), whiteout("c"), opaque("d"), opaque(""), file(".wh..wh.plnk/1.2"), file("e")]))
    assert facts.whiteouts == ["a/b", "c"]
    assert facts.opaque == ["d", ""]
    assert facts.paths() == ["e"]


def test_whiteouts_of_nothing_are_told() -> None:
    facts = read(layer([file("a/.wh."), file(".wh..."), file("b")]))
    assert facts.whiteouts == []
    assert said(facts) == [
        "a/.wh.: a whiteout of nothing; it was left out",
        ".wh...: a whiteout of nothing; it was left out",
    ]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/..", "a/..", "a/" * 300 + "x"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    facts = read(layer([file(name, before=gnu_long(name.encode())), file("y")]))
    assert facts.paths() == ["y"]
    assert len(facts.problems) == 1
    assert "leads out of its folder" in facts.problems[0].message


def test_hard_links_out_of_the_root_are_refused() -> None:
    facts = read(layer([hardlink("a", "../../etc/passwd"), file("x")]))
    assert facts.paths() == ["x"]
    assert said(facts) == ["a: a link out of the image's root; it was left out"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b", "a/b"), ("./a", "a"), ("/a/", "a"), ("a//b", "a/b"), ("a/./b", "a/b"), (".", ""), ("", ""), ("/", ""),
        ("a/.b", "a/.b"), ("..a", "..a"), ("a..", "a.."), ("..", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_normal_paths(name: str, path: str | None) -> None:
    assert normal(name) == path


def test_what_cataloguers_find_is_kept_with_its_member() -> None:
    facts = read(layer([file("x"), file("a.db", b"one 1\ntwo 2\n"), file("a.owns", b"one /bin/a\none /bin/b\n")]))
    assert found(facts) == {"a.db": ["one 1", "two 2"], "a.owns": []}
    assert facts.found[1].owned == {"one": "/bin/a\0/bin/b"}


def test_a_broken_file_is_a_problem_and_the_rest_is_read() -> None:
    facts = read(
        layer([file("a.db", b"broken"), file("b.db", b"one 1\ntwo\n"), file("c.db", b"\xff"), file("d.db", b"x 1")])
    )
    assert found(facts) == {"b.db": ["one 1"], "d.db": ["x 1"]}
    assert said(facts) == [
        "a.db: expected lines, found rubbish",
        "b.db: one line has no version",
        "c.db: could not be read: UnicodeDecodeError in batten itself; please report it",
    ]


def test_a_cataloguer_that_fails_when_asked_costs_one_file() -> None:
    class Fails:
        name = "fails"
        version = 1

        def wants(self, file: LayerFile) -> bool:
            return file.path[10] == "x"

        def read(self, file: LayerFile, data: Any) -> Catalogue:
            return Catalogue()

    facts = read_layer(layer([file("a.db", b"one 1"), file("b.db", b"two 2")]).blob().open, (*LINES, Fails()))
    assert found(facts) == {"a.db": ["one 1"], "b.db": ["two 2"]}
    assert said(facts)[0] == "a.db: the cataloguer fails failed: IndexError"


def test_a_wrong_digest_is_told() -> None:
    built = layer([file("a")], "gzip")
    other = digest(b"")
    facts = read(built, digest=other, diff_id=built.diff_id)
    assert said(facts) == [f"expected the blob {other}, found {built.digest}: damaged or tampered with"]
    facts = read(built, digest=built.digest, diff_id=other)
    assert said(facts) == [f"expected the diff id {other}, found {built.diff_id}: the configuration lies"]
    assert facts.problems[0].severe


def test_zeros_and_anything_else_after_the_archive_are_hashed() -> None:
    for rest in (bytes(100_000), b"anything" * 100_000):
        built = layer(tar([file("a")]) + rest, "gzip")
        facts = read(built, digest=built.digest, diff_id=built.diff_id)
        assert facts.paths() == ["a"]
        assert not facts.problems


@pytest.mark.parametrize("packing", ["", "gzip", "zstd"])
def test_a_layer_that_is_cut_off_gives_what_came_before(packing: str) -> None:
    built = layer([file("a.db", b"one 1"), file("b", bytes(range(256)) * 1000)], packing)
    cut = Layer(built.stored[: len(built.stored) * 2 // 3], built.digest, built.diff_id, packing)
    facts = read(cut, digest=built.digest, diff_id=built.diff_id)
    assert not facts.complete
    assert any("cut off" in one for one in said(facts))
    assert len(facts.problems) <= 2
    assert "a.db" in facts.paths() or packing


def test_other_data_than_an_archive() -> None:
    facts = read(layer(b"<html>not found</html>"))
    assert said(facts) == ["ends in the middle of a header: it is cut off"]
    facts = read(layer(b"<html>not found</html>" * 100))
    assert said(facts) == ["expected a tar archive (plain, gzip or zstd), found other data"]


def test_a_bomb_is_one_problem() -> None:
    stored = gzip.compress(tar([file("a.db", b"one 1"), file("b", bytes(80 << 20))]))
    facts = read(Layer(stored, digest(stored), digest(b""), "gzip"))
    assert found(facts) == {"a.db": ["one 1"]}
    assert len(facts.problems) == 1
    assert "a bomb" in facts.problems[0].message


def test_bytes_behind_the_compressed_stream_are_told_but_not_severe() -> None:
    facts = read(Layer(gzip.compress(tar([file("a")])) + b"junk", "", "", "gzip"))
    assert facts.problems == [
        LayerProblem("", "4 bytes follow the compressed archive and belong to nothing", severe=False)
    ]


def test_a_hard_link_is_read_under_its_own_name() -> None:
    """As in pnpm's and uv's stores: the content comes under a name that nobody wants."""
    facts = read(layer([file("store/ab/cd", b"one 1"), hardlink("app/one.pkg", "store/ab/cd"), file("z")]))
    assert found(facts) == {"app/one.pkg": ["one 1"]}
    assert facts.wanted_links == {}


def test_a_hard_link_to_a_hard_link_and_to_a_name_that_was_written_twice() -> None:
    entries = [
        file("x", b"old 1"),
        file("x", b"new 2"),
        hardlink("y", "x"),
        hardlink("a.pkg", "y"),
        file("x", b"later 3"),
    ]
    assert found(read(layer(entries))) == {"a.pkg": ["new 2"]}


def test_links_that_lead_to_other_layers_are_noted() -> None:
    facts = read(layer([hardlink("a.pkg", "store/x"), symlink("b.db", "store/y"), symlink("c", "d")]))
    assert facts.wanted_links == {0: ["lines"], 1: ["lines"]}


def test_too_many_problems_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_PROBLEMS", 3)
    facts = read(layer([file(f"{number}.db", b"broken") for number in range(10)]))
    assert said(facts)[-1] == "7 more problems of this layer are not listed"
    assert len(facts.problems) == 4


def test_names_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_NAME_BYTES", 10)
    facts = read(layer([file("abcdef"), file("ghijkl")]))
    assert facts.paths() == ["abcdef"]
    assert not facts.complete


def test_what_is_looked_into_is_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_LOOKED_INTO_BYTES", 8)
    facts = read(layer([file("a.db", b"one 1"), file("b.db", b"two 2"), file("c.db", b"three 3")]))
    assert found(facts) == {"a.db": ["one 1"]}
    assert said(facts) == ["more than 0 MiB to be looked into; what comes after is not"]


def test_secrets_are_found_outside_of_packages_and_never_kept() -> None:
    body = base64.encodebytes(bytes([0x30, 0x82, 4, 0xA3]) + random.Random(1).randbytes(1188)).decode()
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n"
    facts = read(layer([file("root/.ssh/id_rsa", key.encode()), file("usr/share/doc/id_rsa", key.encode())]))
    assert [facts.paths()[index] for index in facts.secrets] == ["root/.ssh/id_rsa"]
    assert body[:20].encode() not in msgspec.msgpack.encode(facts)


def test_facts_survive_the_way_through_msgpack() -> None:
    entries = [file("a.db", b"one 1"), symlink("b.db", "a"), program("bin/sh"), whiteout("q"), file("tmp/x", b"1"),
               Entry(b"caf\xe9", b"x"), file("etc/os-release", b"debian")]  # fmt: skip
    facts = read(layer(entries))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=LayerFacts)
    assert msgspec.structs.asdict(again).keys() == msgspec.structs.asdict(facts).keys()
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode(facts)
    assert consistent(again)


def test_an_empty_layer() -> None:
    facts = read(layer([]))
    assert (facts.paths(), facts.complete, facts.problems) == ([], True, [])
    assert consistent(facts)
    assert read(layer(END[:512])).complete


def test_a_program_under_two_names_is_read_once() -> None:
    read_paths: list[str] = []

    class Programs:
        name = "programs"
        version = 1

        def wants(self, file: LayerFile) -> bool:
            return file.head.startswith(b"\x7fELF") or file.path == "bin/perl"

        def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
            read_paths.append(file.path)
            return Catalogue()

    entries = [
        program("bin/perl5", b"\x7fELF" + bytes(99)),
        hardlink("bin/perl", "bin/perl5"),
        hardlink("z", "bin/perl5"),
    ]
    read_layer(layer(entries).blob().open, (Programs(),))
    assert read_paths == ["bin/perl5"]


def test_what_is_too_large_to_be_looked_into_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBER_BYTES", 1 << 20)
    large = bytes(2 << 20)
    facts = read(layer([file("a.db", large), program("lib/big.so", b"\x7fELF" + large), file("b.db", b"one 1")]))
    assert found(facts) == {"b.db": ["one 1"]}
    assert [(one.path, one.severe) for one in facts.problems] == [("a.db", True), ("lib/big.so", False)]
    assert facts.problems[0].message == "expected at most 1 MiB, found 2 MiB; it was not looked into"


def test_packages_lists_and_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_PACKAGES", 2)
    facts = read(layer([file("a.db", b"one 1\ntwo 2\n"), file("b.db", b"six 6\n"), file("c.db", b"ten 10\n")]))
    assert found(facts) == {"a.db": ["one 1", "two 2"]}
    assert said(facts) == ["expected at most 2 packages in one layer, found more; the rest is not listed"]
    monkeypatch.setattr(limits, "LAYER_NAMES_KEPT", 3)
    script = b"#!/bin/sh\none\ntwo\n"
    facts = read(layer([program("srv/a", script), program("srv/b", script), program("srv/c", script)]))
    assert len(facts.scripts) == 1
    assert [(one.message, one.severe) for one in facts.problems] == [
        ("too many programs and scripts to follow what all of them need", False)
    ]
