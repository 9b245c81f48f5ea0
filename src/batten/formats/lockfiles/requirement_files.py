"""The files that a requirements file names with `-r` and `-c`, and those that they name in turn.

pip's rules: a path is relative to the file that names it; a constraint says which version is taken of a project that
something asks for, and asks for nothing itself; constraints hold for everything that is installed in one call,
wherever they stand; what a constraints file takes in with `-r` is asked for all the same.
"""

from __future__ import annotations

import posixpath
from collections import deque
from itertools import islice
from typing import Final, NamedTuple

from msgspec import Struct, field

from batten.formats.interface import ReadContext
from batten.formats.lines import text_of
from batten.formats.lockfiles.lock import quoted
from batten.formats.lockfiles.requirement_lines import LONGEST, OTHER_FILE, PINNED, UNPINNED, lines, plain
from batten.limits import LOCK_LINES, PACKAGES_PER_FILE
from batten.model.package_names import project_name
from batten.model.source import File, Problem, Unreadable

FILES: Final = 100
"""Files that one requirements file may lead to."""


class Other(NamedTuple):
    """A file that a line names."""

    path: str
    line: int
    constraint: bool


class Constraint(NamedTuple):
    """The version that a constraints file gives a project."""

    version: str
    path: str
    line: int


class Named(Struct):
    """What the other files say."""

    pinned: set[str] = field(default_factory=set)
    """Projects that are asked for in one version."""
    asked: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Projects that are asked for in whatever version: the file that does, the line of the first that leads there."""
    constraints: dict[str, Constraint] = field(default_factory=dict)
    constrained_in: dict[str, set[str]] = field(default_factory=dict)
    """Every file that constrains a project."""
    names: dict[str, set[str]] = field(default_factory=dict)
    """Files by the file that names them."""
    leads_to: list[tuple[str, str]] = field(default_factory=list)
    """Requirements files; they are read by themselves."""
    problems: list[Problem] = field(default_factory=list)

    def only_here(self) -> dict[str, tuple[Constraint, int]]:
        """Projects that other files ask for, under constraints that they do not lead to by themselves."""
        found, reached = {}, {path: self._reached(path) for path, _ in set(self.asked.values())}
        for project, (path, line) in self.asked.items():
            constraint = self.constraints.get(project)
            if constraint and project not in self.pinned and not self.constrained_in[project] & reached[path]:
                found[project] = constraint, line
        return found

    def _reached(self, path: str) -> set[str]:
        seen, waiting = {path}, [path]
        while waiting:
            fresh = self.names.get(waiting.pop(), set()) - seen
            seen |= fresh
            waiting += fresh
        return seen


def other_file(line: str, number: int) -> Other | None:
    """What `-r FILE` and the like name; `line` as `plain` gives it."""
    found = OTHER_FILE.fullmatch(line)
    return Other(found[2].strip(), number, found[1] in ("-c", "--constraint")) if found else None


def follow(file: File, others: list[Other], context: ReadContext) -> Named:
    """Reads the files that the lines `others` of `file` name, each once."""
    named = Named()
    waiting = deque((file, other, other.line) for other in others)
    seen = {(file.path, False)}
    while waiting:
        source, other, line = waiting.popleft()
        path = _path(source, other)
        if not path:
            if source is file:
                message = "expected the name of a file, found an address, which is not fetched; what it asks for is"
                named.problems.append(Problem(file.path, f"{message} not known", line))
            continue
        named.names.setdefault(source.path, set()).add(path)
        if (path, other.constraint) in seen:
            continue
        if len(seen) > FILES:
            named.problems.append(Problem(file.path, f"expected at most {FILES} other files, found more; not read"))
            break
        seen.add((path, other.constraint))
        found = context.files.get(path) if not path.startswith(("/", "../")) else None
        if found is None:
            if source is file or other.constraint:
                what = "constrains" if other.constraint else "asks for"
                message = f"the file {quoted(other.path)} is not in what is scanned; what it {what} is not known"
                named.problems.append(Problem(source.path, message, line if source is file else other.line))
            continue
        if not other.constraint and source is file:
            named.leads_to.append((path, "lockfile"))
        try:
            text = text_of(found)
        except Unreadable as error:
            if other.constraint:  # else told when the file is read by itself
                named.problems.append(Problem(path, str(error), error.line))
            continue
        waiting += [(found, one, line) for one in _read(named, found, text, other._replace(line=line))]
    return named


def _path(file: File, other: Other) -> str:
    """The file that is meant; "" for an address."""
    if "://" in other.path:
        return ""
    return posixpath.normpath(posixpath.join(file.directory, other.path.removeprefix("file:")))


def _read(named: Named, file: File, text: str, by: Other) -> list[Other]:
    """Takes what one file says into `named`; gives the files that it names."""
    others, number, last = [], 1, 0
    for start, end in islice(lines(text), min(PACKAGES_PER_FILE, LOCK_LINES)):
        number, last = number + text.count("\n", last, start), start
        if found := PINNED.match(text, start, end):
            project = project_name(found[1])
            if by.constraint:
                named.constraints.setdefault(project, Constraint(found[2], file.path, number))
                named.constrained_in.setdefault(project, set()).add(file.path)
            else:
                named.pinned.add(project)
        elif end - start <= LONGEST and (line := plain(text[start:end])):
            if other := other_file(line, number):
                others.append(other)
            elif not by.constraint and (found := UNPINNED.fullmatch(line)) and not found[2]:
                named.asked.setdefault(project_name(found[1]), (file.path, by.line))
    return others
