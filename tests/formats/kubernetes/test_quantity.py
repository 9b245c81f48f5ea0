"""Quantities are read exactly, as the API server reads them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.kubernetes.quantity import (
    MalformedQuantity,
    cores_text,
    memory_text,
    parse_quantity,
    whole_bytes,
)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("128Mi", 128 * 1024**2),
        ("1.5Gi", 1536 * 1024**2),
        ("1Ti", 1024**4),
        ("64k", 64_000),
        ("1G", 10**9),
        ("1E", 10**18),
        ("1e3", 1000),
        ("12E2", 1200),
        ("1e-1", Fraction(1, 10)),
        ("250m", Fraction(1, 4)),
        ("5.", 5),
        (".5", Fraction(1, 2)),
        ("+2", 2),
        ("-2", -2),
        (2, 2),
        (0.5, Fraction(1, 2)),
        ("99999Ei", 2**63 - 1),
    ],
)
def test_a_quantity_is_a_number_and_a_suffix(text: str | float, amount: int | Fraction):
    assert Fraction(*parse_quantity(text)) == amount


@pytest.mark.parametrize("text", ["", "Mi", "1 Mi", "1mi", "1KI", "lots", "1e", "1e9999", ".", "1.2.3", "9" * 99, "١"])
def test_what_is_no_quantity_is_refused(text: str):
    with pytest.raises(MalformedQuantity):
        parse_quantity(text)


@pytest.mark.parametrize("value", [True, None, [], float("inf"), float("nan"), 1 << 5000], ids=lambda _: "value")
def test_other_values_are_refused(value: object):
    with pytest.raises(MalformedQuantity):
        parse_quantity(value)


def test_a_part_of_a_byte_counts_as_one():
    assert whole_bytes(parse_quantity("100m")) == 1


@given(st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from(["", "m", "k", "M", "G"]))
def test_decimal_quantities_agree_with_decimal_arithmetic(number: Decimal, suffix: str):
    factor = {"": Decimal(1), "m": Decimal("0.001"), "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9)}
    assert Fraction(*parse_quantity(f"{number}{suffix}")) == Fraction(number * factor[suffix])


@given(st.integers(min_value=1, max_value=2**62))
def test_memory_is_written_so_that_it_reads_the_same(amount: int):
    assert Fraction(*parse_quantity(memory_text(amount))) == amount


@given(st.integers(min_value=1, max_value=10**6))
def test_cores_are_written_so_that_they_read_the_same(thousandths: int):
    assert Fraction(*parse_quantity(cores_text(thousandths / 1000))) == Fraction(thousandths, 1000)


def test_quantities_are_written_as_people_write_them():
    assert [memory_text(size) for size in (512 * 1024**2, 2 * 1024**3, 1000)] == ["512Mi", "2Gi", "1000"]
    assert [cores_text(cores) for cores in (0.25, 2.0, 1.5)] == ["250m", 2, "1500m"]
