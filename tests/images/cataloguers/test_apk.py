from __future__ import annotations

import pytest

from batten import limits
from batten.images.cataloguers.apk import CATALOGUER
from batten.model.package import SourcePackage
from images.cataloguers.reading import by_name, read, wants

INSTALLED = "lib/apk/db/installed"
DATABASE = """\
C:Q1zvMKvaEHQBmhWhV4Ok/sSDzXdvk=
P:musl
V:1.2.5-r0
A:x86_64
S:383152
I:622592
T:the musl c library (libc) implementation
L:MIT
o:musl
m:Natanael Copa <ncopa@alpinelinux.org>
t:1710346144
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1ClGpnzJp8JkvDSFHcS0zJtbdVzA=
R:libc.musl-x86_64.so.1
a:0:0:777

P:libcrypto3
V:3.3.2-r1
A:x86_64
L:Apache-2.0
o:openssl
D:so:libc.musl-x86_64.so.1
p:so:libcrypto.so.3=3
F:
F:usr/lib
M:0:0:755
R:libcrypto.so.3

P:busybox-binsh
V:1.36.1-r29
A:x86_64
L:GPL-2.0-only
o:busybox
D:busybox=1.36.1-r29 !dash-binsh
r:busybox
p:/bin/sh cmd:sh=1.36.1-r29
F:bin
R:sh

P:ca-certificates
V:20240705-r0
A:x86_64
L:MPL-2.0 AND MIT
D:/bin/sh so:libc.musl-x86_64.so.1 so:libcrypto.so.3>=3 ca-certificates-bundle

P:.build-deps
V:20240907.123456
A:noarch
D:musl
"""


@pytest.mark.parametrize("path", [INSTALLED, "usr/lib/apk/db/installed"])
def test_both_places_of_the_database_are_read(path):
    catalogue = read(CATALOGUER, path, DATABASE)
    assert list(by_name(catalogue)) == ["musl", "libcrypto3", "busybox-binsh", "ca-certificates"]
    assert catalogue.problem == ""


def test_a_record_gives_version_architecture_origin_licence_and_maintainer():
    packages = by_name(read(CATALOGUER, INSTALLED, DATABASE))
    musl = packages["musl"]
    assert (musl.type, musl.version, musl.qualifiers) == ("apk", "1.2.5-r0", (("arch", "x86_64"),))
    assert musl.licenses == ("MIT",)
    assert (musl.size, packages["libcrypto3"].size) == (622_592, 0)
    assert musl.vendor == "Natanael Copa <ncopa@alpinelinux.org>"
    assert packages["libcrypto3"].source == SourcePackage("openssl", "3.3.2-r1")
    assert packages["ca-certificates"].source == SourcePackage("ca-certificates", "20240705-r0")


def test_folders_and_files_are_joined_to_owned_paths():
    owned = read(CATALOGUER, INSTALLED, DATABASE).owned
    assert owned["musl"] == ["lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1"]
    assert owned["libcrypto3"] == ["usr/lib/libcrypto.so.3"]


def test_libraries_commands_and_paths_that_are_needed_become_packages():
    packages = by_name(read(CATALOGUER, INSTALLED, DATABASE))
    assert packages["ca-certificates"].depends == ("busybox-binsh", "musl", "libcrypto3")
    assert packages["busybox-binsh"].depends == ()  # busybox itself is not in this database


def test_a_list_of_dependencies_is_no_package():
    assert ".build-deps" not in by_name(read(CATALOGUER, INSTALLED, DATABASE))


def test_upper_and_lower_case_letters_differ():
    assert read(CATALOGUER, INSTALLED, "p:musl\nv:1\nP:a\nV:2\n").packages[0].version == "2"


def test_good_records_of_a_broken_database_are_kept():
    catalogue = read(CATALOGUER, INSTALLED, "P:a\n\nV:1\n\nP:ok\nV:1.0-r0\n\n\0\xff")
    assert list(by_name(catalogue)) == ["ok"]
    assert catalogue.problem.startswith("3 packages could not be read (the first: expected a version of a after V:")


def test_what_is_no_database_is_told():
    assert read(CATALOGUER, INSTALLED, b"").problem == "expected records with P: and V:, found none"


def test_paths_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_PATHS", 1)
    catalogue = read(CATALOGUER, INSTALLED, DATABASE)
    assert catalogue.owned == {"musl": ["lib/ld-musl-x86_64.so.1"]}
    assert len(catalogue.packages) == 4
    assert "owned files" in catalogue.problem


def test_other_files_are_not_wanted():
    assert not wants(CATALOGUER, "lib/apk/db/scripts.tar")
    assert not wants(CATALOGUER, "srv/lib/apk/db/installed")
