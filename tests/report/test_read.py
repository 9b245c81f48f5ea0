"""Saved reports come from elsewhere: they are read as written, or refused with one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from batten import limits
from batten.report import Options, UnreadableReport, get
from batten.report.order import in_order
from batten.report.read import read_report
from report import sample

SAVED = get("json").render(sample.report(), Options())
assert isinstance(SAVED, bytes)


def test_a_saved_report_is_read_as_it_was_written() -> None:
    report = sample.report()
    assert read_report(SAVED) == replace(report, findings=in_order(report))


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_report(b"\xef\xbb\xbf" + SAVED) == read_report(SAVED)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected a saved report, found nothing"),
        (b"  \n", "expected a saved report, found nothing"),
        (b"{}", 'found JSON without a "schema"'),
        (b"[]", "found: Expected `object`, got `array`"),
        (b'{"schema": 1}', "found: Expected `str`, got `int`"),
        (b'{"schema": "batten.report/v9"}', "found 'batten.report/v9'; make the report again"),
        (b'{"schema": "cyclonedx"}', "found the schema 'cyclonedx'"),
        (b'{"schema": "batten.report/v0"}', "missing required field `version`"),
        (b'{"schema":\n"batten.report/v0",\n oops}', r"line 3"),
        (b"apiVersion: v1\n", "expected a report in JSON"),
        (b'{\n"schema": "\xff"}', "expected UTF-8, found byte 0xff in line 2"),
        (b'{"x": ' + b"[" * 200_000, "nested deeper than any report"),
        (SAVED[: len(SAVED) // 2], "expected a report in JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableReport, match=message) as caught:
        read_report(data)
    assert "\n" not in str(caught.value)


def _line(saved: dict[str, Any]) -> None:
    saved["findings"][0]["location"]["line"] = 2**40


def _huge(saved: dict[str, Any]) -> None:
    saved["findings"][0]["location"]["column"] = 10**100


def _excerpt(saved: dict[str, Any]) -> None:
    saved["findings"][0]["excerpt"]["start"] = 0


def _severity(saved: dict[str, Any]) -> None:
    saved["findings"][0]["severity"] = "urgent"


def _started(saved: dict[str, Any]) -> None:
    saved["started"] = "yesterday"


def _seconds(saved: dict[str, Any]) -> None:
    saved["seconds"] = -1


def _count(saved: dict[str, Any]) -> None:
    saved["count"]["high"] = -4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_line, '"location.line" from 0 to 2147483647, found 1099511627776'),
        (_huge, "found"),
        (_excerpt, '"excerpt.start" from 1'),
        (_severity, r"Invalid enum value 'urgent' - at `\$.findings"),
        (_started, "expected \"started\" as 2027-01-31T12:00:00Z, found 'yesterday'"),
        (_seconds, 'expected "seconds" from 0'),
        (_count, '"high" from 0'),
    ],
)
def test_values_that_no_scan_gives_are_refused(change: Callable[[dict[str, Any]], None], message: str) -> None:
    saved = json.loads(SAVED)
    change(saved)
    with pytest.raises(UnreadableReport, match=message):
        read_report(json.dumps(saved).encode())


def test_a_report_above_the_limit_is_refused_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REPORT_BYTES", limits.MIB)
    with pytest.raises(UnreadableReport, match="at most 1 MiB, found 2 MiB"):
        read_report(b" " * (2 * limits.MIB))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_reports_are_refused_or_can_be_rendered(data: st.DataObject) -> None:
    """Any value of the document replaced by any other: no traceback, in reading or in any format."""
    saved = json.loads(SAVED)
    node: Any = saved
    while isinstance(node, (dict, list)) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], (dict, list)) or not node[key] or data.draw(st.integers(0, 4)) == 0:
            node[key] = data.draw(
                st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
                | st.text(max_size=8) | st.just([]) | st.just({})
            )  # fmt: skip
            break
        node = node[key]
    try:
        report = read_report(json.dumps(saved).encode())
    except UnreadableReport:
        return
    for name in ("table", "sarif", "junit", "gitlab", "markdown", "csv", "html", "json"):
        get(name).render(report, Options(verbose=True))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_another_encoding_is_named(encoding: str) -> None:
    mark = b"" if encoding in ("utf-16", "utf-32") else "\ufeff".encode(encoding)
    with pytest.raises(UnreadableReport, match=r"expected a report in UTF-8, found UTF-16 or UTF-32.*--output FILE"):
        read_report(mark + (SAVED if isinstance(SAVED, str) else SAVED.decode()).encode(encoding))
