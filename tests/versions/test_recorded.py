"""Pairs and ranges answered by the reference implementations, or by the documents of NuGet and PEP 440."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from batten.versions import SCHEMES, InvalidRange, InvalidVersion, compare, satisfies

DATA = Path(__file__).parents[1] / "data/versions"
SIGNS = {-1: "<", 0: "=", 1: ">"}


def rows(name: str) -> Iterator[tuple[str, str, object, str]]:
    for scheme, found in json.loads((DATA / f"{name}.json").read_text("utf-8")).items():
        for row in found:
            left, middle, right = row
            yield (scheme, left, middle, right) if name == "pairs" else (scheme, left, right, middle)


def test_every_scheme_is_recorded() -> None:
    assert {scheme for scheme, *_ in rows("pairs")} == set(SCHEMES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pairs(scheme: str) -> None:
    for _, left, sign, right in [row for row in rows("pairs") if row[0] == scheme]:
        try:
            found = SIGNS[compare(scheme, left, right)]
        except InvalidVersion:
            found = "invalid"
        assert found == sign, (left, right)


@pytest.mark.parametrize(("scheme", "version", "expected", "text"), list(rows("ranges")))
def test_ranges(scheme: str, version: str, expected: object, text: str) -> None:
    if expected == "invalid":
        with pytest.raises(InvalidRange):
            satisfies(scheme, version, text)
    else:
        assert satisfies(scheme, version, text) is expected
