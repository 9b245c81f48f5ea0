"""Places in a text as editors count them, held against a walk through the text character by character."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from batten.integrations.lsp.positions import Encoding, Positions, Replacement, Spot
from batten.model.source import Location

CHARACTERS = "ab: é🦀\n\r\u2028\x85\t"
TEXTS = some.text(CHARACTERS, max_size=40)
ENCODINGS = some.sampled_from(["utf-8", "utf-16", "utf-32"])
UNITS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def walked(text: str, encoding: str) -> list[Spot]:
    """The spot of every character and of the end, straight from the specification."""
    found = []
    line = column = 0
    for index, character in enumerate(text):
        found.append(Spot(line, column))
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            line, column = line + 1, 0
        else:
            column += len(character.encode(UNITS[encoding])) // SIZES[encoding]
    return [*found, Spot(line, column)]


def replaced(text: str, replacements: list[Replacement], encoding: str) -> str:
    offsets = {spot: index for index, spot in reversed([*enumerate(walked(text, encoding))])}
    for one in reversed(replacements):
        text = text[: offsets[one.span.start]] + one.text + text[offsets[one.span.end] :]
    return text


@given(TEXTS, ENCODINGS)
def test_every_character_stands_where_the_specification_says(text: str, encoding: Encoding):
    positions = Positions(text, encoding)
    assert [positions.spot(offset) for offset in range(len(text) + 1)] == walked(text, encoding)


@given(TEXTS, TEXTS, ENCODINGS)
def test_replacements_make_one_text_of_another(before: str, after: str, encoding: Encoding):
    found = Positions(before, encoding).replacements(after)
    assert replaced(before, found, encoding) == after
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))
    assert bool(found) == (before != after)


@pytest.mark.parametrize(
    ("location", "start", "end"),
    [
        (Location("", 2, 3, 2, 5), Spot(1, 2), Spot(1, 4)),
        (Location("", 1, 2, 1, 3), Spot(0, 2), Spot(0, 3)),
        (Location("", 1, 1, 2, 3), Spot(0, 0), Spot(0, 3)),
        (Location("", 2), Spot(1, 0), Spot(1, 4)),
        (Location("", 2, 99), Spot(1, 4), Spot(1, 4)),
        (Location("", 99, 99, 99, 100), Spot(2, 0), Spot(2, 0)),
    ],
)
def test_a_place_of_a_report_is_a_span_of_its_first_line(location: Location, start: Spot, end: Spot):
    found = Positions("🦀b\r\nabcd\r\n").of(location)
    assert (found.start, found.end) == (start, end)
