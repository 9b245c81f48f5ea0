"""Markdown for a comment: bounded, and obeys nothing that stands in a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from batten.model.vulnerability import Coverage, VulnerabilityCount
from batten.report import Options
from batten.report.formats.markdown import CHARACTERS, MARKER, render
from report import sample

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OWN_HTML = {"<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<br>", MARKER}


def test_the_whole_report(golden: Callable[[str, str], None]) -> None:
    golden("report.md", render(sample.report(), Options()))


def test_a_clean_scan(golden: Callable[[str, str], None]) -> None:
    golden("clean.md", render(sample.clean(), Options()))


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_no_link_image_or_foreign_html_comes_out(name: str) -> None:
    import re

    tokens = PARSER.parse(render(getattr(sample, name)(), Options()))
    flat = [child for token in tokens for child in (token, *(token.children or []))]
    assert not [token for token in flat if token.type in ("link_open", "image", "html_block_foreign")]
    for token in flat:
        if token.type in ("html_block", "html_inline"):
            tags = re.findall(r"<[^>]*>", re.sub(r"<code>.*?</code>", "", token.content))
            assert set(tags) <= OWN_HTML, token.content


def test_mentions_in_code_are_the_only_ones_left() -> None:
    text = render(sample.report(), Options())
    assert "@octocat" not in text.replace("`@octocat`", "").replace("<code>" + text.partition("<code>")[2], "")


@pytest.mark.parametrize("number", [2_000, 12_000])
def test_a_large_report_is_cut_and_the_rest_is_counted(number: int) -> None:
    text = render(sample.large(number), Options())
    assert len(text) <= CHARACTERS
    assert "entries cut to fit; all of them: `batten scan --format html -o report.html`" in text
    assert text.count("<details>") == text.count("</details>")
    assert f"{sum(one.status == 'open' for one in sample.large(number).findings):,} open findings" in text


def test_huge_texts_do_not_break_the_bound() -> None:
    finding = sample.findings()[1]
    long = replace(finding, message="m" * 100_000, title="t" * 100_000, remediation="r" * 100_000, check="C" * 1000,
                   location=replace(finding.location, path="p" * 100_000))  # fmt: skip
    target = sample.report().targets[0]
    problems = [replace(target.problems[0], message="x" * 5000)] * 500
    report = replace(sample.report(), findings=[long] * 50, targets=[replace(target, problems=problems)])
    text = render(report, Options())
    assert len(text) <= CHARACTERS
    assert text.count("<details>") == text.count("</details>")


def test_the_first_line_marks_the_comment_as_ours() -> None:
    assert render(sample.report(), Options()).startswith(MARKER + "\n## batten: 38 open findings")


def test_what_nothing_is_known_of_stands_with_the_vulnerabilities() -> None:
    covered = [
        Coverage(ecosystem="haskell|x", packages=3, sources=()),
        Coverage(ecosystem="ubuntu:22.04", packages=1, sources=("ubuntu",), known=9, few=True),
        Coverage(ecosystem="pypi", packages=1, sources=("pypa",), known=1535),
    ]
    told = render(replace(sample.report(), coverage=covered, vulnerability_count=VulnerabilityCount()), Options())
    assert "No source of advisories speaks of 3 packages of haskell&#124;x." in told
    assert "that nothing is listed says little, of 1 package of ubuntu:22.04 (on 9 packages in all)." in told
    assert "pypi" not in told
