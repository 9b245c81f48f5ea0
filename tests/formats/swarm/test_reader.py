from __future__ import annotations

from pathlib import Path

import pytest

from batten.formats.compose import WRITER
from batten.formats.interface import ReadContext, Reading
from batten.formats.swarm import READER
from batten.model.edits import CannotEdit
from batten.model.source import File
from batten.model.verdict import Change
from batten.model.workload import Workload
from formats.compose.support import Memory

DATA = Path(__file__).parents[2] / "data" / "swarm"


def read(name: str, path: str = "records/services.json") -> Reading:
    file = File(path, (DATA / name).read_bytes(), path.rpartition("/")[0])
    assert READER.wants_name(path)
    assert READER.wants(file)
    return READER.read(file, ReadContext(Memory({})))


def test_services_with_containers_are_read() -> None:
    reading = read("services.json")
    assert [(one.name, one.scope, one.platform, one.kind) for one in reading.nouns] == [
        ("shop_web", "records:shop", "swarm", "service"),
        ("plain", "records", "swarm", "service"),
    ]
    assert reading.problems == []


def test_truncated_record_is_told_with_its_line() -> None:
    reading = read("truncated.json")
    assert reading.recognised
    assert [problem.line for problem in reading.problems] == [16]


def test_other_json_is_left_alone() -> None:
    for text in (b'[{"HostConfig": {}}]', b"TaskTemplate: x", b'{"a": "TaskTemplate"}'):
        assert not READER.wants(File("a.json", text))
    other = File("a.json", b'{"Spec": {"TaskTemplate": {"PluginSpec": {}}}}')
    assert READER.wants(other)
    assert not READER.read(other, ReadContext(Memory({}))).recognised


def test_records_are_not_edited() -> None:
    found: Workload = read("services.json").nouns[0]
    for target, field, value in ((found.containers[0], "user", 10001), (found, "remove", found.volumes[0])):
        with pytest.raises(CannotEdit, match="record of a service"):
            WRITER.edits(Change(target, field, value))


def test_a_record_that_is_cut_off_before_its_task_is_told() -> None:
    data = b'[{"ID": "9mnpnzenvg8p8tdbtq4wvbkcz", "Version": {"Index": 19}, "Spec": '
    assert READER.wants(File("a.json", data))
    assert len(READER.read(File("a.json", data), ReadContext(Memory({}))).problems) == 1
