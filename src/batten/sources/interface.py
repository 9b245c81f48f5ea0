"""What every kind of target offers: the same few types, whatever the bytes come from.

A module under `batten/sources/` that defines `SOURCE` adds one kind of target. Sources stream
entries and never judge; whether a file is wanted is asked of the caller, what is in it is the
business of `batten.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from batten import limits
from batten.model.source import File, Files, Problem, file_of

if TYPE_CHECKING:
    from types import TracebackType

    from batten.formats.inspect.engine import EngineFacts
    from batten.formats.kubernetes.live import ClusterFacts

Wanted = Callable[[str], bool]
"""Given an entry's path: may some reader want it? Asked before the file is opened."""


class TargetError(Exception):
    """The text that names a target is wrong; the message says what was expected, found and meant."""


class Unreachable(TargetError):
    """What the text names could not be had: an engine that does not answer, a registry that is not there. The call may
    be right; other targets of it are read. `reason`: the message without the name of the target."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


class Target(Struct, frozen=True):
    """What was asked to be read."""

    id: str
    """`KIND:REFERENCE`, the same for every spelling of the reference."""
    kind: str
    """`file`, `directory`, `archive` or `stdin`; an open set."""
    ref: str
    """As the user wrote it, without the scheme."""


class Options(Struct, frozen=True):
    """How a target is walked."""

    exclude: tuple[str, ...] = ()
    """Patterns in the syntax of `.gitignore`, relative to the root; they win over every ignore file."""
    ignore_files: bool = True
    """Respect `.gitignore`, `.git/info/exclude` and `.battenignore`."""
    platform: str = ""
    """Of an image for several: `linux/arm64`, `all`; "" takes what suits this machine."""
    offline: bool = False
    """Nothing is asked of a network: images of registries are refused."""
    plain_http: tuple[str, ...] = ()
    """Registries that are spoken to without TLS."""
    stopped: bool = False
    """Of a container engine or a cluster: also what does not run."""
    namespaces: tuple[str, ...] = ()
    """Of a cluster: nothing but these."""
    pod_templates: tuple[tuple[str, str], ...] = ()
    """Of a cluster: kinds of custom resources with pod templates, and where those stand (`Settings`)."""


class Entry:
    """One file of a target. Its first bytes were read before it was handed out.

    `path` is relative to the root with `/` between parts, and printable (`batten.sources.names`);
    `size` is in bytes.
    """

    __slots__ = ("_data", "_load", "path", "size")

    def __init__(self, path: str, size: int, data: bytes, load: Callable[[], bytes] | None = None) -> None:
        """`data` is the whole content, or its beginning where `load` reads the whole of it."""
        self.path = path
        self.size = size
        self._data = data
        self._load = load

    @property
    def format(self) -> str:
        """The name of the reader that it is for, where its source knows; "" where name and content decide."""
        return ""

    def head(self) -> bytes:
        """The first `limits.SNIFF_BYTES` bytes, fewer where the file is shorter."""
        return self._data[: limits.SNIFF_BYTES]

    def read(self) -> File:
        """The file; raises `batten.model.source.Unreadable` where it went away or changed its nature."""
        if self._load is not None:
            self._data = self._load()
            self._load = None
        return file_of(self.path, self._data)


class OpenTarget:
    """A target that can be read; a context manager where it holds a file open (archives)."""

    files: Files
    """Second files for readers that ask (`env_file`, `include`, …), confined to the root."""
    engine: EngineFacts | None = None
    """What the container engine knows that the target is, filled before its first entry."""

    cluster: ClusterFacts | None = None
    """What the cluster knows that the target is, filled for each entry before it is handed out."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.problems: list[Problem] = []
        """What could not be read, filled while `entries` and `files` are used; `.` is the target itself."""
        self._told: set[tuple[str, str]] = set()
        self._untold = 0

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """Every file that `wanted_name` (given its path) may want, in sorted order of the path's parts.

        Made for one pass. Without `wanted_name` every file is handed out, and those that cannot be
        read become problems only where their name is `batten.sources.names.interesting`.
        """
        raise NotImplementedError

    def shown(self, path: str) -> str:
        """`path` as the user would write it from where the program was started."""
        ref = self.target.ref
        return ref if path == "." else f"{ref}!{path}"

    def native(self, path: str) -> str | None:
        """Where the entry at `path` lies on this machine; None where it cannot be written back."""
        return None

    def close(self) -> None:
        """Gives back what is held open."""

    def __enter__(self) -> OpenTarget:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def problem(self, path: str, message: str, line: int | None = None, *, severe: bool = True) -> None:
        """Notes what could not be read, each fact once and not more than `limits.PROBLEMS_PER_TARGET`."""
        if (path, message) in self._told:
            return
        if len(self._told) < limits.PROBLEMS_PER_TARGET:
            self._told.add((path, message))
            self.problems.append(Problem(path, message, line, severe))
            return
        if self._untold:
            self.problems.pop()
        self._untold += 1
        self.problems.append(Problem(".", f"{self._untold:,} more problems of this kind are not listed"))


class Source(Struct, frozen=True):
    """One kind of target: what `SOURCE` in a module of this package is."""

    scheme: str
    summary: str
    """One line for `batten targets`."""
    example: str
    open: Callable[[str, Options], OpenTarget]
    """Given what follows `SCHEME:`; raises `TargetError`."""


class NoFiles:
    """The `Files` of a target that is one stream."""

    def get(self, path: str) -> File | None:
        return None

    def head(self, path: str) -> bytes | None:
        return None

    def names(self, directory: str) -> list[str]:
        return []

    def folders(self, directory: str) -> list[str]:
        return []
