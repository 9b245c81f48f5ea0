"""Fixes of modules: each in the file that decides, proved with all files of the module."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from batten import api
from batten.model.settings import Settings

FILES = {
    "main.tf": """
        module "web" {
          source     = "./web"
          privileged = true # for the driver
        }
        """,
    "task.tf": """
        resource "aws_ecs_task_definition" "t" {
          family       = "t"
          network_mode = var.network
          container_definitions = jsonencode([{ name = "t", image = "a:1", user = var.user }])
        }
        """,
    "variables.tf": """
        variable "user" {}
        variable "network" {
          default = "host"
        }
        """,
    "terraform.tfvars": 'user = "0" # root\n',
    "web/main.tf": """
        variable "privileged" {
          default = false
        }
        resource "aws_ecs_task_definition" "web" {
          family = "web"
          container_definitions = <<DEF
        [
          {"name": "web", "image": "b:1", "privileged": ${var.privileged}}
        ]
        DEF
        }
        """,
}


def mended(folder: Path, *checks: str) -> dict[str, str]:
    """The files that change, by path, as they are with the fixes of these checks."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"))
    settings = Settings(persona="auditor", as_of="2026-11-01")
    plan = api.fix([str(folder)], settings, review=True, choose=lambda one: one.finding.check in checks)
    return {patch.path: patch.after.text() for patch in plan.patches}


def test_what_is_handed_to_a_module_is_mended_in_the_call(tmp_path: Path) -> None:
    found = mended(tmp_path, "PRV001")
    assert list(found) == ["main.tf"]
    assert "privileged = false # for the driver" in found["main.tf"]


def test_variables_and_their_values_are_mended_where_they_stand(tmp_path: Path) -> None:
    found = mended(tmp_path, "NET001", "PRV003")
    assert sorted(found) == ["terraform.tfvars", "variables.tf"]
    assert 'default = "bridge"' in found["variables.tf"]
    assert 'user = "10001:10001" # root' in found["terraform.tfvars"]


def test_json_in_a_heredoc_is_mended_as_json(tmp_path: Path) -> None:
    found = mended(tmp_path, "PRV002")
    assert '"privileged": ${var.privileged}, "user": "10001:10001"}' in found["web/main.tf"]


def test_what_stands_in_a_called_module_is_told_once_and_mended_for_all_calls(tmp_path: Path) -> None:
    calls = 'module "WHO" {\n  source = "./web"\n  name   = "WHO"\n}\n'
    files = {
        "main.tf": calls.replace("WHO", "a") + calls.replace("WHO", "b"),
        "web/main.tf": 'variable "name" {}\nresource "aws_ecs_task_definition" "t" {\n  family = var.name\n'
        '  network_mode = "host"\n'
        '  container_definitions = jsonencode([{ name = var.name, image = "a:1" }])\n}\n',
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    settings = Settings(persona="auditor", as_of="2026-11-01")
    [finding] = [one for one in api.scan([str(tmp_path)], settings).report.findings if one.check == "NET001"]
    assert finding.location.line == 4
    plan = api.fix([str(tmp_path)], settings, review=True, choose=lambda one: one.finding.check == "NET001")
    assert [patch.after.text().count('"bridge"') for patch in plan.patches] == [1]


def test_an_override_alone_is_judged_and_mended_with_what_it_overrides(tmp_path: Path) -> None:
    head = 'resource "kubernetes_pod" "web" {\n'
    base = head + '  metadata { name = "web" }\n  spec {\n    container { name = "a" }\n  }\n}\n'
    inner = '      name = "a"\n      security_context { privileged = true }\n'
    over = f"{head}  spec {{\n    container {{\n{inner}    }}\n  }}\n}}\n"
    for name, text in (("main.tf", base), ("override.tf", over)):
        (tmp_path / name).write_text(text)
    path = tmp_path / "override.tf"
    settings = Settings(checks=("PRV001",))
    for target in (path, tmp_path):
        [finding] = api.scan([str(target)], settings).report.findings
        assert (Path(finding.location.path).name, finding.location.line) == ("override.tf", 5)
        [patch] = api.fix([str(target)], settings, review=True).patches
        assert patch.after.text() == over.replace("true", "false")
