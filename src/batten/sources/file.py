"""`file:` - one file. Files beside and below it may be asked for by its reader, no others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from batten.model.source import Unreadable
from batten.sources.confined import DirectoryFiles, nature, read_regular, unreadable
from batten.sources.interface import Entry, OpenTarget, Options, Source, Target, TargetError, Wanted
from batten.sources.names import native, printable


class FileTarget(OpenTarget):
    """Reads one file. The root is the folder that it lies in; its own path is its name."""

    def __init__(self, ref: str, path: str, refused: str = "") -> None:
        """`path` is the file's own name in a real folder. Should it be a link, it is followed: the user named it.

        `refused` says why it is not to be opened at all.
        """
        super().__init__(Target(f"file:{ref}", "file", ref))
        self._refused = refused
        self._root, self._name = os.path.split(path)
        self.files = DirectoryFiles(self._root, self.problem)

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """The file, whatever its name: it was asked for."""
        path = printable(self._name)
        if self._refused:
            self.problem(path, self._refused)
            return
        try:
            data = read_regular(self.native(path))
        except Unreadable as error:
            self.problem(path, error.message)
            return
        yield Entry(path, len(data), data)

    def shown(self, path: str) -> str:
        folder = os.path.dirname(self.target.ref)
        return self.target.ref if path == "." else os.path.join(folder, path)

    def native(self, path: str) -> str:
        found = os.path.join(self._root, native(path).replace("/", os.sep))
        return os.path.realpath(found) if native(path) == self._name else found


def open_file(ref: str, options: Options) -> OpenTarget:
    """The archive at `ref` where it is one by its first bytes, else the file; raises `TargetError`."""
    from batten.sources import archive

    shown = printable(os.path.normpath(ref).replace(os.sep, "/"))
    path = os.path.join(os.path.realpath(os.path.dirname(ref) or "."), os.path.basename(ref))
    if os.path.islink(ref) and not os.path.exists(ref):
        # not mistyped, as a path to nothing is: a shell's `*.yaml` names it among others
        return FileTarget(shown, path, "expected a file, found a link to nothing")
    status = existing_file(ref, "file:")
    if not stat.S_ISREG(status.st_mode):
        found = nature(status.st_mode)
        refused = f"expected a regular file, found {found}; it was not opened, try `batten scan - < {printable(ref)}`"
        return FileTarget(shown, path, refused)
    if archive.recognise(archive.first_bytes(ref)):
        return archive.open_archive(ref, options)
    return FileTarget(shown, path)


def existing_file(ref: str, scheme: str) -> os.stat_result:
    """The status of what `ref` leads to; raises `TargetError` where that is nothing or a directory."""
    shown = printable(ref)
    if os.path.isdir(ref):
        raise TargetError(f"expected a file after {scheme}, found a directory at {shown!r}; did you mean dir:{shown}?")
    try:
        return os.stat(ref)
    except OSError as error:
        reason = unreadable(error, ref).message
    except ValueError as error:
        reason = str(error)
    raise TargetError(f"expected a file after {scheme}, found {shown!r}: {reason}")


SOURCE = Source(
    scheme="file",
    summary="one file; an archive is recognised by its first bytes",
    example="file:k8s/web.yaml",
    open=open_file,
)
