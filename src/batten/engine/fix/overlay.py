"""A target with some files replaced in memory: what the fixer reads to prove an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from batten.engine.read import FileReading, TargetReading, read_file
from batten.engine.variables import TargetVariables
from batten.formats.interface import ReadContext
from batten.limits import MIB, SNIFF_BYTES
from batten.model.settings import Settings
from batten.model.source import File, Files, Heads

_KEPT_BYTES = 32 * MIB
_KEPT = 2  # texts of one file whose reading is kept: with all its fixes, and with those tried last


class Kept:
    """Files that were asked for, as many as fit, and paths where there is none."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.absent: set[str] = set()
        self._size = 0

    def keep(self, path: str, found: File | None) -> None:
        """For the next time."""
        if found is None:
            self.absent.add(path)
        elif self._size + len(found.data) <= _KEPT_BYTES:
            self.files[path] = found
            self._size += len(found.data)


class OverlayFiles:
    """Implements `batten.model.source.Files`: the edited files first, the target's own behind them."""

    def __init__(self, below: Files, edited: Mapping[str, File], kept: Kept | None = None) -> None:
        """`kept`: what was found before, or not; readers ask for the same again and again."""
        self._below = below
        self._edited = edited
        self.kept = Kept() if kept is None else kept

    def get(self, path: str) -> File | None:
        found = self._edited.get(path)
        if found is None:
            found = self.kept.files.get(path)
        if found is None and path not in self.kept.absent:
            found = self._below.get(path)
            self.kept.keep(path, found)
        return found

    def head(self, path: str) -> bytes | None:
        found = self._edited.get(path)
        if found is not None:
            return found.data[:SNIFF_BYTES]
        return self._below.head(path) if isinstance(self._below, Heads) else None

    def names(self, directory: str) -> Sequence[str]:
        return self._below.names(directory)

    def folders(self, directory: str) -> Sequence[str]:
        return self._below.folders(directory)


class _Known(Struct, eq=False):
    """A reading, and the edited files that it was made from."""

    file: File
    drawn_on: dict[str, File | None]
    reading: FileReading


class Overlay:
    """Reads a target with edited files, each text of a file once."""

    def __init__(self, reading: TargetReading, settings: Settings) -> None:
        self.base = reading
        self._settings = settings
        self._named = reading.opened.target.kind in ("file", "stdin")
        self._known: dict[str, list[_Known]] = {}
        self._kept = Kept()

    def read_one(self, path: str, edited: Mapping[str, File]) -> FileReading | None:
        """One file of the target, read with these edited files; None where it is none that was read."""
        one = self.base.files.get(path)
        return None if one is None else self._file(path, one, edited, self._context(edited))

    def read(self, edited: Mapping[str, File], within: TargetReading | None = None) -> TargetReading:
        """The target (or the part `within` of it) with the edited files, and those that draw on them, read
        again. What is not read again keeps its `FileReading`."""
        reading = self.base if within is None else within
        if not edited:
            return reading
        context = self._context(edited)
        files = {path: self._file(path, one, edited, context) for path, one in reading.files.items()}
        return replace(reading, files=files)

    def _context(self, edited: Mapping[str, File]) -> ReadContext:
        files = OverlayFiles(self.base.opened.files, edited, self._kept)
        variables = TargetVariables(self.base.opened, self._settings.terraform)
        kinds = dict(self._settings.pod_template_kinds)
        alone = self.base.opened.target.kind == "file"
        return ReadContext(files, kinds, charts=self.base.charts, variables=variables, alone=alone)

    def _file(self, path: str, one: FileReading, edited: Mapping[str, File], context: ReadContext) -> FileReading:
        if path not in edited and not any(other in edited for other in one.parts):
            return one
        file = edited.get(path, one.file)
        known = self._known.setdefault(path, [])
        for each in known:
            if _alike(each.file, file) and all(_alike(edited.get(p), drawn) for p, drawn in each.drawn_on.items()):
                return each.reading
        reading = read_file(file, one.target, context, named=self._named, format=one.format)
        drawn_on = {other: edited.get(other) for other in (*one.parts, *reading.parts) if other != path}
        del known[: 1 - _KEPT]
        known.append(_Known(file, drawn_on, reading))
        return reading


def _alike(one: File | None, other: File | None) -> bool:
    return one is other or (one is not None and other is not None and one.data == other.data)


def near(reading: TargetReading, paths: set[str]) -> TargetReading:
    """Only the files whose findings can depend on `paths`: those of their folders, and what draws on them.

    Links never cross a scope, so that a proof of one folder's edits need not judge the whole target.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    files = {
        path: one
        for path, one in reading.files.items()
        if path.rpartition("/")[0] in folders or any(other in paths for other in one.parts)
    }
    return replace(reading, files=files, problems=[])
