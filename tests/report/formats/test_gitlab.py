"""GitLab Code Quality: the fields and words that the widget knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Options
from batten.report.formats.gitlab import render
from report import sample


def issues(report: Report) -> list[dict[str, Any]]:
    return list(json.loads(render(report, Options())))


def test_a_small_report(golden: Callable[[str, bytes], None]) -> None:
    golden("gitlab.json", render(sample.small(), Options()))


def test_every_issue_has_the_fields_that_gitlab_needs() -> None:
    for issue in [*issues(sample.report()), *issues(sample.hostile())]:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1


def test_severities_are_translated() -> None:
    words = {one["check_name"]: one["severity"] for one in issues(sample.report())}
    assert [words[check] for check in ("PRV001", "NET001", "IMG001", "RUN002", "AUD001")] == [
        "blocker",
        "critical",
        "major",
        "minor",
        "info",
    ]


def test_only_open_findings_are_issues() -> None:
    assert len(issues(sample.report())) == sum(one.status == "open" for one in sample.findings())


def test_fingerprints_are_unique_and_the_first_is_kept() -> None:
    finding = sample.report().findings[1]
    found = [one["fingerprint"] for one in issues(replace(sample.report(), findings=[finding] * 3))]
    assert len(set(found)) == 3
    assert found[0] == finding.fingerprint


def test_paths_do_not_begin_with_a_dot() -> None:
    finding = sample.report().findings[1]
    moved = replace(finding, location=replace(finding.location, path="./k8s/web.yaml"))
    assert issues(replace(sample.report(), findings=[moved]))[0]["location"]["path"] == "k8s/web.yaml"
