"""Builds layers, images, layouts and archives byte by byte: what a tar writer would refuse to write, too.

layer([file("etc/passwd", b"root"), whiteout("etc/shadow"), symlink("bin", "usr/bin")], packing="zstd")
image([[file("a", b"1")], [whiteout("a")]]) -> batten.sources.oci.ImageData
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from msgspec import Struct, field

from batten.sources.oci import Blob, Extent, ImageData

BLOCK = 512
END = bytes(2 * BLOCK)
MEDIA_TYPES = {
    "": "application/vnd.oci.image.layer.v1.tar",
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}


class Entry(Struct):
    """One member as it is written; fields left alone get what tar(1) would write."""

    name: bytes
    data: bytes = b""
    kind: bytes = b"0"
    mode: int = 0o644
    uid: int = 0
    link: bytes = b""
    pax: dict[str, bytes] = field(default_factory=dict)
    """Records of a pax header before it."""
    before: bytes = b""
    """Blocks before it, as they are."""
    size: bytes | None = None
    """The size field as it is, twelve bytes."""
    magic: bytes = b"ustar\x0000"
    prefix: bytes = b""


def file(name: str, data: bytes = b"", **fields: Any) -> Entry:
    return Entry(name.encode(), data, **fields)


def program(name: str, data: bytes = b"#!/bin/sh\n", **fields: Any) -> Entry:
    return Entry(name.encode(), data, mode=0o755, **fields)


def folder(name: str, mode: int = 0o755) -> Entry:
    return Entry(name.rstrip("/").encode() + b"/", kind=b"5", mode=mode)


def symlink(name: str, target: str) -> Entry:
    return Entry(name.encode(), kind=b"2", mode=0o777, link=target.encode())


def hardlink(name: str, target: str, mode: int = 0o644) -> Entry:
    return Entry(name.encode(), kind=b"1", mode=mode, link=target.encode())


def whiteout(path: str) -> Entry:
    parent, slash, name = path.rpartition("/")
    return file(f"{parent}{slash}.wh.{name}")


def opaque(path: str) -> Entry:
    return file(f"{path}/.wh..wh..opq" if path else ".wh..wh..opq")


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def header(entry: Entry) -> bytes:
    """One header block with its checksum."""
    size = entry.size if entry.size is not None else b"%011o\0" % len(entry.data)
    block = bytearray(BLOCK)
    block[0:100] = entry.name[:100].ljust(100, b"\0")
    block[100:108] = b"%07o\0" % entry.mode
    block[108:116] = b"%07o\0" % entry.uid
    block[116:124] = b"%07o\0" % 0
    block[124:136] = size
    block[136:148] = b"%011o\0" % 0
    block[156:157] = entry.kind
    block[157:257] = entry.link[:100].ljust(100, b"\0")
    block[257:265] = entry.magic
    block[345:500] = entry.prefix.ljust(155, b"\0")
    return checksummed(bytes(block))


def checksummed(block: bytes) -> bytes:
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    return block[:148] + b"%06o\0 " % total + block[156:]


def pax(records: dict[str, bytes], kind: bytes = b"x") -> bytes:
    """A pax header with its data."""
    data = b"".join(_record(key.encode(), value) for key, value in records.items())
    return header(Entry(b"PaxHeaders/x", data, kind)) + padded(data)


def _record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def gnu_long(name: bytes, kind: bytes = b"L") -> bytes:
    """GNU's header for a long name (L) or link name (K)."""
    return header(Entry(b"././@LongLink", name + b"\0", kind, magic=b"ustar  \0")) + padded(name + b"\0")


def member(entry: Entry) -> bytes:
    """Everything that one entry adds to an archive."""
    records = dict(entry.pax)
    if len(entry.name) > 100:
        records.setdefault("path", entry.name)
    if len(entry.link) > 100:
        records.setdefault("linkpath", entry.link)
    return entry.before + (pax(records) if records else b"") + header(entry) + padded(entry.data)


def tar(entries: Iterable[Entry], end: bytes = END) -> bytes:
    return b"".join(map(member, entries)) + end


def packed(data: bytes, packing: str = "") -> bytes:
    if packing == "gzip":
        return gzip.compress(data, 1, mtime=0)
    return zstandard.compress(data, 1) if packing == "zstd" else data


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Layer(Struct):
    """A layer with what a manifest and a configuration say of it."""

    stored: bytes
    digest: str
    diff_id: str
    packing: str = ""

    @property
    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": MEDIA_TYPES[self.packing], "digest": self.digest, "size": len(self.stored)}

    def blob(self, opened: Callable[[], None] = lambda: None) -> Blob:
        """As a source hands it out; `opened` is told of every opening."""

        def open_stream() -> BinaryIO:
            opened()
            return io.BytesIO(self.stored)

        return Blob(
            digest=self.digest,
            diff_id=self.diff_id,
            media_type=MEDIA_TYPES[self.packing],
            size=len(self.stored),
            open=open_stream,
        )


def layer(entries: Iterable[Entry] | bytes, packing: str = "") -> Layer:
    unpacked = entries if isinstance(entries, bytes) else tar(entries)
    stored = packed(unpacked, packing)
    return Layer(stored, digest(stored), digest(unpacked), packing)


def configuration(layers: Sequence[Layer], history: Sequence[str] | None = None, **config: Any) -> bytes:
    """An image configuration; `config` are keys of its `config` object, in Python's spelling or its own."""
    steps = history if history is not None else [f"step {index}" for index in range(len(layers))]
    raw = {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in layers]},
        "history": [{"created_by": step, "created": "2026-01-01T00:00:00Z"} for step in steps],
    }
    return json.dumps(raw).encode()


def image(
    layers: Sequence[Iterable[Entry] | Layer],
    *,
    packing: str = "",
    opened: Callable[[int], None] | None = None,
    annotations: dict[str, str] | None = None,
    history: Sequence[str] | None = None,
    **config: Any,
) -> ImageData:
    """An image in memory; `opened` is told the number of each layer that is opened."""
    built = [one if isinstance(one, Layer) else layer(one, packing) for one in layers]
    raw = configuration(built, history, **config)
    tell = opened or (lambda number: None)
    blobs = [one.blob(lambda number=number: tell(number)) for number, one in enumerate(built)]  # type: ignore[misc]
    return ImageData(
        reference="shop/web:1",
        config=raw,
        config_digest=digest(raw),
        layers=blobs,
        platform="linux/amd64",
        annotations=annotations or {},
    )


def on_disk(data: ImageData, where: Path) -> ImageData:
    """The same image with its blobs in files, so that other processes can read them."""
    where.mkdir(parents=True, exist_ok=True)
    blobs = []
    for number, blob in enumerate(data.layers):
        path = where / str(number)
        with blob.open() as stream:
            stored = stream.read()
        path.write_bytes(b"before" + stored + b"after")
        blobs.append(
            Blob(
                digest=blob.digest,
                diff_id=blob.diff_id,
                media_type=blob.media_type,
                size=len(stored),
                open=blob.open,
                extent=Extent(str(path), len(b"before"), len(stored)),
            )
        )
    data.layers = blobs
    return data


def layout(where: Path, layers: Sequence[Layer], config: bytes, name: str = "latest") -> Path:
    """Writes an OCI image layout."""
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest(config),
                "size": len(config),
            },
            "layers": [one.descriptor for one in layers],
        }
    ).encode()
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": digest(manifest),
                "size": len(manifest),
                "platform": {"architecture": "amd64", "os": "linux"},
                "annotations": {"org.opencontainers.image.ref.name": name},
            }
        ],
    }
    blobs = where / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for data in (config, manifest, *(one.stored for one in layers)):
        (blobs / digest(data).removeprefix("sha256:")).write_bytes(data)
    (where / "index.json").write_text(json.dumps(index))
    (where / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return where


def docker_archive(path: Path, layers: Sequence[Layer], config: bytes, tag: str = "shop/web:1") -> Path:
    """Writes what `docker save` of old writes: uncompressed layers in folders of their own."""
    config_name = f"{digest(config).removeprefix('sha256:')}.json"
    manifest = [
        {"Config": config_name, "RepoTags": [tag], "Layers": [f"{number}/layer.tar" for number in range(len(layers))]}
    ]
    entries = [file(f"{number}/layer.tar", one.stored) for number, one in enumerate(layers)]
    entries += [file(config_name, config), file("manifest.json", json.dumps(manifest).encode())]
    path.write_bytes(tar(entries))
    return path
