"""One file whose text is in memory: what an editor has not saved yet, or what is on no disk at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from batten import limits
from batten.model.source import File, Files, Unreadable, file_of
from batten.sources.confined import DirectoryFiles, too_large
from batten.sources.file import FileTarget
from batten.sources.interface import Entry, NoFiles, Wanted
from batten.sources.names import printable, resolve


class MemoryFiles:
    """`batten.model.source.Files`: the texts in memory first, the folder's own files behind them."""

    def __init__(self, below: DirectoryFiles | NoFiles, texts: Mapping[str, File]) -> None:
        self._below = below
        self._texts = texts

    def get(self, path: str) -> File | None:
        return self._texts.get(resolve(path) or "") or self._below.get(path)

    def head(self, path: str) -> bytes | None:
        known = self._texts.get(resolve(path) or "")
        return known.data[: limits.SNIFF_BYTES] if known is not None else self._below.head(path)

    def names(self, directory: str) -> list[str]:
        folder = resolve(directory)
        return sorted(
            {*self._below.names(directory), *(one.name for one in self._texts.values() if one.directory == folder)}
        )

    def folders(self, directory: str) -> list[str]:
        return self._below.folders(directory)


class TextTarget(FileTarget):
    """As `FileTarget`, with a text in place of what is on the disk; the file need not be there."""

    def __init__(
        self, path: str, data: bytes, beside: Mapping[str, bytes] | None = None, *, alone: bool = False
    ) -> None:
        """`path`: absolute, as it is to be called. `beside`: other texts that are not saved, by their absolute
        paths; those that lie elsewhere than in the folder of `path` and below are not seen. `alone`: nor is anything
        of that folder."""
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        super().__init__(printable(path.replace(os.sep, "/")), path)
        self._data = data
        self._path = printable(os.path.basename(path))
        texts = {}
        for other, text in {**(beside or {}), path: data}.items():
            name = _below(self._root, other)
            if name and len(text) <= limits.FILE_BYTES:
                try:
                    texts[name] = file_of(name, text)
                except Unreadable:  # told where it is the file itself
                    continue
        below = NoFiles() if alone else DirectoryFiles(self._root, self.problem)
        self.files: Files = MemoryFiles(below, texts)

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """The text."""
        if len(self._data) > limits.FILE_BYTES:
            self.problem(self._path, too_large(len(self._data)).message)
            return
        yield Entry(self._path, len(self._data), self._data)


def _below(root: str, path: str) -> str:
    """The path of a file from `root` as readers ask for it; "" where it lies elsewhere."""
    folder, name = os.path.split(path)
    found = os.path.join(os.path.realpath(folder), name)
    start = root.rstrip(os.sep) + os.sep
    return printable(found[len(start) :]).replace(os.sep, "/") if found.startswith(start) else ""
