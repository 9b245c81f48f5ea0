"""Splices applied to a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.splicing import apply
from batten.model.edits import CannotEdit, Splice


def test_ranges_are_replaced_in_any_order() -> None:
    assert apply("abcdef", [Splice(4, 5, "E"), Splice(0, 1, ""), Splice(2, 2, "+")]) == "b+cdEf"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply("ab", [Splice(1, 1, "2"), Splice(1, 1, "1")]) == "a21b"


def test_what_touches_without_overlap_is_fine() -> None:
    assert apply("abcd", [Splice(1, 2, "B"), Splice(2, 2, "|"), Splice(2, 3, "C")]) == "aB|Cd"


@pytest.mark.parametrize("splices", [[Splice(0, 3, "x"), Splice(2, 4, "y")], [Splice(0, 3, ""), Splice(1, 1, "y")]])
def test_overlap_is_refused(splices: list[Splice]) -> None:
    with pytest.raises(CannotEdit, match="two edits touch the same text"):
        apply("abcdef", splices)


@pytest.mark.parametrize("splice", [Splice(2, 9, ""), Splice(7, 7, "x"), Splice(3, 2, "x")])
def test_what_reaches_beyond_the_text_is_refused(splice: Splice) -> None:
    with pytest.raises(CannotEdit, match="reaches beyond the text"):
        apply("abcdef", [splice])


@given(st.text(max_size=30), st.data())
def test_as_replacing_from_the_end(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    splices = [Splice(start, end, "<>") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    slow = text
    for splice in reversed(splices):
        slow = slow[: splice.start] + splice.text + slow[splice.end :]
    assert apply(text, data.draw(st.permutations(splices))) == slow
