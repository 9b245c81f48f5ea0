"""`archive:` - a tar (plain, gzip, xz) or zip archive, read in place: nothing is unpacked by name.

A plain tar and a zip are read at the place of each member. A packed tar can only be read
forwards, so what may be wanted of it is kept, nameless, in a temporary file that the system
removes with the program. Archives inside of archives are not opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from msgspec import Struct

from batten import limits
from batten.model.source import File, Unreadable, file_of
from batten.sources import _tar, _zip
from batten.sources._streams import PackedStream, PlainStream, Stream, packing, read_at
from batten.sources.confined import open_regular, too_large
from batten.sources.file import existing_file
from batten.sources.ignore import IgnoreRules
from batten.sources.interface import Entry, OpenTarget, Options, Source, Target, TargetError, Wanted
from batten.sources.names import SKIPPED_DIRECTORIES, interesting, order, printable, resolve

_FOREIGN = {
    b"BZh": "a bzip2 file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
}
_LINK_HOPS = 8


class _Kept(Struct):
    """A member of the index: how large it is and how to get its bytes (raises `Unreadable`)."""

    size: int
    load: Callable[[], bytes] | None
    """None: it was passed over, `reason` says why."""
    reason: str = ""


class ArchiveTarget(OpenTarget):
    """Reads an archive. The last of several members with one name wins, as when unpacking."""

    def __init__(
        self, ref: str, path: str, options: Options, most: int = limits.ARCHIVE_READ, descriptor: int | None = None
    ) -> None:
        """`most`: members that are read. `descriptor`: of the open file in place of the one at `path`; it belongs to
        the target now."""
        super().__init__(Target(f"archive:{ref}", "archive", ref))
        self._most = most
        self._descriptor = open_regular(path)[0] if descriptor is None else descriptor
        self._length = os.fstat(self._descriptor).st_size
        self._exclude = IgnoreRules("\n".join(options.exclude))
        self._wanted: Wanted = interesting
        self._index: dict[str, _Kept] | None = None
        self._links: dict[str, str] = {}
        self._spool: IO[bytes] | None = None
        self._wanted_bytes = 0
        self._other_bytes = 0
        self.files = _ArchiveFiles(self)

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        self._wanted = wanted_name or interesting
        index = self.index()
        read = 0
        for path in sorted(index, key=order):
            if wanted_name is not None and not wanted_name(path):
                continue
            kept = index[path]
            data = self.load(path, kept, tell=self._wanted(path))
            if data is None:
                continue
            if read >= self._most:
                most = f"expected at most {self._most:,} files to read in an archive, found more"
                # that there are more members than are looked at says no more than this
                self.problems = [one for one in self.problems if one.message != _too_many()]
                self.problem(".", f"{most}; unpack it and scan the folder to have the rest judged")
                return
            read += 1
            yield Entry(path, len(data), data)

    def load(self, path: str, kept: _Kept, *, tell: bool) -> bytes | None:
        """The bytes of a member; None, told where `tell`, if they cannot be had."""
        reason = kept.reason
        if kept.load is not None:
            try:
                return kept.load()
            except Unreadable as error:
                reason = error.message
        if tell:
            self.problem(path, reason)
        return None

    def index(self) -> dict[str, _Kept]:
        """All plain members by path; made once."""
        if self._index is None:
            self._index = {}
            try:
                head = read_at(self._descriptor, 0, _tar.BLOCK)
                if _zip.is_zip(head):
                    self._index_zip()
                else:
                    self._index_tar(packing(head))
            except _tar.Unmarked as error:
                self.problem(".", error.message, severe=False)
            except Unreadable as error:
                self.problem(".", error.message)
        return self._index

    def followed(self, path: str) -> str:
        """`path` behind links to other members."""
        for _ in range(_LINK_HOPS):
            if path not in self._links:
                break
            path = self._links[path]
        return path

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def __del__(self) -> None:
        if getattr(self, "_descriptor", -1) >= 0:
            self.close()

    def _index_zip(self) -> None:
        end = _zip.find_end(self._descriptor, self._length)
        if end is None:
            self._index_zip_members(_zip.local_members(self._descriptor, self._length))
            return
        if end.size > limits.ARCHIVE_DIRECTORY_BYTES:
            allowed = limits.ARCHIVE_DIRECTORY_BYTES // limits.MIB
            raise Unreadable(f"expected a directory of at most {allowed} MiB in the zip archive, found {end.size:,} B")
        self._index_zip_members(_zip.members(self._descriptor, end))

    def _index_zip_members(self, members: Iterable[_zip.Member]) -> None:
        for count, member in enumerate(members):
            if count >= limits.ARCHIVE_MEMBERS:
                raise Unreadable(_too_many())
            if member.name.endswith("/"):
                continue
            path = self._path(member.name, is_link=member.is_link)
            if path is not None and not member.is_link:
                self._put(path, self._zip_member(path, member))

    def _zip_member(self, path: str, member: _zip.Member) -> _Kept:
        if member.size > limits.ARCHIVE_RATIO_BYTES and member.size > limits.ARCHIVE_RATIO * max(1, member.packed):
            ratio = member.size // max(1, member.packed)
            reason = f"expected to unpack to at most {limits.ARCHIVE_RATIO} times its size, found {ratio:,}: a bomb"
            return _Kept(member.size, None, reason)
        refused = self._refused(path, member)
        return refused or _Kept(member.size, lambda: _zip.content(self._descriptor, member))

    def _index_tar(self, packed: str | None) -> None:
        stream: Stream
        if packed:
            stream = PackedStream(self._descriptor, packed)
        else:
            stream = PlainStream(self._descriptor, self._length)
        for count, member in enumerate(_tar.members(stream)):
            if count >= limits.ARCHIVE_MEMBERS:
                raise Unreadable(_too_many())
            if member.kind in ("directory", "other"):
                continue
            path = self._path(member.name, is_link=member.kind == "link")
            if path is None:
                continue
            if member.kind == "link":
                self._link(path, member)
            elif member.kind == "sparse":
                self._put(path, _Kept(member.size, None, "a sparse file; it was not read"))
            else:
                self._put(path, self._tar_member(path, member, stream))

    def _tar_member(self, path: str, member: _tar.Member, stream: Stream) -> _Kept:
        refused = self._refused(path, member)
        if refused:
            return refused
        if isinstance(stream, PlainStream):
            start = stream.position
            return _Kept(member.size, lambda: self._slice(start, member.size))
        if not self._wanted(path):
            # It can only be had now; what a reader may ask for later (an env file) is small.
            self._other_bytes += member.size
            if member.size > limits.ARCHIVE_OTHER_BYTES or self._other_bytes > limits.ARCHIVE_OTHERS_BYTES:
                return _Kept(
                    member.size, None, "was passed over in the packed archive; unpack it and scan the directory"
                )
        return self._spooled(path, member, stream)

    def _spooled(self, path: str, member: _tar.Member, stream: Stream) -> _Kept:
        if self._spool is None:
            from tempfile import TemporaryFile

            self._spool = TemporaryFile()  # noqa: SIM115 - lives as long as the target
        data = stream.read(member.size)
        if len(data) < member.size:
            raise Unreadable(f"ends in the middle of {path!r}: it is cut off")
        start = self._spool.seek(0, os.SEEK_END)
        self._spool.write(data)
        return _Kept(member.size, lambda: self._spooled_slice(start, member.size))

    def _slice(self, start: int, size: int) -> bytes:
        data = read_at(self._descriptor, start, size)
        if len(data) < size:
            raise Unreadable(f"expected {size:,} bytes, found {len(data):,}: the archive is cut off")
        return data

    def _spooled_slice(self, start: int, size: int) -> bytes:
        if self._spool is None:
            raise Unreadable("the archive was closed before the member was read")
        self._spool.seek(start)
        return self._spool.read(size)

    def _refused(self, path: str, member: _tar.Member | _zip.Member) -> _Kept | None:
        """What stands in the index instead of a member that is too large, or one too many."""
        size = member.size
        if size > limits.FILE_BYTES:
            return _Kept(size, None, too_large(size).message)
        if not self._wanted(path):
            return None
        self._wanted_bytes += size
        if self._wanted_bytes <= limits.ARCHIVE_BYTES:
            return None
        allowed = limits.ARCHIVE_BYTES // limits.MIB
        return _Kept(size, None, f"expected at most {allowed} MiB in the files of one archive; it was not read")

    def _path(self, name: str, *, is_link: bool) -> str | None:
        """The path of a member, None where it is left out; a name that leads out of the archive is told."""
        if ".." in name.split("/") or resolve(name) is None:
            if not is_link:
                self.problem(printable(name), "a name that leads out of the archive; the member was not read")
            return None
        path = printable(resolve(name) or "")
        parts = path.split("/")
        if not path or any(part in SKIPPED_DIRECTORIES for part in parts[:-1]):
            return None
        return None if self._exclude and self._is_excluded(parts) else path

    def _is_excluded(self, parts: list[str]) -> bool:
        for depth in range(1, len(parts) + 1):
            part, path = parts[depth - 1], "/".join(parts[:depth])
            if self._exclude.verdict(part, path, depth < len(parts)):
                return True
        return False

    def _link(self, path: str, member: _tar.Member) -> None:
        """Notes where a link leads: a hard link from the root, a symbolic one from its folder."""
        assert self._index is not None
        self._index.pop(path, None)
        folder = path.rpartition("/")[0]
        target = resolve(member.link) if member.is_hard else resolve(f"{folder}/{member.link}".lstrip("/"))
        if member.link.startswith("/") or target is None:
            if self._wanted(path):
                self.problem(path, "a link that leads out of the archive; it was not followed")
            return
        self._links[path] = printable(target)

    def _put(self, path: str, kept: _Kept) -> None:
        assert self._index is not None
        self._links.pop(path, None)
        self._index[path] = kept


class _ArchiveFiles:
    """`batten.model.source.Files` over an archive."""

    def __init__(self, target: ArchiveTarget) -> None:
        self._target = target

    def get(self, path: str) -> File | None:
        resolved = resolve(path)
        if not resolved:
            return None
        kept = self._target.index().get(self._target.followed(resolved))
        data = None if kept is None else self._target.load(resolved, kept, tell=True)
        try:
            return None if data is None else file_of(resolved, data)
        except Unreadable as error:
            self._target.problem(resolved, error.message)
            return None

    def head(self, path: str) -> bytes | None:
        """As `batten.model.source.Heads`."""
        resolved = resolve(path)
        kept = self._target.index().get(self._target.followed(resolved)) if resolved else None
        data = None if kept is None or not resolved else self._target.load(resolved, kept, tell=False)
        return None if data is None else data[: limits.SNIFF_BYTES]

    def names(self, directory: str) -> list[str]:
        resolved = resolve(directory)
        if resolved is None:
            return []
        prefix = resolved + "/" if resolved else ""
        rest = (path[len(prefix) :] for path in self._target.index() if path.startswith(prefix))
        return sorted(name for name in rest if "/" not in name)

    def folders(self, directory: str) -> list[str]:
        resolved = resolve(directory)
        if resolved is None:
            return []
        prefix = resolved + "/" if resolved else ""
        rest = (path[len(prefix) :] for path in self._target.index() if path.startswith(prefix))
        return sorted({name.partition("/")[0] for name in rest if "/" in name})


def _too_many() -> str:
    return f"expected at most {limits.ARCHIVE_MEMBERS:,} members, found more; the rest was not looked at"


def recognise(head: bytes) -> bool:
    """Are these the first bytes of an archive that can be read?"""
    return packing(head) is not None or _zip.is_zip(head) or _tar.is_header(head)


def first_bytes(path: str) -> bytes:
    """What `recognise` looks at; nothing where the file cannot be opened, which is said when it is read."""
    try:
        descriptor, _ = open_regular(os.path.realpath(path))
    except Unreadable:
        return b""
    try:
        return os.read(descriptor, _tar.BLOCK)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def open_archive(ref: str, options: Options) -> OpenTarget:
    """Raises `TargetError` where `ref` is no archive."""
    existing_file(ref, "archive:")
    shown = printable(ref)
    head = first_bytes(ref)
    if not recognise(head):
        foreign = next((text for magic, text in _FOREIGN.items() if head.startswith(magic)), "another file")
        message = f"expected a .tar, .tar.gz, .tar.xz or .zip archive, found {foreign} at {shown!r}"
        raise TargetError(f"{message}; unpack it, or write file:{shown}")
    try:
        return ArchiveTarget(printable(os.path.normpath(ref).replace(os.sep, "/")), os.path.realpath(ref), options)
    except Unreadable as error:
        raise TargetError(f"expected an archive at {shown!r}: {error.message}") from None


SOURCE = Source(
    scheme="archive",
    summary="a .tar, .tar.gz, .tar.xz or .zip archive, read without unpacking it",
    example="archive:release.tar.gz",
    open=open_archive,
)
