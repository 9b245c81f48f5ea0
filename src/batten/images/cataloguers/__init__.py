"""Package cataloguers: each is asked whether it wants a file, and what is in it.

A module of this folder that defines `CATALOGUER` adds one. Files come as they stand in one layer (or in a
root directory); a cataloguer sees one file at a time and says what that file alone tells. What spans files
and layers (ownership, whiteouts, first layer) is worked out from these answers by `batten.images`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from batten.model.package import Distribution, Package

HEAD_BYTES = 4096


class LayerFile(Struct, frozen=True, gc=False):
    """A regular file of a layer before its content is read. Paths have no leading slash and no `..`."""

    path: str
    size: int
    mode: int
    head: bytes = b""
    """The first `HEAD_BYTES` bytes."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Catalogue(Struct):
    """What one file tells."""

    packages: list[Package] = field(default_factory=list)
    """Without `layer`, `owner`, `target`, `distribution`, which are filled in later; `paths` may be empty
    (the file itself is meant)."""
    owned: dict[str, list[str]] = field(default_factory=dict)
    """Package (`name`, or `name:arch`) -> paths that it owns, where the file lists them."""
    licenses: dict[str, list[str]] = field(default_factory=dict)
    """Package -> licences, where they stand in a file of their own (`usr/share/doc/NAME/copyright`)."""
    distribution: Distribution | None = None
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path of a package's metadata -> a qualifier of its package URL that says where it came from (`vcs_url` …),
    where that stands in a file of its own."""
    problem: str = ""
    """What kept (part of) the file from being read: one line, no path."""
    severe: bool = True
    """False: `problem` is worth knowing, but everything that the file says was read."""


class Hint(Struct, frozen=True):
    """Where what a cataloguer wants can lie at all: most files need not be asked about one by one then."""

    endings: tuple[str, ...] = ()
    """Of paths."""
    beginnings: tuple[str, ...] = ()
    programs: bool = False
    """Also programs and libraries (ELF, PE, Mach-O), whatever they are called."""


EVERYWHERE = Hint(endings=("",), programs=True)
"""Of a cataloguer that has no hint: every path ends so."""


class Cataloguer(Protocol):
    """One kind of package metadata."""

    name: str
    version: int
    """Raised whenever its answers change: part of the key of the layer cache."""
    hint: Hint
    """True of every file that `wants` is true of."""

    def wants(self, file: LayerFile) -> bool:
        """From path, size, mode and head, cheaply; asked for every file of every layer."""

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        """What the file tells. Raises `batten.model.source.Unreadable` where nothing can be read.

        `data` is the whole file (a memory map for large ones: do not copy it). May be called for bytes
        that are hostile in every way.
        """


@cache
def cataloguers() -> tuple[Cataloguer, ...]:
    """Every cataloguer of this folder, by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found: list[Cataloguer] = [module.CATALOGUER for module in modules if hasattr(module, "CATALOGUER")]
    return tuple(sorted(found, key=lambda one: one.name))
