"""Distributions without the list of their packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten.images import read_image, read_root
from batten.sources import open_target
from images import builder

DEBIAN = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
STATUS = b"Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\n"
LIBRARY = "usr/lib/x86_64-linux-gnu/libc.so.6"


def problems(tmp_path: Path, *files: tuple[str, bytes], system: str = "linux") -> list[tuple[str, str, bool]]:
    layers = [builder.layer([builder.file(path, data) for path, data in files])]
    configuration = builder.configuration(layers).replace(b'"linux"', b'"%s"' % system.encode())
    archive = builder.docker_archive(tmp_path / "web.tar", layers, configuration)
    with open_target(str(archive)) as target:
        (data,) = target.images()
        return [(one.path, one.message, one.severe) for one in read_image(data).problems]


def test_a_debian_whose_list_was_removed_is_told(tmp_path: Path) -> None:
    text = "expected the packages of Debian GNU/Linux 12 (bookworm), found none: what of it is installed is not known"
    found = problems(tmp_path, ("etc/os-release", DEBIAN), (LIBRARY, b"\x7fELF"))
    assert found == [("var/lib/dpkg/status", text, True)]


@pytest.mark.parametrize(
    ("release", "library", "place"),
    [
        (b"ID=alpine\nVERSION_ID=3.20.1\n", "lib/ld-musl-x86_64.so.1", "lib/apk/db/installed"),
        (b'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.2"\n', "usr/lib64/libc.so.6", "var/lib/rpm"),
        (b"ID=raspbian\nID_LIKE=debian\nVERSION_ID=12\n", "lib/arm-linux-gnueabihf/libc.so.6", "var/lib/dpkg/status"),
    ],
)
def test_so_is_every_family(tmp_path: Path, release: bytes, library: str, place: str) -> None:
    assert [one[0] for one in problems(tmp_path, ("etc/os-release", release), (library, b"\x7fELF"))] == [place]


@pytest.mark.parametrize(
    "files",
    [
        [("etc/os-release", DEBIAN), (LIBRARY, b"\x7fELF"), ("var/lib/dpkg/status", STATUS)],
        [("etc/os-release", DEBIAN), (LIBRARY, b"\x7fELF"), ("var/lib/dpkg/status.d/bash", STATUS)],
        [("etc/os-release", DEBIAN), ("app", b"\x7fELF")],  # a program alone with a file that names a distribution
        [("etc/os-release", b"ID=nixos\n"), ("lib/libc.so.6", b"\x7fELF")],  # lists nothing that is read
        [(LIBRARY, b"\x7fELF")],
    ],
)
def test_nothing_is_told_where_nothing_is_missing(tmp_path: Path, files: list[tuple[str, bytes]]) -> None:
    assert problems(tmp_path, *files) == []


def test_a_root_file_system_is_held_to_the_same(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "os-release").write_bytes(DEBIAN)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libc.so.6").write_bytes(b"\x7fELF")
    assert [one.path for one in read_root(str(tmp_path)).problems] == ["var/lib/dpkg/status"]


def test_an_image_of_windows_is_not_read_whole(tmp_path: Path) -> None:
    text = "expected an image of Linux, found one of Windows: of it only packages of languages are read"
    assert problems(tmp_path, ("Files/License.txt", b"x"), system="windows") == [("Hives", text, True)]
