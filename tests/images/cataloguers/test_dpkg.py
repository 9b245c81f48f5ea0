from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from batten import limits
from batten.images.cataloguers.dpkg import CATALOGUER
from batten.model.package import SourcePackage
from images.cataloguers.reading import by_name, read, wants

STATUS = "var/lib/dpkg/status"
LIBC = """\
Package: libc6
Status: install ok installed
Priority: optional
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: GNU C Library: Shared libraries
 Package: this line continues the description
 .
 Version: and so does this one
"""
OTHERS = """
Package: bash
Status: install ok installed
Architecture: amd64
Source: bash (5.2.15-2)
Version: 5.2.15-2+b7
Pre-Depends: libc6 (>= 2.36), libtinfo6:any (>= 6)
Depends: base-files (>= 2.1.12) | base-passwd [linux-any], debianutils

Package: perl-base
Status: install ok unpacked
Architecture: amd64
Source: perl (1:5.36.0-7)
Version: 1:5.36.0-7+deb12u2

Package: nano
Status: deinstall ok config-files
Architecture: amd64
Version: 7.2-1

Package: vim
Status: deinstall ok installed
Architecture: amd64
Version: 2:9.0.1378-2
"""


def test_status_gives_name_version_architecture_source_vendor_and_dependencies():
    packages = by_name(read(CATALOGUER, STATUS, LIBC + OTHERS))
    libc = packages["libc6"]
    assert (libc.type, libc.version, libc.origin) == ("deb", "2.36-9+deb12u10", "dpkg")
    assert libc.qualifiers == (("arch", "amd64"),)
    assert libc.source == SourcePackage("glibc", "2.36-9+deb12u10")
    assert libc.vendor == "GNU Libc Maintainers <debian-glibc@lists.debian.org>"
    assert libc.depends == ("libgcc-s1", "libcrypt1")
    assert packages["bash"].depends == ("libc6", "libtinfo6", "base-files", "base-passwd", "debianutils")


def test_the_version_in_brackets_is_that_of_the_source():
    packages = by_name(read(CATALOGUER, STATUS, LIBC + OTHERS))
    assert packages["bash"].source == SourcePackage("bash", "5.2.15-2")
    assert packages["perl-base"].source == SourcePackage("perl", "1:5.36.0-7")
    assert packages["perl-base"].version == "1:5.36.0-7+deb12u2"
    assert packages["vim"].source == SourcePackage("vim", "2:9.0.1378-2")


def test_what_only_left_its_configuration_is_not_installed_and_what_is_unpacked_is():
    assert set(by_name(read(CATALOGUER, STATUS, LIBC + OTHERS))) == {"libc6", "bash", "perl-base", "vim"}


def test_records_of_distroless_images_have_no_status():
    record = "Package: tzdata\nArchitecture: all\nVersion: 2024a-0+deb12u1\nMaintainer: GNU Libc Maintainers\n"
    catalogue = read(CATALOGUER, "var/lib/dpkg/status.d/tzdata", record)
    assert [(one.name, one.version) for one in catalogue.packages] == [("tzdata", "2024a-0+deb12u1")]
    assert catalogue.problem == ""


def test_lists_and_sums_tell_who_owns_a_file():
    listed = read(CATALOGUER, "var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n")
    assert listed.owned == {"libc6:amd64": ["lib", "lib/x86_64-linux-gnu/libc.so.6"]}
    sums = read(
        CATALOGUER,
        "var/lib/dpkg/status.d/base.md5sums",
        "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\nd41d8cd98f00b204e9800998ecf8427e  ./etc/x\n",
    )
    assert sums.owned == {"base": ["usr/bin/a b", "etc/x"]}


def test_copyright_files_give_licences():
    machine_readable = (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        "Files: *\nCopyright: 2020 A\nLicense: GPL-2+ or Artistic\n text\n\n"
        "Files: x\nLicense:  Expat\n\nLicense: Expat\n Permission is hereby granted\n"
    )
    found = read(CATALOGUER, "usr/share/doc/perl/copyright", machine_readable)
    assert found.licenses == {"perl": ["GPL-2+ or Artistic", "Expat"]}
    prose = "Debianised by A.\n\nSee /usr/share/common-licenses/GPL-3. And /usr/share/common-licenses/LGPL-2.1'.\n"
    found = read(CATALOGUER, "usr/share/doc/hello/copyright", prose)
    assert found.licenses == {"hello": ["GPL-3", "LGPL-2.1"]}


@pytest.mark.parametrize(
    "path",
    [
        "var/lib/dpkg/status-old",
        "var/lib/dpkg/available",
        "var/lib/dpkg/info/bash.md5sums",
        "home/x/var/lib/dpkg/status",
        "usr/share/doc/a/b/copyright",
        "usr/share/doc/a/copyright.gz",
    ],
)
def test_other_files_are_not_wanted(path):
    assert not wants(CATALOGUER, path)


def test_the_good_records_of_a_broken_status_are_kept():
    broken = "Package: a b\nStatus: install ok installed\nVersion: 1\n\nPackage: x\nStatus: install ok installed\n\n"
    catalogue = read(CATALOGUER, STATUS, (broken + LIBC).encode() + b"\xff\xfe\0")
    assert list(by_name(catalogue)) == ["libc6"]
    assert catalogue.problem == (
        "2 packages could not be read (the first: expected the name of a package, found 'a b'), 1 could"
    )


def test_what_is_no_status_is_told():
    assert "found none" in read(CATALOGUER, STATUS, b"\x7fELF\x01\x02").problem
    assert read(CATALOGUER, STATUS, b"").problem == ""


def test_too_many_records_are_cut_and_told(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGES_PER_FILE", 2)
    catalogue = read(CATALOGUER, STATUS, LIBC + OTHERS)
    assert set(by_name(catalogue)) == {"libc6", "bash"}
    assert "more than 2 records" in catalogue.problem


def test_a_status_that_is_too_large_is_read_as_far_as_it_goes(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_TEXT_BYTES", len(LIBC) + 10)
    catalogue = read(CATALOGUER, STATUS, LIBC + OTHERS)
    assert list(by_name(catalogue)) == ["libc6"]
    assert "larger than" in catalogue.problem


@pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists() or not shutil.which("dpkg-query"), reason="needs dpkg")
def test_this_system_s_own_packages_are_as_dpkg_says():
    form = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
    lines = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in lines.splitlines()]
    expected = sorted(row[1:] for row in rows if row[0] not in ("not-installed", "config-files", "half-installed"))
    found = read(CATALOGUER, STATUS, Path("/var/lib/dpkg/status").read_bytes())
    assert found.problem == ""
    assert expected == sorted(
        [one.name, one.version, dict(one.qualifiers)["arch"], one.source.name, one.source.version]
        for one in found.packages
    )


def test_lists_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_PATHS", 2)
    catalogue = read(CATALOGUER, "var/lib/dpkg/info/a.list", "/.\n/x\n/y\n/z\n")
    assert catalogue.owned == {"a": ["x", "y"]}
    assert "owned files" in catalogue.problem


def test_a_record_with_millions_of_continued_lines_is_read():
    catalogue = read(CATALOGUER, STATUS, LIBC.rstrip() + "\n .\n" * 1_000_000)
    assert list(by_name(catalogue)) == ["libc6"]


@pytest.mark.parametrize(("text", "size"), [("12986", 12_986 << 10), ("-1", 0), ("12,986", 0), ("9" * 40, 0), ("", 0)])
def test_the_installed_size_is_in_kibibytes(text: str, size: int) -> None:
    (package,) = read(
        CATALOGUER, STATUS, LIBC.replace("Priority: optional", f"Installed-Size: {text}").encode()
    ).packages
    assert package.size == size
