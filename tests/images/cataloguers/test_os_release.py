from __future__ import annotations

import pytest

from batten.images.cataloguers.os_release import CATALOGUER
from batten.model.package import Distribution
from images.cataloguers.reading import read, wants

UBUNTU = """\
PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.1 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
"""
ROCKY = """\
NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PRETTY_NAME='Rocky Linux 9.4 (Blue Onyx)'
"""


def of(path, text):
    return read(CATALOGUER, path, text).distribution


@pytest.mark.parametrize("path", ["etc/os-release", "usr/lib/os-release"])
def test_os_release_is_read_where_it_stands(path):
    assert of(path, UBUNTU) == Distribution("ubuntu", "24.04", "noble", "Ubuntu 24.04.1 LTS", ("debian",))
    rocky = of(path, ROCKY)
    assert (rocky.id, rocky.version, rocky.like) == ("rocky", "9.4", ("rhel", "centos", "fedora"))
    assert rocky.name == "Rocky Linux 9.4 (Blue Onyx)"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("plain", "plain"),
        ('"a \\"b\\" \\$c \\\\"', 'a "b" $c \\'),
        ("'a \"b\" \\c'", 'a "b" \\c'),
        ('"never closed', "never closed"),
        ("word # and a comment", "word"),
        ("a\\ b c", "a b"),
        ('"x\x1b[31my"', "x[31my"),
    ],
)
def test_values_are_quoted_as_in_a_shell(written, meant):
    assert of("etc/os-release", f"ID=x\nNAME={written}\n").name == meant


def test_the_codename_of_old_releases_stands_in_version():
    old = 'ID=debian\nVERSION_ID="8"\nVERSION="8 (jessie)"\n'
    assert of("etc/os-release", old).codename == "jessie"
    assert of("etc/os-release", 'ID="centos"\nVERSION_ID="7"\nVERSION="7 (Core)"\n').codename == ""


def test_an_unstable_release_has_no_version():
    sid = of("etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n")
    assert (sid.version, sid.codename) == ("", "trixie")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("etc/alpine-release", "3.20.3\n", ("alpine", "3.20.3")),
        ("etc/alpine-release", "3.21.0_alpha20240923\n", ("alpine", "3.21.0_alpha20240923")),
        ("etc/debian_version", "12.5\n", ("debian", "12")),
        ("etc/debian_version", "trixie/sid\n", ("debian", "")),
        ("etc/redhat-release", "CentOS release 6.10 (Final)\n", ("centos", "6")),
        ("etc/centos-release", "CentOS Linux release 7.9.2009 (Core)\n", ("centos", "7")),
        ("etc/redhat-release", "Red Hat Enterprise Linux Server release 6.5 (Santiago)\n", ("rhel", "6.5")),
        ("etc/redhat-release", "Fedora release 33 (Thirty Three)\n", ("fedora", "33")),
        ("etc/system-release", "Amazon Linux AMI release 2018.03\n", ("amzn", "2018.03")),
        ("etc/system-release", "Amazon Linux release 2 (Karoo)\n", ("amzn", "2")),
        ("etc/oracle-release", "Oracle Linux Server release 7.9\n", ("ol", "7.9")),
        ("etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n", ("sles", "11")),
    ],
)
def test_older_files_tell_the_distribution_too(path, text, expected):
    found = of(path, text)
    assert (found.id, found.version) == expected


@pytest.mark.parametrize("path", ["etc/alpine-release", "etc/debian_version", "etc/redhat-release", "etc/os-release"])
@pytest.mark.parametrize("text", [b"", b"\0\xff\xfe", b"x" * 100_000, b'ID="a b c"\n', b"=\n=\n"])
def test_rubbish_gives_no_distribution(path, text):
    assert of(path, text) is None


def test_an_os_release_without_id_is_told():
    assert "ID=" in read(CATALOGUER, "etc/os-release", "NAME=x\n").problem


def test_other_files_are_not_wanted():
    assert not wants(CATALOGUER, "etc/lsb-release")
    assert not wants(CATALOGUER, "opt/etc/os-release")
