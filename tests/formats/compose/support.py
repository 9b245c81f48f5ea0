"""A project of a few files in memory, and what the reader makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent
from typing import Any

from batten.formats.compose import READER
from batten.formats.interface import ReadContext, Reading
from batten.model.source import File, Location, Place
from batten.model.workload import Container, Workload


class Memory:
    """`batten.model.source.Files` over a dictionary."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def get(self, path: str) -> File | None:
        text = self.files.get(path)
        return None if text is None else File(path, text.encode(), path.rpartition("/")[0])

    def names(self, directory: str) -> Sequence[str]:
        return sorted(path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == directory)


def project(files: dict[str, str], main: str = "compose.yaml", environment: dict[str, str] | None = None) -> Reading:
    """The reading of file `main` among `files`."""
    memory = Memory({path: dedent(text) for path, text in files.items()})
    file = memory.get(main)
    assert file is not None
    assert READER.wants_name(main)
    assert READER.wants(file)
    return READER.read(file, ReadContext(memory, environment=environment or {}))


def compose(text: str, main: str = "compose.yaml", **files: str) -> Reading:
    return project({main: text, **{name.replace("__", "."): body for name, body in files.items()}}, main)


def nouns(reading: Reading, kind: type) -> list[Any]:
    return [noun for noun in reading.nouns if type(noun) is kind]


def workload(reading: Reading, name: str = "") -> Workload:
    found: list[Workload] = nouns(reading, Workload)
    return next(one for one in found if not name or one.name == name)


def container(reading: Reading, name: str = "") -> Container:
    return workload(reading, name).containers[-1]


def service(body: str, path: str = "compose.yaml", top: str = "", **files: str) -> Workload:
    """The workload of a service `web` of image `nginx:1` with `body` below it."""
    lines = "".join(f"    {line}\n" for line in dedent(body).strip("\n").split("\n"))
    reading = compose(f"services:\n  web:\n    image: nginx:1\n{lines}{dedent(top)}", path, **files)
    # networks and volumes are declared by `top`, where a test asks for that
    severe = [problem for problem in reading.problems if problem.severe and "in the project" not in problem.message]
    assert severe == []
    return workload(reading)


def box(body: str, path: str = "compose.yaml", top: str = "", **files: str) -> Container:
    """Its container."""
    return service(body, path, top, **files).containers[-1]


def messages(reading: Reading) -> list[str]:
    return [f"{problem.path}:{problem.line}: {problem.message}" for problem in reading.problems]


def shown(place: Place) -> str:
    """`file:line: the text there`."""
    where: Location = place.location()
    lines = place.document.file.text().split("\n")
    first = lines[where.line - 1]
    end = where.end_column - 1 if where.end_line == where.line else len(first)
    return f"{where.path}:{where.line}: {first[where.column - 1 : end]}"
