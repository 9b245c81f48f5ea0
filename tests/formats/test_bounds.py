"""Files that hold more than any real one: a clear line each, and what was read so far."""

from __future__ import annotations

import json

import pytest

from batten.formats.ecs.reader import read as read_ecs
from batten.formats.inspect.reader import read as read_inspect
from batten.formats.interface import ReadContext, Reading
from batten.formats.json import read_json
from batten.limits import JSON_ESCAPES
from batten.model.source import File, Unreadable
from batten.sources.interface import NoFiles

RECORD = {"Id": "a", "Name": "/a", "Config": {"Image": "b"}, "HostConfig": {}}
TASK = {"family": "a", "containerDefinitions": [{"name": "a", "image": "b"}] * 2}


def _problems(reading: Reading) -> list[str]:
    return [problem.message for problem in reading.problems if problem.severe]


def test_records_beyond_the_bound_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.formats.inspect.reader.INSPECT_RECORDS", 2)
    file = File("a.json", json.dumps([RECORD] * 3).encode())
    reading = read_inspect(file, ReadContext(NoFiles()))
    assert len(reading.nouns) == 2
    assert _problems(reading) == [
        "expected at most 2 records and 1,000,000 values in one file, found more; the rest is not read"
    ]


def test_as_many_records_as_the_bound_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.formats.inspect.reader.INSPECT_RECORDS", 3)
    reading = read_inspect(File("a.json", json.dumps([RECORD] * 3).encode()), ReadContext(NoFiles()))
    assert len(reading.nouns) == 3
    assert not _problems(reading)


def test_task_definitions_with_more_containers_than_the_bound_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.formats.ecs.reader.ECS_CONTAINERS", 5)
    reading = read_ecs(File("a.json", json.dumps([TASK] * 3).encode()), ReadContext(NoFiles()))
    assert len(reading.nouns) == 2
    assert _problems(reading) == [
        "expected at most 5 containers and 200,000 values in one file, found more; part it into several files"
    ]


def test_more_escapes_than_the_bound_are_refused() -> None:
    text = '{\n"a": "' + "\\n" * (JSON_ESCAPES + 1) + '"}'
    with pytest.raises(Unreadable, match="backslashes in one document, found more"):
        read_json(File("a.json", text.encode()))
