from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from batten import limits
from batten.sources import OpenTarget, TargetError, kinds, open_target
from batten.sources.oci import OpenImage


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"kind: Pod\n")))
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s/web.yaml").write_text("kind: Pod\n")
    (tmp_path / "k8s/web.env").write_text("A=1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "identity", "kind"),
    [
        ("k8s", "directory:k8s", "directory"),
        ("./k8s/", "directory:k8s", "directory"),
        (".", "directory:.", "directory"),
        ("dir:k8s", "directory:k8s", "directory"),
        ("k8s/web.yaml", "file:k8s/web.yaml", "file"),
        ("file:./k8s/web.yaml", "file:k8s/web.yaml", "file"),
        ("-", "stdin:-", "stdin"),
        ("stdin:", "stdin:-", "stdin"),
    ],
)
def test_a_target_is_a_path_or_a_scheme_with_a_reference(text: str, identity: str, kind: str) -> None:
    target = open_target(text).target
    assert (target.id, target.kind) == (identity, kind)


@pytest.mark.parametrize("text", ["nginx:1.25", "ghcr.io/shop/web", "localhost:5000/web"])
def test_what_names_an_image_and_is_no_path_is_that_image(text: str) -> None:
    with open_target(text) as target:
        assert (target.target.id, target.target.kind) == (f"image:{text}", "image")


def test_a_saved_image_may_come_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, text in (("config.json", b"{}"), ("manifest.json", b'[{"Config": "config.json", "Layers": []}]')):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.getvalue())))
    with open_target("-") as target:
        assert isinstance(target, OpenImage)
        assert [image.layers for image in target.images()] == [[]]


def test_offline_no_registry_is_asked() -> None:
    with pytest.raises(TargetError, match="offline"):
        open_target("nginx:1.25", offline=True)


def test_a_scheme_wins_over_a_path_of_the_same_name() -> None:
    Path("dir:k8s").write_text("a file")
    assert open_target("dir:k8s").target.kind == "directory"
    assert open_target("./dir:k8s").target.kind == "file"


def test_a_path_with_a_colon_that_is_no_scheme_is_a_path() -> None:
    Path("web:1.yaml").touch()
    assert open_target("web:1.yaml").target.kind == "file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nginx", r"SCHEME:REFERENCE, found nothing at 'nginx' \(`batten targets` lists the kinds\)$"),
        ("docker", r"found 'docker', a scheme without its colon; did you mean docker:\? \("),
        ("image", r"found 'image', a scheme without its colon; did you mean image:\? \(image:"),
        ("k8", r"found nothing at 'k8'; did you mean k8s\?"),
        ("k8s/wep.yaml", r"did you mean k8s/web.yaml\?"),
        ("imgae:shop", r"did you mean image:shop\?"),
        ("dri:k8s", r"found nothing at 'dri:k8s'; did you mean dir:k8s\?"),
        ("../gone", r"found nothing at '../gone' \("),
        ("registry:shop", r"found 'registry:shop': this installation cannot read registries"),
        ("aws:shop", r"cannot read Amazon Web Services accounts"),
        ("dir:k8s/web.yaml", r"expected a directory after dir:, found a file"),
        ("file:k8s", r"expected a file after file:, found a directory at 'k8s'; did you mean dir:k8s\?"),
        ("file:nowhere", r"expected a file after file:, found 'nowhere': cannot be read: no such file"),
        ("archive:nowhere", r"expected a file after archive:, found 'nowhere'"),
        ("stdin:x", r"expected nothing after stdin:, found 'x'"),
        ("", r"expected a path or SCHEME:REFERENCE, found ''"),
        ("a\0b", r"expected a path or SCHEME:REFERENCE"),
        ("a\nb", r"found nothing at 'a\\\\nb'"),
    ],
)
def test_anything_else_is_an_error_that_says_what_was_probably_meant(text: str, message: str) -> None:
    with pytest.raises(TargetError, match=message) as caught:
        open_target(text)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_also_a_scheme_to_come_is_named_in_the_error() -> None:
    Path("aws:x").touch()
    with pytest.raises(TargetError, match=r"for the path write '\./aws:x'"):
        open_target("aws:x")


@pytest.mark.parametrize(("name", "leads_to"), [("gone", "nowhere"), ("loop", "loop"), ("gone.tar", "nowhere")])
def test_a_link_to_nothing_is_there_and_cannot_be_read(name: str, leads_to: str) -> None:
    Path(name).symlink_to(leads_to)
    for text in (name, f"file:{name}"):
        opened = open_target(text)
        assert list(opened.entries()) == []
        assert [(one.path, one.message) for one in opened.problems] == [
            (name, "expected a file, found a link to nothing")
        ]


def test_kinds_lists_every_source_with_an_example_that_opens_as_that_kind() -> None:
    assert [scheme for scheme, _, _ in kinds()] == sorted(
        [
            "archive",
            "cluster",
            "dir",
            "docker",
            "docker-archive",
            "file",
            "helm",
            "image",
            "oci",
            "podman",
            "rootfs",
            "stdin",
        ]
    )
    for _, summary, example in kinds():
        assert summary[0].islower()
        assert "\n" not in summary
        assert example


def test_a_file_is_read_whatever_its_name_and_its_neighbours_may_be_asked_for() -> None:
    opened = open_target("k8s/web.env")
    (entry,) = opened.entries(lambda path: False)
    assert (entry.path, entry.read().data) == ("web.env", b"A=1\n")
    found = opened.files.get("web.yaml")
    assert found is not None
    assert found.data == b"kind: Pod\n"
    assert opened.files.get("../k8s/web.yaml") is None
    assert opened.shown("web.yaml") == "k8s/web.yaml"


def test_a_file_that_is_a_link_is_followed_because_it_was_named() -> None:
    Path("link.yaml").symlink_to("k8s/web.yaml")
    opened = open_target("link.yaml")
    (entry,) = opened.entries()
    assert (entry.path, entry.read().data) == ("link.yaml", b"kind: Pod\n")
    assert opened.native("link.yaml") == os.path.realpath("k8s/web.yaml")


def test_a_fifo_and_a_device_as_target_are_told_and_do_not_hang() -> None:
    os.mkfifo("pipe")
    for name, found in (("pipe", "a FIFO"), ("/dev/zero", "a character device")):
        opened = open_target(name)
        assert list(opened.entries()) == []
        (problem,) = opened.problems
        assert f"expected a regular file, found {found}; it was not opened" in problem.message


def test_a_file_that_is_too_large_is_told() -> None:
    with open("big.yaml", "wb") as file:
        file.truncate(50 * limits.MIB)
    opened = open_target("big.yaml")
    assert list(opened.entries()) == []
    assert opened.problems[0].message == "expected at most 16 MiB, found 50.0 MiB; it was not read"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_file_whose_status_says_that_it_is_empty_is_read_whole() -> None:
    (entry,) = open_target("/proc/self/limits").entries()
    assert entry.read().data.startswith(b"Limit")
    assert entry.size > 500


@pytest.mark.parametrize(
    ("text", "path", "shown"),
    [(".", "k8s/web.yaml", "k8s/web.yaml"), ("k8s/", "web.yaml", "k8s/web.yaml"), ("./k8s", ".", "k8s")],
)
def test_paths_are_shown_as_seen_from_where_the_program_was_started(text: str, path: str, shown: str) -> None:
    assert open_target(text).shown(path) == shown


def standard_input(data: bytes, monkeypatch: pytest.MonkeyPatch) -> OpenTarget:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return open_target("-")


def test_standard_input_is_one_entry_without_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = standard_input(b"kind: Pod\n", monkeypatch)
    (entry,) = opened.entries(lambda path: False)
    assert (entry.path, entry.size, entry.read().data) == ("-", 10, b"kind: Pod\n")
    assert opened.files.get("k8s/web.yaml") is None
    assert opened.files.names("") == []


def test_endless_standard_input_is_cut_and_told() -> None:
    script = (
        "from batten.sources import open_target; opened = open_target('-')\n"
        "print(list(opened.entries()), opened.problems[0].message)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=endless, capture_output=True, text=True, env=environment, timeout=30
        )
    assert done.stdout.startswith("[] expected at most 16 MiB, found")


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(TargetError, match="expected standard input, found none"):
        open_target("-")


def test_opening_a_folder_imports_no_archive_reader() -> None:
    script = (
        "import sys; from batten.sources import open_target; list(open_target('k8s').entries())\n"
        "print(sorted({'zipfile', 'tarfile', 'lzma', 'pathlib', 'tempfile', 'difflib'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "zip"])
def test_an_archive_of_files_on_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    data = io.BytesIO()
    if mode == "zip":
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("k8s/web.yaml", b"kind: Pod\n")
    else:
        with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]
            member = tarfile.TarInfo("k8s/web.yaml")
            member.size = 10
            archive.addfile(member, io.BytesIO(b"kind: Pod\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.getvalue())))
    with open_target("-") as opened:
        assert opened.target.kind == "archive"
        [entry] = opened.entries()
        assert (entry.path, entry.read().data) == ("k8s/web.yaml", b"kind: Pod\n")


def test_a_damaged_archive_on_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x1f\x8b\x08" + b"x" * 600)))
    with pytest.raises(TargetError, match="damaged"):
        open_target("-")
