"""Units held in memory, for the tests of the reader and the writer."""

from __future__ import annotations

import posixpath

from batten.formats.interface import ReadContext, Reading
from batten.formats.quadlet import READER
from batten.model.edits import Edit
from batten.model.source import File
from batten.model.workload import Container, Workload


class MemoryFiles:
    """A target that is a dictionary of path -> text."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def get(self, path: str) -> File | None:
        text = self.texts.get(path)
        return None if text is None else File(path, text.encode(), posixpath.dirname(path))

    def names(self, directory: str) -> list[str]:
        return sorted(posixpath.basename(path) for path in self.texts if posixpath.dirname(path) == directory)

    def folders(self, directory: str) -> list[str]:
        start = f"{directory}/" if directory else ""
        below = (path[len(start) :] for path in self.texts if path.startswith(start))
        return sorted({path.partition("/")[0] for path in below if "/" in path})


def read(path: str, texts: dict[str, str]) -> Reading:
    files = MemoryFiles(texts)
    file = files.get(path)
    assert file is not None
    return READER.read(file, ReadContext(files))


def workload(text: str, path: str = "web.container", **others: str) -> Workload:
    """The one workload of a unit; `others` are files beside it, `__` in a name standing for a dot."""
    texts = {name.replace("__", "."): one for name, one in others.items()}
    [noun] = read(path, {path: text, **texts}).nouns
    assert isinstance(noun, Workload)
    return noun


def container(lines: str, **others: str) -> Container:
    """The container of a unit whose [Container] section has an image and these lines."""
    return workload(f"[Container]\nImage=docker.io/library/app:1\n{lines}\n", **others).containers[0]


def text_at(item: Workload | Container, name: str) -> str:
    """The written text of a field."""
    place = item.where(name).location()
    line = item.document.file.text().split("\n")[place.line - 1]
    return line[place.column - 1 : place.end_column - 1] if place.line == place.end_line else line[place.column - 1 :]


def edited(item: Workload | Container, edits: list[Edit]) -> str:
    text = item.document.file.text()
    for splice in reversed(item.document.splices(edits)):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text
