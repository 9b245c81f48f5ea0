from __future__ import annotations

import re

import pytest

from batten.images.cataloguers import LayerFile
from batten.images.cataloguers._known_binaries import PROGRAMS, TEXTS
from batten.images.cataloguers.binaries import CATALOGUER, product
from images.cataloguers.programs import elf
from images.cataloguers.reading import read, wants

# As they stand in the programs of Debian 12 and of the projects' own releases.
SEEN = [
    ("usr/bin/python3.11", b"\x003.11.2\x00", "python@3.11.2"),
    ("usr/local/lib/libpython3.12.so.1.0", b"x\x003.12.0rc1\x00", "python@3.12.0rc1"),
    ("usr/local/bin/node", b"node.js/v20.20.2\0", "node@20.20.2"),
    ("usr/sbin/nginx", b"\0nginx version: nginx/1.22.1\0", "nginx@1.22.1"),
    ("usr/sbin/apache2", b"Apache/2.4.71 (Debian)", "httpd@2.4.71"),
    ("usr/bin/redis-check-rdb", b"\xc0\xff\xff\xff\xdfA7.0.151790282056000000000\0%llx", "redis@7.0.15"),
    ("usr/local/bin/redis-server", b"\x007.2.4buildkitsandbox-1704821334000000000\0", "redis@7.2.4"),
    ("usr/local/bin/redis-server", b"\x006.0.105f0c1d2e3a4b-1655801234\0", "redis@6.0.10"),
    ("usr/lib/postgresql/15/bin/postgres", b"postgres (PostgreSQL) 15.20 (Debian 15.20-0)", "postgresql@15.20"),
    ("usr/sbin/mariadbd", b"10.11.19-MariaDB-0+deb12u1", "mariadb@10.11.19"),
    ("bin/busybox", b"BusyBox v1.35.0 (Debian 1:1.35.0-4)", "busybox@1.35.0"),
    ("usr/lib/libcrypto.so.3", b"OpenSSL 3.0.22 4 Nov 2026\0", "openssl@3.0.22"),
    ("usr/lib/libcrypto.so.1.1", b"OpenSSL 1.1.1w  11 Sep 2023\0".replace(b"  ", b" "), "openssl@1.1.1w"),
    ("usr/bin/php8.2", b"X-Powered-By: PHP/8.2.36\0", "php@8.2.36"),
    ("usr/lib/libruby-3.1.so.3.1.2", b"ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)", "ruby@3.1.2"),
    ("usr/bin/perl", b"/usr/lib/x86_64-linux-gnu/perl/5.36.0\0", "perl@5.36.0"),
    ("usr/sbin/haproxy", b" version 2.6.12-1+deb12u4, released 2026/10/17\0", "haproxy@2.6.12"),
    ("usr/bin/memcached", b"\x001.6.18\x00", "memcached@1.6.18"),
    ("usr/bin/curl", b"\0curl 7.88.1 (x86_64-pc-linux-gnu)", "curl@7.88.1"),
    ("bin/bash", b"@(#)Bash version 5.2.15(1) release GNU", "bash@5.2.15"),
    ("usr/sbin/sshd", b"OpenSSH_7.4\0OpenSSH_9.2p1 Debian-2", "openssh@9.2p1"),
    ("usr/sbin/dropbear", b"SSH-2.0-dropbear_2022.83\r\n", "dropbear@2022.83"),
    ("usr/sbin/lighttpd", b"lighttpd/1.4.69\0", "lighttpd@1.4.69"),
    ("usr/sbin/varnishd", b"varnish-7.1.1 revision", "varnish@7.1.1"),
    ("lib/libz.so.1.2.13", b" deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly", "zlib@1.2.13"),
]


@pytest.mark.parametrize(("path", "content", "purl"), SEEN)
def test_a_program_is_known_by_its_name_and_its_version_string(path, content, purl):
    (package,) = read(CATALOGUER, path, elf({".rodata": b"\0text\0" + content + b"\0more\0"})).packages
    assert package.purl == f"pkg:generic/{purl}"
    assert package.evidence == f"{purl.replace('@', ' ')} in {path}"
    assert (package.paths, package.files, package.confidence) == ((path,), (path,), "medium")


def test_a_version_outside_of_sections_is_found_too():
    assert read(CATALOGUER, "bin/bash", elf({}) + b"@(#)Bash version 5.1.4(1)").packages[0].version == "5.1.4"


@pytest.mark.parametrize(
    ("path", "text", "purl"),
    [
        ("usr/local/go/VERSION", "go1.26.8\ntime 2026-10-06T20:00:00Z\n", "go@1.26.8"),
        ("usr/lib/erlang/releases/25/OTP_VERSION", "25.2.3\n", "erlang@25.2.3"),
        ("opt/java/openjdk/release", 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\n', "openjdk@17.0.9"),
    ],
)
def test_files_that_only_hold_the_version_of_a_runtime(path, text, purl):
    assert [one.purl for one in read(CATALOGUER, path, text).packages] == [f"pkg:generic/{purl}"]


def test_a_name_without_the_version_string_is_no_package():
    assert read(CATALOGUER, "usr/bin/redis-server", elf({".rodata": b"1.2.3"})).packages == []
    assert read(CATALOGUER, "etc/release", "JAVA=1").packages == []


def test_scripts_of_those_names_are_not_wanted():
    assert not CATALOGUER.wants(LayerFile("usr/bin/node", 100, 0o755, b"#!/bin/sh\n"))
    assert not wants(CATALOGUER, "usr/bin/python3")
    assert not wants(CATALOGUER, "srv/VERSION")


def test_each_known_program_has_a_product_and_expressions_that_compile():
    for known in (*PROGRAMS, *TEXTS):
        assert all(re.compile(one).groups == 1 for one in known.versions)
        assert product(known.name) == known.product
    assert product("unheard-of") is None
