"""A scan with a Pod Security framework is a verdict: its exit code is the reference's answer."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from frameworks.test_pss import recorded


@pytest.mark.parametrize("version", ["1.24", "1.36"])
@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_the_exit_code_and_the_failed_controls_are_those_of_the_reference(
    level: str, version: str, tmp_path: Path
) -> None:
    cases = random.Random(version + level).sample(recorded(), 100)
    path = tmp_path / "pod.json"
    for case in cases:
        expected = [failed for since, failed in case[level] if int(since[2:]) <= int(version[2:])][-1]
        path.write_text(json.dumps(case["object"]))
        report = api.scan([str(path)], Settings(frameworks=(f"pss-{level}",), pss_version=version)).report
        # the evaluator judges pods that the API server refuses, as batten tells
        held = 3 if report.targets[0].status == "partial" else 0
        assert report.exit_code == (1 if expected else held), case["object"]
        (framework,) = report.frameworks
        failed = [control.id for control in framework.controls if control.status == "failed"]
        assert len(failed) == len(expected), (expected, failed, case["object"])
