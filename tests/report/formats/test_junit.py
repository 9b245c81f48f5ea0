"""JUnit XML: well-formed whatever the input, with numbers that add up."""

from __future__ import annotations

import re
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
            if (element.tag, attribute) != ("testsuites", "skipped"):
                assert int(element.attrib[attribute]) == len(element.findall(path))


_SCHEMA = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package"}
        | {"file", "log", "url"},
    ),
    "testcase": ({"skipped", "error", "failure", "system-out", "system-err"}, {"name", "time", "classname", "group"}),
    "failure": (set[str](), {"type", "message"}),
    "error": (set[str](), {"type", "message"}),
    "skipped": (set[str](), {"type", "message"}),
}
"""Children and attributes that junit-10.xsd of Jenkins' xUnit plug-in allows (what has no text there is left out)."""


@pytest.mark.parametrize("name", ["report", "clean", "small", "hostile"])
def test_nothing_is_written_that_the_schema_of_jenkins_lacks(name: str) -> None:
    for element in parsed(getattr(sample, name)()).iter():
        children, attributes = _SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        assert set(element.attrib) <= attributes
        if element.tag == "testsuite":
            assert {"name", "tests", "failures", "errors"} <= set(element.attrib)
        if element.tag in ("testsuites", "testsuite"):
            assert re.fullmatch(r"[0-9]+(\.[0-9]*)?", element.attrib["time"])


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
    assert (case[0].text or "").startswith("k8s/web.yaml:18:13: critical: ")


def test_waived_findings_are_skipped_with_their_reason() -> None:
    skipped = [one.attrib["message"] for one in parsed(sample.report()).findall(".//skipped")]
    assert len(skipped) == 3
    assert any("alice" in reason for reason in skipped)


def test_a_report_without_targets_is_well_formed() -> None:
    from msgspec.structs import replace

    assert parsed(replace(sample.clean(), targets=[])).attrib["tests"] == "0"
