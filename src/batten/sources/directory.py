"""`dir:` - a folder and everything below it, walked once.

Links are never followed: what they point to inside of the root is found under its own name. That
alone makes loops impossible; what is told about a link is told for the reader's sake.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources.confined import (
    LEADS_OUT,
    DirectoryFiles,
    is_inside,
    open_regular,
    read_descriptor,
    read_regular,
    unreadable,
)
from batten.sources.confined import nature as nature_of
from batten.sources.gitignore import IgnoreChain
from batten.sources.interface import Entry, OpenTarget, Options, Source, Target, TargetError, Wanted
from batten.sources.names import SKIPPED_DIRECTORIES, interesting, native, printable

_WHOLE_BYTES: Final = 256 * limits.KIB
"""Up to this size the first look at a file reads it all: a second opening costs more."""


class _Folder(Struct):
    """A folder on the way down: what is still to be looked at in it."""

    path: str
    """As the system names it, relative to the root, with a final separator; "" is the root."""
    ignored: IgnoreChain
    rest: Iterator[os.DirEntry[str]]


class DirectoryTarget(OpenTarget):
    """Reads a folder."""

    def __init__(self, ref: str, root: str, options: Options) -> None:
        super().__init__(Target(f"directory:{ref}", "directory", ref))
        self._root = root
        self._options = options
        self._seen = 0
        self.files = DirectoryFiles(root, self.problem)

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        wanted = wanted_name or interesting
        chain = IgnoreChain.for_root(self._root, self._options, self.problem)
        folders = [self._open("", chain)]
        while folders:
            folder = folders[-1]
            found = next(folder.rest, None)
            if found is None:
                folders.pop()
                continue
            path = folder.path + found.name
            # One look decides for nearly all; the rest are links and special files.
            if found.is_dir(follow_symlinks=False) and not _is_junction(found):
                if self._passed_over(folder, found.name, path):
                    continue
                if len(folders) >= limits.DIRECTORY_DEPTH:
                    self.problem(printable(path), f"more than {limits.DIRECTORY_DEPTH} folders deep; not entered")
                else:
                    folders.append(self._open(path + os.sep, folder.ignored))
                continue
            shown = _shown(path)
            is_wanted = wanted(shown)
            if not is_wanted and wanted_name is not None and not found.is_symlink():
                continue
            if folder.ignored and folder.ignored.verdict(found.name, path, is_directory=False):
                continue
            if not found.is_file(follow_symlinks=False):
                self._special(found, path, is_wanted)
                continue
            entry = self._entry(found, shown, is_wanted)
            if entry is not None:
                yield entry

    def shown(self, path: str) -> str:
        ref = self.target.ref
        if path == ".":
            return ref
        return path if ref == "." else f"{ref.rstrip('/')}/{path}"

    def native(self, path: str) -> str:
        return os.path.join(self._root, native(path).replace("/", os.sep))

    def _open(self, path: str, chain: IgnoreChain) -> _Folder:
        """Lists the folder; a folder that cannot be listed is told and counts as empty."""
        full = self._root + os.sep + path if path else self._root
        room = limits.FILES_PER_TARGET - self._seen
        listed: list[os.DirEntry[str]] = []
        try:
            with os.scandir(full) as found:
                listed = list(islice(found, room + 1))
        except OSError as error:
            self.problem(_shown(path) or ".", unreadable(error, full).message)
        if len(listed) > room:
            self.problem(".", f"more than {limits.FILES_PER_TARGET:,} files; the rest was not looked at")
            del listed[room:]
        self._seen += len(listed)
        listed.sort(key=_name)
        return _Folder(path, chain.entered(path, full, listed), iter(listed))

    def _passed_over(self, folder: _Folder, name: str, path: str) -> bool:
        verdict = folder.ignored.verdict(name, path, is_directory=True) if folder.ignored else None
        if name == ".git":
            return True
        return name in SKIPPED_DIRECTORIES if verdict is None else verdict

    def _entry(self, found: os.DirEntry[str], path: str, is_wanted: bool) -> Entry | None:
        """The entry of a regular file; None, told if somebody wants it, where it cannot be read."""
        try:
            return self._read(found, path)
        except OSError as error:
            reason = unreadable(error, found.path)
        except Unreadable as error:
            reason = error
        if is_wanted:
            self.problem(path, reason.message)
        return None

    def _read(self, found: os.DirEntry[str], path: str) -> Entry:
        descriptor, status = open_regular(found.path)
        try:
            size = status.st_size
            if os.name != "nt" and found.inode() != status.st_ino:
                # A folder above may have been put in another's place since it was listed (mounts
                # over a file and some overlays differ honestly).
                self._assert_inside(found.path)
            if size <= _WHOLE_BYTES:
                data = read_descriptor(descriptor, size)
                return Entry(path, len(data), data)
            if size > limits.FILE_BYTES:
                read_descriptor(descriptor, size)
            return Entry(path, size, os.read(descriptor, limits.SNIFF_BYTES), lambda: read_regular(found.path))
        finally:
            os.close(descriptor)

    def _assert_inside(self, path: str) -> None:
        if not is_inside(os.path.realpath(path), self._root):
            raise Unreadable("its folder became a link that leads out of the target while it was read")

    def _special(self, found: os.DirEntry[str], path: str, is_wanted: bool) -> None:
        """Tells what is neither file nor folder, where it matters."""
        shown = _shown(path)
        if not found.is_symlink() and not _is_junction(found):
            if is_wanted:
                mode = found.stat(follow_symlinks=False).st_mode
                self.problem(shown, f"expected a regular file, found {nature_of(mode)}; it was not opened")
            return
        if found.name.startswith(".#"):  # Emacs marks a file that is being edited with a link to nothing
            return
        message = self._link(found)
        if message and (is_wanted or message.leads_to_folder):
            self.problem(shown, message.text)

    def _link(self, found: os.DirEntry[str]) -> _Link | None:
        """What is to be told of a link; None where what it points to is found under its own name."""
        try:
            is_folder = os.path.isdir(found.path)
            os.stat(found.path)
        except OSError as error:
            is_loop = not isinstance(error, FileNotFoundError)
            text = "a loop of links" if is_loop else "a link to a file that is not there"
            return _Link(f"{text}; there is nothing to read", is_loop)
        real = os.path.realpath(found.path)
        if not is_inside(real, self._root):
            return _Link(LEADS_OUT, is_folder)
        if is_folder and is_inside(os.path.realpath(os.path.dirname(found.path)), real):
            return _Link("a link to a folder that it lies in: a loop; it was not followed", True)
        return None


class _Link(Struct, frozen=True):
    text: str
    leads_to_folder: bool


def _name(found: os.DirEntry[str]) -> str:
    return printable(found.name)


def _shown(path: str) -> str:
    return printable(path if os.sep == "/" else path.replace(os.sep, "/")).rstrip("/")


def _is_junction(found: os.DirEntry[str]) -> bool:
    """Windows: a mount point is a folder for `is_dir` and leads anywhere."""
    if os.name != "nt":
        return False
    return bool(getattr(found.stat(follow_symlinks=False), "st_reparse_tag", 0))


def open_directory(ref: str, options: Options) -> OpenTarget:
    """Raises `TargetError` where `ref` is no folder."""
    if not os.path.isdir(ref):
        found = "a file" if os.path.exists(ref) else "nothing"
        raise TargetError(f"expected a directory after dir:, found {found} at {printable(ref)!r}")
    return DirectoryTarget(_normalised(ref), os.path.realpath(ref), options)


def _normalised(ref: str) -> str:
    return printable(os.path.normpath(ref).replace(os.sep, "/"))


SOURCE = Source(
    scheme="dir",
    summary="a directory and everything below it, less what .gitignore and .battenignore name",
    example="dir:deploy/",
    open=open_directory,
)
