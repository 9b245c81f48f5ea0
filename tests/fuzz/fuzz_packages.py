"""Coverage-guided fuzzing of package databases: python tests/fuzz/fuzz_packages.py -max_total_time=600

The first byte chooses whose file it is. Whatever the bytes are, packages come with a plain name and version,
names and paths are bounded, problems are one line, and nothing but Unreadable is raised.
"""

from __future__ import annotations

import sys
from typing import Final

from batten import limits
from batten.images.cataloguers import HEAD_BYTES, Catalogue, Cataloguer, LayerFile, apk, dpkg, os_release, rpm
from batten.model.source import Unreadable

FILES: Final[tuple[tuple[Cataloguer, str], ...]] = (
    (dpkg.CATALOGUER, "var/lib/dpkg/status"),
    (dpkg.CATALOGUER, "var/lib/dpkg/status.d/tzdata"),
    (dpkg.CATALOGUER, "var/lib/dpkg/status.d/tzdata.md5sums"),
    (dpkg.CATALOGUER, "var/lib/dpkg/info/libc6:amd64.list"),
    (dpkg.CATALOGUER, "usr/share/doc/bash/copyright"),
    (apk.CATALOGUER, "lib/apk/db/installed"),
    (rpm.CATALOGUER, "var/lib/rpm/rpmdb.sqlite"),
    (rpm.CATALOGUER, "var/lib/rpm/rpmdb.sqlite-wal"),
    (rpm.CATALOGUER, "var/lib/rpm/Packages.db"),
    (rpm.CATALOGUER, "var/lib/rpm/Packages"),
    (rpm.CATALOGUER, "var/lib/rpmmanifest/container-manifest-2"),
    (os_release.CATALOGUER, "etc/os-release"),
    (os_release.CATALOGUER, "etc/redhat-release"),
    (os_release.CATALOGUER, "etc/debian_version"),
    (os_release.CATALOGUER, "etc/alpine-release"),
)


def one_input(data: bytes) -> None:
    """Reads one file of one cataloguer; raises on any broken promise."""
    if not data:
        return
    cataloguer, path = FILES[data[0] % len(FILES)]
    content = memoryview(data)[1:]
    file = LayerFile(path, len(content), 0o644, bytes(content[:HEAD_BYTES]))
    assert cataloguer.wants(file)
    found = _read(cataloguer, file, content)
    assert found.problem.isprintable()
    for package in found.packages:
        assert 0 < len(package.name) <= limits.PACKAGE_NAME
        assert 0 < len(package.version) <= limits.VERSION_CHARACTERS + 11
        assert package.name.isprintable()
        assert package.version.isprintable()
        assert package.vendor.isprintable()
        assert len(package.depends) <= limits.PACKAGE_DEPENDS
        assert package.purl.startswith(f"pkg:{package.type}/")
        assert package.origin == cataloguer.name
    paths = [one for owned in found.owned.values() for one in owned]
    assert len(paths) <= limits.PACKAGE_PATHS
    assert not any("\0" in one for one in paths)
    if found.distribution is not None:
        assert found.distribution.id
        assert found.distribution.name.isprintable()


def _read(cataloguer: Cataloguer, file: LayerFile, content: memoryview) -> Catalogue:
    """The answer; a refusal as an empty one with that problem."""
    try:
        return cataloguer.read(file, content)
    except Unreadable as error:
        return Catalogue(problem=error.message or "\0 no reason given")


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
