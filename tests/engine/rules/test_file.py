"""Files of rules: what is wrong in them is told with its place, the other rules are used."""

from pathlib import Path

import jsonschema
import pytest

from batten.engine.rules.file import parse_rules
from batten.engine.rules.form import RuleForm, schema
from batten.engine.rules.names import NOUNS
from batten.engine.rules.place import offset_in
from batten.engine.rules.registry import load
from engine.rules.cases import rule_file

RULE = """\
rules:
  - id: ACME-001
    title: A title
    on: container
    fails_if: container.privileged
"""


def wrong(text: str) -> list[str]:
    return [str(one) for one in parse_rules(text.encode(), "r.yaml")[1]]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "r.yaml").write_text(RULE)
    monkeypatch.chdir(tmp_path)
    found = load(("r.yaml", str(tmp_path / "r.yaml")))
    assert [one.path for one in found.rules] == ["r.yaml"]
    assert found.problems == ()


def test_a_short_rule_is_enough():
    rules, problems = parse_rules(RULE.encode(), "r.yaml")
    assert problems == []
    assert [(one.id, one.form.severity, one.form.strategy, one.line) for one in rules] == [("ACME-001", "medium", 7, 2)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("container.privileged", "containr.privileged", "r.yaml:5:15: rule ACME-001: fails_if: nothing is called"),
        ("container.privileged", '"true && contaner.privileged"', "r.yaml:5:24: rule ACME-001: fails_if: nothing is"),
        ("container.privileged", "|\n      true\n      && container.x", "r.yaml:7:20: rule ACME-001: fails_if: a cont"),
        ("container.privileged", ">-\n      true\n\n      && container.x", "r.yaml:8:20: rule ACME-001: fails_if: a c"),
        ("container.privileged", "'container.kind == ''x'''", "r.yaml:5:34: rule ACME-001: fails_if: it is never"),
        ("on: container", "on: pod", "r.yaml:4:9: rule ACME-001: expected one of container, workload"),
        ("on: container", "on: containr", "did you mean 'container'?"),
        ("    on: container\n", "", "r.yaml:2:5: rule ACME-001: expected the key 'on' in this rule"),
        ("title:", "titel:", "r.yaml:3:5: rule ACME-001: unknown key 'titel'; did you mean 'title'?"),
        ("A title", "[1]", "r.yaml:3:12: rule ACME-001: expected a text, found a list"),
        (
            "ACME-001",
            "PRV-001",
            "r.yaml:2:9: rule PRV-001: expected a prefix of your own, found PRV, which is bat",
        ),
        ("ACME-001", "CVE-2027-1", "which is a source of advisories"),
        ("ACME-001", "ACME001", "expected an identifier with a prefix of your own such as ACME-001, found 'ACME001'"),
        ("ACME-001", "acme-001", "expected an identifier"),
        ("A title", "x\n    severity: hgh", "r.yaml:4:15: rule ACME-001: expected one of critical, high"),
        ("A title", "x\n    strategy: 11", "r.yaml:4:15"),
        ("A title", "x\n    where: usr", "r.yaml:4:12: rule ACME-001: expected a field, found 'usr'; did you mean"),
        (
            "A title",
            "x\n    message: 'é {{ container.name }} {{ a'",
            "r.yaml:4:38: rule ACME-001: message: expected `}}`",
        ),
        ("A title", "x\n    fix: {summary: s, set: {privileged: true}}", "expected false for privileged, found true"),
        (
            "A title",
            "x\n    message: 'a {{ container.nam }} b'",
            "r.yaml:4:30: rule ACME-001: message: a container",
        ),
        ("A title", "x\n    message: '{{ container.args }}'", "container.args may hold a secret"),
        ("A title", "x\n    when: 'container.name'", "r.yaml:4:12: rule ACME-001: when: expected an expression"),
        ("A title", "x\n    controls: ['nsa-cisa:zzz']", "expected FRAMEWORK:CONTROL, found 'nsa-cisa:zzz'"),
        ("A title", "x\n    fix: {summary: s}", "expected one of set, remove and edits in a fix"),
        ("A title", "x\n    fix: {summary: s, remove: true}", "takes a mount, port or variable away"),
        ("A title", "x\n    fix: {summary: s, set: {privilegd: false}}", "did you mean 'privileged'?"),
        ("A title", "x\n    fix: {summary: s, set: {user: 0}}", "expected a number above 0 for user, found 0"),
        ("A title", "x\n    fix: {summary: s, edits: [{platform: compose}]}", "one of set and remove in an edit"),
        ("A title", '"a\\x1b[31mb"', "r.yaml:3:12: rule ACME-001: expected one line of printable text"),
        (
            "A title",
            "x\n    remediation: {compos: y}",
            "r.yaml:4:19: rule ACME-001: expected a platform, found 'compos'",
        ),
        ("rules:", "rulez:", "r.yaml:1:1: expected rules: and a list of rules"),
        ("rules:", "other: 1\nrules:", "r.yaml:1:1: unknown key 'other'"),
        ("title: A", "title: A\n    title: B", "stands twice"),
        ("title: A", "title: {", "r.yaml:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, told: str):
    assert old in RULE
    found = wrong(RULE.replace(old, new, 1))
    assert any(told in one for one in found), found
    assert all(one.startswith("r.yaml:") and "\n" not in one for one in found)


def test_an_empty_file_is_told():
    assert wrong("") == ["r.yaml:1: expected rules:, found nothing"]


def test_each_wrong_rule_is_told_and_the_others_are_used(tmp_path: Path):
    more = RULE + RULE.replace("rules:\n", "").replace("001", "002").replace("privileged", "x")
    more += RULE.replace("rules:\n", "").replace("001", "003")
    more += RULE.replace("rules:\n", "").replace("001", "004").replace("on: container", "on: x")
    found = load((str(rule_file(tmp_path, more)),))
    assert [one.id for one in found.rules] == ["ACME-001", "ACME-003"]
    assert [one.rule for one in found.problems] == ["ACME-002", "ACME-004"]


def test_an_identifier_that_is_taken_is_told_with_the_other(tmp_path: Path):
    first, second = rule_file(tmp_path, RULE, "a.yaml"), rule_file(tmp_path, RULE, "b.yaml")
    found = load((str(first), str(second)))
    assert len(found.rules) == 1
    assert f"found that of {first}:2" in str(found.problems[0])


def test_a_file_is_read_anew_when_it_changed(tmp_path: Path):
    path = rule_file(tmp_path, RULE)
    assert [one.id for one in load((str(path),)).rules] == ["ACME-001"]
    rule_file(tmp_path, RULE.replace("ACME-001", "ACME-00002"))
    assert [one.id for one in load((str(path),)).rules] == ["ACME-00002"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    assert "cannot be read" in str(load((str(tmp_path / "no.yaml"),)).problems[0])


def test_the_nouns_of_the_form_are_those_that_there_are():
    from typing import get_args, get_type_hints

    assert set(get_args(get_type_hints(RuleForm)["on"])) == set(NOUNS)


def test_the_schema_takes_a_rule_and_refuses_another():
    found = schema()
    rule = {"id": "ACME-001", "title": "t", "on": "container", "fails_if": "true"}
    jsonschema.validate({"rules": [rule]}, found)
    for wrong_one in ({**rule, "on": "pod"}, {**rule, "x": 1}, {**rule, "id": "acme"}, {"id": "ACME-001"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"rules": [wrong_one]}, found)


@pytest.mark.parametrize(
    ("raw", "value", "at", "offset"),
    [
        ("a == b", "a == b", 5, 5),
        ("'a == ''b'''", "a == 'b'", 6, 8),
        ('"a == \\"b\\""', 'a == "b"', 6, 8),
        ("|-\n    a\n    || b", "a\n|| b", 5, 16),
        (">-\n    a\n    || b", "a || b", 2, 13),
        ("a\n  || b", "a || b", 5, 7),
    ],
)
def test_a_character_of_a_value_is_found_in_its_text(raw: str, value: str, at: int, offset: int):
    assert offset_in(raw, value, at) == offset
