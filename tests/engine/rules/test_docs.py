"""What the page on rules shows is true."""

import re
from pathlib import Path

import pytest
import yaml

from batten.engine.rules.examples import run_examples
from batten.engine.rules.functions import FUNCTIONS
from batten.engine.rules.registry import load
from batten.engine.rules.rule import CONTAINER_FIXES, WORKLOAD_FIXES
from engine.rules.cases import rule_file

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("identifier", ["ACME-001", "ACME-020"])
def test_the_rules_that_are_shown_are_right_and_pass_their_examples(tmp_path: Path, identifier: str):
    shown = next(one for one in BLOCKS if identifier in one)
    found = load((str(rule_file(tmp_path, shown)),))
    assert found.problems == ()
    assert [one.why for one in run_examples(found.rules[0])] == ["", ""]


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.startswith("fix:")])
def test_the_fixes_that_are_shown_are_right(block: str, tmp_path: Path):
    fix = yaml.safe_load(block)["fix"]
    on = "container" if "set" in fix else "workload"
    rule = {"id": "ACME-1", "title": "t", "on": on, "fails_if": "true", "fix": fix}
    assert load((str(rule_file(tmp_path, yaml.safe_dump({"rules": [rule]}))),)).problems == ()


def test_every_function_and_every_field_of_a_fix_is_named():
    words = set(re.findall(r"\w+", PAGE))
    assert {*FUNCTIONS, *CONTAINER_FIXES, *WORKLOAD_FIXES} <= words


def test_the_rule_of_the_readme_is_right(tmp_path: Path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(one for one in re.findall(r"^```yaml\n(.*?)^```", readme, re.MULTILINE | re.DOTALL) if "rules:" in one)
    assert load((str(rule_file(tmp_path, block)),)).problems == ()


def test_the_rules_of_the_examples_pass_theirs():
    found = load((str(ROOT / "examples" / "rules" / "shop.yaml"),))
    assert found.problems == ()
    ran = [one for rule in found.rules for one in run_examples(rule)]
    assert len(ran) == 10
    assert [one.why for one in ran if one.why] == []
