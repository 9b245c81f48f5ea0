"""Builds held against what kustomize 5.8.1 made of the same folders (`expected.yaml`; `tests/judges/test_kustomize.py`
compares anew), structure for structure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batten.formats.kustomize.build import build
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.model.source import File
from batten.sources import open_target

DATA = Path(__file__).parents[2] / "data" / "kustomize"
CASES = sorted(path.parent.relative_to(DATA).as_posix() for path in DATA.rglob("expected.yaml"))


def by_name(values: list[Any]) -> dict[tuple[str, ...], Any]:
    found = {}
    for value in values:
        metadata = value["metadata"]
        key = (value["apiVersion"], value["kind"], metadata.get("namespace", ""), metadata["name"])
        assert key not in found
        found[key] = value
    return found


def read(path: Path) -> list[Any]:
    documents = read_documents(File(path.name, path.read_bytes()), KUBERNETES)
    return [one.value for one in documents if isinstance(one, YamlDocument) and one.value is not None]


def built(root: Path, folder: str) -> list[Any]:
    with open_target(str(root)) as opened:
        return [one.node.value() for one in build(folder, opened.files).objects]


@pytest.mark.parametrize("case", CASES)
def test_a_build_is_what_kustomize_makes(case: str):
    assert by_name(built(DATA, case)) == by_name(read(DATA / case / "expected.yaml"))
