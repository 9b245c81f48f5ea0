"""What widens the surface of an image: SUR004 and SUR005."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Case, fails, passes, silent
from image_cases import NAME, assert_image_case, image
from images.builder import program, symlink, whiteout

CASES = (
    # SUR004: daemons
    fails(
        "SUR004",
        image([[program("usr/sbin/sshd", b"x")]]),
        at="usr/sbin/sshd:1",
        severity="medium",
        says="/usr/sbin/sshd",
    ),
    fails(
        "SUR004",
        image([[program("usr/sbin/sshd", b"x")]], ExposedPorts={"22/tcp": {}}),
        at="sshd:1",
        severity="high",
        says="and port 22 is declared; it is from layer 1 (step 0)",
    ),
    fails(
        "SUR004",
        image([[program("usr/sbin/dropbear", b"x")]], Entrypoint=["/usr/sbin/dropbear", "-F"]),
        at="dropbear:1",
        severity="high",
        says="is started with it",
    ),
    passes("SUR004", image([[program("usr/bin/ssh", b"x")]])),
    passes("SUR004", image([[program("usr/sbin/sshd", b"x")], [whiteout("usr/sbin/sshd")]])),
    silent("SUR004", image([])),
    # SUR005: tools
    fails(
        "SUR005",
        image([[program("bin/bash", b"x"), program("usr/bin/gcc-12", b"x"), program("usr/bin/curl", b"x")]]),
        at=NAME + ":1",
        severity="low",
        says="3 programs that a service rarely needs (a distroless base has none): shells bash; compilers "
        "and debuggers gcc-12; network tools curl",
    ),
    fails(  # one program under many names
        "SUR005",
        image([[program("bin/busybox", b"x"), symlink("bin/sh", "busybox"), symlink("usr/bin/wget", "/bin/busybox")]]),
        at=NAME + ":1",
        says="1 program that",
    ),
    passes("SUR005", image([[program("app/web", b"x")]], Entrypoint=["/app/web"])),
    passes("SUR005", image([[program("bin/sh", b"x")]], Entrypoint=["/bin/sh"])),
    silent("SUR005", image([])),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)
