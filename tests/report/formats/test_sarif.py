"""SARIF: valid, and what GitHub, GitLab and editors look for is where they look."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from batten.model.report import Finding, Report, TargetReport
from batten.model.source import Location
from batten.report import Options
from batten.report.formats.sarif import render
from batten.report.order import in_order
from report import sample

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "sarif" / "sarif-schema-2.1.0.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run(report: Report) -> dict[str, Any]:
    log = json.loads(render(report, Options(rules=sample.rules())))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return dict(only)


def result(**more: Any) -> dict[str, Any]:
    """The one result of a report with the first sample finding."""
    finding = replace(sample.report().findings[1], **more)
    return dict(run(replace(sample.report(), findings=[finding]))["results"][0])


@pytest.mark.parametrize("name", ["report", "clean", "hostile", "small"])
@pytest.mark.parametrize("rules", [{}, sample.rules()])
def test_the_log_is_valid(name: str, rules: Any) -> None:
    VALIDATOR.validate(json.loads(render(getattr(sample, name)(), Options(rules=rules))))


def test_a_small_log(golden: Callable[[str, bytes], None]) -> None:
    report = sample.small()
    rules = {check: rule for check, rule in sample.rules().items() if check == "PRV001"}
    golden("small.sarif", render(replace(report, findings=report.findings[:4]), Options(rules=rules)))


def test_results_point_into_the_table_of_rules() -> None:
    found = run(sample.report())
    rules = found["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in found["results"])
    assert [rule["id"] for rule in rules] == sorted(sample.TITLES)


def test_a_rule_has_what_github_shows() -> None:
    rule = next(rule for rule in run(sample.report())["tool"]["driver"]["rules"] if rule["id"] == "PRV001")
    assert rule["properties"]["security-severity"] == "9.5"
    assert rule["defaultConfiguration"]["level"] == "error"
    assert rule["properties"]["tags"] == ["security", "strategy/2-privileges"]
    assert "compose: Remove `privileged`" in rule["help"]["text"]
    assert "- **compose**: Remove `privileged`" in rule["help"]["markdown"]


def test_a_rule_that_the_catalogue_lacks_is_made_from_its_finding() -> None:
    log = json.loads(render(sample.report(), Options()))
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["PRV001"]["shortDescription"]["text"] == "Container is privileged"


def test_regions_count_code_points_and_end_behind_the_last() -> None:
    assert run(sample.report())["columnKind"] == "unicodeCodePoints"
    region = result()["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 18, "startColumn": 13, "endLine": 18, "endColumn": 29}


def test_a_location_without_end_has_no_end() -> None:
    found = result(location=Location("a.yaml", 3))
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 1}


def test_the_excerpt_is_the_context() -> None:
    context = result()["locations"][0]["physicalLocation"]["contextRegion"]
    assert context["startLine"] == 17
    assert context["endLine"] == 19
    assert "privileged: true" in context["snippet"]["text"]


def test_an_excerpt_that_is_shorter_than_the_region_is_no_context() -> None:
    found = result(location=Location(sample.K8S, 18, 1, 40, 2))
    assert "contextRegion" not in found["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("k8s/web.yaml", "k8s/web.yaml"),
        ("a b/c%d#e?f.yaml", "a%20b/c%25d%23e%3Ff.yaml"),
        ("ログ/x:y.yaml", "%E3%83%AD%E3%82%B0/x%3Ay.yaml"),
        ("./a/../b.yaml", "a/b.yaml"),
        ("caf\udce9.yaml", "caf%E9.yaml"),
        # as a report shows a line feed, a byte that is no UTF-8, and a backslash
        (r"new\nline.yaml", "new%0Aline.yaml"),
        (r"caf\xe9.yaml", "caf%E9.yaml"),
        (r"back\\slash.yaml", "back%5Cslash.yaml"),
        ("javascript:alert(1)", "javascript%3Aalert(1)"),
    ],
)
def test_paths_become_relative_references(path: str, uri: str) -> None:
    location = result(location=Location(path, 1))["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": uri, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("ref", "kind", "path", "uri", "base"),
    [
        ("/srv/shop", "directory", "/srv/shop/k8s/web.yaml", "k8s/web.yaml", {"uri": "file:///srv/shop/"}),
        ("/srv/shop/a.yaml", "file", "/srv/shop/a.yaml", "a.yaml", {"uri": "file:///srv/shop/"}),
        ("../shop", "directory", "../shop/web.yaml", "web.yaml", {}),
    ],
)
def test_a_target_elsewhere_has_a_base_of_its_own(
    ref: str, kind: str, path: str, uri: str, base: dict[str, str]
) -> None:
    finding = replace(sample.report().findings[1], location=Location(path, 1), target="t", related=[])
    found = run(replace(sample.report(), targets=[TargetReport(id="t", kind=kind, ref=ref)], findings=[finding]))
    location = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": uri, "uriBaseId": "TARGET1"}
    assert base.items() <= found["originalUriBaseIds"]["TARGET1"].items()
    assert ("uri" in found["originalUriBaseIds"]["TARGET1"]) == bool(base)


def test_waived_findings_are_suppressed_and_open_ones_say_they_are_not() -> None:
    found = run(sample.report())["results"]
    by_status = {one["properties"]["status"]: one["suppressions"] for one in found if one["ruleId"] != "SUR002"}
    assert by_status["open"] == []
    assert by_status["waived"][0]["kind"] == "external"
    assert "alice" in by_status["waived"][0]["justification"]
    inline = next(one for one in found if one["ruleId"] == "SUR002" and one["suppressions"])
    assert inline["suppressions"][0]["kind"] == "inSource"


def test_without_a_waived_finding_nobody_speaks_of_suppression() -> None:
    assert "suppressions" not in result()


def test_fingerprints_are_stable_and_unique() -> None:
    finding = sample.report().findings[1]
    found = run(replace(sample.report(), findings=[finding, finding]))["results"]
    assert [one["partialFingerprints"]["batten/v1"] for one in found] == [finding.fingerprint] * 2
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in found]
    assert hashes == [f"{finding.fingerprint}:1", f"{finding.fingerprint}:2"]


def test_related_places_have_locations_of_their_own() -> None:
    related = result()["relatedLocations"]
    assert [one["physicalLocation"]["artifactLocation"]["uri"] for one in related] == ["k8s/web.yaml", "k8s/rbac.yaml"]
    assert [one["id"] for one in related] == [1, 2]


def test_messages_hold_no_placeholder_and_no_link() -> None:
    text = result(message="use {0} or [this](https://evil.example)\n\x1b")["message"]["text"]
    assert text == "use {{0}} or [this\\](https://evil.example) \\x1b"


def test_problems_are_notifications() -> None:
    invocation = run(sample.report())["invocations"][0]
    notes = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    assert [note["level"] for note in notes] == ["error", "error", "error", "note"]
    assert notes[2]["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}


def test_runs_over_other_targets_are_other_analyses() -> None:
    def identifier(*refs: str) -> str:
        targets = [TargetReport(id=ref, kind="directory", ref=ref) for ref in refs]
        return str(run(replace(sample.clean(), targets=targets))["automationDetails"]["id"])

    assert identifier(".") == "batten/"
    assert identifier("k8s", "charts/web") == "batten/charts%2Fweb/k8s/"


def test_the_resource_is_a_logical_location() -> None:
    (logical,) = result()["locations"][0]["logicalLocations"]
    assert logical == {"name": "app", "fullyQualifiedName": "kubernetes/shop/Deployment/web/app", "kind": "resource"}


def test_every_finding_is_a_result() -> None:
    def key(one: Finding) -> tuple[str, str]:
        return one.check, one.fingerprint

    found = [(one["ruleId"], one["partialFingerprints"]["batten/v1"]) for one in run(sample.report())["results"]]
    assert found == [key(one) for one in in_order(sample.report())]
