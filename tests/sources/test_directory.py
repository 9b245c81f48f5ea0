from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten import limits
from batten.model.source import Unreadable
from batten.sources import OpenTarget, open_target
from batten.sources.names import order, printable

posix = pytest.mark.skipif(os.name != "posix", reason="links, FIFOs and bytes in names need POSIX")


def is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def paths(opened: OpenTarget, wanted: Callable[[str], bool] | None = is_yaml) -> list[str]:
    return [entry.path for entry in opened.entries(wanted)]


def told(opened: OpenTarget) -> dict[str, str]:
    return {problem.path: problem.message for problem in opened.problems}


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_entries_come_sorted_by_the_parts_of_their_path(tmp_path: Path) -> None:
    tree(tmp_path, "b.yaml", "a/z.yaml", "a.yaml", "a-b/c.yaml", "a/b/c.yaml", "a/a.txt")
    opened = open_target(str(tmp_path))
    assert paths(opened) == ["a/b/c.yaml", "a/z.yaml", "a-b/c.yaml", "a.yaml", "b.yaml"]
    assert opened.problems == []


def test_an_entry_gives_its_head_without_its_whole_and_then_its_whole(tmp_path: Path) -> None:
    data = os.urandom(limits.MIB)
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s/large.yaml").write_bytes(data)
    (entry,) = open_target(str(tmp_path)).entries()
    assert (entry.path, entry.size) == ("k8s/large.yaml", limits.MIB)
    assert entry.head() == data[: limits.SNIFF_BYTES]
    file = entry.read()
    assert (file.path, file.directory, file.data) == ("k8s/large.yaml", "k8s", data)


def test_without_a_question_every_file_is_handed_out(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "main.go", "LICENSE")
    assert paths(open_target(str(tmp_path)), None) == ["LICENSE", "a.yaml", "main.go"]


def test_a_file_nobody_wants_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.yaml", "main.go")
    opened_paths: list[str] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: (opened_paths.append(str(path)), real(path, *rest))[1])
    assert paths(open_target(str(tmp_path))) == ["a.yaml"]
    assert [os.path.basename(path) for path in opened_paths] == ["a.yaml"]


def test_a_file_that_is_too_large_is_told_where_a_reader_may_want_it(tmp_path: Path) -> None:
    for name in ("dump.yaml", "video.mp4"):
        with open(tmp_path / name, "wb") as file:
            file.truncate(limits.FILE_BYTES + 1)
    opened = open_target(str(tmp_path))
    assert paths(opened, None) == []
    assert told(opened) == {"dump.yaml": "expected at most 16 MiB, found 16.0 MiB; it was not read"}


@posix
def test_a_link_out_of_the_root_is_refused_and_told(tmp_path: Path) -> None:
    tree(tmp_path, "secret/a.yaml", "root/web.yaml")
    (tmp_path / "root/link.yaml").symlink_to("../secret/a.yaml")
    (tmp_path / "root/folder").symlink_to("../secret")
    (tmp_path / "root/logo.png").symlink_to("../secret/a.yaml")
    opened = open_target(str(tmp_path / "root"))
    assert paths(opened) == ["web.yaml"]
    assert set(told(opened)) == {"folder", "link.yaml"}
    assert all("leads out of the target" in message for message in told(opened).values())
    assert opened.files.names("folder") == []
    assert {(one.path, one.message) for one in opened.problems} == {*told(opened).items()}


@posix
def test_a_link_inside_the_root_gives_nothing_twice_and_no_problem(tmp_path: Path) -> None:
    tree(tmp_path, "a/web.yaml")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "web.yaml").symlink_to("a/web.yaml")
    opened = open_target(str(tmp_path))
    assert paths(opened) == ["a/web.yaml"]
    assert opened.problems == []


@posix
def test_loops_of_links_end_and_are_told(tmp_path: Path) -> None:
    tree(tmp_path, "a/b/web.yaml")
    (tmp_path / "a/b/up").symlink_to("..")
    (tmp_path / "x.yaml").symlink_to("y.yaml")
    (tmp_path / "y.yaml").symlink_to("x.yaml")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / ".#web.yaml").symlink_to("me@machine.1:2")
    opened = open_target(str(tmp_path))
    assert paths(opened) == ["a/b/web.yaml"]
    assert told(opened) == {
        "a/b/up": "a link to a folder that it lies in: a loop; it was not followed",
        "gone.yaml": "a link to a file that is not there; there is nothing to read",
        "x.yaml": "a loop of links; there is nothing to read",
        "y.yaml": "a loop of links; there is nothing to read",
    }


@posix
def test_special_files_are_told_only_where_a_reader_would_have_wanted_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    os.mkfifo(tmp_path / "pipe")
    monitor = socket.socket(socket.AF_UNIX)
    monitor.bind(str(tmp_path / "s.yml"))
    monitor.close()
    opened = open_target(str(tmp_path))
    assert paths(opened) == []
    assert told(opened) == {
        "pipe.yaml": "expected a regular file, found a FIFO; it was not opened",
        "s.yml": "expected a regular file, found a socket; it was not opened",
    }


@posix
def test_a_file_that_becomes_a_fifo_after_it_was_listed_does_not_hang(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "b.yaml")
    opened = open_target(str(tmp_path))
    found = opened.entries(is_yaml)
    next(found)
    (tmp_path / "b.yaml").unlink()
    os.mkfifo(tmp_path / "b.yaml")
    assert list(found) == []
    assert "FIFO" in told(opened)["b.yaml"]


@posix
def test_a_folder_that_becomes_a_link_after_it_was_listed_leads_nowhere(tmp_path: Path) -> None:
    tree(tmp_path, "out/a.yaml", "out/b.yaml", "root/sub/a.yaml", "root/sub/b.yaml")
    opened = open_target(str(tmp_path / "root"))
    found = opened.entries(is_yaml)
    next(found)
    (tmp_path / "root/sub").rename(tmp_path / "root/old")
    (tmp_path / "root/sub").symlink_to("../out")
    assert list(found) == []
    assert "became a link" in told(opened)["sub/b.yaml"]


@posix
def test_a_large_file_that_becomes_a_link_before_it_is_read_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x" * limits.MIB)
    (tmp_path / "target").write_bytes(b"y" * limits.MIB)
    (entry,) = open_target(str(tmp_path)).entries(is_yaml)
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "a.yaml").symlink_to("target")
    with pytest.raises(Unreadable, match="found a link"):
        entry.read()


def test_what_may_not_be_read_is_told_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, who may read everything: the system's answer is put in its place.
    tree(tmp_path, "a.yaml", "b.yaml", "closed/c.yaml")
    real_open, real_scandir = os.open, os.scandir

    def guarded_open(path: str, *rest: int) -> int:
        if str(path).endswith("a.yaml"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *rest)

    def guarded_scandir(path: str) -> object:
        if str(path).rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr(os, "open", guarded_open)
    monkeypatch.setattr(os, "scandir", guarded_scandir)
    opened = open_target(str(tmp_path))
    assert paths(opened) == ["b.yaml"]
    assert set(told(opened)) == {"a.yaml", "closed"}
    assert all(message.startswith("permission denied; run as") for message in told(opened).values())


@posix
def test_hostile_names_are_printed_escaped_and_still_read(tmp_path: Path) -> None:
    for name in (b"new\nline.yaml", b"caf\xe9.yaml", b"back\\slash.yaml"):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(name)
    opened = open_target(str(tmp_path))
    read = {entry.path: entry.read().data for entry in opened.entries(is_yaml)}
    assert read == {
        "new\\nline.yaml": b"new\nline.yaml",
        "caf\\xe9.yaml": b"caf\xe9.yaml",
        "back\\\\slash.yaml": b"back\\slash.yaml",
    }
    for path, data in read.items():
        found = opened.files.get(path)
        assert found is not None
        assert found.data == data


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = "/".join(["d"] * (limits.DIRECTORY_DEPTH + 5))
    tree(tmp_path, f"{deep}/a.yaml", "d/b.yaml")
    opened = open_target(str(tmp_path))
    assert paths(opened) == ["d/b.yaml"]
    assert list(told(opened).values()) == ["more than 64 folders deep; not entered"]


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILES_PER_TARGET", 10)
    tree(tmp_path, *(f"{number}.yaml" for number in range(20)))
    opened = open_target(str(tmp_path))
    assert len(paths(opened)) == 10
    assert told(opened) == {".": "more than 10 files; the rest was not looked at"}


def test_problems_are_listed_up_to_a_limit_and_then_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROBLEMS_PER_TARGET", 3)
    opened = open_target(str(tmp_path))
    for number in range(8):
        opened.problem(f"{number}.yaml", "unreadable")
        opened.problem("0.yaml", "unreadable")
    assert [problem.path for problem in opened.problems] == ["0.yaml", "1.yaml", "2.yaml", "."]
    assert opened.problems[-1].message.startswith("5 more problems")


# --- second files ---------------------------------------------------------------------------------


def test_a_reader_may_ask_for_other_files_of_the_tree(tmp_path: Path) -> None:
    tree(tmp_path, "env/web.env", "k8s/a.yaml", "k8s/b.yaml")
    files = open_target(str(tmp_path)).files
    found = files.get("k8s/../env/./web.env")
    assert found is not None
    assert (found.path, found.directory, found.data) == ("env/web.env", "env", b"env/web.env")
    assert files.names("k8s") == ["a.yaml", "b.yaml"]
    assert files.names("") == []
    assert files.names("nowhere") == []
    assert files.get("k8s") is None
    assert files.get("nowhere.env") is None


@pytest.mark.parametrize("path", ["../out.env", "/etc/hostname", "a/../../out.env", "", "..", "x\0y"])
def test_files_outside_of_the_root_are_not_given(tmp_path: Path, path: str) -> None:
    tree(tmp_path, "out.env", "root/a.yaml")
    files = open_target(str(tmp_path / "root")).files
    assert files.get(path) is None
    assert files.names(path or "..") == []


@posix
def test_asked_for_files_are_followed_through_links_inside_of_the_root_only(tmp_path: Path) -> None:
    tree(tmp_path, "out/x.env", "root/real/x.env")
    (tmp_path / "root/inside").symlink_to("real")
    (tmp_path / "root/outside").symlink_to("../out")
    (tmp_path / "root/x.env").symlink_to("../out/x.env")
    (tmp_path / "root/loop").symlink_to("loop")
    opened = open_target(str(tmp_path / "root"))
    found = opened.files.get("inside/x.env")
    assert found is not None
    assert found.data == b"root/real/x.env"
    assert opened.files.get("outside/x.env") is None
    assert opened.files.get("x.env") is None
    assert opened.files.get("loop") is None
    assert opened.files.names("") == []
    assert set(told(opened)) == {"outside/x.env", "x.env"}


@posix
def test_a_fifo_asked_for_by_a_reader_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "web.env")
    assert open_target(str(tmp_path)).files.get("web.env") is None


# --- against a slow and obvious model ----------------------------------------------------------------


def plant(root: Path, seed: int) -> None:
    """A random tree with links everywhere: to files and folders, inside and outside, dangling, looping."""
    choose = random.Random(seed)
    folders = [root / "in"]
    (root / "in").mkdir(parents=True)
    tree(root / "outside", "a.yaml", "b/c.yaml")
    everything = [root / "in", root / "outside", root / "outside/a.yaml", root / "outside/b"]
    for _ in range(choose.randint(1, 25)):
        place = choose.choice(folders) / choose.choice(["a", "b", "c.yaml", "d.yaml", "e.txt", "f\n.yaml", "ü"])
        if place.exists() or place.is_symlink():
            continue
        kind = choose.random()
        if kind < 0.35:
            place.mkdir()
            folders.append(place)
        elif kind < 0.7:
            place.write_text(str(place))
        elif kind < 0.95:
            goal = choose.choice([*everything, root / "nowhere"])
            place.symlink_to(goal if choose.random() < 0.5 else os.path.relpath(goal, place.parent))
        else:
            os.mkfifo(place)
        everything.append(place)


def slow_walk(root: str) -> dict[str, bytes]:
    found = {}
    for folder, _, names in os.walk(root, followlinks=False):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.isfile(full) and not os.path.islink(full):
                with open(full, "rb") as file:
                    found[printable(os.path.relpath(full, root))] = file.read()
    return found


@posix
@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_random_trees_agree_with_a_plain_walk(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    base = tmp_path_factory.mktemp("tree")
    plant(base, seed)
    root = str(base / "in")
    opened = open_target(root)
    entries = list(opened.entries(lambda path: True))
    assert {entry.path: entry.read().data for entry in entries} == slow_walk(root)
    assert [entry.path for entry in entries] == sorted((entry.path for entry in entries), key=order)
    links_out = {
        printable(os.path.relpath(os.path.join(folder, name), root))
        for folder, folders, names in os.walk(root)
        for name in folders + names
        if os.path.islink(full := os.path.join(folder, name))
        and os.path.exists(full)
        and not os.path.realpath(full).startswith(root + "/")
        and os.path.realpath(full) != root
    }
    assert {path for path, message in told(opened).items() if "leads out" in message} == links_out
    for folder, _, names in os.walk(root):
        for name in names:
            asked = printable(os.path.relpath(os.path.join(folder, name), root))
            full = os.path.join(folder, name)
            given_file = opened.files.get(asked)
            inside = os.path.realpath(full).startswith(root + "/") and os.path.isfile(full)
            assert (given_file is not None) == inside
