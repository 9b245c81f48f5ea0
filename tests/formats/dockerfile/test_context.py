"""What the build context holds of the sources of ADD."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from batten import api
from batten.formats.dockerfile import parse
from batten.formats.dockerfile.context import held, is_archive
from batten.limits import DOCKERFILE_CONTEXT
from batten.model.settings import Settings
from batten.model.source import File
from batten.sources.confined import DirectoryFiles


def _tar(format_: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        archive.addfile(tarfile.TarInfo("web"))
    return out.getvalue()


def _oldest() -> bytes:
    """A header without magic, as the first programs wrote it."""
    header = bytearray(_tar(tarfile.USTAR_FORMAT))
    header[257:345] = bytes(88)
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return bytes(header)


@pytest.mark.parametrize(
    "data",
    [
        _tar(),
        _tar(tarfile.GNU_FORMAT),
        _oldest(),
        gzip.compress(_tar()),
        bz2.compress(_tar()),
        lzma.compress(_tar()),
        b"\x28\xb5\x2f\xfd\x04\x00",
    ],
    ids=["pax", "gnu", "oldest", "gzip", "bzip2", "xz", "zstd"],
)
def test_what_the_builder_unpacks(data: bytes) -> None:
    assert is_archive(data)


@pytest.mark.parametrize(
    "data",
    [b"", bytes(1024), b"PK\x03\x04", b"#!/bin/sh\nexec web\n" * 60, _tar()[:300], b"\x7fELF" + bytes(600)],
    ids=["empty", "zeros", "zip", "script", "cut", "program"],
)
def test_what_it_copies(data: bytes) -> None:
    assert not is_archive(data)


def _fixes(folder: Path, **settings: object) -> dict[int, str]:
    """The kinds of the fixes of IMG007, by line."""
    report = api.scan([str(folder)], Settings(checks=("IMG007",), **settings)).report  # type: ignore[arg-type]
    return {one.location.line: one.fix.kind for one in report.findings if one.fix is not None}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "app").write_bytes(_tar())
    (tmp_path / "data/x.tgz").write_bytes(gzip.compress(_tar()))
    (tmp_path / "web").write_text("#!/bin/sh\n")
    (tmp_path / "web.conf").write_bytes(_tar())
    (tmp_path / "big.jar").write_bytes(b"PK\x03\x04" + bytes(17 << 20))
    return tmp_path


def test_only_what_is_seen_to_be_no_archive_is_safe_to_copy(shop: Path) -> None:
    (shop / "Dockerfile").write_text(
        "FROM debian:13\n"
        "ADD app /app\n"
        "ADD data/* /d2/\n"
        "ADD data/x.t?z /d3/\n"
        "ADD web.conf /etc/\n"
        "ADD web /usr/local/bin/\n"
        "ADD ./web big.jar /usr/local/bin/\n"
        "ADD data /d\n"
        "ADD /data/ /d\n"
        "ADD *.jar /d/\n"
        "ADD *.conf /d/\n"
        "ADD ../web /d/\n"
        "ADD web app /d/\n"
    )
    assert _fixes(shop) == {6: "safe", 7: "safe", 8: "safe", 9: "safe", 10: "safe"}


def test_the_context_may_be_a_folder_further_up(shop: Path) -> None:
    (shop / "docker").mkdir()
    (shop / "docker/app").write_text("#!/bin/sh\n")
    (shop / "docker/Dockerfile").write_text("FROM debian:13\nADD app /app\nADD web /web\nADD docker/app /x\n")
    assert _fixes(shop) == {3: "safe", 4: "safe"}


def test_in_an_archive_members_are_looked_at(shop: Path) -> None:
    (shop / "Dockerfile").write_text("FROM debian:13\nADD app /app\nADD web /web\n")
    packed = shop.parent / "shop.tar"
    with tarfile.open(packed, "w") as archive:
        for name in ("Dockerfile", "app", "web"):
            archive.add(shop / name, name)
    assert _fixes(packed) == {3: "safe"}


def test_of_a_link_out_of_the_target_nothing_is_told(shop: Path) -> None:
    (shop / "out").symlink_to("/etc/hostname")
    (shop / "Dockerfile").write_text("FROM debian:13\nADD out /app\nADD out/x.conf /app\n")
    done = api.scan([str(shop)], Settings(checks=("IMG007",)))
    assert [one.location.line for one in done.report.findings] == [3]
    assert [one.fix.kind for one in done.report.findings if one.fix] == ["review"]
    assert [one.message for one in done.report.targets[0].problems if "Dockerfile" in one.path] == []


def test_many_sources_cost_a_bounded_number_of_looks(tmp_path: Path) -> None:
    deep = tmp_path
    for name in "abcdefgh":
        deep = deep / name
        deep.mkdir()
    asked: list[str] = []

    class Counting(DirectoryFiles):
        def head(self, path: str) -> bytes | None:
            asked.append(path)
            return super().head(path)

        def folders(self, directory: str) -> list[str]:
            asked.append(directory)
            return super().folders(directory)

    adds = "".join(f"ADD {name}.conf x{name}.conf */*/{name}.conf /x\n" for name in range(2_000))
    dockerfile = parse(File("a/b/c/d/e/f/g/h/Dockerfile", f"FROM debian:13\n{adds}".encode(), "a/b/c/d/e/f/g/h"))
    found = held(dockerfile, Counting(str(tmp_path.resolve()), lambda path, message: None))
    assert set(found.values()) == {"unseen"}
    assert len(asked) <= DOCKERFILE_CONTEXT
