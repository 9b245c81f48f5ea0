"""Files of an image that lies on this machine: members of a tar archive, or of a folder. Never by a lying name."""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources import _tar
from batten.sources._streams import PlainStream
from batten.sources.confined import is_inside, open_regular
from batten.sources.names import native, printable, resolve
from batten.sources.oci import Extent

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER: Final = 256 * limits.KIB


class ImageFiles(Protocol):
    """What an archive and a folder have in common. Names are relative, with `/` between their parts."""

    def has(self, name: str) -> bool: ...

    def open(self, name: str) -> BinaryIO:
        """From any thread; raises `Unreadable` where there is no such regular file."""

    def extent(self, name: str) -> Extent | None:
        """Where its bytes lie on this machine."""

    def size(self, name: str) -> int:
        """In bytes; -1 where there is no such regular file."""

    def close(self) -> None: ...


def read(files: ImageFiles, name: str, limit: int) -> bytes:
    """The whole file; raises `Unreadable` where it is not there or larger than `limit`."""
    if files.size(name) > limit:
        raise Unreadable(f"{printable(name)}: expected at most {limit // limits.MIB} MiB, found more")
    with files.open(name) as stream:
        return stream.read(limit + 1)


def inside(name: str) -> str:
    """`name` as manifests write it, without `..`; raises `Unreadable` where it leads out of the archive."""
    resolved = resolve(name)
    if not resolved:
        raise Unreadable(f"expected the name of a file of the archive, found {printable(name[:200])!r}")
    return resolved


class _Member(Struct, frozen=True):
    offset: int
    size: int


class TarFiles:
    """A tar archive that was read over once: where each member's bytes stand. Later members win."""

    def __init__(self, file: BinaryIO, path: str = "") -> None:
        """`file` is open and not packed; `path` is where it lies, "" where it has no name.

        Raises `Unreadable` where it is no archive, or one with too many members. `cut_off` says what is
        wrong with its end; what came before it can be read.
        """
        self._file = file
        self._path = path
        self._members: dict[str, _Member] = {}
        self._links: dict[str, str] = {}
        self.cut_off = ""
        self._lock = threading.Lock()
        size = os.fstat(file.fileno()).st_size
        stream = PlainStream(file.fileno(), size)
        try:
            for count, member in enumerate(_tar.members(stream)):
                if count >= limits.ARCHIVE_MEMBERS:
                    raise _TooMany(f"expected at most {limits.ARCHIVE_MEMBERS:,} members, found more")
                self._add(member, stream.position, size)
        except _tar.Unmarked as error:
            if not self._members:
                raise
            self.cut_off = error.message
        except _TooMany:
            raise
        except Unreadable as error:
            if not self._members:
                raise
            self.cut_off = error.message

    def _add(self, member: _tar.Member, offset: int, end: int) -> None:
        if len(member.name) > limits.IMAGE_NAME or len(member.link) > limits.IMAGE_NAME:
            return
        name = resolve(member.name)
        if not name:
            return  # "./", or a name that leads out of the archive: nothing may refer to it
        self._members.pop(name, None)
        self._links.pop(name, None)
        if member.kind == "file":
            if member.size <= end - offset:
                self._members[name] = _Member(offset, member.size)
        elif member.kind == "link":
            start = "" if member.is_hard else name.rpartition("/")[0]
            target = resolve(f"{start}/{member.link}".lstrip("/")) if not member.link.startswith("/") else None
            if target:
                self._links[name] = target

    def _find(self, name: str) -> _Member | None:
        """Links between layers were written by `docker save` until 1.10 and by `podman save` still."""
        for _ in range(limits.IMAGE_LINKS + 1):
            if name in self._members:
                return self._members[name]
            if name not in self._links:
                return None
            name = self._links[name]
        return None

    def names(self) -> list[str]:
        """Of its regular files, in the order of the archive."""
        return list(self._members)

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def size(self, name: str) -> int:
        member = self._find(name)
        return -1 if member is None else member.size

    def open(self, name: str) -> BinaryIO:
        member = self._find(name)
        if member is None:
            raise Unreadable(f"{printable(name)} is not in the archive{': it is cut off' if self.cut_off else ''}")
        return cast("BinaryIO", io.BufferedReader(_Slice(self._file, self._lock, member), _BUFFER))

    def extent(self, name: str) -> Extent | None:
        member = self._find(name)
        return Extent(self._path, member.offset, member.size) if member is not None and self._path else None

    def close(self) -> None:
        self._file.close()


class _TooMany(Unreadable):
    pass


class _Slice(io.RawIOBase):
    """A run of bytes of an open file; several may be read at the same time."""

    def __init__(self, file: BinaryIO, lock: threading.Lock, member: _Member) -> None:
        super().__init__()
        self._file = file
        self._lock = lock
        self._start = member.offset
        self._size = member.size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        size = min(len(view), self._size - self._position)
        if size <= 0:
            return 0
        data = self._read(self._start + self._position, size)
        if not data:
            raise Unreadable("the archive ended while it was read: it was changed or cut off")
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _read(self, offset: int, size: int) -> bytes:
        try:
            if hasattr(os, "pread"):
                return os.pread(self._file.fileno(), size, offset)
            with self._lock:  # Windows
                self._file.seek(offset)
                return self._file.read(size)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "it was closed"
            raise Unreadable(f"the archive cannot be read: {reason.lower()}") from None


class FolderFiles:
    """Regular files below a folder; links are followed as long as they stay inside."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)

    def _real(self, name: str) -> str | None:
        try:
            real = os.path.realpath(os.path.join(self._root, native(name)))
        except (OSError, ValueError):
            return None
        return real if is_inside(real, self._root) and os.path.isfile(real) else None

    def has(self, name: str) -> bool:
        return self._real(name) is not None

    def size(self, name: str) -> int:
        real = self._real(name)
        try:
            return -1 if real is None else os.path.getsize(real)
        except OSError:
            return -1

    def open(self, name: str) -> BinaryIO:
        real = self._real(name)
        if real is None:
            raise Unreadable(f"{printable(name)} is not in the layout")
        try:
            descriptor, _ = open_regular(real)
        except Unreadable as error:
            raise Unreadable(f"{printable(name)}: {error.message}") from None
        return os.fdopen(descriptor, "rb", buffering=_BUFFER)

    def extent(self, name: str) -> Extent | None:
        real = self._real(name)
        return None if real is None else Extent(real, 0, max(0, self.size(name)))

    def close(self) -> None:
        """Nothing is held open."""
