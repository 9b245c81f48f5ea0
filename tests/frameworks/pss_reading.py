"""Objects through the real Kubernetes reader."""

from __future__ import annotations

import json
from typing import Any

from batten.formats.interface import ReadContext
from batten.formats.kubernetes import READER
from batten.model.source import File
from batten.model.workload import Workload
from batten.sources.interface import NoFiles


def workloads(data: bytes, path: str = "pod.json") -> list[Workload]:
    """The workloads of one file; a problem is an error of the test, but for what only the API server refuses."""
    reading = READER.read(File(path, data), ReadContext(NoFiles()))
    assert [one for one in reading.problems if "the file was cut off" not in one.message] == []
    return [noun for noun in reading.nouns if isinstance(noun, Workload)]


def workload(thing: dict[str, Any]) -> Workload:
    """The one workload of an object."""
    (only,) = workloads(json.dumps(thing).encode())
    return only
