"""Opening files of a hostile tree: regular files only, of bounded size, never out of the root."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Final

from batten import limits
from batten.model.source import File, Unreadable, file_of
from batten.sources.names import native, printable, resolve

# O_NOFOLLOW: the name may have become a link since the folder was listed. O_NONBLOCK: opening a
# FIFO must not wait for a writer. Windows has neither, and needs O_BINARY.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
LEADS_OUT: Final = "a link that leads out of the target; it was not followed, scan where it leads to"
"""The one text of it, so that a link which is met twice is told once."""
_NATURES: Final = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


def open_regular(path: str) -> tuple[int, os.stat_result]:
    """A descriptor of the regular file at `path` and its status; the last part is not followed.

    Raises `Unreadable`.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise unreadable(error, path) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable(f"expected a regular file, found {nature(status.st_mode)}; it was not opened")
    return descriptor, status


def nature(mode: int) -> str:
    """What a file of this `st_mode` is, with its article."""
    return next((text for test, text in _NATURES if test(mode)), "a special file")


def unreadable(error: OSError, path: str) -> Unreadable:
    """`error` in one clear line."""
    if isinstance(error, PermissionError):
        return Unreadable("permission denied; run as a user who may read it, or leave it out with --exclude")
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        mode = stat.S_IFREG
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return Unreadable(f"expected a regular file, found {nature(mode)}; it was not opened")
    return Unreadable(f"cannot be read: {(error.strerror or type(error).__name__).lower()}")


def too_large(size: int) -> Unreadable:
    """For a file of `size` bytes, more than `limits.FILE_BYTES`."""
    allowed = limits.FILE_BYTES // limits.MIB
    return Unreadable(f"expected at most {allowed} MiB, found {size / limits.MIB:.1f} MiB; it was not read")


def read_descriptor(descriptor: int, size: int) -> bytes:
    """At most `limits.FILE_BYTES` bytes up to the end of the file; `size` is what its status promises.

    Raises `Unreadable` where there are more: a file may grow, and those under /proc say 0.
    """
    if size > limits.FILE_BYTES:
        raise too_large(size)
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    chunks = [data]
    total = len(data)
    while data:
        data = os.read(descriptor, min(limits.MIB, limits.FILE_BYTES + 1 - total))
        chunks.append(data)
        total += len(data)
        if total > limits.FILE_BYTES:
            raise too_large(total)
    return b"".join(chunks)


def read_regular(path: str) -> bytes:
    """The bytes of the regular file at `path`; raises `Unreadable`."""
    descriptor, status = open_regular(path)
    try:
        return read_descriptor(descriptor, status.st_size)
    except OSError as error:
        raise unreadable(error, path) from None
    finally:
        os.close(descriptor)


def is_inside(path: str, root: str) -> bool:
    """Does `path` lie in the folder `root` (both real paths), or is it that folder?"""
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


class DirectoryFiles:
    """`batten.model.source.Files` over a folder: links are followed as long as they stay inside."""

    def __init__(self, root: str, problem: Callable[[str, str], None]) -> None:
        """`root` is a real path; `problem` is told of files that are there and cannot be read."""
        self._root = root
        self._problem = problem

    def get(self, path: str) -> File | None:
        """The file at `path`, or None where there is none or it lies outside of the root."""
        resolved = resolve(path)
        if not resolved:
            return None
        try:
            os.lstat(os.path.join(self._root, native(resolved)))  # most that is asked for is not there
        except (OSError, ValueError):
            return None
        real = self._real(resolved)
        if real is None or not os.path.isfile(real):
            return None
        try:
            return file_of(resolved, read_regular(real))
        except Unreadable as error:
            self._problem(resolved, error.message)
            return None

    def head(self, path: str) -> bytes | None:
        """As `batten.model.source.Heads`."""
        resolved = resolve(path)
        try:
            real = os.path.realpath(os.path.join(self._root, native(resolved))) if resolved else ""
            if not real or not is_inside(real, self._root):
                return None
            descriptor, _ = open_regular(real)
        except (OSError, ValueError, Unreadable):
            return None
        try:
            return os.read(descriptor, limits.SNIFF_BYTES)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def names(self, directory: str) -> list[str]:
        """Names of the plain files in `directory` ("" is the root), sorted; links that stay inside count."""
        resolved = resolve(directory)
        real = None if resolved is None else self._real(resolved)
        if real is None:
            return []
        try:
            with os.scandir(real) as found:
                names = [entry.name for entry in found if self._is_plain(entry)]
        except OSError:
            return []
        return sorted(map(printable, names))

    def folders(self, directory: str) -> list[str]:
        """Names of the folders in `directory`, sorted; links to folders above are left out."""
        resolved = resolve(directory)
        real = None if resolved is None else self._real(resolved)
        if real is None:
            return []
        try:
            with os.scandir(real) as found:
                names = [
                    entry.name
                    for entry in found
                    if entry.is_dir() and not (entry.is_symlink() and is_inside(real, os.path.realpath(entry.path)))
                ]
        except OSError:
            return []
        return sorted(map(printable, names))

    def _real(self, resolved: str) -> str | None:
        try:
            real = os.path.realpath(os.path.join(self._root, native(resolved)))
        except (OSError, ValueError):
            return None
        if is_inside(real, self._root):
            return real
        self._problem(resolved, LEADS_OUT)
        return None

    def _is_plain(self, entry: os.DirEntry[str]) -> bool:
        if entry.is_file(follow_symlinks=False):
            return True
        return entry.is_symlink() and entry.is_file() and is_inside(os.path.realpath(entry.path), self._root)
