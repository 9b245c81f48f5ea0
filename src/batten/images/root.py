"""Reads a directory that is the root of a file system, as if it were one layer."""

from __future__ import annotations

import hashlib
import os
import stat
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from batten import limits
from batten.images.cataloguers import HEAD_BYTES, Cataloguer, LayerFile
from batten.images.facts import LayerFacts, packed
from batten.images.looker import Looker
from batten.images.tarstream import DIRECTORY, FILE, OTHER, SYMLINK
from batten.model.source import Unreadable
from batten.sources.names import printable

# Never wait for a FIFO, never follow a link that has taken a file's place.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_directory(path: str, cataloguers: Sequence[Cataloguer]) -> tuple[LayerFacts, str]:
    """The facts of everything below `path`, and a digest of the list of its files.

    Raises `Unreadable` where `path` cannot be listed; what cannot be read below it is a problem.
    """
    facts = LayerFacts()
    looker = Looker(facts, cataloguers)
    names: list[str] = []
    kinds: list[str] = []
    modes, uids, sizes = array("H"), array("I"), array("Q")
    digest = hashlib.sha256()
    for place, name, found in _walk(path, looker):
        index = len(names)
        mode = stat.S_IMODE(found.st_mode)
        kind = _kind(found.st_mode)
        size = found.st_size if kind == FILE else 0
        if kind == FILE:
            _look(place, index, LayerFile(name, size, mode), looker)
        elif kind == SYMLINK:
            try:
                facts.links[index] = printable(os.readlink(place).replace(os.sep, "/"))
            except OSError:
                continue
        names.append(name)
        kinds.append(kind)
        modes.append(mode)
        uids.append(found.st_uid & 0xFFFFFFFF)
        sizes.append(size)
        facts.unpacked += size
        digest.update(f"{name}\0{kind}\0{mode:o}\0{size}\n".encode("utf-8", "surrogateescape"))
    facts.names, facts.kinds = "\0".join(names).encode(), "".join(kinds).encode()
    facts.mode_column, facts.uid_column, facts.size_column = packed(modes), packed(uids), packed(sizes)
    return facts, f"sha256:{digest.hexdigest()}"


def _walk(root: str, looker: Looker) -> Iterator[tuple[str, str, os.stat_result]]:
    """Where it lies here, its path from the root, and what lstat(2) says; folders before what is in them."""
    try:
        device = os.stat(root).st_dev
        pending = [(root, "", sorted(os.listdir(root), reverse=True))]
    except OSError as error:
        reason = (error.strerror or "input/output error").lower()
        raise Unreadable(f"expected a directory that can be listed, found none: {reason}") from None
    number = 0
    while pending:
        folder, prefix, left = pending[-1]
        if not left:
            pending.pop()
            continue
        entry = left.pop()
        number += 1
        if number > limits.ROOT_FILES:
            looker.problem("", f"expected at most {limits.ROOT_FILES:,} files, found more; the rest was not read")
            return
        place, name = os.path.join(folder, entry), prefix + printable(entry)
        try:
            found = os.lstat(place)
            yield place, name, found
            if not stat.S_ISDIR(found.st_mode):
                continue
            if found.st_dev != device:
                looker.problem(name, "another file system is mounted here; it was not entered", severe=False)
            elif len(pending) > limits.LAYER_DEPTH:
                looker.problem(name, f"more than {limits.LAYER_DEPTH} folders deep; it was not entered")
            else:
                pending.append((place, name + "/", sorted(os.listdir(place), reverse=True)))
        except OSError as error:
            looker.problem(name, f"cannot be read: {(error.strerror or 'input/output error').lower()}")


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return FILE
    if stat.S_ISDIR(mode):
        return DIRECTORY
    return SYMLINK if stat.S_ISLNK(mode) else OTHER


def _look(place: str, index: int, file: LayerFile, looker: Looker) -> None:
    """Reads what is wanted of one file. Opening is what takes the time: a machine has a million files."""
    if looker.is_text(file):
        looker.tasks(index, file)  # what its name alone says
        return
    try:
        descriptor = os.open(place, _FLAGS)
    except OSError as error:
        if looker.tasks(index, file):  # what nobody wants may stay closed
            looker.problem(file.path, f"cannot be read: {(error.strerror or 'input/output error').lower()}")
        return
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return
        head = os.read(descriptor, HEAD_BYTES) if found.st_size else b""
        file = LayerFile(file.path, found.st_size, file.mode, head)
        tasks = looker.tasks(index, file)
        if tasks and looker.allowed(file.size):
            with _content(descriptor, file.size) as data:
                looker.look(tasks, index, file, data)
    except (OSError, Unreadable) as error:
        message = error.message if isinstance(error, Unreadable) else f"cannot be read: {error.strerror}"
        looker.problem(file.path, message)
    finally:
        os.close(descriptor)


@contextmanager
def _content(descriptor: int, size: int) -> Iterator[bytes | memoryview]:
    if size > limits.LAYER_MEMBER_BYTES:
        raise Unreadable(f"expected at most {limits.LAYER_MEMBER_BYTES // limits.MIB:,} MiB; it was not looked into")
    os.lseek(descriptor, 0, os.SEEK_SET)
    if size <= limits.LAYER_MEMBER_MEMORY:
        with open(descriptor, "rb", closefd=False) as file:
            yield file.read(size)
        return
    import mmap

    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
        yield view
