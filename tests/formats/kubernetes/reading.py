"""Reads test data and literals through the Kubernetes reader."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from batten.formats.interface import ReadContext, Reading
from batten.formats.kubernetes import READER
from batten.model.source import File
from batten.model.workload import Container, Workload

DATA = Path(__file__).parents[2] / "data" / "kubernetes"
Noun = TypeVar("Noun")


class Folder:
    """A target made of literals: path -> text."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def get(self, path: str) -> File | None:
        return made(self.texts[path], path) if path in self.texts else None

    def names(self, directory: str) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self.texts if path.rpartition("/")[0] == directory)


class DataFolder(Folder):
    """The test data as a target."""

    def __init__(self) -> None:
        found = (path for path in DATA.rglob("*") if path.is_file())
        super().__init__({path.relative_to(DATA).as_posix(): path.read_text("utf-8") for path in found})


def made(text: str, path: str = "pod.yaml") -> File:
    return File(path, text.encode(), path.rpartition("/")[0])


def read(text: str, path: str = "pod.yaml", files: Folder | None = None, **kinds: str) -> Reading:
    """What a literal gives; `kinds` is the user's table of pod templates."""
    return READER.read(made(text, path), ReadContext(files or Folder({}), kinds))


def read_data(path: str) -> Reading:
    """What a file of the test data gives."""
    files = DataFolder()
    return READER.read(made(files.texts[path], path), ReadContext(files))


def of(reading: Reading, kind: type[Noun]) -> list[Noun]:
    return [noun for noun in reading.nouns if type(noun) is kind]


def workload(text: str) -> Workload:
    """The one workload in `text`."""
    (only,) = of(read(text), Workload)
    return only


def pod(spec: str = "", container: str = "", metadata: str = "") -> Workload:
    """A pod of one container, with more lines in flow style: `hostPID: true`."""
    metadata = f", {metadata}" if metadata else ""
    spec = f", {spec}" if spec else ""
    container = f", {container}" if container else ""
    return workload(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: p{metadata}}}, "
        f"spec: {{containers: [{{name: app, image: 'app:1'{container}}}]{spec}}}}}"
    )


def app(spec: str = "", container: str = "", metadata: str = "") -> Container:
    return pod(spec, container, metadata).containers[0]
