"""A target with some files replaced in memory: what the fixer scans to prove an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from batten.engine.read import FileReading, TargetReading, read_file
from batten.formats.interface import ReadContext
from batten.model.settings import Settings
from batten.model.source import File, Files


class OverlayFiles:
    """Implements `batten.model.source.Files`: the edited files first, the target's own behind them."""

    def __init__(self, below: Files, edited: Mapping[str, File]) -> None:
        self._below = below
        self._edited = edited

    def get(self, path: str) -> File | None:
        return self._edited.get(path) or self._below.get(path)

    def names(self, directory: str) -> Sequence[str]:
        return self._below.names(directory)


def reread(reading: TargetReading, edited: Mapping[str, File], settings: Settings) -> TargetReading:
    """The target's reading with the edited files, and those that draw on them, read again."""
    if not edited:
        return reading
    files: dict[str, FileReading] = {}
    context = ReadContext(OverlayFiles(reading.opened.files, edited), dict(settings.pod_template_kinds))
    named = reading.opened.target.kind in ("file", "stdin")
    for path, one in reading.files.items():
        if path in edited:
            files[path] = read_file(edited[path], one.target, context, named=named)
        elif any(other in edited for other in one.consumed):
            files[path] = read_file(one.file, one.target, context, named=named)
        else:
            files[path] = one
    return replace(reading, files=files)


def near(reading: TargetReading, paths: set[str]) -> TargetReading:
    """Only the files whose findings can depend on `paths`: those of their folders, and what draws on them.

    Links never cross a scope, so that a proof of one folder's edits need not judge the whole target.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    files = {
        path: one
        for path, one in reading.files.items()
        if path.rpartition("/")[0] in folders or any(other in paths for other in one.consumed)
    }
    return replace(reading, files=files, problems=[])
