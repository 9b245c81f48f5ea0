"""Hints say where a file that a cataloguer wants can lie: none that it wants lies elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.images.cataloguers import Cataloguer, LayerFile, cataloguers
from images.cataloguers.reading import hinted

FOLDERS = (
    "", "var/lib/dpkg", "var/lib/dpkg/info", "var/lib/dpkg/status.d", "lib/apk/db", "usr/lib/sysimage/rpm",
    "var/lib/rpm", "var/lib/rpmmanifest", "usr/share/doc/bash", "etc", "usr/lib", "usr/bin", "opt/conda/conda-meta",
    "srv/node_modules", "srv/node_modules/a", "a-1.dist-info", "a-1.dist-info/sboms", "a.egg-info", "EGG-INFO",
    "gems/specifications", "usr/local/lib/R/library/a", "lib/a/ebin", "vendor/composer", "opt/bitnami/a",
    "layers/sbom/launch/a",
)  # fmt: skip
NAMES = (
    "status", "status-old", "a", "a.md5sums", "a.list", "installed", "Packages", "Packages.db", "rpmdb.sqlite",
    "container-manifest-2", "copyright", "os-release", "alpine-release", "debian_version", "release", "VERSION",
    "OTP_VERSION", "a-1-0.json", "package.json", ".package-lock.json", "METADATA", "RECORD", "PKG-INFO", "a.egg",
    "direct_url.json", "top_level.txt", "installed-files.txt", "a-1.0.gemspec", "DESCRIPTION", "a.app",
    "installed.json", "a.deps.json", ".spdx-a.spdx", "a.cdx.json", "a.spdx.json", "a.jar", "a.war", "a.ear", "nginx",
    "python3.11", "redis-server",
)  # fmt: skip
HEADS = (b"", b"\x7fELF" + bytes(60), b"MZ" + bytes(60), b"PK\x03\x04", b"\xcf\xfa\xed\xfe" + bytes(60),
         b"\xfe\xed\xfa\xce" + bytes(60), b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(60), b"{}")  # fmt: skip


@pytest.mark.parametrize("cataloguer", cataloguers(), ids=lambda one: one.name)
def test_what_is_wanted_is_hinted_at(cataloguer: Cataloguer) -> None:
    wanted = 0
    for folder in FOLDERS:
        for name in NAMES:
            for head in HEADS:
                file = LayerFile(f"{folder}/{name}".lstrip("/"), 5000, 0o755, head)
                if cataloguer.wants(file):
                    wanted += 1
                    assert hinted(cataloguer, file), file.path
    assert wanted


@given(st.lists(st.sampled_from((*FOLDERS, *NAMES)), min_size=1, max_size=4), st.sampled_from(HEADS))
def test_wherever_it_lies(parts: list[str], head: bytes) -> None:
    file = LayerFile("/".join(parts).lstrip("/"), 5000, 0o644, head)
    for cataloguer in cataloguers():
        assert hinted(cataloguer, file) or not cataloguer.wants(file), cataloguer.name
