"""What a row says of a version: the engine against the OSV specification, and the odd cases one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.versions import InvalidVersion, compare
from batten.vulnerabilities.db import AdvisoryRow, Interval
from batten.vulnerabilities.db.importers.common import Event, intervals
from batten.vulnerabilities.ranges import standing
from versions import slow_dpkg, slow_maven, slow_pep440, slow_rpm, slow_semver
from vulnerabilities import slow_ranges

SLOW: dict[str, Callable[[str, str], int | None]] = {
    "dpkg": slow_dpkg.compare,
    "maven": slow_maven.compare,
    "pep440": slow_pep440.compare,
    "rpm": slow_rpm.compare,
    "semver": slow_semver.compare,
}
_PRE = {"dpkg": "~rc{}", "maven": "-rc-{}", "pep440": "rc{}", "rpm": "~rc{}", "semver": "-rc.{}"}
_TAIL = {"dpkg": "-1", "rpm": "-1.el9", "maven": "", "pep440": "", "semver": ""}


def row(*ranges: Interval, **fields: Any) -> AdvisoryRow:
    given = {"ecosystem": "pypi", "name": "x", "id": "CVE-2024-1", "source": "osv:PyPI", "status": "affected"}
    return AdvisoryRow(ranges=ranges, **{**given, **fields})


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str, list[tuple[str, str]], list[str]]:
    """(scheme, version, events, listed versions): as records have them, in any order, bounds met exactly as well."""
    scheme = draw(st.sampled_from(sorted(SLOW)))
    digit = st.integers(0, 3)

    def version() -> str:
        text = f"{draw(digit) + 1}.{draw(digit)}.{draw(digit)}"
        pre = draw(st.integers(0, 8))
        return text + (_PRE[scheme].format(pre) if pre in (1, 2) else "") + _TAIL[scheme]

    pool = sorted({version() for _ in range(draw(st.integers(2, 9)))})
    ordered: list[str] = []
    for text in pool:  # insertion by the scheme's own order, equal ones once
        if all(compare(scheme, text, other) for other in ordered):
            place = sum(compare(scheme, other, text) < 0 for other in ordered)
            ordered.insert(place, text)
    closes = [draw(st.sampled_from(("fixed", "last_affected"))) for _ in ordered]
    events: list[tuple[str, str]] = []
    opened = draw(st.booleans())
    if opened:
        events.append(("introduced", "0"))
    for text, close in zip(ordered, closes, strict=True):
        if draw(st.booleans()):
            continue
        events.append((close, text) if opened else ("introduced", text))
        opened = not opened
    listed = draw(st.lists(st.sampled_from(pool), max_size=2))
    return scheme, draw(st.sampled_from(pool)), draw(st.permutations(events)), listed


@given(cases())
def test_agrees_with_the_specification_read_literally(case: tuple[str, str, list[tuple[str, str]], list[str]]) -> None:
    scheme, version, events, listed = case
    read = intervals([Event(**{key: value}) for key, value in events], scheme)
    if not read and not listed:
        return
    found = standing(scheme, version, row(*read, versions=tuple(listed)))
    assert found is not None
    affected = slow_ranges.is_affected(version, events, listed, SLOW[scheme])
    assert (found.status == "affected") == affected, found
    if affected and found.fixed:
        assert SLOW[scheme](found.fixed, version) == 1, "the fix lies above what it mends"
        assert not slow_ranges.is_affected(found.fixed, events, [], SLOW[scheme]), "what mends is not affected"
    if not affected and found.status == "fixed":
        assert (SLOW[scheme](found.fixed, version) or 0) <= 0, "mended at or before the version"


def test_speaks_of_nothing_without_ranges_and_versions() -> None:
    assert standing("pep440", "1.0", row()) is None


def test_an_open_range_has_no_fix() -> None:
    found = standing("semver", "9.9.9", row(Interval("1.0.0")))
    assert found is not None
    assert (found.status, found.fixed) == ("affected", "")


def test_last_affected_is_inside() -> None:
    one = row(Interval("", "", "2.5.1"))
    assert [standing("pep440", text, one).status for text in ("2.5", "2.5.1", "2.5.2")] == [  # type: ignore[union-attr]
        "affected",
        "affected",
        "not_affected",
    ]


def test_the_next_fix_mends_a_branch_that_has_none() -> None:
    one = row(Interval("", "", "1.9"), Interval("2.0", "2.3"))
    found = standing("pep440", "1.4", one)
    assert found is not None
    assert (found.status, found.fixed) == ("affected", "2.3")


def test_between_two_ranges_it_is_mended() -> None:
    one = row(Interval("1.0", "1.5"), Interval("2.0", "2.3"))
    found = standing("pep440", "1.7", one)
    assert found is not None
    assert (found.status, found.fixed) == ("fixed", "1.5")


def test_a_listed_version_is_meant_in_any_spelling_of_its_scheme() -> None:
    one = row(versions=("1.0", "1.1"))
    assert standing("pep440", "1.0.0", one).status == "affected"  # type: ignore[union-attr]
    assert standing("pep440", "1.2", one).status == "not_affected"  # type: ignore[union-attr]


def test_a_row_that_says_not_affected_of_a_range_says_nothing_outside() -> None:
    one = row(Interval("", "2.0"), status="not_affected")
    assert standing("rpm", "1.0-1", one).status == "not_affected"  # type: ignore[union-attr]
    assert standing("rpm", "3.0-1", one) is None


def test_bounds_that_are_no_versions_leave_it_open_to_doubt() -> None:
    found = standing("semver", "1.0.0", row(Interval("", "see notes")))
    assert found is not None
    assert (found.status, found.unreadable) == ("under_investigation", ("see notes",))


def test_readable_ranges_beside_unreadable_ones_count() -> None:
    found = standing("semver", "1.0.0", row(Interval("", "see notes"), Interval("", "1.2.0")))
    assert found is not None
    assert (found.status, found.fixed) == ("affected", "1.2.0")


def test_a_version_of_no_scheme_is_refused_unless_it_is_listed() -> None:
    with pytest.raises(InvalidVersion):
        standing("pep440", "not a version", row(Interval("", "1.0")))
    listed = standing("pep440", "2004d-x", row(Interval("", "1.0"), versions=("2004d-x",)))
    assert listed is not None
    assert listed.status == "affected"


@pytest.mark.parametrize(
    ("installed", "fixed", "status"),
    [
        ("1:1.0-1", "2.0-1", "fixed"),  # the epoch goes before everything
        ("2.0-1", "1:1.0-1", "affected"),
        ("1.1.1n-0+deb11u4", "1.1.1n-0+deb11u4", "fixed"),
        ("1.1.1n-0+deb11u3", "1.1.1n-0+deb11u4", "affected"),
        ("1.0~rc1-1", "1.0-1", "affected"),
        ("1.0-1+b1", "1.0-1", "fixed"),
    ],
)
def test_dpkg(installed: str, fixed: str, status: str) -> None:
    assert standing("dpkg", installed, row(Interval("", fixed))).status == status  # type: ignore[union-attr]
