from __future__ import annotations

import pytest

from batten.formats.compose.volumes import VolumeSpec, parse_device, parse_short


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("/data", VolumeSpec("volume", "", "/data")),
        ("db:/var/db", VolumeSpec("volume", "db", "/var/db")),
        ("./src:/app:ro,z", VolumeSpec("bind", "./src", "/app", True)),
        ("/a:/b:ro,rw", VolumeSpec("bind", "/a", "/b", False)),
        ("~/x:/y", VolumeSpec("bind", "~/x", "/y")),
        ("..:/y", VolumeSpec("bind", "..", "/y")),
        ("C:\\data:/y:ro", VolumeSpec("bind", "C:\\data", "/y", True)),
        ("C:\\data:D:\\y", VolumeSpec("bind", "C:\\data", "D:\\y")),
        ("//./pipe/docker_engine:/x", VolumeSpec("npipe", "//./pipe/docker_engine", "/x")),
        ("\\\\.\\pipe\\docker_engine:/x", VolumeSpec("npipe", "\\\\.\\pipe\\docker_engine", "/x")),
        ("${DATA}/db:/x", VolumeSpec("bind", "${DATA}/db", "/x")),
        ("${VOLUME}:/x", VolumeSpec("volume", "${VOLUME}", "/x")),
    ],
)
def test_short_syntax(text: str, spec: VolumeSpec) -> None:
    assert parse_short(text) == spec


@pytest.mark.parametrize("text", ["", ":/media/x", "/a::ro", "/a:/b:/c:/d", "/a:/b:"])
def test_what_is_no_mount_gets_a_message(text: str) -> None:
    found = parse_short(text)
    assert isinstance(found, str)
    assert found.startswith("expected")


def test_devices() -> None:
    assert parse_device("/dev/a") == ("/dev/a", "/dev/a", "rwm")
    assert parse_device("/dev/a:/dev/b:r") == ("/dev/a", "/dev/b", "r")
    assert parse_device("vendor.com/gpu=all") == ("vendor.com/gpu=all", "vendor.com/gpu=all", "rwm")
