"""What of an image its program does not need, and which base would do."""

from __future__ import annotations

from typing import Any

import pytest

from batten.images import read_image
from batten.images.readers.image import nouns_of
from batten.model.image_content import Image, Minimality
from images.builder import Entry, file, image, program, symlink
from images.test_entry import elf

LIB = "usr/lib/x86_64-linux-gnu"
RECORD = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\nInstalled-Size: {}\n\n"
OWNS = {
    "web": (40, "usr/sbin/web"),
    "libssl3": (6_000, f"{LIB}/libssl.so.3"),
    "libc6": (13_000, f"{LIB}/libc.so.6"),
    "gcc-12": (48_000, "usr/bin/gcc-12"),
    "apt": (4_096, "usr/bin/apt-get"),
    "bash": (7_168, "usr/bin/bash"),
    "tzdata": (2_048, "usr/share/zoneinfo/UTC"),
}
RELEASE = 'ID={}\nVERSION_ID="{}"\n'


def debian(*more: Entry, version: str = "12", packages: dict[str, tuple[int, str]] = OWNS) -> list[Entry]:
    """A Debian with these packages: name -> KiB, the one file that it owns."""
    needs = {"usr/sbin/web": ("libssl.so.3", "libc.so.6"), f"{LIB}/libssl.so.3": ("libc.so.6",)}
    return [
        file("etc/os-release", RELEASE.format("debian", version).encode()),
        file(
            "var/lib/dpkg/status", "".join(RECORD.format(name, size) for name, (size, _) in packages.items()).encode()
        ),
        *(file(f"var/lib/dpkg/info/{name}.list", f"/{path}\n".encode()) for name, (_, path) in packages.items()),
        *(program(path, elf(needed=needs.get(path, ()))) for _, path in packages.values()),
        *more,
    ]


def of(entries: list[Entry], **config: Any) -> Minimality:
    found = nouns_of(read_image(image([entries], **config)), "image:shop")[0]
    assert isinstance(found, Image)
    assert found.minimality is not None
    return found.minimality


def test_packages_of_which_nothing_runs_are_counted_with_their_size() -> None:
    found = of(debian(), Entrypoint=["web"])
    assert (found.program, found.packages, found.bytes) == ("usr/sbin/web", 7, 80_352 << 10)
    # gcc-12, apt and bash; of tzdata, which is data alone, nobody can say
    assert (found.superfluous_packages, found.superfluous_bytes) == (3, 59_264 << 10)
    assert (found.shells, found.package_managers) == (("usr/bin/bash",), ("usr/bin/apt-get",))
    assert (found.compilers, found.interpreters) == (("usr/bin/gcc-12",), ())
    assert (found.base, found.target) == ("gcr.io/distroless/base-debian12", "image:shop")


def test_of_an_image_without_a_program_only_the_programs_are_told() -> None:
    found = of(debian())
    assert (found.superfluous_packages, found.superfluous_bytes, found.base) == (None, 0, "")
    assert found.shells == ("usr/bin/bash",)
    assert "names no program" in found.reason


def test_what_the_program_runs_is_not_superfluous() -> None:
    found = of(debian(program("start", b"#!/usr/bin/bash\nexec web\n")), Entrypoint=["/start"])
    assert (found.superfluous_packages, found.shells) == (2, ())
    assert found.base == "gcr.io/distroless/base-debian12"
    assert "bash runs before it and is not there" in found.reason


def test_an_image_with_nothing_but_its_program_is_told_no_base() -> None:
    found = of([program("web", elf())], Entrypoint=["/web"])
    assert (found.base, found.shells) == ("", ())
    assert "nothing in it that its program does not need" in found.reason


@pytest.mark.parametrize(
    ("entries", "command", "base"),
    [
        ([program("srv/web", elf())], ["/srv/web"], "static-debian13"),
        ([program("srv/web", elf(needed=("libstdc++.so.6",))), file(f"{LIB}/libstdc++.so.6", elf())],
         ["/srv/web"], "cc-debian13"),
        ([program("usr/bin/python3.13", elf(needed=("libc.so.6",)))], ["python3.13", "-m", "web"], "python3-debian13"),
        ([program("usr/local/bin/node", elf(needed=("libstdc++.so.6",)))], ["node", "x.js"], "nodejs24-debian13"),
        ([program("opt/java/bin/java", elf(needed=("libc.so.6",)))], ["/opt/java/bin/java"], "java25-debian13"),
    ],
)  # fmt: skip
def test_the_base_follows_the_program(entries: list[Entry], command: list[str], base: str) -> None:
    found = of(debian(*entries, version="13"), Entrypoint=command)
    assert found.base == f"gcr.io/distroless/{base}"


def test_of_java_the_same_version_and_of_another_distribution_the_newest_debian() -> None:
    release = file("opt/java/release", b'JAVA_VERSION="17.0.9"\n')
    entries = [program("opt/java/bin/java", elf(needed=("libc.so.6",))), release, program("bin/bash", b"x")]
    found = of(
        [file("etc/os-release", RELEASE.format("ubuntu", "24.04").encode()), *entries], Cmd=["/opt/java/bin/java"]
    )
    assert found.base == "gcr.io/distroless/java17-debian13"


def test_on_alpine_nothing_smaller_is_proposed_but_scratch() -> None:
    entries = [
        file("etc/os-release", RELEASE.format("alpine", "3.22.1").encode()),
        program("bin/busybox", b"x"),
        symlink("bin/sh", "busybox"),
        program("srv/web", elf("/lib/ld-musl-x86_64.so.1")),
        file("lib/ld-musl-x86_64.so.1", elf()),
    ]
    found = of(entries, Cmd=["/srv/web"])
    assert (found.base, found.shells) == ("", ("bin/busybox",))
    assert "linked statically runs on `scratch`" in found.reason
    other = of([file("etc/os-release", RELEASE.format("void", "").encode()), *entries[1:]], Cmd=["/srv/web"])
    assert other.base == "alpine"


def test_of_a_program_that_cannot_be_read_nothing_is_concluded() -> None:
    found = of(debian(program("srv/web", b"x")), Entrypoint=["/srv/web"])
    assert (found.program, found.superfluous_packages, found.base) == ("srv/web", None, "")
    assert found.reason == "what its program needs could not be read"
    assert found.shells == ("usr/bin/bash",)
