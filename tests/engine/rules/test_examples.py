"""Examples beside a rule are run by it, and by nothing else."""

import json
from pathlib import Path
from typing import Any

from batten.engine.rules.examples import Example, run_examples
from batten.engine.rules.registry import load
from engine.rules.cases import POD, rule_file

COMPOSE = "services:\n  web:\n    image: nginx\n    privileged: true\n"


def ran(folder: Path, **more: Any) -> list[Example]:
    rule = {"id": "ACME-1", "title": "t", "on": "container", "fails_if": "container.privileged"} | more
    found = load((str(rule_file(folder, json.dumps({"rules": [rule]}))),))
    assert found.problems == ()
    return run_examples(found.rules[0])


def test_examples_of_any_format_pass_and_fail_as_they_should(tmp_path: Path):
    failing = [COMPOSE, "[Container]\nImage=nginx\nPodmanArgs=--privileged\n"]
    found = ran(tmp_path, examples={"failing": failing, "passing": [POD, {"text": "services: {w: {image: x}}"}]})
    assert [(one.kind, one.number, one.why) for one in found] == [
        ("failing", 1, ""),
        ("failing", 2, ""),
        ("passing", 1, ""),
        ("passing", 2, ""),
    ]


def test_an_example_that_turns_out_otherwise_says_why(tmp_path: Path):
    dockerfile = "FROM nginx\n"
    found = ran(tmp_path, examples={"failing": [POD, dockerfile], "passing": [COMPOSE]})
    assert [one.why.partition(":")[0] for one in found] == [
        "expected a finding, found none",
        "expected a finding, found none",
        "expected none, found",
    ]
    assert "it passes" in found[0].why
    assert "no container in it that the rule applies to" in found[1].why


def test_an_example_that_cannot_be_read_is_no_pass(tmp_path: Path):
    found = ran(tmp_path, examples={"passing": ["apiVersion: v1\nkind: Pod\nmetadata: {name: x\n"]})
    assert found[0].why.startswith("the example cannot be judged: ")


def test_the_fix_must_mend_what_fails(tmp_path: Path):
    fix = {"summary": "s", "set": {"privileged": False}}
    assert ran(tmp_path, fix=fix, examples={"failing": [COMPOSE]})[0].why == ""
    other = {"summary": "s", "set": {"read_only_root": True}}
    (found,) = ran(tmp_path, fix=other, examples={"failing": [COMPOSE]})
    assert found.why == "the fix does not mend it: the finding is still there after the edit"
    assert ran(tmp_path, fix=other, examples={"failing": [{"text": COMPOSE, "fixed": False}]})[0].why == ""
