"""What a reader is: it says which files it wants, and turns one into nouns. It never judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct, field

from batten.model.source import File, Files, Problem


class Reading(Struct):
    """What one file gave. `recognised` False: the file turned out not to be of this format."""

    nouns: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    recognised: bool = True


class ReadContext(Struct, frozen=True):
    """What a reader may use besides the file."""

    files: Files
    pod_template_kinds: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """Variables for Compose interpolation; empty unless the user asks for the process's own."""


class Reader(Protocol):
    """One format. Found by walking `batten.formats` for modules with a `READER`."""

    name: str
    """The format's word in messages and in `batten targets`: `kubernetes`, `compose`."""

    def wants_name(self, path: str) -> bool:
        """From the path alone: could this be mine? (decides whether the file is opened at all)"""

    def wants(self, path: str, head: bytes) -> bool:
        """From the path and the first bytes: is it probably mine?"""

    def read(self, file: File, context: ReadContext) -> Reading:
        """The nouns of the file; raises `Unreadable` where nothing can be read."""


class ProjectReader(Reader, Protocol):
    """A format whose unit is several files (a Compose project with its overrides)."""

    def groups(self, paths: list[str]) -> Iterator[list[str]]:
        """`paths` that this reader wants, grouped into projects; the first of a group is read and
        the reader fetches the others through `ReadContext.files`."""
