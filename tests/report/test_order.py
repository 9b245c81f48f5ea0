"""One order for every format, which does not depend on the order that findings come in."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from batten.report import Options, get, names
from batten.report.order import RANK, STATUS_RANK, arrange, in_order
from report import sample


def test_the_file_with_the_most_critical_findings_is_first() -> None:
    files = arrange(sample.report())
    assert files[0].path == sample.K8S
    assert [file.counts for file in files] == sorted((file.counts for file in files), reverse=True)


def test_within_a_file_the_most_urgent_resource_is_first() -> None:
    for file in arrange(sample.report()):
        counts = [block.counts for block in file.blocks]
        assert counts == sorted(counts, reverse=True)


def test_within_a_resource_open_and_urgent_entries_are_first() -> None:
    for file in arrange(sample.report()):
        for block in file.blocks:
            ranks = [(STATUS_RANK[entry.lead.status], RANK[entry.lead.severity]) for entry in block.entries]
            assert ranks == sorted(ranks)


def test_no_finding_is_lost() -> None:
    report = sample.report()
    assert sorted(one.fingerprint for one in in_order(report)) == sorted(one.fingerprint for one in report.findings)


def test_only_open_findings_are_counted() -> None:
    waived = [replace(one, status="waived") for one in sample.report().findings]
    assert {file.counts for file in arrange(replace(sample.report(), findings=waived))} == {(0, 0, 0, 0, 0)}


@pytest.mark.parametrize("name", names())
def test_the_output_does_not_depend_on_the_order_of_findings(name: str) -> None:
    report = sample.report()
    shuffled = list(report.findings)
    random.Random(7).shuffle(shuffled)
    options = Options(rules=sample.rules(), verbose=True)
    renderer = get(name)
    assert renderer.render(replace(report, findings=shuffled), options) == renderer.render(report, options)


def test_every_format_tells_findings_in_the_same_order() -> None:
    import csv
    import io
    import json
    import re

    report = replace(sample.report(), findings=[one for one in sample.findings() if one.status == "open"])
    expected = [(one.check, one.location.path, one.location.line) for one in in_order(report)]

    def text(name: str) -> str:
        output = get(name).render(report, Options(rules=sample.rules()))
        return output.decode() if isinstance(output, bytes) else output

    rows = list(csv.DictReader(io.StringIO(text("csv"), newline="")))
    found = {
        "csv": [row["check"] for row in rows],
        "json": [one["check"] for one in json.loads(text("json"))["findings"]],
        "gitlab": [one["check_name"] for one in json.loads(text("gitlab"))],
        "sarif": [one["ruleId"] for one in json.loads(text("sarif"))["runs"][0]["results"]],
        "junit": re.findall(r'<testcase [^>]*name="([A-Z]{3}\d{3})', text("junit")),
        "html": [check for entry in re.findall(r'data-check="([A-Z0-9 ]+)" data-platform', text("html"))
                 for check in entry.split()],
    }  # fmt: skip
    for name, checks in found.items():
        assert checks == [check for check, _, _ in expected], name
    for name in ("table", "markdown"):
        headings = re.findall(r"^(?:<details><summary><code>)?([\w./]+\.(?:yaml|json))", text(name), re.MULTILINE)
        paths = [path for path in dict.fromkeys(path for _, path, _ in expected) if re.fullmatch(r"[\w./]+", path)]
        assert list(dict.fromkeys(headings)) == [path for path in paths if not path.endswith("Dockerfile")], name
