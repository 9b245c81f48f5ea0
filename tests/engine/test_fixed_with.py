"""The command beside a finding mends it: also where its file says nothing by itself."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from batten.report.groups import Entry
from batten.report.words import Commands
from engine.support import POD, scan, write

PATCH = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {hostPID: true}}\n"
OVERLAY = {
    "base/pod.yaml": POD,
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: pid.yaml}]\n",
    "prod/pid.yaml": PATCH,
}
MODULE = {
    "infra/web/main.tf": """\
variable "privileged" {}
variable "pid" { default = true }
resource "kubernetes_pod" "web" {
  metadata { name = "web" }
  spec {
    host_pid = var.pid
    container {
      name  = "web"
      image = "registry.example/app:1.0"
      security_context { privileged = var.privileged }
    }
  }
}
""",
    "infra/web/terraform.tfvars": "privileged = true\n",
}
VARIABLE = {
    **MODULE,
    "infra/web/main.tf": MODULE["infra/web/main.tf"].replace('variable "pid" { default = true }\n', ""),
    "infra/web/variables.tf": 'variable "pid" { default = true }\n',
}
CALLED = {
    "main.tf": 'module "web" {\n  source = "./infra/web"\n}\n',
    "infra/web/main.tf": VARIABLE["infra/web/main.tf"].replace("var.privileged", "true"),
    "infra/web/variables.tf": VARIABLE["infra/web/variables.tf"],
}


@pytest.mark.parametrize(
    ("files", "check", "stands_in", "target"),
    [
        ({"pod.yaml": POD}, "PRV001", "pod.yaml", "pod.yaml"),
        (OVERLAY, "PRV011", "prod/pid.yaml", "."),
        (OVERLAY, "PRV001", "base/pod.yaml", "base/pod.yaml"),
        (MODULE, "PRV001", "infra/web/terraform.tfvars", "infra/web"),
        (MODULE, "PRV011", "infra/web/main.tf", "infra/web/main.tf"),
        (VARIABLE, "PRV011", "infra/web/variables.tf", "infra/web"),
        (CALLED, "PRV001", "infra/web/main.tf", "."),
    ],
)
def test_the_command_beside_a_finding_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], check: str, stands_in: str, target: str
) -> None:
    monkeypatch.chdir(write(tmp_path, files))
    report = scan(Path()).report
    (finding,) = [one for one in report.findings if one.check == check]
    assert finding.location.path == stands_in
    *_, wanted, given = shlex.split(Commands(report).fix(Entry((finding,))))
    assert (wanted, given) == (check, target)
    plan = api.fix([given], Settings(checks=(wanted,)), review=True)
    assert [patch.reading.opened.shown(patch.path) for patch in plan.patches] == [stands_in]
