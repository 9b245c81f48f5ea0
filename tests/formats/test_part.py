"""Mappings that are walked without trusting their shape."""

import pytest

from batten.formats.part import Part, amount
from batten.model.values import UNKNOWN

PART = Part(
    {"a": {"b": 1}, "list": [{"x": 1}, 2, {"x": 3}], "t": "", "n": None, "yes": "true", "num": " 12 "}, ("root",)
)


def test_parts_know_where_they_stand():
    assert PART.part("a").at("b") == ("root", "a", "b")
    assert [one.pointer for one in PART.parts("list")] == [("root", "list", 0), ("root", "list", 2)]


def test_what_is_no_mapping_counts_as_an_empty_one():
    assert PART.part("num").get("x") is None
    assert PART.parts("a") == []
    assert Part([1]).texts("x") == []


def test_an_empty_text_is_not_written():
    assert (PART.get("t"), PART.get("n"), PART.text("missing")) == (None, None, "")


def test_booleans_and_numbers_may_be_written_as_text():
    assert (PART.flag("yes"), PART.flag("missing"), PART.flag("num")) == (True, False, UNKNOWN)
    assert (PART.integer("num"), PART.integer("missing"), PART.integer("yes")) == (12, None, UNKNOWN)
    assert Part({"n": 1.5}).integer("n") is UNKNOWN
    assert Part({"n": "9" * 400}).integer("n") is UNKNOWN


@pytest.mark.parametrize(
    ("text", "value"),
    [("512", 512), ("0.5 GB", 512), (".25gb", 256), ("1 Gb", 1024), ("", UNKNOWN), ("1 TB", UNKNOWN), ("x", UNKNOWN)],
)
def test_amounts_with_units(text: str, value: object):
    assert amount(text, {"": 1, "gb": 1024}) == value
