"""A baseline holds for each part of the repository that it was made of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.model.settings import Settings
from engine.support import POD, write

SETTINGS = Settings(as_of="2026-11-01")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("part", ["k8s", "k8s/web", "k8s/web/pod.yaml", "k8s/web/Dockerfile"])
def test_a_baseline_of_a_repository_holds_for_each_part_of_it(tmp_path: Path, part: str) -> None:
    write(tmp_path, {"k8s/web/pod.yaml": POD, "k8s/web/Dockerfile": "FROM a:1\n", "pod.yaml": POD})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    whole = api.scan([str(tmp_path)], SETTINGS).report
    assert not any(one.fingerprint_from_top for one in whole.findings)
    known = baseline.read(baseline.make(whole.findings, "2026-11-01"), "b")
    of_part = api.scan([str(tmp_path / part)], SETTINGS, known=known).report
    assert of_part.findings
    assert {one.status for one in of_part.findings} == {"baseline"}
    # and the other way round
    for written in (baseline.make(of_part.findings, "2026-11-01"), api.render(of_part, "json")):
        data = written if isinstance(written, bytes) else written.encode()
        of_whole = api.scan([str(tmp_path)], SETTINGS, known=baseline.read(data, "b")).report
        assert sum(one.status == "baseline" for one in of_whole.findings) == len(of_part.findings)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_a_known_finding_had_hidden_is_not_new_in_a_part_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"k8s/pod.yaml": POD})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    known = baseline.read(baseline.make(api.scan([str(tmp_path)], SETTINGS).report.findings, "2026-11-01"), "b")
    write(tmp_path, {"k8s/pod.yaml": POD.replace("privileged: true", "privileged: false")})
    findings = api.scan([str(tmp_path / "k8s")], SETTINGS, known=known).report.findings
    assert findings
    assert {one.status for one in findings} == {"baseline"}
