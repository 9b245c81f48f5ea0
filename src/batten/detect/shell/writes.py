"""Where a script writes, as far as it says so in absolute paths."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec import Struct

from batten.detect.shell.syntax import Command, Word, long_options, options

_WRITING = frozenset((">", ">>", ">|", "&>", "&>>", "<>"))
_NO_FILES = ("/dev", "/proc", "/sys")


class Written(Struct, frozen=True):
    """A file that is written; or, with `folder`, a folder that is made where none need be (`mkdir -p`)."""

    path: str
    folder: bool = False


def paths_written(cmds: Iterable[Command]) -> list[Written]:
    """What redirections, `tee`, `touch` and `mkdir` write to, in order, each once. Paths that are relative or only
    known at run time are left out, and so are devices."""
    found: dict[Written, None] = {}
    for command in cmds:
        for path, folder in _of(command):
            path = posixpath.normpath("/" + path.lstrip("/"))
            if not any(path == one or path.startswith(one + "/") for one in _NO_FILES):
                found[Written(path, folder)] = None
    return list(found)


def _of(command: Command) -> Iterator[tuple[str, bool]]:
    for redirection in command.redirections:
        if redirection.operator in _WRITING and redirection.target is not None:
            yield from _absolute([redirection.target], folder=False)
    if command.name == "tee":
        yield from _absolute(options(command.arguments, "", frozenset())[1], folder=False)
    elif command.name == "touch":
        taking = long_options("date reference time")
        yield from _absolute(options(command.arguments, "drt", taking)[1], folder=False)
    elif command.name == "mkdir":
        given, folders = options(command.arguments, "mZ", long_options("mode"))
        parents = any(one.name in ("-p", "--parents") for one in given)
        yield from _absolute(folders, folder=parents)


def _absolute(words: Iterable[Word], *, folder: bool) -> Iterator[tuple[str, bool]]:
    for word in words:
        if word.value is not None and word.value.startswith("/"):
            yield word.value, folder
