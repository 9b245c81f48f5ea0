"""The places where people work: pre-commit, GitHub, GitLab, Jenkins. The commands that they hold are run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from batten import api
from batten.model.settings import Settings

ROOT = Path(__file__).parents[1]
FINE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"
LOOSE = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1.29.3
    securityContext: {privileged: true}
"""


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((ROOT / name).read_text()))


@pytest.fixture
def batten(tmp_path: Path) -> Path:
    """A folder with the program, as an installation leaves it."""
    program = tmp_path / "batten" / "bin" / "batten"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m batten "$@"\n')
    program.chmod(0o755)
    return program.parent


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "settings.yaml").write_text(FINE)
    for call in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"]):
        subprocess.run(["git", *call], cwd=root, check=True)
    return root


def run(command: str, root: Path, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}", **environment}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command], cwd=root, env=variables, capture_output=True, text=True
    )


def test_the_hook_fails_for_what_the_change_brings_alone(batten: Path, repository: Path) -> None:
    entry = next(one["entry"] for one in documents(".pre-commit-hooks.yaml")[0] if one["id"] == "batten")
    (repository / "old.yaml").write_text(LOOSE)
    assert run(entry, repository, batten).returncode == 1
    for call in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "b"]):
        subprocess.run(["git", *call], cwd=repository, check=True)
    assert run(entry, repository, batten).returncode == 0


def test_the_hook_that_fixes_writes_safe_fixes(batten: Path, repository: Path) -> None:
    entry = next(one["entry"] for one in documents(".pre-commit-hooks.yaml")[0] if one["id"] == "batten-fix")
    old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\nspec: {jobTemplate: {spec: {template: {spec: "
    old += "{containers: [{name: a, image: 'a:1'}]}}}}}\n"
    (repository / "job.yaml").write_text(old)
    assert run(entry, repository, batten).returncode == 0
    assert (repository / "job.yaml").read_text() == old.replace("v1beta1", "v1")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("k8s/web.yaml", True),
        ("Dockerfile", True),
        ("api.Dockerfile", True),
        ("Containerfile.dev", True),
        ("deploy/web.container", True),
        ("main.tf", True),
        ("ci/Jenkinsfile", True),
        (".env", True),
        ("batten.toml", True),
        ("src/main.go", False),
        ("README.md", False),
    ],
)
def test_the_hooks_run_for_what_is_read(name: str, wanted: bool) -> None:
    for hook in documents(".pre-commit-hooks.yaml")[0]:
        assert (re.search(hook["files"], name) is not None) is wanted


def steps() -> dict[str, Any]:
    return {one["name"]: one for one in documents("action.yml")[0]["runs"]["steps"]}


def variables(step: dict[str, Any], **inputs: str) -> dict[str, str]:
    """What the runner puts into the environment."""
    defaults = {name: one.get("default", "") for name, one in documents("action.yml")[0]["inputs"].items()}
    values = {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    found = {}
    for name, text in step.get("env", {}).items():
        named = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)
        found[name] = values[named[1]] if named else text
    return found


@pytest.mark.parametrize(
    ("text", "inputs", "code"),
    [
        (LOOSE, {}, 1),
        (FINE, {}, 0),
        (LOOSE, {"fail_on": "none"}, 0),
        (LOOSE, {"arguments": "--skip\nPRV001,PRV003"}, 1),
    ],
)
def test_the_action_scans_reports_and_gates(
    batten: Path, repository: Path, tmp_path: Path, text: str, inputs: dict[str, str], code: int
) -> None:
    (repository / "web.yaml").write_text(text)
    places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    places["GITHUB_OUTPUT"] = str(tmp_path / "output")
    (tmp_path / "summary").write_text("# Before\n")
    scan = steps()["Scan"]
    done = run(scan["run"], repository, batten, **places, **variables(scan, **inputs))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={code}\n"
    assert (tmp_path / "summary").read_text().startswith("# Before\n")
    assert "batten" in (tmp_path / "summary").read_text()
    assert (repository / "batten.sarif").read_text().startswith("{")
    assert run(steps()["Gate"]["run"], repository, batten, CODE=str(code)).returncode == code


def test_the_action_takes_targets_and_a_revision(batten: Path, repository: Path, tmp_path: Path) -> None:
    (repository / "my web.yaml").write_text(LOOSE)
    places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    places["GITHUB_OUTPUT"] = str(tmp_path / "output")
    scan = steps()["Scan"]
    given = variables(scan, targets="settings.yaml\nmy web.yaml", diff_base="HEAD", sarif="out.sarif")
    assert run(scan["run"], repository, batten, **places, **given).returncode == 0
    assert (tmp_path / "output").read_text() == "exit-code=1\n"
    assert "PRV001" in (repository / "out.sarif").read_text()


def test_the_action_installs_what_is_pinned() -> None:
    text = steps()["Install batten"]["run"]
    assert "--require-hashes" in text
    assert (ROOT / re.search(r'\$ACTION_PATH/(\S+?)"', text)[1]).is_file()  # type: ignore[index]


def test_the_component_scans_and_reports(batten: Path, repository: Path) -> None:
    (repository / "web.yaml").write_text(LOOSE)
    head, job = documents("templates/batten.yml")
    (repository / ".batten").symlink_to(batten.parent)
    values = {name: one["default"] for name, one in head["spec"]["inputs"].items()}
    given = {
        name: re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], text)
        for name, text in job["batten"]["variables"].items()
    }
    done = run("\n".join(job["batten"]["script"]), repository, batten, **given)
    assert done.returncode == 1, done.stderr
    reports = job["batten"]["artifacts"]
    for name in (*reports["paths"], *reports["reports"].values()):
        assert (repository / name).stat().st_size > 0


def test_the_jenkinsfile_scans_and_reports(batten: Path, repository: Path) -> None:
    text = (ROOT / "examples" / "pipelines" / "Jenkinsfile").read_text()
    (repository / "web.yaml").write_text(LOOSE)
    (repository / ".batten").symlink_to(batten.parent)
    commands = [one for one in re.findall(r"sh '([^']+)'", text) if "batten scan" in one]
    assert run(commands[0], repository, batten).returncode == 1
    for name in re.findall(r"'(batten\.\w+)'", text):
        assert (repository / name).stat().st_size > 0


def test_all_of_them_pass_our_own_checks() -> None:
    names = ("action.yml", "templates/batten.yml", "examples/pipelines/Jenkinsfile")
    report = api.scan([str(ROOT / name) for name in names], Settings()).report
    assert report.exit_code == 0
    assert report.findings == []


@pytest.mark.parametrize("persona", ["regular", "pedantic", "auditor"])
def test_the_image_is_built_by_our_own_rules(persona: str) -> None:
    """What an auditor is told until somebody who can ask a registry pins them: its two bases are tags."""
    report = api.scan([str(ROOT / "Containerfile")], Settings(persona=persona)).report
    told = [one.check for one in report.findings if one.status == "open"]
    assert told == (["IMG015", "IMG015"] if persona == "auditor" else [])
    assert not report.targets[0].problems


def test_the_image_is_made_of_what_the_lock_pins() -> None:
    text = (ROOT / "Containerfile").read_text()
    fetching = [line for line in text.splitlines() if re.search(r"pip download|curl|wget|apt", line)]
    assert all("--require-hashes" in line for line in fetching)
    assert len(fetching) == 1
    for name in re.findall(r"pip (?:install|wheel) .*", text):
        assert "--no-index" in name or "--no-deps" in name


def test_the_configuration_for_agents_starts_a_server(batten: Path, tmp_path: Path):
    text = (ROOT / "docs/places.md").read_text()
    block = next(one for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "mcpServers" in one)
    server = json.loads(block)["mcpServers"]["batten"]
    done = subprocess.run(
        [batten / server["command"], *server["args"]],
        cwd=tmp_path,
        input=b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n',
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"jsonrpc": "2.0", "id": 1, "result": {}}
