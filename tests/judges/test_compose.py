"""compose-go itself (`make judges`), on random projects, templates and env files, and on real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batten.formats.compose import READER, dotenv
from batten.formats.compose.interpolation import InvalidTemplate, interpolate
from batten.formats.interface import ReadContext, Reading
from batten.model.workload import Workload
from formats.compose.generated import Projects
from formats.compose.judged import PROGRAM, Judge, of_batten, of_judge
from formats.compose.support import Memory

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not PROGRAM.exists(), reason="the judge is not built: make judges"),
]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    program = Judge()
    yield program
    program.close()


def read(files: dict[str, str], main: str = "compose.yaml") -> Reading:
    memory = Memory(files)
    file = memory.get(main)
    assert file is not None
    return READER.read(file, ReadContext(memory))


def differences(reading: Reading, project: dict[str, Any]) -> list[Any]:
    ours, theirs = of_batten(reading), of_judge(project)
    assert ours.keys() == theirs.keys()
    found = []
    for name, facts in ours.items():
        for field, value in facts.items():
            pair = value, theirs[name][field]
            if field == "environment":
                pair = _known(*pair)
            elif field == "mounts":
                pair = _names(pair[0]), _names(pair[1])
            if pair[0] != pair[1]:
                found.append((name, field, *pair))
    return found


def _known(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[Any, Any]:
    """Without the variables that have no value in the files: Compose makes them empty."""
    unknown = {name for name, value in ours.items() if value is None}
    return {name: ours[name] for name in ours.keys() - unknown}, {
        name: theirs[name] for name in theirs.keys() - unknown
    }


def _names(mounts: list[Any]) -> list[Any]:
    """Paths of the host by their last part: batten keeps them relative, compose-go makes them absolute."""
    return sorted((kind, source.rpartition("/")[2], *rest) for kind, source, *rest in mounts)


@pytest.mark.parametrize("seed", range(5))
def test_random_projects_come_to_the_same(judge: Judge, seed: int) -> None:
    projects = Projects(seed)
    agreed = 0
    for _ in range(60):
        files = projects.project()
        answer = judge.ask({"files": files})
        reading = read(files)
        if "error" in answer:
            continue  # a combination that Compose refuses (a tmpfs and a volume on one path)
        assert differences(reading, answer["project"]) == []
        assert [problem for problem in reading.problems if problem.severe] == []
        agreed += 1
    assert agreed > 20


def test_random_templates_come_to_the_same(judge: Judge) -> None:
    chance = random.Random(1)
    atoms = ["$", "$$", "{", "}", "${", "A", "B", ":-", "-", ":+", "+", "x", " "]
    atoms += ["${A", "${B:-", "${E:-", "${D}", "$A", "é"]
    values = {"A": "va", "B": "", "E": "$A"}
    refused: list[bool] = []
    for _ in range(3000):
        template = "".join(chance.choices(atoms, k=chance.randint(0, 9)))
        answer = judge.ask({"template": template, "env": values})
        try:
            result = interpolate(template, values.get)
        except InvalidTemplate:
            refused.append("error" in answer)
            continue
        assert "error" not in answer or "required variable" in answer["error"]
        if result.known:
            assert result.text == answer.get("value", "")
    # where a brace is missing, compose-go sometimes takes another one further on
    assert sum(refused) > 0.6 * len(refused) > 100


def test_random_env_files_come_to_the_same(judge: Judge) -> None:
    chance = random.Random(2)
    atoms = ["A=", "B=", "C: ", "\n", "\n", "#", " #", " ", "x", "'", '"', "\\", "\\n", "$A", "${B:-d}", "\\$A", "="]
    for _ in range(3000):
        text = "".join(chance.choices(atoms, k=chance.randint(0, 12))) + "\n"
        answer = judge.ask({"dotenv": text, "env": {"HOST": "h"}})
        try:
            found = {one.name: one.value for one in dotenv.read(text, {"HOST": "h"}.get)}
        except dotenv.Malformed:
            assert "error" in answer or "" in answer.get("value", {})
            continue
        theirs = {name: value for name, value in answer.get("value", {}).items() if name}
        assert "error" not in answer
        assert {name: value for name, value in found.items() if value is not None}.items() <= theirs.items()
        assert theirs.keys() <= found.keys()


@pytest.mark.shared
def test_real_projects_come_to_the_same(judge: Judge, shared_manifests: Path) -> None:
    agreed = 0
    for path in sorted(shared_manifests.rglob("*compose.y*ml")):
        around = [one for one in path.parent.iterdir() if one.suffix in (".yml", ".yaml", ".env") or one.name == ".env"]
        files = {one.name: one.read_text() for one in around if one.is_file()}
        reading = read(files, path.name)
        answer = judge.ask(
            {"files": files, "main": [path.name, *(one for one in reading.consumed if "override" in one)]}
        )
        if "error" in answer or not any(isinstance(noun, Workload) for noun in reading.nouns):
            continue  # needs a variable or another directory
        assert differences(reading, answer["project"]) == []
        agreed += 1
    assert agreed > 30
