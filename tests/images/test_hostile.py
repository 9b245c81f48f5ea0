"""Hostile images, scanned by the program as a user runs it: told in few lines, bounded, nothing written elsewhere."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from images.builder import (
    END,
    Entry,
    Layer,
    configuration,
    digest,
    file,
    hardlink,
    header,
    layer,
    layout,
    symlink,
    tar,
)
from measured import measured

MOST = 512  # MB
LIE = "sha256:" + "0" * 64


def repeated(head: bytes, block: bytes, times: int) -> Layer:
    """`head`, then the same block over and over: gzip members, each packed by a thousand to one."""
    stored = gzip.compress(head, 9, mtime=0) + gzip.compress(block, 9, mtime=0) * times + gzip.compress(END, mtime=0)
    return Layer(stored, digest(stored), digest(b""), "gzip")


def nested(depth: int) -> bytes:
    """A jar in a jar in a jar …"""
    inner = b"x"
    name = "x.class"
    for number in range(depth):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, inner)
            archive.writestr("META-INF/MANIFEST.MF", f"Implementation-Title: a{number}\nImplementation-Version: 1\n")
        inner, name = stream.getvalue(), f"lib/a{number}.jar"
    return inner


def negative() -> bytes:
    """A size below zero (base-256), then a good member that must not be taken for more than it is."""
    return header(Entry(b"a", size=b"\xff" * 12)) + tar([file("etc/b", b"1")])


def cut_off() -> Layer:
    stored = layer([file("a", os.urandom(5000))], "gzip").stored[:-700]
    return Layer(stored, digest(stored), digest(b""), "gzip")


HUGE = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.realsize": b"9" * 18}
CASES: dict[str, Callable[[], Layer]] = {
    "a ratio of a thousand to one": lambda: repeated(header(Entry(b"a", size=b"77777777777\0")), bytes(2 << 20), 400),
    "members without end": lambda: repeated(header(file("a")), header(file("a")) * 4096, 260),
    "names that lead out": lambda: layer(
        [file("../../../tmp/batten-was-here", b"1"), file("/../x"), file("a/../../y")]
    ),
    "pax names that lead out": lambda: layer([file("a", b"1", pax={"path": b"../../../tmp/batten-was-here"})]),
    "pax sizes below zero": lambda: layer([file("a", b"1", pax={"size": b"-5"}), file("b", b"1")]),
    "pax sizes of many digits": lambda: layer([file("a", b"1", pax={"size": b"9" * 40})]),
    "links in a circle": lambda: layer([symlink("a", "b"), symlink("b", "a"), symlink("etc", "etc"), file("etc/x")]),
    "hard links out of the root": lambda: layer([hardlink("a", "../../etc/passwd"), hardlink("b", "/etc/passwd")]),
    "a size below zero": lambda: layer(negative()),
    "a sparse file of exabytes": lambda: layer([file("a.jar", b"0\n1\n", pax=HUGE)]),
    "jars fifty deep": lambda: layer([file("app/a.jar", nested(50))]),
    "a layer cut off": cut_off,
    "a digest that lies": lambda: Layer(layer([file("a", b"1")]).stored, LIE, digest(b""), ""),
}
CLEAN = {"links in a circle"}
"""What is odd and no mistake: nothing is missing from what was read."""


SLOW = "members without end"  # a million of them take their time: with `make test-system`


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.system if one == SLOW else ()) for one in CASES])
def test_it_is_told_and_bounded(tmp_path: Path, name: str) -> None:
    made = CASES[name]()
    config = configuration([made])
    where = layout(tmp_path / "image", [made], config)
    if made.digest == LIE:
        (where / "blobs/sha256" / ("0" * 64)).write_bytes(made.stored)
    work, home, scratch = tmp_path / "work", tmp_path / "home", tmp_path / "tmp"
    for folder in (work, home, scratch):
        folder.mkdir()
    environment = os.environ | {
        "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(scratch), "BATTEN_OFFLINE": "1",
    }  # fmt: skip
    with (tmp_path / "stderr").open("wb") as errors:
        words = ["scan", f"oci:{where}", "--format=json", "--output=report.json"]
        code, peak = measured(words, tmp_path / "peak", stderr=errors, env=environment, cwd=work)
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    assert peak >> 20 < MOST
    report = json.loads((work / "report.json").read_bytes())
    problems = [one for one in report["targets"][0]["problems"] if "database" not in one["message"]]
    assert len(problems) <= 4, problems
    assert all("\n" not in one["message"] for one in problems)
    assert (name in CLEAN) or problems, "nothing was said of it"
    assert code in (1, 3)
    written = [path for folder in (work, home, scratch) for path in folder.rglob("*") if path.is_file()]
    assert all(path == work / "report.json" or path.is_relative_to(home / "cache/batten") for path in written), written
    assert not Path("/tmp/batten-was-here").exists()
