"""CSV for spreadsheets, which take some texts for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Options
from batten.report.formats.csv import COLUMNS, render
from report import sample


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(report, Options()), newline="")))


def test_a_small_report(golden: Callable[[str, str], None]) -> None:
    golden("report.csv", render(sample.small(), Options()))


def test_every_record_ends_in_crlf_and_has_every_field() -> None:
    for name in ("report", "hostile"):
        text = render(getattr(sample, name)(), Options())
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert {len(record) for record in records} == {len(COLUMNS)}
        assert text.endswith("\r\n")


def test_waived_findings_are_rows_too() -> None:
    assert len(rows(sample.report())) == len(sample.findings())
    assert [
        row["waiver"] for row in rows(sample.report()) if row["status"] == "waived" and row["check"] == "RUN005"
    ] == ["waived by alice until 2027-01-01: the backup job stops containers through it (batten.toml)"]


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-2+3", "@SUM(A1)", "  =1", "\t=1", "＝1", "|x"])
def test_formulas_are_made_text(text: str) -> None:
    finding = replace(sample.findings()[0], message=text)
    assert rows(replace(sample.report(), findings=[finding]))[0]["message"].startswith("'")


@pytest.mark.parametrize("text", ["plain", "a=b", "5 - 3", "web-1"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    finding = replace(sample.findings()[0], message=text)
    assert rows(replace(sample.report(), findings=[finding]))[0]["message"] == text


def test_commas_quotes_and_lines_survive() -> None:
    finding = replace(sample.findings()[0], message='a, "b"\nc')
    assert rows(replace(sample.report(), findings=[finding]))[0]["message"] == 'a, "b"\nc'


def test_controls_are_shown_as_escapes() -> None:
    text = render(sample.hostile(), Options())
    assert not set(text) & set("\x00\x07\x1b\x7f\x9b\u202e")
