from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.detect.secret_formats import FORMATS, Format, marks_in, tokens

WORD = string.ascii_letters + string.digits + "_"


def identity(one: Format) -> str:
    return f"{one.kind} {one.marks.split()[0]}"


def drawn(parsed: Any, choose: random.Random) -> str:
    """A random text that an expression, given as parsed by `re`, matches."""
    out = []
    for operation, argument in parsed:
        if operation is sre.LITERAL:
            out.append(chr(argument))
        elif operation is sre.IN:
            out.append(choose.choice(characters(argument)))
        elif operation in (sre.MAX_REPEAT, sre.POSSESSIVE_REPEAT):
            low, high, inside = argument
            out += [drawn(inside, choose) for _ in range(choose.randint(low, min(int(high), low + 20)))]
        elif operation is sre.SUBPATTERN:
            out.append(drawn(argument[3], choose))
        elif operation is sre.BRANCH:
            out.append(drawn(choose.choice(argument[1]), choose))
        else:
            assert operation is sre.ASSERT_NOT, operation
    return "".join(out)


def characters(members: Any) -> str:
    out = ""
    for operation, argument in members:
        if operation is sre.LITERAL:
            out += chr(argument)
        elif operation is sre.RANGE:
            out += "".join(map(chr, range(argument[0], argument[1] + 1)))
        else:
            out += {sre.CATEGORY_WORD: WORD, sre.CATEGORY_DIGIT: string.digits}[argument]
    return out


def token_of(one: Format, seed: int) -> str:
    choose = random.Random(seed)
    before, rest = (drawn(_parser.parse(expression), choose) for expression in (one.before, one.rest))
    return before + choose.choice(one.marks.split()) + rest


def slow_tokens(text: str) -> set[tuple[int, int, str]]:
    """Every row on its own, at every place, by one plain expression."""
    found = set()
    for one in FORMATS:
        marks = "|".join(map(re.escape, one.marks.split()))
        pattern = rf"(?:(?<![\w-])|(?<=\\n))(?:{one.before})(?:{marks})(?:{one.rest})(?![A-Za-z0-9])"
        for match in re.finditer(pattern, text):
            if re.search(r"example|x{5}|\.{3}|1234567890|abcdefgh|your", match[0], re.IGNORECASE):
                continue
            if len(set(match[0][-16:])) >= 6 and (one.judge is None or one.judge(match[0])):
                found.add((match.start(), match.end(), one.kind))
    return found


# A random web token has no header and is none; made ones are in test_secrets.py.
@pytest.mark.parametrize("one", [one for one in FORMATS if one.kind != "jwt"], ids=identity)
def test_every_row_finds_the_tokens_that_it_describes(one: Format) -> None:
    for seed in range(20):
        token = token_of(one, seed)
        found = [(each.start, each.end, each.kind) for each in tokens(f'key: "{token}"')]
        assert found == [(6, 6 + len(token), one.kind)], token


@pytest.mark.parametrize("one", FORMATS, ids=identity)
def test_a_row_is_written_so_that_no_text_makes_it_slow(one: Format) -> None:
    for operation, (_, most, inside) in repetitions(_parser.parse(one.rest + one.before)):
        if most is sre.MAXREPEAT:
            assert operation is sre.POSSESSIVE_REPEAT
            assert not set("./=+~:$") & set(characters(inside[0][1]))
        else:
            assert most <= 500


def repetitions(parsed: Any) -> Iterator[tuple[Any, Any]]:
    for operation, argument in parsed:
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            yield operation, argument
            yield from repetitions(argument[2])
        elif operation is sre.SUBPATTERN:
            yield from repetitions(argument[3])
        elif operation is sre.BRANCH:
            for branch in argument[1]:
                yield from repetitions(branch)


pieces = st.one_of(
    st.builds(token_of, st.sampled_from(FORMATS), st.integers(0, 1000)),
    st.sampled_from([" ", "=", '"', "\\n", "x", "-", "://", "\n", "", *(one.marks.split()[0] for one in FORMATS)]),
)


@given(st.lists(pieces, max_size=8).map("".join))
@settings(max_examples=200, deadline=None)
def test_the_search_by_marks_finds_what_every_row_alone_would(text: str) -> None:
    found = [(each.start, each.end, each.kind) for each in tokens(text)]
    slow = slow_tokens(text)
    assert set(found) <= slow
    # Where two rows describe overlapping pieces one of them is told.
    for start, end, _ in slow:
        assert any(start < other_end and other_start < end for other_start, other_end, _ in found)


MARKS = sorted({mark for one in FORMATS for mark in one.marks.split()}, key=len, reverse=True)
PIECES = st.sampled_from(MARKS).flatmap(lambda mark: st.sampled_from([mark[:n] for n in range(1, len(mark) + 1)]))


@given(st.lists(PIECES | st.text("aS-_ .~:Q\n", max_size=3), max_size=12).map("".join))
def test_marks_are_those_that_one_expression_for_all_of_them_finds(text: str):
    every = re.compile("|".join(map(re.escape, MARKS)))
    assert list(marks_in(text)) == [(found.start(), found[0]) for found in every.finditer(text)]
