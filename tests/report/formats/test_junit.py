"""JUnit XML: well-formed whatever the input, with numbers that add up."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from batten.model.report import Report
from batten.report import Options
from batten.report.formats.junit import render
from batten.report.text import printable_lines
from report import sample


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(render(report, Options()).encode())


def test_a_small_report(golden: Callable[[str, str], None]) -> None:
    golden("junit.xml", render(sample.small(), Options()))


@pytest.mark.parametrize("name", ["report", "clean", "small", "hostile"])
def test_the_numbers_of_suites_are_those_of_their_cases(name: str) -> None:
    root = parsed(getattr(sample, name)())
    for element in (root, *root):
        for attribute, path in (
            ("tests", ".//testcase"),
            ("failures", ".//failure"),
            ("errors", ".//error"),
            ("skipped", ".//skipped"),
        ):
            assert int(element.attrib[attribute]) == len(element.findall(path))


def test_hostile_text_comes_back_as_visible_escapes() -> None:
    shown = printable_lines(sample.NASTY).replace("\ufffe", "\ufffd")
    failure = parsed(sample.hostile()).find(".//failure")
    assert failure is not None
    assert failure.attrib["message"] == shown
    assert failure.text is not None
    assert shown in failure.text


def test_a_clean_scan_has_a_case_that_passed() -> None:
    cases = parsed(sample.clean()).findall(".//testcase")
    assert [list(case) for case in cases] == [[]]


def test_a_target_that_was_not_read_whole_is_an_error() -> None:
    errors = parsed(sample.report()).findall(".//error")
    assert len(errors) == 2
    assert errors[0].text is not None
    assert "k8s/broken.yaml:12: expected a mapping" in errors[0].text


def test_names_of_cases_are_unique_in_their_suite_and_hold_no_line() -> None:
    for suite in parsed(sample.report()):
        names = [case.attrib["name"] for case in suite]
        assert len(set(names)) == len(names)
    case = parsed(sample.report())[2][0]
    assert case.attrib["name"] == "PRV001 Container is privileged (Deployment shop/web, container app)"
    assert case.attrib["line"] == "18"


def test_waived_findings_are_skipped_with_their_reason() -> None:
    skipped = [one.attrib["message"] for one in parsed(sample.report()).findall(".//skipped")]
    assert len(skipped) == 3
    assert any("alice" in reason for reason in skipped)


def test_a_report_without_targets_is_well_formed() -> None:
    from msgspec.structs import replace

    assert parsed(replace(sample.clean(), targets=[])).attrib["tests"] == "0"
