"""Coverage-guided fuzzing of lock files: python tests/fuzz/fuzz_lockfiles.py -max_total_time=600

The first byte says which kind it is. Whatever the bytes are, the file is read or refused with a clear message,
every package has a name and a version, every place lies in the file, and a version that was replaced is read again.
"""

from __future__ import annotations

import sys
from importlib import import_module

from batten.formats.interface import ReadContext
from batten.formats.lockfiles import NAMES, READER
from batten.model.edits import CannotEdit, ReplaceText
from batten.model.package import Package
from batten.model.source import File, Unreadable

PATHS = sorted([*NAMES, "requirements.txt", "vendor/modules.txt", "a.csproj", "a.deps.json", "gradle.lockfile"])


class _NoFiles:
    def get(self, path: str) -> File | None:
        return None

    def names(self, directory: str) -> list[str]:
        return []


def one_input(data: bytes) -> None:
    """Read, locate everything, replace a version, read again; raises on any broken promise."""
    if not data:
        return
    path, data = PATHS[data[0] % len(PATHS)], data[1:]
    context = ReadContext(_NoFiles())
    try:
        reading = READER.read(File(path, data), context)
    except Unreadable:
        return
    lines = data.count(b"\n") + 1
    for package in reading.nouns:
        assert package.name
        assert package.version
        assert package.purl.startswith("pkg:")
        location = package.place.location()
        assert 1 <= location.line <= lines
    for package in reading.nouns[:4]:
        _replaced_is_read(package, data, path, context)


def _replaced_is_read(package: Package, data: bytes, path: str, context: ReadContext) -> None:
    assert package.place is not None
    try:
        [splice] = package.place.document.splices([ReplaceText(package.place.pointer, "9.9.9")])
    except CannotEdit:
        return
    text = data.decode("utf-8")
    assert text[splice.start : splice.end] == package.version
    text = text[: splice.start] + splice.text + text[splice.end :]
    after = READER.read(File(path, text.encode()), context)
    assert any(one.name == package.name and one.version.removeprefix("v") == "9.9.9" for one in after.nouns)


if __name__ == "__main__":
    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
