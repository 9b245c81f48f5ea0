"""Definitions held in memory, for the tests of the reader and the writer."""

from __future__ import annotations

import json
from typing import Any

from batten.formats.ecs import READER
from batten.formats.interface import Reading
from batten.model.edits import Edit
from batten.model.source import File
from batten.model.workload import Container, Workload


def read(text: str, path: str = "task.json") -> Reading:
    return READER.read(File(path, text.encode()), None)  # type: ignore[arg-type]


def task(container: dict[str, Any] | None = None, **fields: Any) -> Workload:
    """The workload of a definition with one container `app` and these fields."""
    definition = {"family": "web", "containerDefinitions": [{"name": "app", "image": "app:1", **(container or {})}]}
    [noun] = read(json.dumps(definition | fields, indent=2)).nouns
    assert isinstance(noun, Workload)
    return noun


def container(definition: dict[str, Any] | None = None, **fields: Any) -> Container:
    return task(definition, **fields).containers[0]


def edited(item: Workload | Container, edits: list[Edit]) -> str:
    text = item.document.file.text()
    for splice in reversed(item.document.splices(edits)):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


FARGATE = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
