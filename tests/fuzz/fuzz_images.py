"""Coverage-guided fuzzing of where images come from: python tests/fuzz/fuzz_images.py -max_total_time=600

The first byte says what the rest is: an archive, an index, a manifest, a configuration, `manifest.json`, or
text that a registry or a user writes. Whatever it is, it is read or refused in one printable line, every blob
lies inside of the archive, and nothing but the temporary file is written.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile

from batten.model.source import Unreadable
from batten.sources import TargetError
from batten.sources.interface import Target
from batten.sources.oci import OpenImage
from batten.sources.oci.archives import looks_like_image_archive, open_archive_stream, open_stored
from batten.sources.oci.auth import challenges
from batten.sources.oci.hosts import hosts_of
from batten.sources.oci.references import is_reference, reference
from batten.sources.oci.transport import retry_after
from batten.sources.oci.unpack import Peeked

LAYER = b"layer"


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


CONFIG = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [digest(LAYER)]}}).encode()
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(CONFIG), "size": 1},
        "layers": [{"digest": digest(LAYER), "size": len(LAYER)}],
    }
).encode()


def layout(index: bytes, *blobs: bytes) -> bytes:
    """A tar archive of an OCI layout."""
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index}
    files |= {"blobs/" + digest(blob).replace(":", "/"): blob for blob in (*blobs, LAYER)}
    return archive(files)


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return out.getvalue()


def index_for(manifest: bytes) -> bytes:
    return json.dumps({"manifests": [{"digest": digest(manifest), "size": len(manifest)}]}).encode()


def one_input(data: bytes) -> None:
    """Reads `data` as what its first byte says; raises on any broken promise."""
    kind, rest = data[:1], data[1:]
    if kind == b"i":
        stored(layout(rest, MANIFEST, CONFIG))
    elif kind == b"m":
        stored(layout(index_for(rest), rest, CONFIG))
    elif kind == b"c":
        manifest = MANIFEST.replace(digest(CONFIG).encode(), digest(rest).encode())
        stored(layout(index_for(manifest), manifest, rest))
    elif kind == b"s":
        stored(archive({"manifest.json": rest, "c.json": CONFIG, "l.tar": LAYER}))
    elif kind == b"t":
        texts(rest.decode("utf-8", "surrogateescape"))
    else:
        stored(rest)


def stored(data: bytes) -> None:
    descriptor, path = tempfile.mkstemp()
    try:
        os.write(descriptor, data)
        os.close(descriptor)
        looks_like_image_archive(path)
        for opened in (lambda: open_stored(Target("image:x", "image", "x"), path, "all"), lambda: piped(data)):
            try:
                with opened() as target:
                    read(target, len(data))
            except TargetError as error:
                clear(str(error))
    finally:
        os.unlink(path)


def clear(message: str) -> None:
    assert message.isprintable(), message


def piped(data: bytes) -> OpenImage:
    return open_archive_stream(Peeked(io.BytesIO(data)), platform="all")


def read(target: OpenImage, size: int) -> None:
    for problem in target.problems:
        clear(problem.message)
    for image in target.images():
        assert image.config_digest == digest(image.config)
        for blob in image.layers:
            assert blob.extent is None or blob.extent.offset + blob.extent.size <= size
            try:
                with blob.open() as stream:
                    assert len(stream.read()) == blob.size
            except Unreadable as error:
                clear(error.message)


def texts(text: str) -> None:
    for one in challenges([text]):
        assert one.scheme == one.scheme.lower()
    wait = retry_after(text)
    assert wait is None or wait >= 0
    if is_reference(text):
        found = reference(text)
        assert found.registry
        assert not set("?#%\\\r\n @") & set(found.registry + found.repository + found.tag)
    with tempfile.TemporaryDirectory() as home:
        conf = os.path.join(home, "registries.conf")
        with open(conf, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        environ = {"CONTAINERS_REGISTRIES_CONF": conf, "BATTEN_REGISTRY_MIRRORS": text, "BATTEN_PLAIN_HTTP": text}
        for chosen in (environ, {"CONTAINERS_REGISTRIES_CONF": conf}):
            try:
                hosts_of(chosen, home)
            except Unreadable as error:
                clear(error.message)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
