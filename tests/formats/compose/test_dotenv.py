from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.formats.compose import dotenv

OUTSIDE = {"HOST": "outside"}


def values(text: str) -> dict[str, str | None]:
    return {one.name: one.value for one in dotenv.read(text, OUTSIDE.get)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# c\n\n  A = 1 # c\nB=x#y\n", {"A": "1", "B": "x#y"}),
        ("export A=1\nB: 2\n", {"A": "1", "B": "2"}),
        ("A=\nB=''\n", {"A": "", "B": ""}),
        ("A='$HOST \\n it\\'s'\n", {"A": "$HOST \\n it's"}),
        ('A="a\\tb\\"c $HOST"\n', {"A": 'a\tb"c outside'}),
        ('A="line\nline" # c\nB=1\n', {"A": "line\nline", "B": "1"}),
        ("A=${HOST}\nB=$A-$A\nC=${NO:-d}\n", {"A": "outside", "B": "outside-outside", "C": "d"}),
        ("A=$NO\n", {"A": None}),
        ("HOST\nNO\n", {"HOST": "outside", "NO": None}),
        ("A=1\nA=2\n", {"A": "2"}),
        ('A="\\$HOST \\0101 \\q"\n', {"A": "$HOST A \\q"}),
        ("A=b=c\n", {"A": "b=c"}),
        ("A=1 B=2\n", {"A": "1 B=2"}),
        ("=x\nA=1", {"A": "1"}),
        ("LAST", {"LAST": None}),
        ("", {}),
    ],
)
def test_values(text: str, expected: dict[str, str | None]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("A=1\nFOO BAR=2\n", 2, "a blank in the name"),
        ("A=1\n\nA%B=2\n", 3, "found '%' in the name"),
        ('A=1\nB="open\nC=2\n', 2, 'expected " at the end'),
        ("A=${\n", 1, "expected a variable's name"),
    ],
)
def test_malformed_file_says_where(text: str, line: int, message: str) -> None:
    with pytest.raises(dotenv.Malformed, match=message) as refused:
        dotenv.read(text, OUTSIDE.get)
    assert refused.value.line == line


def test_ranges_are_those_of_the_values() -> None:
    text = "\ufeff# ünïcode\nexport A = 'two words' # c\nB=x y # c\nHOST\n"
    ranges = [text[one.start : one.end] for one in dotenv.read(text, OUTSIDE.get)]
    assert ranges == ["two words", "x y", "HOST"]


def test_raw_format_replaces_nothing() -> None:
    found = dotenv.read_raw("A='$HOST' # c\n# x\n\nB\n")
    assert [(one.name, one.value) for one in found] == [("A", "'$HOST' # c"), ("B", None)]


def test_number_of_variables_is_bounded() -> None:
    many = "A=1\n" * (limits.ENV_FILE_VARIABLES + 1)
    for read in (lambda: dotenv.read(many, OUTSIDE.get), lambda: dotenv.read_raw(many)):
        with pytest.raises(dotenv.Malformed, match="more than"):
            read()


def test_doubling_lines_are_refused() -> None:
    with pytest.raises(dotenv.Malformed, match="more than"):
        dotenv.read("A=xxxxxxxx\n" + "A=$A$A\n" * 40, {}.get)


@given(st.text("AB=:'\"\\$ #\n\r\t{}-x", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    found, line = [], 1
    try:
        found = dotenv.read(text, OUTSIDE.get)
    except dotenv.Malformed as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 1
    assert all(0 <= one.start <= one.end <= len(text) for one in found)
