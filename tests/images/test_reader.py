"""The same image from every kind of place, through the real sources."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from batten.images import ImageContent, LayerCache, read_image
from batten.model.source import Location
from batten.sources import open_target
from batten.sources.oci import OpenImage
from images import builder
from images.builder import Entry, configuration, file, layer, program, whiteout
from images.cataloguing import LINES

CONTENT: list[list[Entry]] = [
    [file("etc/os-release", b"debian"), file("var/a.db", b"one 1\ntwo 1\n"), program("bin/sh", b"x")],
    [file("var/a.db", b"one 1\nsix 2\n"), file("srv/x.pkg", b"x 1"), file("srv/gone", b"1")],
    [whiteout("srv/gone")],
]


def read(target: str, cache: LayerCache | None = None) -> ImageContent:
    with open_target(target) as opened:
        assert isinstance(opened, OpenImage)
        (data,) = opened.images()
        return read_image(data, cataloguers=LINES, cache=cache)


def summary(content: ImageContent) -> object:
    """All that does not depend on where the image lies."""
    image = content.image
    packages = [(one.purl, one.layer, one.instruction, one.paths, one.files) for one in content.packages]
    layers = [(one.diff_id, one.files, one.unpacked, one.created_by) for one in image.layers]
    return packages, layers, image.files, image.entry_files, image.id, image.environment, image.size


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    found = []
    for packing in ("gzip", "zstd", ""):
        layers = [layer(entries, packing) for entries in CONTENT]
        config = configuration(layers, Cmd=["sh"], Env=["PATH=/bin"])
        found.append(f"oci:{builder.layout(tmp_path / f'layout-{packing}', layers, config)}")
    found.append(f"docker-archive:{builder.docker_archive(tmp_path / 'image.tar', layers, config)}")
    return found


def test_the_same_image_from_every_place(places: list[str], tmp_path: Path) -> None:
    cache = LayerCache(tmp_path / "cache")
    expected = summary(read(places[0]))
    for place in places:
        content = read(place)
        assert not content.problems
        assert summary(content) == expected
        assert summary(read(place, cache)) == expected


def test_what_is_said_of_the_image(places: list[str]) -> None:
    image = read(places[0]).image
    assert (image.architecture, image.os, image.command) == ("amd64", "linux", ("sh",))
    assert image.entry_files == ("bin/sh",)
    assert [one.created_by for one in image.layers] == ["step 0", "step 1", "step 2"]
    assert all(one.digest != one.diff_id and one.size for one in image.layers)
    assert image.raw_config["os"] == "linux"


def test_places_in_the_image(places: list[str]) -> None:
    image = read(places[0]).image
    assert image.where("file", "bin/sh", 3).location() == Location(f"{image.reference}!bin/sh", 3)
    assert image.where("layer", 1).location().pointer == "/layer/1"


def test_a_layer_of_a_layout_that_was_tampered_with(places: list[str], tmp_path: Path) -> None:
    blobs = sorted((tmp_path / "layout-gzip/blobs/sha256").iterdir(), key=lambda one: one.stat().st_size)
    victim = next(one for one in blobs if one.read_bytes()[:2] == b"\x1f\x8b")
    victim.write_bytes(layer([file("evil")], "gzip").stored)
    with open_target(places[0]) as opened:
        assert isinstance(opened, OpenImage)
        (data,) = opened.images()
        content = read_image(data, cataloguers=LINES)
    assert any(one.severe for one in content.problems)


def test_a_configuration_that_cannot_be_read_costs_what_it_tells() -> None:
    data = builder.image(CONTENT)
    data.config = b"not json"
    content = read_image(data, cataloguers=LINES)
    assert [one.name for one in content.packages] == ["one", "six", "x"]
    assert content.problems[0].path == "config"


def test_a_configuration_that_names_other_layers_is_told() -> None:
    data = builder.image(CONTENT)
    data.layers = data.layers[:2]
    content = read_image(data, cataloguers=LINES)
    assert [one.message for one in content.problems] == ["names 3 layers, the image has 2"]


def test_the_engine_can_be_encoded(places: list[str]) -> None:
    assert msgspec.json.encode(read(places[0]).packages[0])
