"""Every scheme against its slow model, and the laws that an order keeps."""

from __future__ import annotations

import importlib
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.limits import VERSION_CHARACTERS
from batten.versions import SCHEMES, InvalidVersion, compare, sort_key
from versions.generated import VERSIONS, near, pair

SEEDS = st.integers(0, 2**32)
HOSTILE = ["1", "0", ".", "-", "~", "1.", "1-", "a1", "1a", ".0", "-0", "_p", "1:", "+", "^", "dev"]
HOSTILE += ["\u0661", "\u00b2", "\u017f", "\n", " ", "\0"]  # a digit, a power and an s that are not ASCII


def order(scheme: str, left: str, right: str) -> int | None:
    try:
        return compare(scheme, left, right)
    except InvalidVersion:
        return None


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_agrees_with_the_slow_model(scheme: str, seed: int) -> None:
    slow = importlib.import_module(f"versions.slow_{scheme}")
    random = Random(seed)
    for _ in range(40):
        left, right = pair(scheme, random)
        assert order(scheme, left, right) == slow.compare(left.strip(), right.strip()), (left, right)


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_is_antisymmetric(scheme: str, seed: int) -> None:
    random = Random(seed)
    for _ in range(20):
        left, right = pair(scheme, random)
        forth, back = order(scheme, left, right), order(scheme, right, left)
        assert (forth is None) == (back is None)
        assert forth is None or back is None or forth == -back, (left, right)


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "maven"])
@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_is_transitive(scheme: str, seed: int) -> None:
    random = Random(seed)
    first = VERSIONS[scheme](random)
    assert_transitive(
        scheme, [first, *(near(random, first) for _ in range(4)), *(VERSIONS[scheme](random) for _ in range(3))]
    )


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_ordinary_maven_versions_are_transitive(seed: int) -> None:
    """Maven's own order has circles among odd versions: 1.0.alpha.1 < 1 < 1.sp.1 < 1.0.alpha.1."""
    random = Random(seed)
    qualifiers = ("", "-alpha", "-beta2", "-rc1", "-M1", "-SNAPSHOT", ".Final", "-sp1", "-jre", ".RELEASE")
    versions = [
        f"{random.randint(0, 2)}.{random.randint(0, 2)}.{random.randint(0, 2)}{random.choice(qualifiers)}"
        for _ in range(8)
    ]
    assert_transitive("maven", versions)


def assert_transitive(scheme: str, versions: list[str]) -> None:
    found = [version for version in versions if order(scheme, version, version) is not None]
    for one in found:
        for other in found:
            for third in found:
                first, second = compare(scheme, one, other), compare(scheme, other, third)
                if first <= 0 and second <= 0:
                    assert compare(scheme, one, third) == min(first, second), (one, other, third)


def test_odd_maven_versions_go_round_as_in_maven() -> None:
    circle = ("1.0.alpha.1", "1", "1.sp.1", "1.0.alpha.1")
    assert [compare("maven", left, right) for left, right in pairwise(circle)] == [-1, -1, -1]


@pytest.mark.parametrize("scheme", SCHEMES)
@given(text=st.text(max_size=40))
def test_any_text_is_a_version_or_an_invalid_one(scheme: str, text: str) -> None:
    if order(scheme, text, text) is not None:
        assert compare(scheme, text, text) == 0


@pytest.mark.parametrize("scheme", SCHEMES)
@given(pieces=st.lists(st.sampled_from(HOSTILE), max_size=12))
def test_hostile_pieces_never_crash(scheme: str, pieces: list[str]) -> None:
    text = "1" + "".join(pieces)
    assert order(scheme, text, text) in (0, None)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_text_longer_than_any_version_is_refused(scheme: str) -> None:
    with pytest.raises(InvalidVersion, match="longer than"):
        sort_key(scheme, "1" * (VERSION_CHARACTERS + 1))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_nothing_is_no_version(scheme: str, text: str) -> None:
    with pytest.raises(InvalidVersion):
        sort_key(scheme, text)


def test_the_error_is_one_short_line() -> None:
    with pytest.raises(InvalidVersion) as caught:
        sort_key("pep440", "2004d" + "-x\n" * 150)
    assert str(caught.value).startswith("not a pep440 version: '2004d-x")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
