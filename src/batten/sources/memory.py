"""One file whose text is in memory: what an editor has not saved yet, or what is on no disk at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from batten import limits
from batten.model.source import File, Files, Unreadable, file_of
from batten.sources.confined import DirectoryFiles, too_large
from batten.sources.file import FileTarget
from batten.sources.interface import Entry, NoFiles, Wanted
from batten.sources.names import native, printable, resolve


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
        self,
        path: str,
        data: bytes,
        beside: Mapping[str, bytes] | None = None,
        *,
        root: str | None = None,
        alone: bool = False,
    ) -> None:
        """`path`: absolute, as it is to be called. `root`: the folder around it that its reader may look into; without
        one the file's own. `beside`: other texts in there that are not saved, by their absolute paths. `alone`:
        nothing of the disk is looked at."""
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        super().__init__(printable(path.replace(os.sep, "/")), path)
        if root is not None and (name := _below(os.path.realpath(root), path)):
            self._root = os.path.realpath(root)
            self._name = native(name)
        self.path = printable(self._name)
        """As its entry has it."""
        self.also: list[str] = []
        """Other files that are handed out, too: what the text is a part of."""
        self._data = data
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

    def shown(self, path: str) -> str:
        return self.target.ref if path == "." else f"{printable(self._root.replace(os.sep, '/')).rstrip('/')}/{path}"

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """The text, then what it is a part of."""
        if len(self._data) > limits.FILE_BYTES:
            self.problem(self.path, too_large(len(self._data)).message)
            return
        yield Entry(self.path, len(self._data), self._data)
        for path in self.also:
            if path != self.path and (file := self.files.get(path)) is not None:
                yield Entry(path, len(file.data), file.data)


def _below(root: str, path: str) -> str:
    """The path of a file from `root` as readers ask for it; "" where it lies elsewhere."""
    folder, name = os.path.split(path)
    found = os.path.join(os.path.realpath(folder), name)
    start = root.rstrip(os.sep) + os.sep
    return printable(found[len(start) :]).replace(os.sep, "/") if found.startswith(start) else ""
