"""Where characters of what a template printed were written, with and without marks."""

from __future__ import annotations

import random

from batten.formats.helm.origins import Origins, _lines
from batten.formats.helm.syntax import parse


def mapped(true: str, marked: str) -> list[str | None]:
    """For each line of the true text the line of the marked one that belongs to it."""
    _, found = _lines(true, marked)
    return [None if one is None else marked[one[0] : sum(one)] for one in found]


def test_lines_are_known_again_where_others_come_between() -> None:
    assert mapped("a\nb\nc\nd", "a\nx\ny\nc\nd") == ["a", None, "c", "d"]
    assert mapped("a\nb\nc\nd\ne", "a\nB\nc\nx\nd\ne") == ["a", "B", "c", "d", "e"]
    assert mapped("a", "a\na") == ["a"]


def test_lines_that_repeat_are_compared_in_one_go() -> None:
    """Not each with every other, which took minutes."""
    body = "\n".join(["a"] * 9_000 + ["z"] + ["a"] * 9_000)
    found = mapped(f"q\nr\n{body}\np", f"b\nc\nd\n{body}\no")
    assert found[9_002] == "z"
    assert found[-2] == "a"


def test_a_line_belongs_to_one_that_is_the_same() -> None:
    draw = random.Random(7)
    for _ in range(200):
        true = [draw.choice("abcdef") for _ in range(draw.randrange(1, 12))]
        marked = [one for one in true if draw.random() < 0.8] + ["x"] * draw.randrange(3)
        _, found = _lines("\n".join(true), "\n".join(marked))
        places = [one[0] for one in found if one is not None]
        assert places == sorted(set(places))


def test_what_a_line_is_indented_more_than_its_template() -> None:
    origins = Origins("a:\n    b: 1\n", "", [], {"web.yaml": parse("x:\n  b: 1\n")})
    assert origins.inserted(8, 6, "web.yaml") == 2
    assert origins.inserted(0, 6, "web.yaml") == -2
