"""The terminal report."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from batten.model.report import Count
from batten.model.source import Problem
from batten.report import Options
from batten.report.formats.table import render
from batten.report.text import width
from report import sample

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_the_whole_report_reads_like_a_compiler(golden: Callable[[str, str], None]) -> None:
    golden("table.txt", render(sample.report(), Options()))


def test_a_narrow_ascii_terminal_gets_a_short_verbose_report(golden: Callable[[str, str], None]) -> None:
    output = render(sample.report(), Options(width=60, unicode=False, verbose=True, limit=5))
    assert output.isascii()
    golden("table-narrow-ascii-verbose.txt", output)


def test_a_clean_scan_says_so(golden: Callable[[str, str], None]) -> None:
    golden("table-clean.txt", render(sample.clean(), Options()))


def test_colours_change_nothing_but_colours() -> None:
    plain, painted = (render(sample.report(), Options(color=color)) for color in (False, True))
    assert "\x1b" not in plain
    assert ANSI.sub("", painted) == plain


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", ["report", "hostile"])
def test_nothing_in_the_output_is_obeyed_by_a_terminal(name: str, verbose: bool) -> None:
    painted = render(getattr(sample, name)(), Options(color=True, verbose=verbose))
    output = ANSI.sub("", painted)
    assert not [char for char in output if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\n"]
    assert not set(output) & set("\u202e\u2066\u200b")
    codes = set(ANSI.findall(painted))
    assert codes <= {f"\x1b[{code}m" for code in ("0", "1", "2", "1;31", "1;35", "31", "32", "33", "34", "36")}


@pytest.mark.parametrize("columns", [60, 80, 100, 160])
def test_lines_fit_the_terminal_except_commands(columns: int) -> None:
    for line in render(sample.report(), Options(width=columns, verbose=True)).splitlines():
        assert width(line) <= columns or "batten " in line or " " not in line.strip(), line


def test_a_cut_list_shows_the_most_urgent_and_counts_the_rest() -> None:
    output = render(sample.report(), Options(limit=3))
    shown = re.findall(r"^  \d+:\d+ +(\w+)", output, re.MULTILINE)
    assert shown == ["critical"] * 3
    assert "… 26 more entries in 6 files, less urgent: batten scan --limit 0" in output
    assert "38 open findings" in output


def test_files_without_a_shown_entry_are_left_out() -> None:
    output = render(sample.report(), Options(limit=3))
    assert "k8s/web.yaml" in output
    assert "images/api/Dockerfile" not in output


def test_waived_findings_are_shown_on_demand() -> None:
    assert "alice" not in render(sample.report(), Options())
    assert "waived by alice until 2027-01-01" in render(sample.report(), Options(verbose=True))


def test_problems_are_counted_and_listed_on_demand() -> None:
    assert "3 paths could not be read, 1 note (batten scan -v)" in render(sample.report(), Options())
    assert "k8s/broken.yaml:12: error: expected a mapping" in render(sample.report(), Options(verbose=True))


def test_vex_statements_that_matched_nothing_are_told_without_being_asked_for() -> None:
    idle = [Problem("shop.vex.json", f"matched nothing: CVE-2026-{n} not affected", severe=False) for n in range(5)]
    report = sample.report()
    text = render(replace(report, targets=[replace(report.targets[0], problems=idle)]), Options())
    assert "shop.vex.json: matched nothing: CVE-2026-2 not affected" in text
    assert "CVE-2026-3" not in text
    assert "2 more statements matched nothing (batten scan -v)" in text


def test_a_target_that_failed_is_always_told() -> None:
    assert "old.tar.gz: expected a gzip stream" in render(sample.report(), Options())


def test_a_strategy_that_was_not_assessed_has_no_bar() -> None:
    line = next(line for line in render(sample.report(), Options()).splitlines() if "10 cloud" in line)
    assert line.endswith("not assessed")


def test_a_full_bar_means_that_nothing_failed() -> None:
    assert " 9 patching        █████████░  99" in render(sample.report(), Options())


def test_a_message_that_repeats_the_title_is_said_once() -> None:
    finding = replace(sample.findings()[0], message="ROOT file system is writable")
    report = replace(sample.report(), findings=[finding], count=Count(low=1))
    assert render(report, Options()).casefold().count("root file system is writable") == 1


def test_a_finding_without_source_keeps_its_message() -> None:
    finding = replace(sample.findings()[1], excerpt=None)
    output = render(replace(sample.report(), findings=[finding]), Options())
    assert "           an escape from it owns the node\n" in output


def test_a_command_that_the_next_entry_has_too_is_said_once() -> None:
    finding = sample.findings()[1]
    twice = [finding, replace(finding, message="a second one", fingerprint="2")]
    output = render(replace(sample.report(), findings=twice), Options())
    assert output.count("fix (review): set privileged to false") == 2
    assert output.count("batten fix --unsafe --check PRV001 k8s/web.yaml") == 1
