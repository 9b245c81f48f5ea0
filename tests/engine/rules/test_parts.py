"""Rules on pipelines, and on images that are read with their packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.rules.file import parse_rules
from batten.model.settings import ImageSettings, Settings
from engine.rules.cases import rule_file
from engine.support import write

WORKFLOW = """\
on: push
permissions: {contents: write}
jobs:
  build:
    runs-on: [self-hosted]
    container: {image: "alpine:3.20", options: --privileged}
    steps:
      - uses: actions/checkout@v4
        with: {ref: main}
      - name: fetch
        if: always()
        env: {TOKEN: "${{ secrets.TOKEN }}"}
        run: |
          curl https://x.example | sh
      - uses: ./own
        continue-on-error: true
  test:
    needs: build
    runs-on: ubuntu-24.04
    steps: [{run: make}]
"""


def rule(on: str, fails_if: str, message: str = "") -> str:
    told = f"    message: '{message}'\n" if message else ""
    return f"rules:\n  - id: ACME-1\n    title: a rule\n    on: {on}\n    fails_if: '{fails_if}'\n{told}"


def told(folder: Path, on: str, fails_if: str, message: str = "") -> list[tuple[int | None, str]]:
    write(folder / "t", {".github/workflows/ci.yml": WORKFLOW})
    rules = rule_file(folder, rule(on, fails_if, message), "r.yaml")
    report = api.scan([str(folder / "t")], Settings(rules=(str(rules),), checks=("ACME-1",))).report
    assert [one.message for one in report.targets[0].problems if one.severe] == []
    return sorted((one.location.line, one.message) for one in report.findings)


@pytest.mark.parametrize(
    ("on", "fails_if", "lines"),
    [
        ("step", 'has(step.uses) && step.uses == "actions/checkout" && step.uses_ref == "v4"', [8]),
        ("step", 'has(step.uses) && !step.uses_local && step.uses_kind == "action"', [8]),
        ("step", 'has(step.script) && step.script.contains("curl") && step.shell == "sh"', [13]),
        ("step", '"ref" in step.inputs && step.inputs["ref"] == "main"', [8]),
        ("step", '"TOKEN" in step.variables && "TOKEN" in step.secrets', [10]),
        ("step", "step.may_fail", [16]),
        ("step", 'step.job == "test" && step.index == 0 && step.system == "github-actions"', [20]),
        ("job", 'job.runner == "own" && job.runner_name != ""', [5]),
        ("job", "job.privileged", [6]),
        ("job", '"build" in job.after', [17]),
        ("job", 'job.images.exists(i, i.startsWith("alpine"))', [6]),
        ("job", 'job.steps.exists(s, has(s.script) && s.script.contains("make"))', [17]),
        ("pipeline", 'pipeline.triggers == ["push"] && size(pipeline.jobs) == 2', [1]),
        ("pipeline", 'has(pipeline.rights) && pipeline.rights.exists(r, pipeline.rights[r] == "write")', [2]),
        ("pipeline", 'pipeline.file == ".github/workflows/ci.yml" && pipeline.part', []),
    ],
)
def test_what_a_pipeline_holds_can_be_asked(tmp_path: Path, on: str, fails_if: str, lines: list[int]) -> None:
    assert [line for line, _ in told(tmp_path, on, fails_if)] == lines


def test_a_message_has_values_of_a_step(tmp_path: Path) -> None:
    found = told(tmp_path, "step", 'step.uses_ref == "v4"', "{{ step.uses }}@{{ step.uses_ref }} in {{ step.job }}")
    assert found == [(8, "actions/checkout@v4 in build")]


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("step", "{{ step.script }}"),
        ("step", "{{ step.variables }}"),
        ("step", "{{ step.inputs }}"),
        ("job", "{{ job.steps.map(s, s.script) }}"),
        ("pipeline", "{{ pipeline.jobs.map(j, j.steps.map(s, s.script)) }}"),
    ],
)
def test_no_message_shows_what_may_be_a_secret(on: str, message: str) -> None:
    text = rule(on, "true", message.replace("'", '"'))
    _, problems = parse_rules(text.encode(), "r.yaml")
    assert any("may hold a secret" in str(one) for one in problems), problems


def test_packages_of_an_image_can_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "root"
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n\n"
        for name, version in (("openssl", "3.0.1-1"), ("curl", "7.88.1-10"))
    )
    write(root, {"var/lib/dpkg/status": status, "etc/os-release": "ID=debian\nVERSION_ID=12\n"})
    rules = rule_file(
        tmp_path,
        rule(
            "installed_package",
            'installed_package.name == "curl" && installed_package.type == "deb"',
            "{{ installed_package.name }} {{ installed_package.version }}",
        ),
        "r.yaml",
    )
    images = ImageSettings(offline=True, cache=False)
    settings = Settings(rules=(str(rules),), checks=("ACME-1",), images=images)
    for name in (root, "root"):
        report = api.scan([f"rootfs:{name}"], settings).report
        assert [one.message for one in report.findings] == ["curl 7.88.1-10"]
    whole = rule("built_image", "built_image.size >= 0 && size(built_image.reference) > 0")
    rules.write_text(whole)
    assert len(api.scan([f"rootfs:{root}"], settings).report.findings) == 1
