"""Who the process of an image is, what hands out rights in it: PRV016 to PRV018."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from batten import api
from batten.model.settings import Settings
from batten.model.workload import Workload
from harness import Case, fails, passes, pod, silent
from image_cases import NAME, assert_image_case, directory, image
from images.builder import Entry, file, whiteout

STATUS = b"Package: shop-tools\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"

CAPABILITY = {"SCHILY.xattr.security.capability": b"\x01\0\0\x02" + bytes(16)}


def suid(path: str) -> Entry:
    """A set-uid program."""
    return file(path, b"x", mode=0o4755)


def workload(context: str, name: str = NAME) -> list[Workload]:
    """A Deployment that runs the image of that name."""
    with TemporaryDirectory() as folder:
        for path, text in pod(f"securityContext: {{{context}}}", image=name).files.items():
            Path(folder, path).write_text(text, "utf-8")
        return api.scan([folder], Settings()).inventory.of(Workload)


CASES = (
    # PRV016: root
    fails("PRV016", image(), at="/config/User", severity="high", says="the image sets no user"),
    fails("PRV016", image(User="root"), at="/config/User", says="the user of the image is root"),
    fails("PRV016", image(User="0:1000"), at="/config/User"),
    fails("PRV016", image(User="0" * 5000), at="/config/User"),
    passes("PRV016", image(User="10001:10001")),
    passes("PRV016", image(User="web")),
    silent("PRV016", directory({"a": b""})),
    passes("PRV016", image(beside=workload("runAsUser: 10001"))),  # nobody runs it as its own user
    fails("PRV016", image(beside=workload("runAsUser: 0")), at="/config/User"),
    fails("PRV016", image(beside=workload("runAsUser: 10001", name="shop/web:2")), at="/config/User"),
    # PRV018: names
    fails("PRV018", image(User="web:web"), at="/config/User", severity="low", says="the name web"),
    passes("PRV018", image(User="10001")),
    silent("PRV018", image()),
    # PRV017: set-uid and set-gid files
    fails(
        "PRV017",
        image([[suid("usr/bin/su"), file("usr/bin/chage", b"x", mode=0o2755)], []], base=1),
        at=NAME + ":1",
        severity="low",
        says="as the distribution ships them; they come with the base image",
    ),
    fails("PRV017", image([[suid("opt/web")]]), at=NAME + ":1", severity="medium", says="/opt/web is"),
    fails("PRV017", image([[suid("usr/bin/sudo")]]), at=NAME + ":1", says="to become another user"),
    fails("PRV017", image([[suid("bin/bash")]]), at=NAME + ":1", severity="high", says="as root"),
    fails(
        "PRV017",
        image([[suid("bin/su"), file("opt/a", b"x", mode=0o6755)]]),
        at=NAME + ":1",
        count=2,
    ),
    fails(
        "PRV017",
        image(
            [
                [
                    file(
                        "opt/ping",
                        b"x",
                        mode=0o755,
                        pax=CAPABILITY,
                    )
                ]
            ]
        ),
        at=NAME + ":1",
        severity="low",
    ),
    fails(  # the package database says whose it is
        "PRV017",
        image(
            [
                [
                    file("usr/bin/shopctl", b"x", mode=0o4755),
                    file("var/lib/dpkg/status", STATUS),
                    file("var/lib/dpkg/info/shop-tools.list", b"/usr/bin/shopctl\n"),
                ]
            ]
        ),
        at=NAME + ":1",
        severity="low",
        says="/usr/bin/shopctl is set-uid or set-gid, as the distribution ships it",
    ),
    passes("PRV017", image([[suid("opt/web")], [whiteout("opt/web")]])),
    passes("PRV017", image([[file("opt/web", b"x", mode=0o755)]])),
    silent("PRV017", image([])),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)
