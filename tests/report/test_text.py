"""Text for people is harmless, and its columns are counted as a terminal counts them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.report.text import (
    ascii_only,
    cut,
    join_wrapped,
    one_line,
    plural,
    printable,
    printable_lines,
    shell_argument,
    width,
    wrap,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain é ログ", "plain é ログ"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b2J", "\\x9b2J"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066\u2069", "\\u2066\\u2069"),
        ("a\u200bb", "a\\u200bb"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u200db", "a\u200db"),
    ],
)
def test_what_is_obeyed_rather_than_shown_becomes_an_escape(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@given(st.text(st.characters()))
def test_no_control_character_survives(text: str) -> None:
    for shown in (printable(text), one_line(text)):
        assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    kept = printable_lines(text)
    assert not [char for char in kept if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\t\n"]


@given(st.text(st.characters()))
def test_no_direction_is_overridden(text: str) -> None:
    overriding = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not [char for char in printable(text) if unicodedata.bidirectional(char) in overriding]


def test_paragraphs_become_one_line() -> None:
    assert one_line("  first\n\n  second\tthird ") == "first second third"


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("ログ", 4), ("e\u0301", 1), ("👩‍🚀", 4), ("각", 2), ("\u1100\u1161", 2)]
)
def test_columns_of_wide_and_combining_characters(text: str, columns: int) -> None:
    assert width(text) == columns


@given(st.text("abログe\u0301 …"), st.integers(0, 30))
def test_a_cut_text_fits(text: str, columns: int) -> None:
    short = cut(text, columns)
    assert width(short) <= columns
    assert short == text or short.endswith("…") or not columns


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut("ログab", 6) == "ログab"
    assert cut("ログab", 5) == "ログ…"


@given(st.lists(st.text("abログ", min_size=1, max_size=12)), st.integers(5, 40))
def test_wrapping_keeps_every_word_and_fits_where_words_do(words: list[str], columns: int) -> None:
    lines = wrap(" ".join(words), columns)
    assert " ".join(lines).split() == words
    assert all(width(line) <= columns or " " not in line for line in lines)


def test_parts_are_not_broken() -> None:
    assert join_wrapped(["aa bb", "cc", "dd"], " · ", 10) == ["aa bb · cc", "dd"]
    assert join_wrapped(["aaaa bbbb cccc", "dd"], " · ", 10) == ["aaaa bbbb", "cccc · dd"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_an_argument_shows_nothing_that_a_terminal_obeys_and_a_shell_reads_it_back(text: str) -> None:
    argument = shell_argument(text)
    assert printable(argument) == argument
    if not argument.startswith("$'"):
        assert shlex.split(argument) in ([text], ["./" + text])


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_reads_every_argument_back() -> None:
    names = [
        "a\x1b[31mb",
        "a\n7",
        "it's\ta",
        "\u202egnp.exe",
        "a\\b\x07",
        "no-utf8-\udcff0",
        "'$(id)'\r`id`",
        "-r\x1f",
        "$'x'",
    ]
    script = f"printf '%s\\0' {' '.join(map(shell_argument, names))}"
    assert printable(script) == script
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    read = [os.fsdecode(one) for one in done.stdout.split(b"\0")[:-1]]
    assert read == [f"./{name}" if name.startswith("-") else name for name in names]


def test_an_argument_is_never_an_option() -> None:
    assert shell_argument("-rf") == "./-rf"


def test_ascii_terminals_get_escapes() -> None:
    assert ascii_only("ログ") == "\\u30ed\\u30b0"


def test_numbers_agree_with_their_noun() -> None:
    assert plural(1, "finding") == "1 finding"
    assert plural(1234, "entry", "entries") == "1,234 entries"
