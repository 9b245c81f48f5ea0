"""Coverage-guided fuzzing of layers: python tests/fuzz/fuzz_layers.py -max_total_time=600

Whatever the bytes are, a layer is read or its problems are told; its facts are whole, its paths stay inside of the
root, and laying it over others gives the file system that the slow way gives. The first byte chooses whether the
rest is taken as it is, with the checksums of its headers put right, or as a recipe for several layers.
"""

from __future__ import annotations

import io
import sys

import msgspec

from batten.images import read_image
from batten.images.cataloguers import cataloguers
from batten.images.facts import LayerFacts, consistent
from batten.images.filesystem import FileSystem
from batten.images.layers import normal, read_layer
from batten.sources.oci import Blob, ImageData
from images import builder
from images.builder import BLOCK, Entry, checksummed, packed
from images.cataloguing import LINES
from images.slow_squash import SlowFileSystem

NAMES = (
    b"a",
    b"b",
    b"c",
    b"a/b",
    b"b/c",
    b"a/b/c",
    b"a.db",
    b"a/x.pkg",
    b"etc/os-release",
    b"..",
    b"a/../b",
    b"/a",
    b"",
)
LINKS = (b"a", b"b", b"..", b"/a/b", b"../..", b"a/b", b".", b"/", b"a.db")
KINDS = (b"0", b"5", b"2", b"1", b"0", b"3", b"S", b"\0")
PACKINGS = ("", "gzip", "zstd")
MEMBERS = 2_000  # of one input; the slow way is quadratic


def one_input(data: bytes) -> None:
    """Reads, lays over each other, compares; raises on any broken promise."""
    how, rest = data[:1], data[1:]
    choice = how[0] if how else 0
    if choice % 3 == 2:
        layers = [builder.tar(entries) for entries in recipe(rest)]
    else:
        layers = [mended(rest) if choice % 3 else rest]
    stored = [packed(one, PACKINGS[choice // 3 % 3]) for one in layers]
    facts = [read_layer(lambda one=one: io.BytesIO(one), LINES) for one in stored]  # type: ignore[misc]
    for one in facts:
        whole(one)
    if sum(one.count for one in facts) <= MEMBERS:
        compare(facts)
    image(stored)


def mended(data: bytes) -> bytes:
    """The same blocks with right checksums: else the fuzzer would not come past the first header."""
    blocks = [data[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, len(data), BLOCK)]
    return b"".join(checksummed(one) if b"ustar" in one[257:263] else one for one in blocks)


def recipe(data: bytes) -> list[list[Entry]]:
    """Layers of a few members each, three bytes a member."""
    layers: list[list[Entry]] = [[]]
    for start in range(0, len(data) - 2, 3):
        what, name, other = data[start : start + 3]
        if what == 255:
            layers.append([])
            continue
        path = NAMES[name % len(NAMES)]
        if what & 8:
            parent, slash, last = path.rpartition(b"/")
            path = parent + slash + (b".wh..wh..opq" if what & 16 else b".wh." + last)
        text = b"one %d\ntwo 1\n" % other if other & 1 else b""
        layers[-1].append(Entry(path, text, KINDS[what % 8], 0o755, link=LINKS[other % len(LINKS)]))
    return layers[:20]


def whole(facts: LayerFacts) -> None:
    assert consistent(facts)
    assert consistent(msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=LayerFacts))
    for path in (*facts.paths(), *facts.whiteouts, *facts.opaque):
        assert normal(path) == path, path
        assert path.isprintable(), path
    for problem in facts.problems:
        assert problem.message.isprintable(), problem


def compare(layers: list[LayerFacts]) -> None:
    fast, slow = FileSystem(), SlowFileSystem()
    for one in layers:
        fast.apply(one)
        slow.apply(one)
    found = {path: fast.stat(member) for path, member in fast.walk()}
    assert {path: (one.layer, one.index) for path, one in found.items()} == {
        path: (node.layer, node.index) for path, node in slow.nodes.items() if node.kind != "d"
    }
    for path in found:
        target = fast.find(path)
        assert target is None or fast.stat(target[1]).kind != "l"


def image(stored: list[bytes]) -> None:
    """The whole way, with the cataloguers that there are."""
    blobs = [
        Blob(digest="", diff_id="", media_type="", size=-1, open=lambda one=one: io.BytesIO(one))  # type: ignore[misc]
        for one in stored
    ]
    config = b'{"config": {"Cmd": ["a", "b/c"], "WorkingDir": "/a"}}'
    content = read_image(ImageData(reference="x", config=config, config_digest="", layers=blobs), jobs=1)
    for package in content.packages:
        assert package.version
        assert package.purl
    assert cataloguers()


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
