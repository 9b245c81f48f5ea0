"""How old an image is, what in it has no support: PAT004 to PAT007."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Case, fails, passes, silent
from image_cases import DEBIAN, NAME, assert_image_case, directory, image, release
from images.builder import Entry, file, program

NODE = b"\x7fELF" + bytes(60) + b"\0node/v16.20.2\0node.js/v16.20.2\0"
DJANGO = "Metadata-Version: 2.1\nName: Django\nVersion: {}\n\n"


CENTOS = 'ID="centos"\nVERSION_ID="8"\nNAME="CentOS Stream"\n'


def nodejs(version: str) -> bytes:
    """The package database with Node.js in it."""
    return f"Package: nodejs\nStatus: install ok installed\nVersion: {version}\n\n".encode()


def django(version: str) -> list[Entry]:
    """Django as pip installs it."""
    folder = f"usr/local/lib/python3.12/site-packages/django-{version}.dist-info"
    return [file(f"{folder}/METADATA", DJANGO.format(version).encode())]


CASES = (
    # PAT004: old images
    fails(
        "PAT004",
        image(created="2024-02-13T00:40:00Z"),
        at="/config/created",
        severity="medium",
        says="was built on 2024-02-13, 33 months ago",
    ),
    fails("PAT004", image(created="2024-10-31T00:00:00Z"), at="/config/created", says="2 years ago"),
    passes("PAT004", image(created="2026-10-01T00:00:00Z")),
    passes("PAT004", image(steps=[{"created": "2026-10-01T00:00:00Z"}], created="1980-01-01T00:00:01Z")),
    silent("PAT004", image(created="1970-01-01T00:00:00Z")),
    silent("PAT004", directory({"a": b""})),
    # PAT005: images without a date
    fails("PAT005", image(created=None), at="/config/created", severity="low", says="is missing"),
    fails("PAT005", image(created="1970-01-01T00:00:00Z"), at="/config/created", says="says 1970-01-01"),
    passes("PAT005", image()),
    silent("PAT005", directory({"a": b""})),
    # PAT006: distributions
    fails(
        "PAT006",
        image([[release(DEBIAN.format(10))], []], base=1),
        at=NAME + ":1",
        severity="high",
        says="Debian GNU/Linux 10, which comes with the base image, has had no support since 2024-06-30 (as of 2026-",
    ),
    fails("PAT006", directory({"etc/os-release": b"ID=alpine\nVERSION_ID=3.12.1\n"}), at=":1", says="alpine 3.12.1"),
    fails("PAT006", image([[release(CENTOS)]]), at=":1", says="2024-05-31"),
    passes("PAT006", image([[release(DEBIAN.format(12))]])),
    silent("PAT006", image([[release("ID=wolfi\nVERSION_ID=20230201\n")]])),  # it rolls
    silent("PAT006", image([[release(DEBIAN.format(99))]])),
    silent("PAT006", image()),
    # PAT007: runtimes
    fails(
        "PAT007",
        image([[program("usr/local/bin/node", NODE)]], Entrypoint=["/usr/local/bin/node"]),
        at=NAME + ":1",
        severity="high",
        says="nodejs 16.20.2 has had no support since 2023-09-11",
    ),
    fails("PAT007", image([[program("opt/node/bin/node", NODE)]]), at=":1", says=": /opt/node/bin/node"),
    fails("PAT007", image([django("3.2.1")]), at=":1", says="django 3.2.1 has had no support"),
    fails("PAT007", image(Env=["PYTHON_VERSION=3.8.20"]), at="/Env/PYTHON_VERSION", says="python 3.8.20"),
    fails("PAT007", image(Env=["JAVA_VERSION=jdk-19.0.2+7"]), at="JAVA_VERSION", says="eclipse-temurin 19"),
    fails(
        "PAT007",
        image(
            [
                [
                    file(
                        "var/lib/dpkg/status",
                        nodejs("16.20.2-deb-1nodesource1"),
                    )
                ]
            ]
        ),
        at=":1",
        says="nodejs 16",
    ),
    passes("PAT007", image([django("5.2.1")])),
    passes("PAT007", image(Env=["JAVA_VERSION=1.8.0_392"])),
    silent(  # the distribution's own
        "PAT007",
        image(
            [
                [
                    file(
                        "var/lib/dpkg/status",
                        nodejs("12.22.12~dfsg-1"),
                    )
                ]
            ]
        ),
    ),
    silent("PAT007", image(Env=["NODE_VERSION=latest"])),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)
