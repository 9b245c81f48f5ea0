"""What one layer says by itself: the unit that is read once, cached, and laid over others.

The members are kept as columns, not as objects: a layer may have hundreds of thousands. Facts about single
members name them by their index in those columns.
"""

from __future__ import annotations

import sys
from array import array
from typing import Final, Literal

from msgspec import Struct, field

from batten.images.cataloguers import Catalogue

VERSION: Final = 4
"""Raised whenever what is kept of a layer changes: part of the key of the cache."""

_BIG_ENDIAN: Final = sys.byteorder == "big"


class Elf(Struct, array_like=True, frozen=True):
    """What an ELF file needs to run (System V ABI, "Dynamic Linking")."""

    interpreter: str = ""
    needed: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """DT_RUNPATH, else DT_RPATH, as written (`$ORIGIN/../lib`)."""
    soname: str = ""


class Script(Struct, array_like=True, frozen=True):
    """A text that runs: its interpreter line, and what it names."""

    interpreter: tuple[str, ...] = ()
    """The words after `#!`."""
    commands: tuple[str, ...] = ()
    """Words in command position of a shell script."""
    imports: tuple[str, ...] = ()
    """Modules of Python, packages of Node, as written."""


class Secret(Struct, array_like=True, frozen=True):
    """A secret seen in a file; never the secret itself."""

    kind: str
    title: str
    redacted: str
    confidence: Literal["high", "medium", "low"]
    line: int


class Found(Struct, array_like=True):
    """What a cataloguer told of one member."""

    index: int
    cataloguer: str
    catalogue: Catalogue
    """`owned` is emptied into `owned` beside it."""
    owned: dict[str, str] = field(default_factory=dict)
    """Package -> paths, joined with null bytes: a distribution owns tens of thousands."""


class LayerProblem(Struct, array_like=True, frozen=True):
    """What kept (part of) the layer from being read; `path` "" where it is the layer as a whole."""

    path: str
    message: str
    severe: bool = True


class LayerFacts(Struct):
    """One layer. Paths have no leading slash, no `.` and `..`, and are printable; the root itself is "" ."""

    diff_id: str = ""
    """As computed; "" where the layer could not be read to its end."""
    digest: str = ""
    size: int = 0
    """Stored bytes."""
    unpacked: int = 0
    complete: bool = True
    """False: the archive is cut off, damaged or over a bound; what stands here came before that."""
    names: bytes = b""
    """Paths of the members in the archive's order, joined with null bytes, without whiteouts."""
    kinds: bytes = b""
    """One letter each: f(ile), d(irectory), l(ink, symbolic), h(ard link), o(ther)."""
    mode_column: bytes = b""
    uid_column: bytes = b""
    size_column: bytes = b""
    links: dict[int, str] = field(default_factory=dict)
    """Targets: of symbolic links as written, of hard links as paths from the root."""
    whiteouts: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    capabilities: list[int] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    nothing: dict[str, list[int]] = field(default_factory=dict)
    """Cataloguer -> members that it read and found nothing in."""
    wanted_links: dict[int, list[str]] = field(default_factory=dict)
    """Links, of both kinds, whose own name some cataloguers want to read: their names."""
    elf: dict[int, Elf] = field(default_factory=dict)
    scripts: dict[int, Script] = field(default_factory=dict)
    secrets: dict[int, list[Secret]] = field(default_factory=dict)
    marks: list[tuple[int, str]] = field(default_factory=list)
    """Members that are notable by their name: `shell`, `compiler` …"""
    caches: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Folder of a cache -> one member in it, number of files, their bytes."""
    search_paths: list[str] = field(default_factory=list)
    """Folders that `ld.so.conf` and its parts name."""
    problems: list[LayerProblem] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.kinds)

    def paths(self) -> list[str]:
        """The path of each member, by index."""
        return self.names.decode().split("\0") if self.kinds else []

    def modes(self) -> array[int]:
        """Permission bits with set-uid, set-gid and sticky, by index."""
        return _column("H", self.mode_column)

    def uids(self) -> array[int]:
        return _column("I", self.uid_column)

    def sizes(self) -> array[int]:
        return _column("Q", self.size_column)


def packed(values: array[int]) -> bytes:
    """A column in little-endian order, whatever the machine's."""
    if _BIG_ENDIAN:
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _column(code: Literal["H", "I", "Q"], data: bytes) -> array[int]:
    values: array[int] = array(code, data)
    if _BIG_ENDIAN:
        values.byteswap()
    return values


def consistent(facts: LayerFacts) -> bool:
    """Do the columns and indexes fit each other? Asked of facts that come from the cache."""
    count = facts.count
    if len(facts.mode_column) != 2 * count or len(facts.uid_column) != 4 * count or len(facts.size_column) != 8 * count:
        return False
    if (facts.names.count(b"\0") + 1 if count else 0) != (count or bool(facts.names)):
        return False
    indexes = [*facts.links, *facts.wanted_links, *facts.capabilities, *facts.elf, *facts.scripts, *facts.secrets]
    indexes += [index for index, _ in facts.marks]
    indexes += [index for index, _, _ in facts.caches.values()]
    indexes += [one.index for one in facts.found]
    return all(0 <= index < count for index in indexes)
