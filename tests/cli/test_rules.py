"""`batten rules`, and what other verbs say of rules."""

import json
from pathlib import Path

import pytest
from msgspec import Struct

from cli import support

RULES = """\
rules:
  - id: ACME-001
    title: Images come from our own registry
    on: image
    severity: high
    fails_if: image.registry != "registry.example"
    message: "{{ image.name }} comes from {{ image.registry }}"
    remediation: push it to registry.example
    examples:
      failing:
        - |
          services:
            web:
              image: nginx
      passing:
        - |
          services:
            web:
              image: registry.example/nginx
"""
WRONG = "  - {id: ACME-002, title: t, on: container, fails_if: containr.privileged}\n"
COMPOSE = "services:\n  web:\n    image: nginx:1.27\n"


class Done(Struct):
    code: int
    out: str
    err: str


def batten(*arguments: str) -> Done:
    done = support.batten(*arguments, cwd=Path.cwd())
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "batten-rules").mkdir()
    (tmp_path / "batten-rules" / "acme.yaml").write_text(RULES)
    (tmp_path / "batten.toml").write_text('fail-on = "high"\n')
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def wrong(folder: Path) -> None:
    (folder / "batten-rules" / "acme.yaml").write_text(RULES + WRONG)


TOLD = "batten-rules/acme.yaml:20:55: rule ACME-002: fails_if: nothing is called 'containr' here"


def test_rules_beside_the_configuration_are_used(folder: Path):
    done = batten("scan", "compose.yaml", "--check", "ACME", "--format", "json")
    assert done.code == 1
    assert [one["check"] for one in json.loads(done.out)["findings"]] == ["ACME-001"]


def test_check_tells_what_is_wrong(folder: Path):
    assert batten("rules", "check").code == 0
    wrong(folder)
    done = batten("rules", "check")
    assert done.code == 2
    assert TOLD in done.err
    problem = json.loads(batten("rules", "check", "--format", "json").out)["problems"][0]
    assert (problem["line"], problem["column"], problem["rule"]) == (20, 55, "ACME-002")


def test_a_scan_names_wrong_rules_uses_the_others_and_exits_with_2(folder: Path):
    wrong(folder)
    done = batten("scan", "compose.yaml", "--check", "ACME")
    assert done.code == 2
    assert TOLD in done.err
    assert "ACME-001" in done.out
    assert batten("fix", "compose.yaml", "--check", "ACME").code == 2
    assert TOLD in batten("scan", "compose.yaml", "--check", "ACME-002").err


def test_test_runs_the_examples(folder: Path):
    done = batten("rules", "test")
    assert (done.code, "ACME-001  ok" in done.out) == (0, True)
    (folder / "batten-rules" / "acme.yaml").write_text(RULES.replace("!=", "=="))
    done = batten("rules", "test")
    assert done.code == 1
    assert "failing example 1: expected a finding, found none: it passes" in done.out
    rows = json.loads(batten("rules", "test", "--format", "json").out)["examples"]
    assert [bool(one["why"]) for one in rows] == [True, True]


def test_list_explain_and_checks_know_the_rule(folder: Path):
    assert "ACME-001  high      image  Images come from our own registry" in batten("rules", "list").out
    assert json.loads(batten("rules", "list", "--format", "json").out)["rules"][0]["reads"] == ["image.registry"]
    told = batten("explain", "ACME-001").out
    assert "push it to registry.example" in told
    assert "batten-rules/acme.yaml:2" in told
    assert "ACME-001  high" in batten("checks", "--check", "ACME").out


def test_sarif_has_the_rule(folder: Path):
    run = json.loads(batten("scan", "compose.yaml", "--check", "ACME", "--format", "sarif").out)["runs"][0]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], result["ruleId"]) == ("ACME-001", "ACME-001")
    assert rule["shortDescription"]["text"] == "Images come from our own registry"


def test_a_file_of_rules_can_be_named(folder: Path):
    (folder / "more.yaml").write_text(RULES.replace("ACME", "OTHER"))
    found = json.loads(batten("scan", "compose.yaml", "--rules", "more.yaml", "--format", "json").out)["findings"]
    assert {"ACME-001", "OTHER-001"} <= {one["check"] for one in found}
    assert "found nothing at 'no.yaml'" in batten("scan", ".", "--rules", "no.yaml").err
    assert "OTHER-001" in batten("rules", "list", "more.yaml").out


def test_the_configuration_says_where_rules_are(folder: Path):
    (folder / "policy").mkdir()
    (folder / "policy" / "a.yaml").write_text(RULES.replace("ACME", "OTHER"))
    (folder / "batten.toml").write_text('[rules]\npaths = ["policy/*.yaml"]\n')
    assert batten("rules", "list").out.startswith("OTHER-001")
    (folder / "batten.toml").write_text('[rules]\npaths = ["nothing/*.yaml"]\n')
    done = batten("scan", ".")
    assert done.code == 2
    assert "batten.toml:2: expected files of rules (*.yaml) at 'nothing/*.yaml'" in done.err
    (folder / "batten.toml").write_text('[severity]\nACME-009 = "low"\n')
    assert "did you mean 'ACME-001'" in batten("scan", ".").err


def test_rules_need_no_configuration_beside_them(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "batten.toml").unlink()
    assert batten("rules", "check").code == 0
    assert "ACME-001" in batten("scan", "compose.yaml").out
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert "ACME-001" in batten("scan", "..").out
    (folder / "elsewhere" / "batten.toml").write_text("")
    assert "ACME-001" not in batten("scan", "..").out  # another configuration holds


def test_export_writes_policies_and_says_what_it_leaves_out(folder: Path):
    done = batten("rules", "export", "--to", "vap")
    assert done.code == 0
    assert "kind: ValidatingAdmissionPolicyBinding" in done.out
    (folder / "more.yaml").write_text(
        "rules: [{id: ACME-3, title: t, on: container, fails_if: '!has(container.pids_limit)'}]"
    )
    done = batten("rules", "export", "--to", "vap", "more.yaml", "--format", "json")
    assert done.code == 3
    assert "ACME-3 is left out: Kubernetes has no notion" in done.err
    assert json.loads(done.out)["objects"] == []
    assert batten("rules", "export", "--to", "vap", "--action", "Deny", "--action", "Warn").code == 2


def test_names_and_schema_are_printed(folder: Path):
    assert "privileged" in batten("rules", "names", "container").out
    assert "an image reference" in batten("rules", "names").out or "image" in batten("rules", "names").out
    assert "did you mean 'container'" in batten("rules", "names", "containr").err
    assert json.loads(batten("rules", "names", "user", "--format", "json").out)["user"][0]["name"] == "uid"
    assert json.loads(batten("rules", "schema").out)["title"] == "Rules for batten"


def test_without_rules_the_way_to_some_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    done = batten("rules", "check")
    assert done.code == 2
    assert "put them into batten-rules/, here or beside batten.toml" in done.err


def test_the_shell_completes_the_rules(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from batten.cli import complete

    assert complete.checks(None, None, "acme") == ["ACME-001"]
    (folder / "batten.toml").write_text("nonsense = 1\n")
    assert "PRV001" in complete.checks(None, None, "PRV")
