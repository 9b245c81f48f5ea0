from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from batten.images import read_image, reading
from batten.images.cataloguers import cataloguers
from batten.images.reading import open_extent, read_layers
from batten.images.workers import Worker
from batten.model.source import Unreadable
from batten.sources.oci import Blob, Extent
from images.builder import Layer, digest, file, image, layer, on_disk, program
from images.cataloguing import LINES

LAYERS = [[file(f"{number}", bytes([number]) * 5000), program("bin/sh")] for number in range(4)]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes even for layers that are too small to be worth one."""
    monkeypatch.setattr(reading, "_WORTH_A_PROCESS", 0)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("packing", ["gzip", "zstd", ""])
def test_several_processes_say_the_same_as_one(tmp_path: Path, packing: str) -> None:
    data = on_disk(image(LAYERS, packing=packing), tmp_path)
    alone = list(read_layers(data.layers, cataloguers(), cache=None, jobs=1))
    together = list(read_layers(data.layers, cataloguers(), cache=None, jobs=3))
    assert [msgspec.msgpack.encode(one) for one in together] == [msgspec.msgpack.encode(one) for one in alone]
    assert all(one.count == 2 and not one.problems for one in together)


@pytest.mark.usefixtures("eager")
def test_cataloguers_that_are_not_the_tools_own_are_asked_in_this_process(tmp_path: Path) -> None:
    data = on_disk(image([[file("a.db", b"one 1")], [file("b.db", b"two 1")]]), tmp_path)
    assert [one.name for one in read_image(data, cataloguers=LINES, jobs=2).packages] == ["one", "two"]


def test_what_comes_over_a_network_is_waited_for_side_by_side() -> None:
    together = threading.Barrier(3, timeout=20)
    built = [layer([file(f"{number}")]) for number in range(3)]
    blobs = [one.blob(lambda: together.wait() and None) for one in built]
    found = list(read_layers(blobs, LINES, cache=None, jobs=3))
    assert [one.diff_id for one in found] == [one.diff_id for one in built]


def test_layers_that_repeat_are_read_once() -> None:
    opened: list[int] = []
    one = layer([file("a.db", b"one 1")])
    content = read_image(image([one, layer([file("b")]), one], opened=opened.append), cataloguers=LINES)
    assert opened == [0, 1]
    assert [stack.files for stack in content.image.layers] == [1, 1, 1]


def test_a_blob_that_cannot_be_opened_costs_its_layer(tmp_path: Path) -> None:
    data = on_disk(image([[file("a.db", b"one 1")], [file("b.db", b"two 1")]]), tmp_path)
    (tmp_path / "1").unlink()
    content = read_image(data, cataloguers=LINES)
    assert [one.name for one in content.packages] == ["one"]
    (problem,) = content.problems
    assert problem.path.startswith("layer 2 (sha256:")
    assert problem.message == "cannot be read: no such file or directory"


def test_a_place_that_fails_while_it_is_read() -> None:
    class Fails(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise Unreadable("the registry hung up")

    good = layer([file("a.db", b"one 1")])
    blob = Blob(digest=good.digest, diff_id=good.diff_id, media_type="", size=-1, open=Fails)
    (found,) = read_layers([blob], LINES, cache=None, jobs=1)
    assert [one.message for one in found.problems] == ["the registry hung up"]


def test_an_extent_gives_its_bytes_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    with open_extent(Extent(str(tmp_path / "x"), 2, 5)) as stream:
        assert stream.read(3) == b"234"
        assert stream.read(99) == b"56"
        assert stream.read(9) == b""
    with pytest.raises(Unreadable, match="cannot be read"):
        open_extent(Extent(str(tmp_path / "missing"), 0, 1))


def blob_at(path: Path, built: Layer) -> Blob:
    path.write_bytes(built.stored)
    extent = Extent(str(path), 0, len(built.stored))
    return Blob(digest=built.digest, diff_id=built.diff_id, media_type="", size=-1, open=io.BytesIO, extent=extent)


def test_a_process_that_dies_costs_its_layer_and_the_next_one_is_read(tmp_path: Path) -> None:
    built = layer([file("a")])
    blob = blob_at(tmp_path / "x", built)
    worker = Worker([])
    try:
        assert worker.read(blob).diff_id == built.diff_id
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
        lost = worker.read(blob)
        assert not lost.complete
        assert "ended early" in lost.problems[0].message
        assert worker.read(blob).diff_id == built.diff_id
    finally:
        worker.close()
    assert worker._process is None


def test_processes_take_nothing_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is scanned must not be able to bring modules of its own."""
    (tmp_path / "msgspec.py").write_text("import sys; sys.exit('stolen')")
    monkeypatch.chdir(tmp_path)
    worker = Worker([])
    try:
        assert worker.read(blob_at(tmp_path / "x", layer([file("a")]))).complete
    finally:
        worker.close()


@pytest.mark.usefixtures("eager")
def test_reading_may_be_given_up_in_the_middle(tmp_path: Path) -> None:
    data = on_disk(image(LAYERS), tmp_path)
    found = read_layers(data.layers, cataloguers(), cache=None, jobs=2)
    assert next(iter(found)).count == 2
    found.close()  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    blob = blob_at(tmp_path / "x", layer([file("a")]))
    program = (
        "import io, sys, time\nfrom batten.images.workers import Worker\nfrom batten.sources.oci import Blob, Extent\n"
        f"extent = Extent({str(tmp_path / 'x')!r}, 0, {blob.extent.size if blob.extent else 0})\n"
        "blob = Blob(digest='', diff_id='', media_type='', size=-1, open=io.BytesIO, extent=extent)\n"
        "worker = Worker([])\nworker.read(blob)\nprint(worker._process.pid, flush=True)\ntime.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").exists() and ") Z " in Path(f"/proc/{child}/stat").read_text():
            return
        time.sleep(0.1)
    pytest.fail("it is still there")


def test_more_layers_than_allowed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from batten import limits

    monkeypatch.setattr(limits, "IMAGE_LAYERS", 2)
    content = read_image(image([[file(f"{number}.db", b"one 1")] for number in range(3)]), cataloguers=LINES)
    assert len(content.image.layers) == 2
    assert [one.message for one in content.problems] == ["expected at most 2 layers, found 3; the lowest 2 were read"]


def test_lies_name_their_layer() -> None:
    good = layer([file("a.db", b"one 1")], "gzip")
    lie = Layer(good.stored, digest(b"x"), good.diff_id, "gzip")
    content = read_image(image([good, lie]), cataloguers=LINES)
    (problem,) = content.problems
    assert problem.path == f"layer 2 ({good.diff_id[:19]})"
    assert problem.severe
    assert [one.name for one in content.packages] == ["one"]
