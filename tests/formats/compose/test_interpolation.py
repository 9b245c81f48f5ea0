from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.formats.compose.interpolation import InvalidTemplate, interpolate, only_variable

VALUES = {"A": "one", "EMPTY": "", "DOLLAR": "$A"}


def text(template: str) -> str:
    result = interpolate(template, VALUES.get)
    assert result.known
    return result.text


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("$A", "one"),
        ("${A}", "one"),
        ("<${A}>$A.", "<one>one."),
        ("$A_B ${A}_B", None),
        ("${EMPTY}", ""),
        ("${EMPTY-x}", ""),
        ("${EMPTY:-x}", "x"),
        ("${MISSING-x}", "x"),
        ("${MISSING:-x}", "x"),
        ("${A:-x}${A-x}", "oneone"),
        ("${A:+x}${A+x}", "xx"),
        ("${EMPTY:+x}${EMPTY+y}", "y"),
        ("${MISSING:+x}${MISSING+x}", ""),
        ("${A:?no}${A?no}${EMPTY?no}", "oneone"),
        ("${MISSING:-${A}}", "one"),
        ("${MISSING:-${ALSO:-<${A}>}}", "<one>"),
        ("${MISSING:-}", ""),
        ("${MISSING:-a-b:-c}", "a-b:-c"),
        ('${MISSING:-{"a": {"b": 1}}}', '{"a": {"b": 1}}'),
        ("${MISSING:-$$A}", "$A"),
        ("$$A $${A} $$$A", "$A ${A} $one"),
        ("pay $5, $ 5, $", "pay $5, $ 5, $"),
        ("${DOLLAR}", "$A"),
        ("a}b{c", "a}b{c"),
    ],
)
def test_forms(template: str, expected: str | None) -> None:
    result = interpolate(template, VALUES.get)
    assert (result.text if result.known else None) == expected


def test_variable_without_value_is_unknown_and_stays_readable() -> None:
    result = interpolate("$A:${TAG}/${EMPTY:?set it}", VALUES.get)
    assert result.text == "one:${TAG}/${EMPTY}"
    assert result.unknown == ("TAG", "EMPTY")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("${", "name after ${"),
        ("${}", "name after ${"),
        ("a ${5}", "name after ${"),
        ("${A", "expected } at the end of ${A"),
        ("${A:-x", "expected } at the end of ${A"),
        ("${A!}", "found '!'"),
        ("${A:x}", "found ':'"),
        ("${A.B}", "found '.'"),
    ],
)
def test_broken_template_says_what_is_wrong(template: str, message: str) -> None:
    with pytest.raises(InvalidTemplate, match=re.escape(message)):
        interpolate(template, VALUES.get)


def test_nesting_is_bounded() -> None:
    deep = limits.INTERPOLATION_DEPTH
    assert text("${X:-" * deep + "end" + "}" * deep) == "end"
    with pytest.raises(InvalidTemplate, match="nested deeper"):
        interpolate("${X:-" * (deep + 1) + "end" + "}" * (deep + 1), VALUES.get)


def test_values_cannot_blow_the_text_up() -> None:
    with pytest.raises(InvalidTemplate, match="more than"):
        interpolate("$A" * 100, {"A": "x" * 1000}.get)


@pytest.mark.parametrize("unit", ["${A:-", "${", "${MISSING:-{", "${A"])
def test_long_unclosed_text_is_refused_in_linear_time(unit: str) -> None:
    begin = time.process_time()
    with pytest.raises(InvalidTemplate):
        interpolate(unit * 200_000, VALUES.get)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("unit", ["$", "$$", "$EMPTY", "${EMPTY}", "}{", "${MISSING:-}"])
def test_long_text_takes_linear_time(unit: str) -> None:
    begin = time.process_time()
    assert interpolate(unit * 200_000, VALUES.get).known
    assert time.process_time() - begin < 5


def test_only_variable() -> None:
    assert only_variable("$A") == only_variable("${A}") == only_variable("${A:-x}") == "A"
    assert only_variable("x$A") == only_variable("$A$A") == only_variable("$$A") == only_variable("${") == ""


# ------------------------------------------------------------------ a slow, obvious model

_FORM = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])([^{}$]*))?\})", re.ASCII)


def slow(template: str) -> str | None:
    """Innermost variables first, one regular expression, until nothing changes. None: unknown.

    Finished text is kept apart behind marks, so that nothing is replaced twice.
    """
    done: list[str] = []

    def once(match: re.Match[str]) -> str:
        dollar, bare, name, operator, argument = match.groups()
        value = VALUES.get(bare or name or "")
        missing = value is None or ((operator or "").startswith(":") and value == "")
        if dollar:
            result = "$"
        elif (operator or "").endswith("+"):
            result = "" if missing else argument
        elif not missing:
            result = value
        elif (operator or "").endswith("-"):
            result = argument
        else:
            result = "\x01"  # unknown
        done.append(result)
        return f"\x02{len(done) - 1}\x03"

    while (match := _last(template)) is not None:
        template = template[: match.start()] + once(match) + template[match.end() :]
    while "\x02" in template:
        template = re.sub("\x02(\\d+)\x03", lambda found: done[int(found[1])], template)
    return None if "\x01" in template else template


def _last(template: str) -> re.Match[str] | None:
    """The variable that begins last: it has none inside."""
    found = None
    position = 0
    while (match := _FORM.search(template, position)) is not None:
        found = match
        # a doubled dollar hides what follows it; anything else may hold more variables
        position = match.end() if match[1] else match.start() + 1
    return found


_NAMES = st.sampled_from(["A", "EMPTY", "DOLLAR", "MISSING", "B_1"])
_LITERAL = st.text("ab 1.:/-", max_size=4)
_SIMPLE = st.one_of(_LITERAL, _NAMES.map(lambda name: f"${{{name}}}"))


def _braced(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([":-", "-", ":+", "+", ":?", "?"])
    form = st.builds(lambda name, operator, part: f"${{{name}{operator}{part}}}", _NAMES, operators, inner)
    return st.lists(st.one_of(form, _SIMPLE), max_size=3).map("".join)


@given(st.recursive(_SIMPLE, _braced, max_leaves=12))
def test_agrees_with_the_slow_model(template: str) -> None:
    result = interpolate(template, VALUES.get)
    assert (result.text if result.known else None) == slow(template)


@given(st.text("$${}AB:-+?_ 1é\n", max_size=30))
def test_any_text_is_interpolated_or_refused(template: str) -> None:
    try:
        result = interpolate(template, VALUES.get)
    except InvalidTemplate:
        assert "${" in template
    else:
        assert result.known or result.unknown
