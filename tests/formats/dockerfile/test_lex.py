"""Words with quotes, escapes and variables, as the build reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.dockerfile.globs import remove_prefix, remove_suffix, replace
from batten.formats.dockerfile.lex import NO_DEFAULT, SET, UNKNOWN, UNSET, Lexer, LexError, unquote
from batten.limits import DOCKERFILE_EXPANSION

VALUES = {"A": (SET, "abcabc"), "P": (SET, "/usr/local/bin"), "E": (SET, ""), "N": (NO_DEFAULT, ""), "U": (UNKNOWN, "")}


def expand(text: str, escape: str = "\\") -> tuple[str, bool]:
    lexer = Lexer(text, lambda name: VALUES.get(name, (UNSET, "")), escape)
    return lexer.text(), lexer.known


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$A-${A}x$_", "abcabc-abcabcx"),
        ("'$A' \"$A\"", "$A abcabc"),
        ("\\$A \\a", "$A a"),
        ('"\\$A \\a"', "$A \\a"),
        ("$ $", "$ $"),
        ("${X:-d}${X-d}${E:-d}${E-d}", "ddd"),
        ("${A:+y}${E:+y}${E+y}${X+y}", "yy"),
        ("${X:-${A}}", "abcabc"),
        ("${X:-a b}", "a b"),
        ("${A#a*b}|${A##a*b}", "cabc|c"),
        ("${A%b*}|${A%%b*}", "abca|a"),
        ("${P##*/}|${P%/*}", "bin|/usr/local"),
        ("${A/b/X}|${A//b/X}", "aXcabc|aXcaXc"),
        ("${A#x}", "abcabc"),
        ("${A?no}", "abcabc"),
        ("${N:-1.2}|${N:+y}", "1.2|"),
    ],
)
def test_expansion(text: str, result: str) -> None:
    assert expand(text) == (result, True)


def test_the_other_escape_character() -> None:
    assert expand("C:\\dir\\`$A`x", "`") == ("C:\\dir\\$Ax", True)


@pytest.mark.parametrize("text", ["$N", "${N}", "$U", "${U:-x}", "${U#a}", "${N#a}", "${A/b/$A}x$U", "${A//*/x}"])
def test_what_is_not_known_stays_as_written(text: str) -> None:
    result, known = expand(text)
    assert not known
    assert result.endswith(text[-2:])


@pytest.mark.parametrize(
    "text", ["'a", '"a', "${A", "${}", "${:x}", "${A^^}", "${A:#x}", "${A:xy}", "${X:?gone}", "${A:", "${"]
)
def test_what_builds_refuse(text: str) -> None:
    with pytest.raises(LexError):
        expand(text)


def test_growth_and_depth_are_bounded() -> None:
    with pytest.raises(LexError, match="expands"):
        Lexer("$A" * 100, lambda _: (SET, "x" * (DOCKERFILE_EXPANSION // 50))).text()
    with pytest.raises(LexError, match="nested"):
        expand("${X:-" * 40 + "}" * 40)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ('"a b"', "a b"),
        ("a\\ b", "a b"),
        ("'$A'", "$A"),
        ("$A", "$A"),
        ('"open', '"open'),
        ("${A^}'", "${A^}'"),
    ],
)
def test_unquote_leaves_variables_and_what_it_cannot_read(raw: str, value: str) -> None:
    assert unquote(raw, "\\") == value


def slow(pattern: str, greedy: bool) -> str:
    star = ".*" if greedy else ".*?"
    return "".join(star if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)


PATTERNS = st.text(alphabet="ab*?", max_size=6)
SUBJECTS = st.text(alphabet="ab", max_size=10)


@given(PATTERNS, SUBJECTS, st.booleans())
def test_prefixes_agree_with_a_regular_expression(pattern: str, value: str, greedy: bool) -> None:
    match = re.match(slow(pattern, greedy), value)
    assert remove_prefix(pattern, value, greedy) == (value[match.end() :] if match else value)
    ends = [end for end in range(len(value) + 1) if re.fullmatch(slow(pattern, True), value[end:])]
    start = (min(ends) if greedy else max(ends)) if ends else len(value)
    assert remove_suffix(pattern, value, greedy) == value[:start]


@given(PATTERNS.filter(lambda text: text.strip("*")), SUBJECTS, st.booleans())
def test_replacement_agrees_with_a_regular_expression(pattern: str, value: str, everywhere: bool) -> None:
    expected = re.sub(slow(pattern, True), "-", value, count=0 if everywhere else 1)
    assert replace(pattern, "-", value, everywhere) == expected


def test_no_pattern_is_slow() -> None:
    assert remove_prefix("*a" * 2000 + "b", "a" * 4000, True) == "a" * 4000
