"""Exported policies under the API server's own code (`make judges`): they compile, and say what the rules say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from batten.engine.rules.vap import policy
from engine.rules.policies import rules, verdicts, workloads
from engine.rules.test_vap import OBJECTS, one

JUDGE = Path(__file__).parents[2] / ".judges" / "vap"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not built: make judges"),
]


def judged(asked: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> list[list[list[list[str]]]]:
    """Policy -> object -> decisions of [action, evaluation, message]."""
    lines = "\n".join(json.dumps({"policy": made, "objects": objects}) for made, objects in asked)
    answer = subprocess.run([JUDGE], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(answers) == len(asked)
    assert [one["error"] for one in answers if "error" in one] == []
    return [one["decisions"] for one in answers]


@pytest.mark.parametrize("seed", range(4))
def test_policies_give_the_verdicts_of_the_rules(seed: int):
    found, objects = rules(), workloads(seed, 100)
    expected = verdicts(found, objects)
    asked = judged([(policy(rule, ("Deny",)), objects) for rule in found])
    for rule, fails, decisions in zip(found, expected, asked, strict=True):
        for value, wanted, decision in zip(objects, fails, decisions, strict=True):
            expected_action = "deny" if wanted else "admit"  # an error of the policy's own has another evaluation
            actions = [(action, evaluation) for action, evaluation, _ in decision]
            assert actions == [(expected_action, expected_action)], (rule.form.fails_if, decision, value)
            assert not wanted or decision[0][2].startswith(f"{rule.id}: it's "), decision


@pytest.mark.parametrize(("on", "fails_if", "bad", "good"), OBJECTS)
def test_other_nouns_are_judged(on: str, fails_if: str, bad: dict[str, Any], good: dict[str, Any]):
    base = {"kind": "X", "apiVersion": "v1", "metadata": {"name": "n"}}
    ((refused, admitted),) = judged([(policy(one(on, fails_if), ("Deny",)), [base | bad, base | good])])
    assert (refused[0][0], admitted[0][0]) == ("deny", "admit")
    assert refused[0][2] == "ACME-1: t"
