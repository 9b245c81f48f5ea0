"""Lock files as they stand in a directory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from batten.formats.interface import ReadContext, Reading
from batten.formats.lockfiles import READER
from batten.model.package import Package
from batten.model.source import File


class Directory:
    """The files of a target, by path."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def get(self, path: str) -> File | None:
        if path not in self._files:
            return None
        return File(path, self._files[path].encode(), path.rpartition("/")[0])

    def names(self, directory: str) -> Sequence[str]:
        return sorted(path for path in self._files if path.rpartition("/")[0] == directory)


Read = Callable[..., Reading]


@pytest.fixture
def read() -> Read:
    """`read("package-lock.json", text, {"package.json": …})`."""

    def reader(path: str, text: str, beside: dict[str, str] | None = None) -> Reading:
        files = Directory({**(beside or {}), path: text})
        file = files.get(path)
        assert file is not None
        assert READER.wants_name(path)
        assert READER.wants(file)
        return READER.read(file, ReadContext(files))

    return reader


def by_name(reading: Reading) -> dict[str, Package]:
    """The packages by the last part of their name."""
    return {package.name: package for package in reading.nouns}


def purls(reading: Reading) -> list[str]:
    """What the packages are called, in the order of the file."""
    return [package.purl for package in reading.nouns]


def stands_at(package: Package) -> tuple[int, int]:
    """Line and column of the entry."""
    assert package.place is not None
    location = package.place.location()
    return location.line, location.column
