"""The contract."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from batten.report import Options
from batten.report.formats.json import read_report, render
from batten.report.order import in_order
from report import sample


def test_the_report_is_printed_with_indents(golden: Callable[[str, bytes], None]) -> None:
    golden("report.json", render(replace(sample.small(), targets=sample.clean().targets), Options()))


def test_findings_stand_in_the_common_order() -> None:
    saved = json.loads(render(sample.report(), Options()))
    assert [one["fingerprint"] for one in saved["findings"]] == [one.fingerprint for one in in_order(sample.report())]


def test_a_long_report_is_written_piece_by_piece_and_reads_as_one() -> None:
    findings = [
        replace(one, fingerprint=f"{number}-{one.fingerprint}")
        for number in range(300)
        for one in sample.report().findings
    ]
    report = replace(sample.report(), findings=findings)
    text = render(report, Options())
    assert len(findings) > 1000
    assert text == msgspec.json.format(text, indent=1) + b"\n"
    assert read_report(text).findings == in_order(report)


def test_what_a_terminal_obeys_is_escaped_and_comes_back_the_same() -> None:
    report = sample.report()
    finding = replace(report.findings[0], message="\x1b \x9b \x7f \u202e \U000e0041 é ログ")
    output = render(replace(report, findings=[finding]), Options())
    assert "é ログ".encode() in output
    assert b"\\u001b \\u009b \\u007f \\u202e \\udb40\\udc41" in output
    assert read_report(output).findings[0].message == finding.message


def test_a_name_that_is_no_unicode_is_written_as_an_escape() -> None:
    report = sample.report()
    location = replace(report.findings[0].location, path="caf\udce9.yaml")
    output = render(replace(report, findings=[replace(report.findings[0], location=location)]), Options())
    assert json.loads(output)["findings"][0]["location"]["path"] == "caf\\xe9.yaml"
