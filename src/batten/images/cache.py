"""The facts of layers that were read before, by diff id: the second image on a base reads its own layers only.

An entry is used only where nothing speaks against it: its checksum and its type hold, it is the layer that
was asked for, and on POSIX systems nobody but its owner can have written it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from batten import __version__, limits
from batten.images import facts as layer_facts
from batten.images.cataloguers import Cataloguer
from batten.images.facts import LayerFacts

_MAGIC: Final = b"batten-layer/1\n"
_DIGEST: Final = 32
_SUFFIX: Final = ".layer"


def default_folder() -> Path:
    """Where caches of this user belong: `XDG_CACHE_HOME`, else what the system has for that."""
    if found := os.environ.get("XDG_CACHE_HOME"):
        base = Path(found)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "batten" / "layers"


class LayerCache:
    """Entries under `folder`, shared by any number of processes. Never raises: what fails is a miss."""

    def __init__(self, folder: Path | None = None, *, limit: int = limits.LAYER_CACHE_BYTES) -> None:
        """`limit` is in bytes; above it the entries that were not used for longest go."""
        self.folder = folder if folder is not None else default_folder()
        self._limit = limit
        self._written = False

    def get(self, diff_id: str, cataloguers: Sequence[Cataloguer]) -> LayerFacts | None:
        """The facts of the layer `diff_id`, as these cataloguers (in their versions) see it."""
        path = self._path(diff_id, cataloguers)
        try:
            data = _read(path)
        except (OSError, ValueError):
            return None
        if data is None or data[: len(_MAGIC)] != _MAGIC:
            return None
        digest, packed = data[len(_MAGIC) : len(_MAGIC) + _DIGEST], data[len(_MAGIC) + _DIGEST :]
        if hashlib.sha256(packed).digest() != digest:
            return None
        import zstandard

        try:
            if not 0 < zstandard.frame_content_size(packed) <= limits.LAYER_CACHE_ENTRY:
                return None
            unpacked = zstandard.ZstdDecompressor().decompress(packed, max_output_size=limits.LAYER_CACHE_ENTRY)
            found = msgspec.msgpack.decode(unpacked, type=LayerFacts)
            if found.diff_id != diff_id or not found.complete or not layer_facts.consistent(found):
                return None
        except (zstandard.ZstdError, msgspec.MsgspecError, MemoryError, ValueError, RecursionError):
            return None
        with suppress(OSError):  # somebody else's pruning came between, or the folder is not ours to write
            os.utime(path)
        return found

    def put(self, found: LayerFacts, cataloguers: Sequence[Cataloguer]) -> None:
        """Keeps the facts of a layer that was read to its end and is what it was said to be."""
        if not found.complete or not found.diff_id:
            return
        import zstandard

        try:
            unpacked = msgspec.msgpack.encode(found)
        except (UnicodeEncodeError, msgspec.MsgspecError):
            return
        if len(unpacked) > limits.LAYER_CACHE_ENTRY:
            return
        packed = zstandard.ZstdCompressor(level=1).compress(unpacked)
        path = self._path(found.diff_id, cataloguers)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, _MAGIC + hashlib.sha256(packed).digest() + packed)
        except OSError:  # a full disk or a read-only home makes the next scan slower, this one not wrong
            return
        self._written = True

    def prune(self) -> None:
        """Lets the oldest entries go where all are too large together. Cheap where nothing was written."""
        if not self._written:
            return
        self._written = False
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self._limit:
                return
            try:
                path.unlink()
            except OSError:
                continue
            total -= size

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """When each was last used, its bytes, its place; left-over temporary files, too."""
        try:
            folders = [one for one in self.folder.iterdir() if one.is_dir() and not one.is_symlink()]
            for folder in folders:
                for path in folder.iterdir():
                    found = path.lstat()
                    if stat.S_ISREG(found.st_mode):
                        yield found.st_mtime, found.st_size, path
        except OSError:
            return

    def _path(self, diff_id: str, cataloguers: Sequence[Cataloguer]) -> Path:
        key = [__version__, str(layer_facts.VERSION), *(f"{one.name}={one.version}" for one in cataloguers), diff_id]
        name = hashlib.sha256("\0".join(key).encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / name[:2] / f"{name}{_SUFFIX}"


def _read(path: Path) -> bytes | None:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limits.LAYER_CACHE_ENTRY:
            return None
        foreign = hasattr(os, "geteuid") and found.st_uid not in (os.geteuid(), 0)
        if foreign or (os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
            return None
        return file.read()


def _write(path: Path, data: bytes) -> None:
    """All or nothing, under a name that nobody reads before it is whole."""
    from tempfile import mkstemp

    descriptor, name = mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
