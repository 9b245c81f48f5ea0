from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from batten import api, limits
from batten.images.cataloguers import LayerFile
from batten.images.cataloguers.go import CATALOGUER
from batten.model.settings import ImageSettings, Settings
from images import builder
from images.cataloguers.reading import by_name, read

DATA = Path(__file__).parents[2] / "data" / "languages"
MODULES = {"stdlib": "1.26.8", "httpsnoop": "v1.0.3", "uuid": "v1.6.0", "handlers": "v1.5.2", "mux": "v1.8.1"}


def _recorded(name):
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())


def _program(version: str, modules: str) -> bytes:
    """The smallest ELF file with build information: one writable segment, no sections."""
    text = b"\0" * 16 + modules.encode() + b"\0" * 16 if modules else b""

    def string(data: bytes) -> bytes:
        length, raw = len(data), b""
        while length > 0x7F:
            raw, length = raw + bytes([length & 0x7F | 0x80]), length >> 7
        return raw + bytes([length]) + data

    block = b"\xff Go buildinf:\x08\x02" + b"\0" * 16 + string(version.encode()) + string(text)
    header = (
        b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    )
    return header + struct.pack("<IIQQQQQQ", 1, 6, 128, 0x1000, 0, len(block), len(block), 1) + b"\0" * 8 + block


@pytest.mark.parametrize("system", ["linux-386", "windows-amd64", "darwin-arm64"])
def test_programs_of_each_system_tell_their_modules(system):
    packages = read(CATALOGUER, "usr/bin/shop", _recorded(f"go-{system}")).packages
    assert {one.name: one.version for one in packages} == MODULES
    assert {one.type for one in packages} == {"golang"}


def test_the_own_version_comes_from_the_linkers_flags_where_nothing_else_says_it():
    shop = read(CATALOGUER, "usr/bin/shop", _recorded("go-linux-amd64")).packages[1]
    assert shop.purl == "pkg:golang/example.com/shop/v2@v2.4.1"
    assert shop.confidence == "low"
    assert shop.files == ("usr/bin/shop",)


def test_a_replacement_is_what_was_built_and_a_folder_keeps_the_name_with_low_confidence():
    packages = by_name(read(CATALOGUER, "usr/bin/shop", _recorded("go-linux-amd64")))
    assert packages["uuid"].purl == "pkg:golang/github.com/google/uuid@v1.6.0"
    assert (packages["mux"].confidence, packages["mux"].evidence) == ("low", "replaced by the folder ./local")


def test_before_go_1_18_the_information_lies_behind_pointers():
    (library,) = read(CATALOGUER, "usr/bin/old", _recorded("go-1.17")).packages
    assert library.purl == "pkg:golang/stdlib@1.17"


def test_a_program_without_sections_is_searched_in_its_data():
    data = _program(
        "go1.22.1", "path\tgithub.com/a/b/cmd/c\nmod\tgithub.com/a/b\tv1.4.0\th1:x=\ndep\tgolang.org/x/net\tv0.17.0\n"
    )
    assert [one.purl for one in read(CATALOGUER, "c", data).packages] == [
        "pkg:golang/stdlib@1.22.1",
        "pkg:golang/github.com/a/b@v1.4.0",
        "pkg:golang/golang.org/x/net@v0.17.0",
    ]


def test_a_commit_without_a_tag_gets_a_pseudo_version():
    settings = "build\tvcs.revision=4cb5f0764b8d5d2a6d9e24a1f9d18b5a8a1d0c11\nbuild\tvcs.time=2025-05-15T20:08:10Z\n"
    package = read(CATALOGUER, "k", _program("go1.23.8", f"mod\tk8s.io/kubernetes\t(devel)\t\n{settings}")).packages[1]
    assert package.version == "v0.0.0-20250515200810-4cb5f0764b8d"
    assert package.confidence == "low"


def test_a_program_built_without_modules_says_that_they_are_unknown():
    catalogue = read(CATALOGUER, "usr/bin/docker", _program("go1.24.3 X:nocoverageredesign", ""))
    assert [one.purl for one in catalogue.packages] == ["pkg:golang/stdlib@1.24.3"]
    assert "which ones it holds is unknown" in catalogue.problem
    assert not catalogue.severe


def test_more_modules_than_allowed_are_a_loss(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "PACKAGES_PER_FILE", 1)
    text = "mod\tshop\tv1.0.0\t\ndep\ta\tv1\t\ndep\tb\tv1\t\n"
    catalogue = read(CATALOGUER, "web", _program("go1.24.3", text))
    assert "the rest is not read" in catalogue.problem
    assert catalogue.severe


def test_an_image_with_such_a_program_is_read_whole(tmp_path: Path):
    program = builder.layer([builder.file("bin/app", _program("go1.24.3", ""), mode=0o755)])
    archive = builder.docker_archive(tmp_path / "app.tar", [program], builder.configuration([program], User="1"))
    report = api.scan([str(archive)], Settings(fail_on="none", images=ImageSettings(cache=False, offline=True))).report
    problems = report.targets[0].problems
    assert ["which ones it holds is unknown" in one.message for one in problems if one.path.endswith("!bin/app")] == [
        True
    ]
    assert not any(one.severe for one in problems if one.path.endswith("!bin/app"))


def test_a_program_built_without_modules_still_has_the_version_that_the_linker_set():
    flags = 'build\t-ldflags="-w -X \\"github.com/docker/cli/cli/version.Version=28.2.2\\""\n'
    text = f"path\tgithub.com/docker/cli/cmd/docker\n{flags}"
    docker = read(CATALOGUER, "usr/bin/docker", _program("go1.24.3", text)).packages[1]
    assert (docker.purl, docker.confidence) == ("pkg:golang/github.com/docker/cli@v28.2.2", "low")


def _with_texts(version: str, modules: str, *texts: str) -> bytes:
    """The same with texts that the linker set, in the order of their lengths, each filled up with zeros."""
    return _program(version, modules) + b"\0" * 8 + b"".join(one.encode() + b"\0" * 9 for one in texts)


def test_the_own_version_stands_beside_that_of_go_where_the_flags_are_left_out():
    program = _with_texts("go1.19.8", "path\tgithub.com/docker/distribution/cmd/registry\n", "go1.19.8", "2.8.2+ds1")
    catalogue = read(CATALOGUER, "usr/bin/docker-registry", program)
    registry = catalogue.packages[1]
    assert (registry.purl, registry.confidence) == ("pkg:golang/github.com/docker/distribution@v2.8.2%2Bds1", "low")
    assert "the linker set" in registry.evidence
    assert "which ones it holds is unknown" in catalogue.problem


@pytest.mark.parametrize("texts", [("go1.19.8", "2.8.2", "3.1.4"), ("2.8.2",), ("go1.19.8", "x2.8.2", "2.8")])
def test_a_text_that_may_be_anothers_version_is_not_the_programs(texts: tuple[str, ...]):
    program = _with_texts("go1.19.8", "path\tgithub.com/docker/distribution/cmd/registry\n", *texts)
    catalogue = read(CATALOGUER, "usr/bin/docker-registry", program)
    assert [one.name for one in catalogue.packages] == ["stdlib"]
    assert "of github.com/docker/distribution (Go 1.19.8) of which no version is told" in catalogue.problem


def test_a_version_of_the_program_goes_before_that_of_a_module_that_it_uses():
    flags = "build\t-ldflags=\"-X example.org/lib/version.Version=9.9.9 -X 'github.com/a/b/cmd.Version=v1.2.3-rc1'\"\n"
    text = f"path\tgithub.com/a/b\nmod\tgithub.com/a/b\t(devel)\t\n{flags}"
    assert read(CATALOGUER, "b", _program("go1.24.3", text)).packages[1].version == "v1.2.3-rc1"


def test_other_programs_tell_nothing():
    data = _program("go1.22.1", "").replace(b"buildinf:", b"buildxxx:")
    assert read(CATALOGUER, "usr/bin/ls", data).packages == []
    assert read(CATALOGUER, "usr/bin/ls", data[:70]).packages == []


def test_java_classes_begin_like_programs_and_are_none():
    head = bytes.fromhex("cafebabe00000041")
    assert not CATALOGUER.wants(LayerFile("a/B.class", 900, 0o644, head))
    assert not CATALOGUER.wants(LayerFile("usr/bin/x", 900, 0o755, b"#!/bin/sh\n"))
