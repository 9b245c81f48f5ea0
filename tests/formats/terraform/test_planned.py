"""Plans that Terraform made say what the modules say that they were made of (`tests/data/terraform/planned`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batten import api
from batten.model.objects import Configuration
from batten.model.report import Finding, Report
from batten.model.settings import Settings
from formats.terraform.reading import read_files

PLANNED = Path(__file__).parents[2] / "data" / "terraform" / "planned"
PLANS = sorted(path.relative_to(PLANNED).as_posix() for path in PLANNED.glob("*/*.json"))

What = tuple[str, str, str, str]


def scanned(target: Path) -> Report:
    return api.scan([str(target)], Settings(as_of="2026-11-01")).report


def told(findings: list[Finding]) -> set[What]:
    """What is found of which kind; a module gives its own name to what the plan has once for each instance."""
    return {
        (one.check, one.resource.kind if one.resource is not None else "", one.severity, one.message)
        for one in findings
        if one.check != "ACC013"  # the plan itself holds a password, which the module is given
    }


@pytest.mark.parametrize("path", PLANS)
def test_a_plan_and_its_module_have_the_same_findings(path: str, tmp_path: Path) -> None:
    plan = scanned(PLANNED / path)
    name = path.partition("/")[0]
    module = tmp_path / name
    for file in (PLANNED / name).rglob("*.tf"):
        copy = module / file.relative_to(PLANNED / name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    assert told(plan.findings) == told(scanned(module).findings)
    assert len(told(plan.findings)) >= 15
    assert plan.exit_code == 1
    assert not [problem for target in plan.targets for problem in target.problems if problem.severe]


def test_what_nobody_wrote_is_judged_as_missing() -> None:
    """The provider has memory limits and accounts known after apply, whether somebody wrote them or not."""
    findings = scanned(PLANNED / "kubernetes" / "plan.json").findings
    found = {(one.check, one.resource and one.resource.name) for one in findings}
    assert ("RUN010", "agent") in found
    assert {("ACC002", "agent"), ("ACC002", "web"), ("ACC002", "api")} <= found


def test_a_field_that_was_written_and_is_not_known_yet_is_not_judged(tmp_path: Path) -> None:
    whole = json.loads((PLANNED / "kubernetes" / "plan.json").read_text("utf-8"))
    for one in whole["configuration"]["root_module"]["resources"]:
        if one["address"] == "kubernetes_daemonset.agent":
            [spec] = one["expressions"]["spec"][0]["template"][0]["spec"]
            spec["service_account_name"] = {"references": ["kubernetes_service_account.agent"]}
            spec["container"][0]["resources"] = [{"limits": {"references": ["local.limits"]}}]
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    report = scanned(tmp_path)
    found = {one.check for one in report.findings if one.resource and one.resource.name == "agent"}
    assert found.isdisjoint({"RUN010", "ACC002"})
    [note] = [problem.message for target in report.targets for problem in target.problems]
    assert note == "some fields of kubernetes_* resources are sensitive or known after apply, and not judged"


def test_a_sensitive_map_keeps_its_keys(tmp_path: Path) -> None:
    reading = read_files({"plan.json": (PLANNED / "kubernetes" / "plan.json").read_text("utf-8")}, "plan.json")
    [secret] = [one for one in reading.nouns if isinstance(one, Configuration)]
    assert [(entry.key, entry.value) for entry in secret.entries] == [("password", "${sensitive}")]


def test_what_a_plan_does_not_tell_of_stays_unknown(tmp_path: Path) -> None:
    whole = json.loads((PLANNED / "kubernetes" / "plan.json").read_text("utf-8"))
    del whole["configuration"]
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    assert not [one for one in scanned(tmp_path).findings if one.check in ("RUN010", "ACC002")]
