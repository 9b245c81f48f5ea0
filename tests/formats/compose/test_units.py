from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.compose import units


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("512m", 512 << 20),
        ("512M", 512 << 20),
        ("512MiB", 512 << 20),
        ("512mb", 512 << 20),
        ("1.5g", 3 << 29),
        ("1 k", 1024),
        ("100b", 100),
        ("1048576", 1 << 20),
        (1048576, 1 << 20),
        (-1, -1),
        ("-1", -1),
        ("12x", None),
        ("m", None),
        ("", None),
        ("1 000", None),
        (True, None),
        (None, None),
    ],
)
def test_size(written: object, number: int | None) -> None:
    assert units.size(written) == number


@given(st.integers(0, 1 << 50))
def test_size_text_is_read_back(number: int) -> None:
    assert units.size(units.size_text(number)) == number


def test_size_text_takes_the_largest_unit() -> None:
    assert [units.size_text(one) for one in (512 << 20, 1 << 30, 1000, 2048)] == ["512m", "1g", "1000", "2k"]


def test_booleans_are_those_of_both_yaml_versions() -> None:
    assert [units.boolean(word) for word in (True, "true", "yes", "On", "y")] == [True] * 5
    assert [units.boolean(word) for word in (False, "false", "no", "OFF", "n")] == [False] * 5
    assert [units.boolean(word) for word in ("maybe", 1, None, "")] == [None] * 4


def test_numbers() -> None:
    assert [units.integer(one) for one in (5, "5", "-1", 5.0, "5.5", "x", True)] == [5, 5, -1, 5, None, None, None]
    assert [units.decimal(one) for one in (1, "0.5", 1.5, "x", True)] == [1.0, 0.5, 1.5, None, None]
