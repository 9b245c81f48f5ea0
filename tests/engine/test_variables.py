"""Files of variables that the user gives to Terraform's modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine import config
from batten.engine.fix import FixPlan
from batten.integrations.roots import OutsideRoots, Roots
from batten.model.report import Report
from batten.model.settings import Settings, TerraformSettings

MODULE = """\
variable "privileged" { default = false }
resource "kubernetes_pod" "web" {
  metadata { name = "web" }
  spec {
    container {
      name  = "web"
      image = "nginx:1.27"
      security_context { privileged = var.privileged }
    }
  }
}
"""


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = tmp_path / "infra"
    (folder / "called").mkdir(parents=True)
    (folder / "main.tf").write_text('module "web" {\n  source = "./called"\n}\n' + MODULE)
    (folder / "called" / "main.tf").write_text(MODULE.replace('"web"', '"inner"'))
    (folder / "terraform.tfvars").write_text("privileged = false\n")
    (folder / "prod.tfvars").write_text("privileged = true\n")
    (tmp_path / "prod.tfvars").write_text("# outside\nprivileged = true\n")
    return folder


def scanned(infra: Path, *names: str, **modules: tuple[str, ...]) -> Report:
    terraform = TerraformSettings(
        var_files=tuple(str(infra / name) for name in names),
        modules={str(infra.resolve()): value for value in modules.values()},
    )
    return api.scan([str(infra)], Settings(checks=("PRV001",), terraform=terraform)).report


def places(report: Report) -> list[tuple[str, int | None]]:
    return [(Path(one.location.path).name, one.location.line) for one in report.findings]


def test_a_file_that_is_named_has_the_last_word_in_the_module_that_nobody_calls(infra: Path) -> None:
    assert places(scanned(infra)) == []
    assert places(scanned(infra, "prod.tfvars")) == [("prod.tfvars", 1)]
    assert places(scanned(infra, "../prod.tfvars")) == [("prod.tfvars", 2)]
    assert places(scanned(infra, "prod.tfvars", "terraform.tfvars")) == []
    assert places(scanned(infra, one=(str(infra / "prod.tfvars"),))) == [("prod.tfvars", 1)]


def test_a_file_in_the_target_is_mended_and_one_outside_of_it_is_not(infra: Path) -> None:
    def plan(name: str) -> FixPlan:
        terraform = TerraformSettings(var_files=(str(infra / name),))
        return api.fix([str(infra)], Settings(checks=("PRV001",), terraform=terraform), review=True)

    [patch] = plan("prod.tfvars").patches
    assert (patch.path, patch.after.text()) == ("prod.tfvars", "privileged = false\n")
    outside = plan("../prod.tfvars")
    assert outside.patches == []
    assert "outside of the target" in outside.proposals[0].reason


def test_a_file_that_cannot_be_read_is_told(infra: Path) -> None:
    (infra / "prod.tfvars").write_text("a = 1\nprivileged = \n")
    problems = scanned(infra, "prod.tfvars").targets[0].problems
    assert [(Path(one.path).name, one.line) for one in problems if one.severe] == [("prod.tfvars", 2)]
    told = [one.message for one in scanned(infra, "nothing.tfvars").targets[0].problems]
    assert any("the file of variables" in one and "cannot be read" in one for one in told)


def test_the_configuration_names_files_for_one_module(infra: Path) -> None:
    (infra.parent / "batten.toml").write_text('[terraform."infra"]\nvar-files = ["prod.tfvars"]\n')
    found = config.load(str(infra.parent / "batten.toml")).terraform
    assert found.modules == {str(infra.resolve()): (str(infra.parent / "prod.tfvars"),)}


def test_a_server_that_is_confined_reads_no_file_outside_of_its_roots(infra: Path) -> None:
    (infra / "batten.toml").write_text('[terraform."."]\nvar-files = ["../prod.tfvars"]\n')
    with pytest.raises(OutsideRoots, match=r"prod\.tfvars"):
        Roots([str(infra)]).settings_for(str((infra / "main.tf").resolve()))
