from __future__ import annotations

import os
from pathlib import Path

import pytest

from batten import limits
from batten.images import ImageContent, read_root
from batten.model.source import Unreadable
from images.cataloguing import LINES

pytestmark = pytest.mark.skipif(os.name != "posix", reason="root file systems are POSIX's")


def write(root: Path, **files: bytes) -> None:
    for name, data in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read(root: Path) -> ImageContent:
    return read_root(str(root), cataloguers=LINES)


def test_a_directory_is_read_like_an_image_without_layers(tmp_path: Path) -> None:
    write(tmp_path, var__a_dot_db=b"one 1\n", etc__passwd=b"root", bin__sh=b"#!/bin/x\n")
    (tmp_path / "bin" / "sh").chmod(0o755)
    (tmp_path / "bin" / "su").write_bytes(b"x")
    (tmp_path / "bin" / "su").chmod(0o4755)
    content = read(tmp_path)
    assert [(one.name, one.paths, one.layer) for one in content.packages] == [("one", ("var/a.db",), "")]
    assert {(one.path, one.kind) for one in content.image.files} == {("bin/sh", "shell"), ("bin/su", "setuid")}
    assert content.image.layers == ()
    assert content.image.id.startswith("sha256:")
    assert content.image.size == 6 + 4 + 9 + 1
    assert not content.problems


def test_links_out_of_the_directory_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.db").write_bytes(b"outside 1")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.db").symlink_to(tmp_path / "secret.db")
    (root / "folder").symlink_to(tmp_path)
    (root / "b.db").symlink_to("../../secret.db")
    content = read(root)
    assert content.packages == []


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.db")
    assert read(tmp_path).packages == []


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="the administrator may read everything")
def test_what_may_not_be_read_is_told_where_somebody_wants_it(tmp_path: Path) -> None:
    write(tmp_path, a_dot_db=b"one 1", b=b"")
    (tmp_path / "a.db").chmod(0)
    (tmp_path / "b").chmod(0)
    assert [(one.path, one.message) for one in read(tmp_path).problems] == [
        ("a.db", "cannot be read: permission denied")
    ]


def test_no_directory(tmp_path: Path) -> None:
    write(tmp_path, x=b"")
    for path in (tmp_path / "x", tmp_path / "missing"):
        with pytest.raises(Unreadable, match="expected a directory that can be listed"):
            read(path)


def test_large_files_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBER_MEMORY", 10)
    write(tmp_path, a_dot_db=b"one 1\n" + b"two 2\n" * 3)
    assert {one.name for one in read(tmp_path).packages} == {"one", "two"}
    monkeypatch.setattr(limits, "LAYER_MEMBER_BYTES", 15)
    content = read(tmp_path)
    assert [one.path for one in content.problems] == ["a.db"]
    assert content.packages == []


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOT_FILES", 2)
    write(tmp_path, a=b"", b=b"", c=b"")
    assert [one.message for one in read(tmp_path).problems] == [
        "expected at most 2 files, found more; the rest was not read"
    ]


def test_depth_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_DEPTH", 2)
    write(tmp_path, a__b__c__d__e=b"")
    assert [one.path for one in read(tmp_path).problems] == ["a/b/c"]


def test_the_digest_is_that_of_the_list_of_files(tmp_path: Path) -> None:
    write(tmp_path, a=b"1")
    before = read(tmp_path).image.id
    assert read(tmp_path).image.id == before
    write(tmp_path, b=b"1")
    assert read(tmp_path).image.id != before


def test_texts_that_nobody_asks_for_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = [
        "opt/tool",  # may be a program, whatever its mode
        "srv/app.py",  # own code, which may import
        "srv/settings.json",  # may hold a secret
        "usr/bin/run.py",  # may be run
        "usr/share/a.pkg",  # a cataloguer asks for it
    ]
    closed = ["usr/share/doc/x/readme.md", "usr/lib/python3/x.py", "srv/logo.png", "srv/site-packages/y/z.py"]
    for name in opened + closed:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"one 1\n")
    (tmp_path / "usr/bin/run.py").chmod(0o755)
    seen: list[str] = []
    really = os.open

    def told(path: str, flags: int) -> int:
        seen.append(Path(path).relative_to(tmp_path).as_posix())
        return really(path, flags)

    monkeypatch.setattr("batten.images.root.os.open", told)
    content = read(tmp_path)
    assert sorted(seen) == sorted(opened)
    assert [one.name for one in content.packages] == ["one"]
    assert content.image.size == 6 * len(opened + closed)
