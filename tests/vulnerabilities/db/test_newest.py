"""Several copies of one source: the newest wins by its own dates, whatever the files are called; the loser is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from batten.vulnerabilities.db import DatabaseError
from batten.vulnerabilities.db.writer import Writer

from .conftest import Built

Make = Callable[..., Built]


def epss(day: str, *rows: str) -> bytes:
    head = f"#model_version:v1,score_date:{day}T00:00:00+0000\ncve,epss,percentile\n"
    return (head + "".join(f"{row}\n" for row in rows)).encode()


def kev(day: str, *names: str) -> bytes:
    entries = [{"cveID": name, "dateAdded": "2024-01-01"} for name in names]
    return json.dumps({"catalogVersion": "1", "dateReleased": f"{day}T10:00:00Z", "vulnerabilities": entries}).encode()


def osv(ident: str, modified: str, fixed: str, name: str = "left-pad", **fields: object) -> bytes:
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": "npm", "name": name}, "ranges": ranges}]
    return json.dumps({"id": ident, "modified": f"{modified}T00:00:00Z", "affected": affected, **fields}).encode()


def told(found: Built) -> list[tuple[str, str, str, int]]:
    return [(one.origin, one.by, one.source, one.records) for one in found.outcome.superseded]


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("b", "a")])
def test_scores_of_the_newest_day_stay(built: Make, old: str, new: str) -> None:
    found = built(
        (old, epss("2023-03-02", "CVE-2020-1000,0.9,0.9", "CVE-2020-2000,0.9,0.9")),
        (new, epss("2026-08-16", "CVE-2020-1000,0.1,0.2")),
    )
    details = found.db.details(["CVE-2020-1000", "CVE-2020-2000"])
    assert list(details) == ["CVE-2020-1000"]
    score = details["CVE-2020-1000"].epss
    assert score is not None
    assert (score.score, score.date) == (0.1, "2026-08-16")
    assert told(found) == [(old, new, "epss", 2)]
    assert [one.records for one in found.db.states()] == [1]


def test_scores_of_a_file_that_is_broken_further_on_are_not_taken(built: Make) -> None:
    found = built(
        ("a", epss("2023-03-02", "CVE-2020-1000,0.5,0.9")),
        ("b", epss("2026-08-16", "CVE-2020-1000,0.1,0.2", "CVE-2020-2000,7,0.2")),
    )
    score = found.db.details(["CVE-2020-1000"])["CVE-2020-1000"].epss
    assert score is not None
    assert score.score == 0.5
    assert told(found) == []
    assert [one.origin for one in found.outcome.problems] == ["b"]


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("b", "a")])
def test_the_newest_catalogue_of_what_is_exploited_stays_as_a_whole(built: Make, old: str, new: str) -> None:
    found = built((old, kev("2025-01-01", "CVE-2020-1000", "CVE-2020-2000")), (new, kev("2026-01-01", "CVE-2020-1000")))
    assert list(found.db.details(["CVE-2020-1000", "CVE-2020-2000"])) == ["CVE-2020-1000"]
    assert told(found) == [(old, new, "kev", 2)]


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("b", "a")])
def test_the_newest_of_one_advisory_stays(built: Make, old: str, new: str) -> None:
    found = built(
        (old, osv("GHSA-1111-2222-3333", "2025-01-01", "1.0.0")),
        (new, osv("GHSA-1111-2222-3333", "2026-01-01", "1.0.1")),
    )
    assert [one.fixed for one in found.row("npm", "left-pad").ranges] == ["1.0.1"]
    assert told(found) == [(old, new, "ghsa", 1)]
    (older,) = found.outcome.superseded
    assert older.text() == f"1 record of ghsa was not used: {new} has a newer one"


def test_what_an_older_advisory_says_of_another_package_stays(built: Make) -> None:
    found = built(
        ("a", osv("GHSA-1111-2222-3333", "2025-01-01", "1.0.0", "right-pad")),
        ("b", osv("GHSA-1111-2222-3333", "2026-01-01", "1.0.1")),
    )
    assert found.row("npm", "right-pad")
    assert found.row("npm", "left-pad")
    assert told(found) == []


def test_sources_do_not_replace_one_another(built: Make) -> None:
    found = built(
        ("a", osv("GHSA-1111-2222-3333", "2025-01-01", "1.0.0")),
        ("b", osv("CVE-2025-1111", "2026-01-01", "1.0.1", aliases=["GHSA-1111-2222-3333"])),
    )
    assert len(found.rows("npm", "left-pad")) == 2
    assert told(found) == []


def test_a_withdrawn_copy_silences_the_older_one(built: Make) -> None:
    found = built(
        ("a", osv("GHSA-1111-2222-3333", "2026-02-01", "1.0.1", withdrawn="2026-02-01T00:00:00Z")),
        ("b", osv("GHSA-1111-2222-3333", "2025-01-01", "1.0.0")),
    )
    assert [row.withdrawn for row in found.rows("npm", "left-pad")] == ["2026-02-01"]


def test_the_newest_copy_of_a_release_cycle_stays(built: Make) -> None:
    def cycles(day: str, eol: str) -> bytes:
        one = {"cycle": "12", "releaseDate": "2023-06-10", "latestReleaseDate": day, "eol": eol}
        return json.dumps({"debian": [one]}).encode()

    found = built(("a", cycles("2026-07-01", "2026-06-10")), ("b", cycles("2024-07-01", "2024-01-01")))
    cycle = found.db.end_of_life("debian", "12")
    assert cycle is not None
    assert cycle.eol == "2026-06-10"
    assert told(found) == [("b", "a", "endoflife", 1)]


def test_a_problem_names_the_file_that_it_is_in(built: Make) -> None:
    found = built(
        ("a.csv", epss("2023-03-02", "CVE-2020-1000,0.9,0.9")),
        ("good.json", osv("GHSA-1111-2222-3333", "2025-01-01", "1.0.0")),
        (
            "bad.jsonl",
            osv("GHSA-1111-2222-4444", "2025-01-01", "1.0.0") + b"\n" + b'{"id": 3}\n{"id": "GHSA-", "affected": 7}\n',
        ),
    )
    (state,) = [one for one in found.db.states() if one.name == "ghsa"]
    assert state.problem.startswith("bad.jsonl: 1 of 2 records cannot be read: line 3: ")


def test_a_database_with_facts_that_are_none_is_one_line(built: Make, tmp_path: Path) -> None:
    found = built(("a", epss("2023-03-02", "CVE-2020-1000,0.9,0.9")))
    with sqlite3.connect(found.db.path) as run:
        run.execute("INSERT INTO fact VALUES (5000001000, 1, ?)", (b"\x00\xc1",))
        run.execute("INSERT INTO feed (id, name, origin, format) VALUES (99, 'epss', 'x', 'y')")
        run.execute("INSERT INTO fact VALUES (5000001000, 99, ?)", (b"\x00\xc1",))
    with (
        Writer(tmp_path / "next.sqlite", base=found.db.path) as writer,
        pytest.raises(DatabaseError, match="is damaged"),
    ):
        writer.finish()
    assert not (tmp_path / "next.sqlite").exists()
