"""Text from files inside Markdown is shown and never obeyed; judged by a CommonMark parser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from batten.report.markdown_text import block, cell, code, code_html, escape
from batten.report.text import one_line
from report import sample

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKS = st.text(st.sampled_from("ab1 `*_[]()<>!#|~$@&;:/.\\-+\"'{}"), max_size=40)


def inline(markdown: str) -> tuple[str, set[str]]:
    """The text that is shown, and the kinds of token that are not text."""
    tokens = PARSER.parseInline(markdown)[0].children or []
    shown = "".join(token.content for token in tokens if token.type in ("text", "code_inline", "text_special"))
    return shown.replace("\u200b", ""), {token.type for token in tokens} - {"text", "text_special"}


@given(MARKS)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    assert inline(escape(text)) == (one_line(text), set())


@given(MARKS)
def test_code_is_shown_as_it_is(text: str) -> None:
    shown, kinds = inline(code(text))
    assert shown == one_line(text)
    assert kinds <= {"code_inline"}


@given(MARKS, MARKS)
def test_a_table_keeps_its_columns(first: str, second: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| x{escape(first)} | {cell(second)} |\n"
    cells = [token for token in PARSER.parse(table) if token.type == "td_open"]
    assert len(cells) == 2


@given(st.text(st.sampled_from("ab`\n~ "), max_size=40))
def test_a_block_of_source_cannot_be_closed_from_within(text: str) -> None:
    tokens = PARSER.parse(block(text, "yaml") + "\n\nafter\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == text + "\n"


@pytest.mark.parametrize(
    "text",
    ["@octocat", "cc @org/team", "(@x)", "#12", "GH-7", "owner/repo#3", "https://evil.example", "www.evil.example"],
)
def test_platforms_find_no_mention_reference_or_address(text: str) -> None:
    """They look for these in the rendered text, where backslashes are gone."""
    shown = "".join(token.content for token in PARSER.parseInline(escape(text))[0].children or [])
    assert not re.search(r"(?<!\w)@\w|#\d|\bGH-\d|\w://|www\.", shown, re.IGNORECASE)


@pytest.mark.parametrize("text", ["image@sha256:abc", "user@example.com", "a #b", "1:2"])
def test_ordinary_text_can_be_copied(text: str) -> None:
    assert "&#8203;" not in escape(text)


def test_code_in_html_is_escaped() -> None:
    assert code_html("</code><script>\x1b") == "<code>&lt;/code&gt;&lt;script&gt;\\x1b</code>"


def test_nasty_text_is_only_text() -> None:
    assert inline(escape(sample.NASTY))[1] == set()
