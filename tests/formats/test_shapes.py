"""Whatever shape a record or definition has, it is read without a crash and every place lies in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats import ecs, inspect
from batten.formats.interface import ReadContext
from batten.model.source import File
from batten.sources.interface import NoFiles

DATA = Path(__file__).parents[1] / "data"
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "${a}", "80", "a:b:c", [], {}, [None], [{}], ["x"], {"a": {}}, 10**30]
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, item in inner for one in _paths(item, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


SAMPLES = [
    (ecs.READER, json.loads((DATA / "ecs/shop.json").read_text())),
    *((inspect.READER, one) for one in json.loads((DATA / "inspect/docker-containers.json").read_text())[1:3]),
    *((inspect.READER, one) for one in json.loads((DATA / "inspect/podman-containers.json").read_text())[:2]),
]


@pytest.mark.parametrize(("reader", "sample"), SAMPLES, ids=["ecs", "docker-1", "docker-2", "podman-1", "podman-2"])
@given(data=st.data())
def test_a_value_of_another_type_anywhere_is_survived(reader: Any, sample: Any, data: st.DataObject):
    paths = _paths(sample)
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3, unique=True)):
        new = data.draw(ODD)
        try:
            sample = _with(sample, path, new)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took its parent away
    text = json.dumps(sample, indent=1)
    reading = reader.read(File("x.json", text.encode()), ReadContext(NoFiles()))
    lines = text.count("\n") + 1
    for noun in reading.nouns:
        places = [noun.where(name) for name in noun.places] + [noun.at(one) for one in (*noun.volumes,)]
        for one in noun.containers:
            parts = (*one.mounts, *one.ports, *one.environment, *one.environment_from)
            places += [one.where(name) for name in one.places] + [one.at(part) for part in parts]
        assert all(1 <= place.location().line <= lines for place in places)
