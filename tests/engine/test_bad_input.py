"""Hostile and broken input through the whole program: one clear line, the rest reported, bounded memory.

Each case puts one bad input beside a good file. Two runs hold it: with `--fail-on none` nothing but what could
not be read decides the exit code; with the default the finding of the good file does.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from measured import measured

MEMORY_MIB = 256
SECONDS = 20  # a case takes less than two; more is a hang
MIB = 1024 * 1024
GOOD = b"""\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  containers:
  - name: c
    image: registry.example/web:1.4
    securityContext: {privileged: true}
"""
HEAD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n"
JSON_HEAD = b'{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad"}, "spec": '


class Run(Struct, frozen=True):
    """What a finished process left behind; `peak` is its largest resident set in bytes."""

    code: int
    out: str
    err: str
    peak: int


def _as_an_ordinary_user() -> None:
    """Takes from the administrator what lets him pass over permissions: from the next exec on, modes hold for him
    as for anybody (capabilities(7): CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; prctl(2): PR_CAPBSET_DROP)."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):
        if libc.prctl(24, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def batten(folder: Path, *arguments: str, stdin: bytes = b"", ordinary: bool = False) -> Run:
    """The program in `folder`, in a process of its own whose memory is measured. `ordinary`: permissions hold for
    it even where the tests are run by root."""
    out, err, peak = folder.parent / "out", folder.parent / "err", folder.parent / "peak"
    with out.open("wb") as told, err.open("wb") as complained:
        code, used = measured(
            list(arguments),
            peak,
            cwd=folder,
            input=stdin,
            stdout=told,
            stderr=complained,
            timeout=SECONDS,
            preexec_fn=_as_an_ordinary_user if ordinary and os.geteuid() == 0 else None,
        )
    return Run(code, out.read_text("utf-8"), err.read_text("utf-8"), used)


Put = Callable[[Path], None]


def content(name: str, data: bytes) -> Put:
    """Writes one file."""

    def put(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return put


def long_line(name: str, start: bytes, mebibytes: int) -> Put:
    """A file whose last line has so many characters that are all the same."""
    return content(name, start + b"a" * (mebibytes * MIB))


def alias_bomb(name: str, head: bytes, prefix: str = "") -> Put:
    """Eleven levels of nine aliases each: 9 ** 11 values when expanded."""
    levels = [f"{prefix}a0: &a0 {{x: 1}}\n"]
    levels += [f"{prefix}a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)]
    return content(name, head + "".join(levels).encode())


def fifo(name: str) -> Put:
    return lambda folder: os.mkfifo(folder / name)


def links(folder: Path) -> None:
    """Two links to each other."""
    (folder / "bad.yaml").symlink_to("worse.yaml")
    (folder / "worse.yaml").symlink_to("bad.yaml")


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, keep: float = 1.0) -> bytes:
    """A zip archive, or the first part of one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=compression)
    return packed.getvalue()[: int(len(packed.getvalue()) * keep)]


def many_members(folder: Path) -> None:
    """A zip with 100,000 empty members after the good one.

    The records are written by hand: zipfile takes seconds for so many.
    """
    import struct
    import zlib

    local, central, count = bytearray(), bytearray(), 100_000
    for number in range(count):
        name, data = f"{number:06}.yaml".encode(), GOOD if number == 0 else b""
        fields = (20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        central += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, 0, 0, 0, 0, len(local)) + name
        local += struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name + data
    start, size = len(local), len(central)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, size, start, 0)
    (folder / "bad.zip").write_bytes(bytes(local + central) + end64 + locator + end)


def cut_tar(folder: Path) -> None:
    """A tar.gz that ends in the middle of its second member."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in (("a.yaml", GOOD), ("b.bin", os.urandom(100_000))):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    (folder / "bad.tar.gz").write_bytes(packed.getvalue()[:50_000])


class Case(Struct, frozen=True):
    """A bad input, the path that is named for it and words that the line about it has."""

    put: Put
    path: str
    words: str
    targets: tuple[str, ...] = (".",)


def inside(name: str) -> tuple[str, ...]:
    """An archive is read when it is named itself; the good file is named beside it."""
    return (name, "good.yaml")


YAML, DOCKER = "bad.yaml", "Dockerfile"
CASES = {
    "truncated YAML": Case(content(YAML, HEAD + b'  containers: [{name: c, image: "ngi'), YAML, "closing quote"),
    "truncated JSON": Case(content("bad.json", JSON_HEAD + b'{"containers": [{"name":'), "bad.json", "expected"),
    "truncated tar": Case(cut_tar, "bad.tar.gz", "cut off", inside("bad.tar.gz")),
    "truncated zip": Case(
        content("bad.zip", zip_of({"a.yaml": GOOD, "b.bin": os.urandom(9999)}, keep=0.5)),
        "bad.zip",
        "cut off",
        inside("bad.zip"),
    ),
    "50 MB of one line of YAML": Case(long_line(YAML, HEAD + b"  x: ", 50), YAML, "16 MiB"),
    "50 MB of one line of a Dockerfile": Case(long_line(DOCKER, b"FROM a\nRUN ", 50), DOCKER, "16 MiB"),
    "15 MB of one line of YAML": Case(long_line(YAML, HEAD + b"  x: ", 15), YAML, "lines of at most"),
    "15 MB of one line of a Dockerfile": Case(long_line(DOCKER, b"FROM a\nRUN ", 15), DOCKER, "at most"),
    "15 MB of one line of JSON numbers": Case(
        content("bad.json", JSON_HEAD + b"[" + b"1," * (7 * MIB) + b"1]}"), "bad.json", "values"
    ),
    "15 MB of one line of JSON objects": Case(
        content("bad.json", JSON_HEAD + b"[" + b"{}," * (5 * MIB) + b"1]}"), "bad.json", "values"
    ),
    "alias bomb": Case(alias_bomb(YAML, HEAD), YAML, "values"),
    "alias bomb in Compose": Case(
        alias_bomb("compose.yaml", b"services:\n  a: {image: x}\n", "x-"), "compose.yaml", "values"
    ),
    "nested flow": Case(content(YAML, HEAD + b"  x: " + b"[" * 100_000), YAML, "nested"),
    "nested and closed flow": Case(content(YAML, HEAD + b"  x: " + b"[" * 50_000 + b"]" * 50_000), YAML, "nested"),
    "nested JSON": Case(content("bad.json", JSON_HEAD + b"[" * 50_000 + b"]" * 50_000 + b"}"), "bad.json", "nested"),
    "NUL in YAML": Case(content(YAML, HEAD + b"  x: \0a\n"), YAML, "U+0000"),
    "NUL in a Dockerfile": Case(content(DOCKER, b"FROM a\0b\n"), DOCKER, "NUL"),
    "invalid UTF-8 in YAML": Case(content(YAML, HEAD + b"  x: \xff\xfe\n"), YAML, "0xff"),
    "invalid UTF-8 in a Dockerfile": Case(content(DOCKER, b"FROM a\nRUN \xff\xfe\n"), DOCKER, "0xff"),
    "FIFO": Case(fifo(YAML), YAML, "FIFO"),
    "loop of links": Case(links, YAML, "loop"),
    "link to its own folder": Case(lambda folder: (folder / "bad").symlink_to("."), "bad", "loop"),
    "zip with 100,000 members": Case(many_members, "bad.zip", "5,000 files to read", inside("bad.zip")),
    "zip with a ratio of 1,000:1": Case(
        content("bad.zip", zip_of({"a.yaml": HEAD + b"# " + b"a" * (15 * MIB)})), "bad.zip", "a bomb", inside("bad.zip")
    ),
    "path with a newline": Case(content("bad\n::error::x.yaml", HEAD + b"  x: ["), "bad\n::error::x.yaml", "expected"),
}


def folder_with(case: Case, tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "good.yaml").write_bytes(GOOD)
    case.put(folder)
    return folder


def assert_sane(run: Run) -> None:
    assert "Traceback" not in run.out + run.err
    assert run.err == ""
    assert run.peak <= MEMORY_MIB * MIB, f"{run.peak // MIB} MiB"


def problems(report: dict[str, Any], path: str) -> list[str]:
    return [one["message"] for target in report["targets"] for one in target["problems"] if path in one["path"]]


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_one_line_and_the_good_file_beside_it_is_reported(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    folder = folder_with(case, tmp_path)

    run = batten(folder, "scan", *case.targets, "--fail-on", "none", "--quiet", "--format", "json")

    assert_sane(run)
    assert run.code == 3
    report = json.loads(run.out)
    said = problems(report, case.path.replace("\n", "\\n"))  # a path is shown escaped, on one line
    assert any(case.words in one for one in said), report["targets"]
    assert all("\n" not in one and len(one) < 400 for one in said)
    assert any(one["check"] == "PRV001" and "good.yaml" in one["location"]["path"] for one in report["findings"])


@pytest.mark.parametrize("name", ["truncated YAML", "FIFO", "path with a newline"])
def test_an_open_finding_beside_bad_input_exits_1_and_the_table_names_both(name: str, tmp_path: Path) -> None:
    case = CASES[name]

    run = batten(folder_with(case, tmp_path), "scan", ".", "--verbose")

    assert_sane(run)
    assert run.code == 1
    line = next(one for one in run.out.splitlines() if one.lstrip().startswith(case.path.replace("\n", "\\n")))
    assert "error: " in line
    assert "PRV001" in run.out
    assert "1 path could not be read" in run.out


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root may read everything")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_nobody_may_read_is_one_line(what: str, tmp_path: Path) -> None:
    def put(folder: Path) -> None:
        if what == "folder":
            (folder / "closed.yaml").mkdir(mode=0)
        else:
            (folder / "closed.yaml").write_bytes(GOOD)
            (folder / "closed.yaml").chmod(0)

    closed = Case(put, "closed.yaml", "permission denied")
    folder = folder_with(closed, tmp_path)

    run = batten(folder, "scan", ".", "--fail-on", "none", "--quiet", "--format", "json", ordinary=True)

    assert_sane(run)
    assert run.code == 3
    report = json.loads(run.out)
    assert len(problems(report, closed.path)) == 1
    assert closed.words in problems(report, closed.path)[0]
    assert any(one["check"] == "PRV001" and "good.yaml" in one["location"]["path"] for one in report["findings"])
