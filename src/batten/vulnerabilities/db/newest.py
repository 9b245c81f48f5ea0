"""Where several feeds say the same thing of one source, the newest stays: by the source's own dates, not by the order
in which files happened to be read."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from msgspec import Struct

from batten.vulnerabilities.db import packed
from batten.vulnerabilities.db.packed import Facts

_ALIKE: Final = {"friendsofphp": "osv", "retirejs": "osv", "rubysec": "osv"}
"""Forms of a source -> the form whose advisories have the same identifiers."""

# What makes two statements about one package the same question.
_SAME: Final = " AND ".join(f"theirs.{name} IS affected.{name}" for name in ("unit", "module", "product", "arch"))


class Superseded(Struct, frozen=True):
    """Records that a newer copy of the same source takes the place of."""

    origin: str
    """The file or address that they stand in."""
    by: str
    """That of the newer ones."""
    source: str
    records: int

    def text(self) -> str:
        what, verb, one = ("record", "was", "a newer one") if self.records == 1 else ("records", "were", "newer ones")
        return f"{self.records:,} {what} of {self.source} {verb} not used: {self.by} has {one}"


class _Feed(Struct, frozen=True):
    id: int
    name: str
    format: str
    origin: str
    ecosystems: frozenset[str]
    rank: tuple[str, str, int]
    """The day of its newest record; sources without days: when it was fetched."""


def settle(connection: sqlite3.Connection) -> list[Superseded]:
    """Removes what is older than the same from another feed of its source; says what was removed."""
    feeds = {
        number: _Feed(number, name, kind, origin, frozenset(ecosystems.split()), (newest, fetched, number))
        for number, name, kind, origin, ecosystems, newest, fetched in connection.execute(
            "SELECT id, name, format, origin, ecosystems, newest, fetched FROM feed"
        )
    }
    lost: Counter[tuple[int, int]] = Counter()
    lost.update(_catalogues(connection, feeds))
    lost.update(_cycles(connection, feeds))
    lost.update(_facts(connection, feeds))
    lost.update(_advisories(connection, feeds))
    for (loser, _), count in lost.items():
        connection.execute("UPDATE feed SET records = max(0, records - ?) WHERE id = ?", (count, loser))
    return [
        Superseded(feeds[loser].origin, feeds[winner].origin, feeds[loser].name, count)
        for (loser, winner), count in sorted(lost.items())
    ]


def remove_advisories(run: sqlite3.Connection, feeds: Iterable[int], identifiers: Iterable[str]) -> None:
    """Takes the advisories with these identifiers out of some feeds, whatever they say of which package."""
    run.execute("CREATE TEMP TABLE stale (ident TEXT PRIMARY KEY) WITHOUT ROWID")
    run.executemany("INSERT OR IGNORE INTO stale VALUES (?)", ((ident,) for ident in identifiers))
    theirs = "SELECT id FROM advisory WHERE feed = ? AND ident IN (SELECT ident FROM stale)"
    for feed in feeds:
        run.execute(f"DELETE FROM affected WHERE advisory IN ({theirs})", (feed,))  # noqa: S608
        run.execute(f"DELETE FROM alias WHERE advisory IN ({theirs})", (feed,))  # noqa: S608
        gone = run.execute(f"DELETE FROM advisory WHERE id IN ({theirs})", (feed,)).rowcount  # noqa: S608
        run.execute("UPDATE feed SET records = max(0, records - ?) WHERE id = ?", (gone, feed))
    run.execute("DROP TABLE stale")


def _catalogues(run: sqlite3.Connection, feeds: dict[int, _Feed]) -> Iterator[tuple[int, int]]:
    """The catalogue of what is known to be exploited is a whole: entries are also taken out of it."""
    counts = dict(run.execute("SELECT feed, count(*) FROM kev GROUP BY feed").fetchall())
    winner = max(counts, key=lambda feed: feeds[feed].rank, default=0)
    for loser in counts.keys() - {winner}:
        run.execute("DELETE FROM kev WHERE feed = ?", (loser,))
        yield from [(loser, winner)] * counts[loser]


def _cycles(run: sqlite3.Connection, feeds: dict[int, _Feed]) -> Iterator[tuple[int, int]]:
    statement = "SELECT product, cycle, feed FROM end_of_life ORDER BY product, cycle, feed"
    several = []
    for key, rows in groupby(run.execute(statement), key=lambda row: row[:2]):
        found = [row[2] for row in rows]
        if len(found) > 1:
            several.append((key, found))
    for key, found in several:
        winner = max(found, key=lambda feed: feeds[feed].rank)
        for loser in found:
            if loser != winner:
                run.execute("DELETE FROM end_of_life WHERE product = ? AND cycle = ? AND feed = ?", (*key, loser))
                yield loser, winner


def _facts(run: sqlite3.Connection, feeds: dict[int, _Feed]) -> Iterator[tuple[int, int]]:
    for group in _groups(feeds, lambda one: one.name):
        marks = ",".join("?" * len(group))
        ids = [one.id for one in group]
        statement = f"SELECT cve FROM fact WHERE feed IN ({marks}) GROUP BY cve HAVING count(*) > 1"  # noqa: S608
        for (cve,) in run.execute(statement, ids).fetchall():
            rows = run.execute(f"SELECT feed, fact FROM fact WHERE cve = ? AND feed IN ({marks})", (cve, *ids))  # noqa: S608
            told = {feed: packed.unpack_facts(fact) for feed, fact in rows}
            winner = max(told, key=lambda feed: _fact_rank(told[feed], feeds[feed]))
            for loser in sorted(told.keys() - {winner}):
                if _covers(told[winner], told[loser]):
                    run.execute("DELETE FROM fact WHERE cve = ? AND feed = ?", (cve, loser))
                    yield loser, winner


def _fact_rank(facts: Facts, feed: _Feed) -> tuple[Any, ...]:
    return (facts.modified, *feed.rank)


def _covers(newer: Facts, older: Facts) -> bool:
    """Whether the newer facts speak of all that the older ones speak of: some publishers split theirs over files."""
    return all(
        getattr(newer, name) or not getattr(older, name)
        for name in ("summary", "urls", "cwes", "scores", "severities", "ssvc", "exploits")
    )


def _advisories(run: sqlite3.Connection, feeds: dict[int, _Feed]) -> Iterator[tuple[int, int]]:
    """Of advisories with one identifier what the newest says of a package stays, what the older ones say of it goes."""
    lost: dict[int, int] = {}
    for group in _groups(feeds, lambda one: (one.name, _ALIKE.get(one.format, one.format))):
        # feeds that share no ecosystem share no package: most sources have one file for each
        met = Counter(ecosystem for one in group for ecosystem in one.ecosystems)
        shared = sorted(ecosystem for ecosystem, count in met.items() if count > 1)
        for package, loser, winner in list(_contested(run, [one.id for one in group], shared, feeds)):
            theirs = f"SELECT 1 FROM affected AS theirs WHERE theirs.package = ?1 AND theirs.advisory = ?3 AND {_SAME}"  # noqa: S608
            statement = f"DELETE FROM affected WHERE package = ?1 AND advisory = ?2 AND EXISTS ({theirs})"  # noqa: S608
            if run.execute(statement, (package, loser, winner)).rowcount:
                lost[loser] = winner
    run.execute("CREATE TEMP TABLE lost (id INTEGER PRIMARY KEY, winner INTEGER NOT NULL)")
    run.executemany("INSERT INTO lost VALUES (?, ?)", lost.items())
    told = run.execute(
        "SELECT older.feed, newer.feed FROM lost CROSS JOIN advisory AS older ON older.id = lost.id"
        " CROSS JOIN advisory AS newer ON newer.id = lost.winner"
    ).fetchall()
    if lost:
        run.execute("DELETE FROM lost WHERE id IN (SELECT advisory FROM affected)")  # they still say something else
        run.execute("DELETE FROM alias WHERE advisory IN (SELECT id FROM lost)")
        run.execute("DELETE FROM advisory WHERE id IN (SELECT id FROM lost)")
    run.execute("DROP TABLE lost")
    yield from told


def _contested(
    run: sqlite3.Connection, ids: Sequence[int], ecosystems: Sequence[str], feeds: dict[int, _Feed]
) -> Iterator[tuple[int, int, int]]:
    """(package, older, newest) where advisories of several feeds speak of one package under one identifier."""
    statement = (
        "SELECT DISTINCT affected.package, advisory.ident, advisory.id, advisory.feed, coalesce(advisory.modified, '')"  # noqa: S608
        " FROM package CROSS JOIN affected ON affected.package = package.id"
        " CROSS JOIN advisory ON advisory.id = affected.advisory"
        f" WHERE package.ecosystem = ? AND advisory.feed IN ({','.join('?' * len(ids))}) ORDER BY package.id"
    )
    for ecosystem in ecosystems:
        for package, rows in groupby(run.execute(statement, (ecosystem, *ids)), key=lambda row: row[0]):
            by_ident: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
            for row in rows:
                by_ident[row[1]].append(row[2:])
            for some in by_ident.values():
                if len({feed for _, feed, _ in some}) > 1:
                    winner, newest, _ = max(some, key=lambda row: (row[2], *feeds[row[1]].rank))
                    yield from ((package, number, winner) for number, feed, _ in some if feed != newest)


def _groups(feeds: dict[int, _Feed], key: Any) -> list[list[_Feed]]:
    found: dict[Any, list[_Feed]] = defaultdict(list)
    for one in feeds.values():
        found[key(one)].append(one)
    return [some for some in found.values() if len(some) > 1]
