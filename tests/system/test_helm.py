"""Helm itself, as the extra `batten[helm]` brings it: what the ordinary tests have on record, and what they take on
trust."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.formats.helm.errors import ChartError
from batten.formats.helm.strvals import MalformedSet
from batten.model.objects import KubernetesObject
from batten.model.settings import Settings
from batten.sources.helm.runner import Runner
from formats.helm.test_strvals import CASES, WRONG, values

DATA = Path(__file__).parents[1] / "data" / "helm"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: web, image: 'web:1'}\n"

pytestmark = pytest.mark.system
if os.environ.get("CI") != "true":
    pytest.importorskip("helm_python", reason="the extra is not installed: pip install 'batten[helm]'")


def written(folder: Path, template: str) -> Path:
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
    (folder / "templates" / "a.yaml").write_text(template)
    return folder


def messages(folder: Path) -> list[str]:
    return [problem.message for problem in api.scan([str(folder)]).report.targets[0].problems]


def test_what_is_on_record_is_what_helm_renders(tmp_path: Path):
    from formats.helm.conftest import RECORDS, key_of

    records: dict[str, Any] = {}
    for file in RECORDS.glob("*.json"):
        records |= json.loads(file.read_text("utf-8"))
    runner = Runner()
    seen: list[str] = []

    class Asked:
        def available(self) -> bool:
            return True

        def render(self, files: Any, given: Any, release: str, namespace: str) -> dict[str, str]:
            printed = runner.render(files, given, release, namespace)
            key = key_of(files, given, release, namespace)
            assert records[key] == {"printed": printed}
            seen.append(key)
            return printed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batten.sources.helm.runner.runner", Asked())
        api.scan([shutil.copytree(DATA / "web", tmp_path / "web").as_posix()])
    runner.close()
    assert len(seen) == 2  # as it is, and with marks


@pytest.mark.parametrize("text", [*(text for text, _ in CASES), *WRONG])
def test_sets_are_read_as_helm_reads_them(text: str):
    from helm_python import _native, errors

    try:
        mine: Any = values(text)
    except MalformedSet:
        mine = None
    try:
        theirs: Any = json.loads(_native.call_string("helm_strvals_parse", text))
    except errors.HelmError:
        theirs = None
    assert mine == (theirs or None)  # Helm lets pass what sets nothing


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', "error calling include"),
        ("{{ range until 1000000000 }}{{ end }}", "Helm ended on it"),
        ('{{ range until 100000 }}{{ repeat 10000 "x" }}{{ end }}', "Helm ended on it"),
        ("{{ nonsense }}", 'function "nonsense" not defined'),
    ],
)
def test_a_hostile_chart_is_one_problem(tmp_path: Path, template: str, told: str):
    (problem,) = messages(written(tmp_path, template))
    assert told in problem


def test_a_chart_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("batten.sources.helm.runner.HELM_SECONDS", 2)
    slow = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    (problem,) = messages(written(tmp_path, slow))
    assert problem == "the chart cannot be rendered: it took longer than 2 s and was stopped"


def test_neither_files_outside_nor_names_of_the_network_are_looked_up(tmp_path: Path):
    outside = '{{ .Files.Get "../../../../etc/passwd" }}{{ .Files.Get "/etc/passwd" }}{{ getHostByName "example.com" }}'
    runner = Runner()
    try:
        files = {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 0.1.0\n", "templates/a.yaml": outside.encode()}
        assert runner.render(files, {}, "web", "default") == {"web/templates/a.yaml": ""}
    finally:
        runner.close()


def test_a_schema_of_values_is_asked(tmp_path: Path):
    chart = written(tmp_path, POD)
    (chart / "values.schema.json").write_text('{"type": "object", "required": ["owner"]}')
    (problem,) = messages(chart)
    assert "owner" in problem


@pytest.mark.shared
def test_every_chart_of_the_shared_manifests_is_rendered_or_says_why(shared_manifests: Path):
    scan = api.scan([str(shared_manifests)], Settings(persona="auditor"))
    charts = {path.parent for path in shared_manifests.rglob("Chart.yaml")}
    problems = [one.message for target in scan.report.targets for one in target.problems]
    assert not [one for one in problems if "nothing here renders it" in one or "failed on it" in one]
    built = [one for one in scan.judged if getattr(one.failure.place.document, "one_scope", False)]
    assert charts
    assert len(built) > 200
    assert len(scan.inventory.of(KubernetesObject)) > 100
    # each at a line of a template, or at a value
    assert all(one.failure.place.written().pointer for one in built)


def test_an_error_that_is_no_charts_is_none(tmp_path: Path):
    runner = Runner()
    try:
        with pytest.raises(ChartError, match=r"Chart\.yaml file is missing"):
            runner.render({"templates/a.yaml": b""}, {}, "web", "default")
        assert runner.render({"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 0.1.0\n"}, {}, "web", "default") == {}
    finally:
        runner.close()
