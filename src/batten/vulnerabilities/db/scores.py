"""Exploit prediction scores: one table of one day, the newest of all feeds, replaced as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from batten.vulnerabilities.db.newest import Superseded
from batten.vulnerabilities.db.schema import EPSS_SCALE, cve_number


class Scores:
    """The scores that the current feed has brought; nothing of them is in place before `take`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._told: tuple[int, str, str] | None = None

    def add(self, feed: int, rows: Iterable[tuple[str, float, float]], date: str, model: str) -> int:
        """All scores of one day: (CVE, probability, percentile); how many. What raises while it is read is dropped."""
        table = "(cve INTEGER PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL)"
        self._run(f"CREATE TABLE epss_read {table}")
        try:
            self._run_many(
                "INSERT OR REPLACE INTO epss_read VALUES (?, ?, ?)",
                (
                    (number, round(score * EPSS_SCALE), round(percentile * EPSS_SCALE))
                    for cve, score, percentile in rows
                    if (number := cve_number(cve)) is not None
                ),
            )
            count = int(self._run("SELECT count(*) FROM epss_read").fetchone()[0])
            if self._told is not None and date < self._told[1]:
                return 0
            self._run("DROP TABLE IF EXISTS epss_next")
            self._run("ALTER TABLE epss_read RENAME TO epss_next")
            self._told = (feed, date, model)
            return count
        finally:
            self._run("DROP TABLE IF EXISTS epss_read")

    def drop(self) -> None:
        """The feed cannot be used."""
        self._told = None
        self._run("DROP TABLE IF EXISTS epss_next")

    def take(self) -> Superseded | None:
        """The feed is whole: its scores take the place of those of an older day; which of two feeds lost."""
        if self._told is None:
            return None
        feed, date, model = self._told
        known = dict(self._run("SELECT key, value FROM meta WHERE key IN ('epss_date', 'epss_feed')").fetchall())
        older, newer = feed, int(known.get("epss_feed", 0))
        if date >= known.get("epss_date", ""):
            older, newer = newer, feed
            self._run("DROP TABLE epss")
            self._run("ALTER TABLE epss_next RENAME TO epss")
            for key, value in (("epss_date", date), ("epss_model", model), ("epss_feed", str(feed))):
                self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        self.drop()
        rows = self._run("SELECT id, origin, name, records FROM feed WHERE id IN (?, ?)", (older, newer)).fetchall()
        told = {row[0]: row[1:] for row in rows}
        if older not in told or newer not in told or not told[older][2]:
            return None
        self._run("UPDATE feed SET records = 0 WHERE id = ?", (older,))
        origin, name, records = told[older]
        return Superseded(origin, by=told[newer][0], source=name, records=records)
