"""Charts that Terraform installs are rendered with what `helm_release` gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.limits import TERRAFORM_RELEASES
from batten.model.report import Report
from batten.model.settings import Settings

pytestmark = pytest.mark.usefixtures("helm")

CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "privileged: false\nhostNetwork: false\ntag: '1.27'\nextra: {}\n",
    "charts/web/templates/pod.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}
spec:
  hostNetwork: {{ .Values.hostNetwork }}
  hostPID: {{ .Values.extra.pid | default false }}
  containers:
    - name: web
      image: nginx:{{ .Values.tag }}
      securityContext:
        privileged: {{ .Values.privileged }}
""",
}
RELEASE = """\
variable "tag" {}
resource "helm_release" "web" {
  name      = "shop"
  namespace = "front"
  chart     = "${path.module}/charts/web"
  values = [
    file("${path.module}/prod.yaml"),
    yamlencode({ privileged = true }),
  ]
  set {
    name  = "hostNetwork"
    value = "true"
  }
  set {
    name  = "tag"
    value = var.tag
  }
}
"""
PROD = "extra:\n  pid: true\n"


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def scanned(folder: Path, **files: str) -> Report:
    written(folder, {**CHART, "main.tf": RELEASE, "prod.yaml": PROD, **files})
    return api.scan([str(folder)], Settings(checks=("PRV001", "NET001", "RUN006", "RUN", "NET", "PRV"))).report


def places(report: Report, folder: Path) -> dict[str, tuple[str, int]]:
    return {
        one.check: (Path(one.location.path).relative_to(folder).as_posix(), one.location.line)
        for one in report.findings
        if one.check in ("PRV001", "NET001", "RUN006") and one.resource is not None
    }


def test_what_terraform_gives_decides_and_is_where_it_stands(tmp_path: Path) -> None:
    report = scanned(tmp_path)
    found = places(report, tmp_path)
    assert found["PRV001"] == ("main.tf", 8)
    assert found["NET001"] == ("main.tf", 12)
    [pod] = {(one.resource.namespace, one.resource.name) for one in report.findings if one.resource}
    assert pod == ("front", "shop")
    assert {("prod.yaml", 2)} <= {
        (Path(one.location.path).name, one.location.line) for one in report.findings if "PID" in one.message
    }


def test_what_is_not_known_is_told_and_not_judged(tmp_path: Path) -> None:
    [problem] = scanned(tmp_path).targets[0].problems
    assert (not problem.severe, problem.message.split(":")[0]) == (True, "set tag of helm_release.web")


def test_the_chart_is_not_judged_a_second_time_with_its_own_values(tmp_path: Path) -> None:
    report = scanned(tmp_path)
    assert len([one for one in report.findings if one.check == "PRV001"]) == 1
    quiet = RELEASE.replace("privileged = true", "privileged = false")
    assert [one for one in scanned(tmp_path, **{"main.tf": quiet}).findings if one.check == "PRV001"] == []


def test_a_file_of_values_is_edited_and_terraform_is_not(tmp_path: Path) -> None:
    scanned(tmp_path)
    plan = api.fix([str(tmp_path)], Settings(checks=("PRV001", "RUN", "NET001")), review=True)
    reasons = {one.finding.check: one.reason for one in plan.proposals if not one.applied}
    assert "that is Terraform; edit it there" in reasons["PRV001"]
    assert not [one for one in plan.patches if one.path.endswith(".tf")]


def test_a_chart_from_elsewhere_and_one_without_helm_are_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = scanned(tmp_path, **{"main.tf": RELEASE.replace("${path.module}/charts/web", "nginx")})
    assert "its chart is not here" in next(one.message for one in report.targets[0].problems if one.severe)
    monkeypatch.setattr("batten.sources.helm.runner.runner.available", lambda: False)
    report = scanned(tmp_path)
    assert any("charts/web/Chart.yaml is not rendered" in one.message for one in report.targets[0].problems)


def test_a_malformed_set_is_a_problem_with_its_line(tmp_path: Path) -> None:
    text = RELEASE.replace('"hostNetwork"', '"a[x"')
    [problem] = [one for one in scanned(tmp_path, **{"main.tf": text}).targets[0].problems if one.severe]
    assert problem.line == 10
    assert problem.message.startswith("set a[x:")


def test_releases_are_bounded(tmp_path: Path) -> None:
    many = RELEASE.replace("{\n  name ", f"{{\n  count = {TERRAFORM_RELEASES + 5}\n  name ")
    problems = [one for one in scanned(tmp_path, **{"main.tf": many}).targets[0].problems if one.severe]
    assert [one.message for one in problems] == [
        f"expected at most {TERRAFORM_RELEASES} releases of charts for one file, found more; the rest is not read"
    ]


@pytest.mark.parametrize("value", ['"- 1"', '"a: ["', "3", "[1]"])
def test_values_that_are_no_mapping_are_a_problem_with_their_line(tmp_path: Path, value: str) -> None:
    text = RELEASE.replace("yamlencode({ privileged = true })", value)
    [problem] = [one for one in scanned(tmp_path, **{"main.tf": text}).targets[0].problems if one.severe]
    assert (problem.line, problem.message) == (8, "helm_release.web: expected a mapping of values here")
