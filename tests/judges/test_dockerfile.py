"""BuildKit's own parser (`make judges`) on real, generated and damaged Dockerfiles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from batten.formats.dockerfile import has_dockerfile_name
from judges.dockerfile.compare import Judge, differences, generated, mutated, random_word, word_difference

JUDGE = Path(__file__).parents[2] / ".judges" / "dockerfile"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not built: make judges"),
]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    running = Judge(JUDGE)
    yield running
    running.close()


def test_the_judge_can_disagree(judge: Judge) -> None:
    verdict = judge.ask(text="FROM a\nRUN <<E\nx\nE\n")
    assert verdict["nodes"][1]["heredocs"][0]["body"] == "x\n"
    assert judge.ask(text="FROM a\nRUN <<E\nx\n")["error"]


@pytest.mark.shared
def test_every_real_dockerfile_reads_as_in_buildkit(judge: Judge, shared_manifests: Path) -> None:
    paths = [path for path in shared_manifests.rglob("*") if path.is_file() and has_dockerfile_name(path.name)]
    assert len(paths) > 90
    assert [(path.name, found) for path in paths if (found := differences(judge, path.read_text()))] == []


@pytest.mark.parametrize("seed", range(4))
def test_generated_and_damaged_files_read_as_in_buildkit(judge: Judge, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(5000):
        text = generated(chance)
        if chance.random() < 0.5:
            text = mutated(text, chance)
        assert differences(judge, text) == [], text


@pytest.mark.parametrize("escape", ["\\", "`"])
def test_words_expand_as_in_buildkit(judge: Judge, escape: str) -> None:
    chance = random.Random(escape)
    for _ in range(20000):
        assert word_difference(judge, random_word(chance), escape) is None
