from __future__ import annotations

from batten.images import KnownBase, read_image, recognise_base
from batten.images.base import base_of
from batten.model.image_content import BaseImage, Step
from images.builder import file, image, layer
from images.cataloguing import LINES

DEBIAN = KnownBase("docker.io/library/debian:12", "sha256:d", ("a",))
PYTHON = KnownBase("docker.io/library/python:3.12", "sha256:p", ("a", "b", "c"))


def test_the_longest_known_base_wins() -> None:
    assert recognise_base(["a", "b", "c", "d"], [DEBIAN, PYTHON]) == BaseImage(
        PYTHON.reference, "sha256:p", 3, "layers"
    )
    assert recognise_base(["a", "b", "x"], [DEBIAN, PYTHON]) == BaseImage(DEBIAN.reference, "sha256:d", 1, "layers")


def test_no_base_is_made_up() -> None:
    assert recognise_base(["x"], [DEBIAN]) is None
    assert recognise_base(["a"], [DEBIAN]) is None, "an image is not its own base"
    assert recognise_base([], [DEBIAN, KnownBase("empty", "", ())]) is None


def test_the_image_says_it_itself() -> None:
    told = {"org.opencontainers.image.base.name": "debian:12", "org.opencontainers.image.base.digest": "sha256:x"}
    assert base_of(told, {}, ["a", "b"], [], [DEBIAN]) == BaseImage("debian:12", "sha256:x", 1, "annotation")
    assert base_of({}, told, ["z"], []) == BaseImage("debian:12", "sha256:x", 0, "label")


def step(created: str, layer: int | None) -> Step:
    return Step("RUN x", created, layer)


def test_a_gap_in_the_history_is_a_guess() -> None:
    history = [
        step("2026-01-01T00:00:00Z", 0), step("2026-01-01T00:00:00Z", None),
        step("2026-02-01T00:00:00.123456789Z", 1), step("2026-02-01T00:05:00Z", 2),
    ]  # fmt: skip
    assert base_of({}, {}, ["x", "y", "z"], history) == BaseImage("", "", 1, "history")


def test_histories_that_say_nothing() -> None:
    same = [step("1970-01-01T00:00:00Z", 0), step("2026-01-01T00:00:00Z", 1)]
    assert base_of({}, {}, ["x", "y"], same) is None
    assert base_of({}, {}, ["x", "y"], [step("nonsense", 0), step("", 1)]) is None
    close = [step("2026-01-01T00:00:00Z", 0), step("2026-01-01T01:00:00Z", 1)]
    assert base_of({}, {}, ["x", "y"], close) is None


def test_packages_know_whether_the_base_brought_them() -> None:
    below, above = layer([file("a.db", b"one 1\n")]), layer([file("a.db", b"one 1\ntwo 1\n")])
    known = [KnownBase("debian:12", "sha256:d", (below.diff_id,))]
    content = read_image(image([below, above]), cataloguers=LINES, bases=known)
    assert {one.name: one.from_base for one in content.packages} == {"one": True, "two": False}
    assert [one.in_base for one in content.image.layers] == [True, False]
    unknown = read_image(image([below, above]), cataloguers=LINES)
    assert {one.from_base for one in unknown.packages} == {None}
