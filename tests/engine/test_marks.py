"""A baseline holds for each part of the repository that it was made of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.model.settings import Settings
from cli.support import batten
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


PARTS = {
    "web/pod.yaml": POD,
    "shop/pod.yaml": POD,
    "web/Dockerfile": "FROM a:1\n",
    "shop/Dockerfile": "FROM a:1\n",
}


def known_of(target: str) -> frozenset[str]:
    return baseline.read(baseline.make(api.scan([target], SETTINGS).report.findings, "2026-11-01"), "b")


def statuses(target: str, known: frozenset[str]) -> set[str]:
    return {one.status for one in api.scan([target], SETTINGS, known=known).report.findings}


@pytest.mark.parametrize("anchor", ["git", "configuration", "current directory"])
def test_a_baseline_of_one_part_never_matches_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anchor: str
) -> None:
    write(tmp_path, PARTS)
    monkeypatch.chdir(tmp_path)
    if anchor == "git":
        (tmp_path / ".git").mkdir()
    elif anchor == "configuration":
        write(tmp_path, {"batten.toml": ""})
    of_part, of_whole = known_of("web"), known_of(".")
    assert statuses("web", of_part) == {"baseline"}
    assert statuses("shop", of_part) == {"open"}
    assert statuses(".", of_part) == {"baseline", "open"}
    assert statuses("web", of_whole) == statuses("shop", of_whole) == {"baseline"}


def test_what_lies_at_the_top_is_not_taken_for_what_lies_in_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"pod.yaml": POD, "Dockerfile": "FROM a:1\n", "batten.toml": ""})
    monkeypatch.chdir(tmp_path)
    known = known_of(".")
    write(tmp_path, {"part/pod.yaml": POD, "part/Dockerfile": "FROM a:1\n"})
    assert statuses("part", known) == {"open"}


def test_with_a_configuration_it_does_not_matter_where_the_scan_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {**PARTS, "batten.toml": ""})
    monkeypatch.chdir(tmp_path)
    known = known_of(".")
    monkeypatch.chdir(tmp_path / "web")
    assert statuses(".", known) == {"baseline"}
    assert statuses(str(tmp_path / "shop"), known) == {"baseline"}


def test_a_copy_elsewhere_matches_the_baseline_of_the_whole(tmp_path: Path) -> None:
    write(tmp_path / "one", PARTS)
    write(tmp_path / "two", PARTS)
    assert statuses(str(tmp_path / "two"), known_of(str(tmp_path / "one"))) == {"baseline"}


def test_the_baseline_that_init_writes_holds_once_its_configuration_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"batten.toml": ""})
    inner = write(tmp_path / "project", PARTS)
    monkeypatch.chdir(inner)
    assert batten("init", "web", "--baseline", "known.json", cwd=inner).returncode == 0
    known = baseline.read((inner / "known.json").read_bytes(), "known.json")
    assert statuses("web", known) == {"baseline"}
    assert statuses("shop", known) == {"open"}


def test_an_init_that_fails_leaves_no_configuration(tmp_path: Path) -> None:
    assert batten("init", "gone", cwd=tmp_path).returncode == 2
    assert not (tmp_path / "batten.toml").exists()
