from __future__ import annotations

from typing import Any

import pytest

from batten import limits
from batten.images import ImageContent, read_image
from batten.images.notable import may_hold_secrets, program_kind, zone
from images.builder import Entry, file, folder, hardlink, image, program, symlink, whiteout

TOKEN = b"GITHUB_TOKEN=ghp_" + b"a1B2c3D4e5" * 3 + b"f6G7h8\n"


def read(*layers: list[Entry], **config: Any) -> ImageContent:
    return read_image(image(layers, **config), cataloguers=())


def listed(content: ImageContent, *kinds: str) -> list[tuple[str, str]]:
    return [(one.path, one.kind) for one in content.image.files if one.kind in kinds or not kinds]


def test_bits_that_give_rights_away() -> None:
    content = read(
        [
            Entry(b"a", b"x", mode=0o4755),
            Entry(b"b", b"x", mode=0o2755, uid=8),
            Entry(b"c", b"x", mode=0o646),
            Entry(b"d", b"x", mode=0o4644),
            folder("t", 0o1777),
            folder("u", 0o777),
            Entry(b"e", b"x", pax={"SCHILY.xattr.security.capability": b"x"}),
            hardlink("f", "a", 0o4755),
        ]
    )
    assert listed(content) == [
        ("e", "capabilities"), ("b", "setgid"), ("a", "setuid"), ("f", "setuid"),
        ("c", "world-writable"), ("u", "world-writable"),
    ]  # fmt: skip


def test_a_bit_taken_away_by_a_later_layer_is_gone() -> None:
    assert listed(read([Entry(b"a", b"x", mode=0o4755)], [Entry(b"a", b"x", mode=0o755)])) == []


def test_what_could_go() -> None:
    names = "bin/bash usr/bin/apt-get usr/bin/gcc-12 usr/bin/curl usr/sbin/sshd usr/bin/x86_64-linux-gnu-gcc-12 "
    names += "usr/bin/python3 opt/bash bin/busybox"
    entries = [program(name, b"x") for name in names.split()]
    entries += [symlink("bin/sh", "busybox"), symlink("bin/ash", "/gone"), file("bin/wget", b"x")]
    assert listed(read(entries)) == [
        ("usr/bin/gcc-12", "compiler"),
        ("usr/bin/x86_64-linux-gnu-gcc-12", "compiler"),
        ("usr/bin/python3", "interpreter"),
        ("usr/bin/curl", "network-tool"),
        ("usr/bin/apt-get", "package-manager"),
        ("bin/bash", "shell"),
        ("bin/busybox", "shell"),
        ("bin/sh", "shell"),
        ("usr/sbin/sshd", "ssh-daemon"),
    ]


def test_caches_are_listed_by_folder_with_what_they_take() -> None:
    content = read(
        [file("var/lib/apt/lists/a", b"123"), file("var/lib/apt/lists/b/c", b"45"), file("root/.cache/pip/x", b"6")],
        [whiteout("root/.cache")],
    )
    assert [(one.path, one.size, one.detail, one.layer, one.deleted_in) for one in content.image.files] == [
        ("root/.cache", 1, "1 files", 0, 1),
        ("var/lib/apt/lists", 5, "2 files", 0, None),
    ]


def test_a_secret_that_a_later_layer_hides_is_still_there() -> None:
    content = read([file("srv/.env", TOKEN), file("app/.env", b"\n" + TOKEN)], [whiteout("srv")])
    assert [(one.path, one.kind, one.layer, one.deleted_in, one.line) for one in content.image.files] == [
        ("app/.env", "secret", 0, None, 2),
        ("srv/.env", "secret", 0, 1, 1),
    ]
    assert all(one.detail == "token: ghp_… (40 characters)" for one in content.image.files)


def test_a_secret_written_twice_is_listed_for_both_layers() -> None:
    content = read([file("srv/.env", TOKEN)], [file("srv/.env", TOKEN + b"\n")])
    assert [(one.layer, one.deleted_in) for one in content.image.files] == [(0, 1), (1, None)]


def test_key_stores_are_keys() -> None:
    assert listed(read([file("srv/tls.p12", b"\0\1"), file("usr/share/x.p12", b"\0")])) == [("srv/tls.p12", "key")]


def test_long_lists_are_cut_with_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IMAGE_FILES_PER_KIND", 3)
    content = read([Entry(b"%d" % number, b"x", mode=0o666) for number in range(10)])
    assert len(content.image.files) == 3
    assert [(one.message, one.severe) for one in content.problems] == [
        ("7 more files of the kind world-writable are not listed", False)
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sh", "shell"), ("gcc-12", "compiler"), ("g++", "compiler"), ("nginx", ""), ("pip3.11", "package-manager"),
     ("x86_64-linux-gnu-ld", "compiler"), ("7", ""), ("-", "")],
)  # fmt: skip
def test_kinds_of_programs(name: str, kind: str) -> None:
    assert program_kind(name) == kind


@pytest.mark.parametrize(
    ("folder", "packaged"),
    [("usr/lib/python3", True), ("lib", True), ("library", False), ("app/lib", False), ("app/node_modules/x", True),
     ("opt/venv/lib/python3.11/site-packages/x", True), ("etc", False), ("etc/ssl/certs", True), ("root/.ssh", False),
     ("srv/gemstone", False)],
)  # fmt: skip
def test_folders_of_packages(folder: str, packaged: bool) -> None:
    assert zone(folder).packaged is packaged


def test_names_that_may_hold_secrets() -> None:
    assert all(
        map(may_hold_secrets, (".env", ".env.production", "id_rsa", "settings.py", ".npmrc", "my_password_file"))
    )
    assert not any(map(may_hold_secrets, ("nsswitch.conf", "photo.jpg", "README", "libc.so", "a.woff2")))
