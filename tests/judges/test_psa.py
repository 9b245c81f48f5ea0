"""The reference admission checks themselves (`make judges`), on random pods and on their own test pods."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from batten.frameworks import pss
from frameworks.pss_pods import random_pod
from frameworks.pss_reading import workload, workloads

HERE = Path(__file__).parent
JUDGE = HERE.parents[1] / ".judges" / "psa"
MODULE = "k8s.io/pod-security-admission"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not built: make judges"),
]


def judged(things: list[dict[str, Any]]) -> list[Any]:
    """The reference's verdicts: level -> version -> [check, reason, detail]."""
    answer = subprocess.run(
        [JUDGE], input="\n".join(map(json.dumps, things)), capture_output=True, text=True, check=True
    )
    verdicts = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(verdicts) == len(things)
    return verdicts


def blamed(detail: str) -> set[str]:
    """The containers that the reference names in its words."""
    lists = re.findall(r'containers? ("[^"]*"(?:, "[^"]*")*)', detail)
    return {name for found in lists for name in re.findall(r'"([^"]*)"', found)}


@pytest.mark.parametrize("seed", range(5))
def test_random_pods_get_the_verdict_of_the_reference(seed: int) -> None:
    source = random.Random(seed)
    things = [random_pod(source) for _ in range(1000)]
    for thing, answer in zip(things, judged(things), strict=True):
        read = workload(thing)
        for level in pss.LEVELS:
            for version in pss.VERSIONS:
                expected = answer["verdicts"][level][version]
                found = pss.evaluate(read, level, version)
                assert [one.check for one in found] == [check for check, _, _ in expected], (level, version, thing)
                for one, (_, _, detail) in zip(found, expected, strict=True):
                    assert blamed(detail) <= set(one.containers), (level, version, one.check, detail, thing)


def pods_of_the_module() -> list[tuple[str, str, str, Path]]:
    """(level, version, pass or fail, file) of the test pods that the module brings."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    listed = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", MODULE], cwd=HERE / "psa", capture_output=True, text=True, check=True
    )
    root = Path(listed.stdout.strip()) / "test" / "testdata"
    return [
        (level, version, outcome, path)
        for level in pss.LEVELS
        for version in pss.VERSIONS
        for outcome in ("pass", "fail")
        for path in sorted((root / level / f"v{version}" / outcome).glob("*.yaml"))
    ]


def test_the_test_pods_of_the_reference_pass_and_fail_as_they_should() -> None:
    pods = pods_of_the_module()
    assert len(pods) > 1500
    wrong = []
    for level, version, outcome, path in pods:
        (read,) = workloads(path.read_bytes(), path.name)
        allowed = not pss.evaluate(read, level, version)
        if allowed != (outcome == "pass"):
            wrong.append((level, version, outcome, path.name))
    assert wrong == []
