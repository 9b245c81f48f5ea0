"""Filling a database: feeds, their advisories and facts, into a temporary file that takes the place of the old one."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from batten import __version__, limits
from batten.vulnerabilities.db import packed
from batten.vulnerabilities.db.ecosystems import package_name
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import DatabaseError, EndOfLife, Interval, Kev, RowStatus, Unit
from batten.vulnerabilities.db.schema import (
    APPLICATION,
    EPSS_SCALE,
    INDEXES,
    STATUSES,
    TABLES,
    UNITS,
    VERSION,
    cve_number,
)

_SWAPS: Final = 40  # tries on Windows, where a file that is read cannot be replaced
_SWAP_SECONDS: Final = 0.25
_BATCH: Final = 2_000  # advisories that are written together
_UNITS: Final = {unit: number for number, unit in enumerate(UNITS)}
_STATUSES: Final = {status: number for number, status in enumerate(STATUSES)}


class Affected(Struct, kw_only=True):
    """What an advisory says of one package, as an importer hands it over; fields as in AdvisoryRow."""

    ecosystem: str
    name: str
    unit: Unit = "package"
    status: RowStatus = "affected"
    reason: str = ""
    ranges: Sequence[Interval] = ()
    versions: Sequence[str] = ()
    module: str = ""
    product: str = ""
    arch: Sequence[str] = ()
    severity: str = ""


class Advisory(Struct, kw_only=True):
    """One advisory, as an importer hands it over; `severity` is the source's word, days are YYYY-MM-DD."""

    id: str
    affected: Sequence[Affected] = ()
    aliases: Sequence[str] = ()
    upstream: Sequence[str] = ()
    related: Sequence[str] = ()
    withdrawn: str = ""
    published: str = ""
    modified: str = ""
    severity: str = ""
    informational: str = ""
    facts: Facts | None = None


class Feed(Struct, kw_only=True):
    """A source's file, as its importer describes it."""

    name: str
    origin: str
    format: str
    licence: str = ""
    comprehensive: bool = False
    fetched: str = ""
    etag: str = ""
    modified: str = ""
    sha256: str = ""


class Writer:
    """A database that is being made beside `path`; `finish` swaps it in, `close` without that leaves no trace.

    With `base`, the rows of that database are taken over first.
    """

    def __init__(self, path: Path, *, base: Path | None = None) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        os.close(handle)
        self._temporary = Path(name)
        self._finished = False
        try:
            if base is not None:
                import shutil

                shutil.copyfile(base, self._temporary)
            self._connection = sqlite3.connect(self._temporary, isolation_level=None)
            self._prepare(base is not None)
        except BaseException:
            self._remove()
            raise

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepare(self, exists: bool) -> None:
        run = self._connection.execute
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -24000"):
            run(f"PRAGMA {pragma}")
        run("PRAGMA trusted_schema = OFF")
        run("BEGIN")
        if not exists:
            for statement in TABLES.split(";\n"):
                run(statement)
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")
        self._packages: dict[tuple[str, str], int] = {
            (row[1], row[2]): row[0] for row in run("SELECT id, ecosystem, name FROM package")
        }
        self._advisory = int(run("SELECT coalesce(max(id), 0) FROM advisory").fetchone()[0])
        self._feed = 0
        self._reset()

    def _reset(self) -> None:
        self._advisories: list[tuple[object, ...]] = []
        self._affected: list[tuple[object, ...]] = []
        self._aliases: list[tuple[str, int]] = []
        self._facts: list[tuple[int, int, bytes]] = []

    def begin(self, feed: Feed) -> None:
        """What follows belongs to `feed`. Nothing of it counts before `end`."""
        self._first = self._advisory + 1
        self.newest = ""
        self.records = 0
        self.ecosystems: set[str] = set()
        fetched = feed.fetched or now()
        self._feed = int(
            self._connection.execute(
                "INSERT INTO feed (name, origin, format, licence, comprehensive, fetched, etag, modified, sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    feed.name,
                    feed.origin,
                    feed.format,
                    feed.licence,
                    int(feed.comprehensive),
                    fetched,
                    feed.etag,
                    feed.modified,
                    feed.sha256,
                ),
            ).fetchone()[0]
        )

    def describe(self, *, name: str, licence: str, comprehensive: bool) -> None:
        """Corrects what `begin` was told, once the content has shown whose it is."""
        self._connection.execute(
            "UPDATE feed SET name = ?, licence = ?, comprehensive = ? WHERE id = ?",
            (name, licence, int(comprehensive), self._feed),
        )

    def add(self, advisory: Advisory) -> None:
        """One advisory of the feed that has begun."""
        self._advisory += 1
        number = self._advisory
        self.records += 1
        if advisory.modified > self.newest:
            self.newest = advisory.modified
        facts = packed.pack_facts(advisory.facts) if advisory.facts is not None else None
        self._advisories.append(
            (
                number,
                self._feed,
                advisory.id,
                " ".join(advisory.aliases) or None,
                " ".join(advisory.upstream) or None,
                " ".join(advisory.related) or None,
                advisory.withdrawn or None,
                advisory.published or None,
                advisory.modified or None,
                advisory.severity or None,
                advisory.informational or None,
                facts,
            )
        )
        self._aliases += [(alias, number) for alias in dict.fromkeys(advisory.aliases)]
        for index, one in enumerate(advisory.affected):
            self._affected.append(
                (
                    self._package(one.ecosystem, one.name),
                    number,
                    index,
                    _UNITS[one.unit],
                    _STATUSES[one.status],
                    one.reason or None,
                    packed.pack_ranges(one.ranges),
                    "\n".join(one.versions) or None,
                    one.module or None,
                    one.product or None,
                    " ".join(one.arch) or None,
                    one.severity or None,
                )
            )
        if len(self._advisories) >= _BATCH or len(self._affected) >= 5 * _BATCH:
            self._flush()

    def add_fact(self, cve: str, facts: Facts) -> None:
        """What the feed says of a CVE beside packages; later facts of the same feed replace earlier ones."""
        number, data = cve_number(cve), packed.pack_facts(facts)
        if number is None or data is None:
            return
        self.records += 1
        if facts.modified > self.newest:
            self.newest = facts.modified
        self._facts.append((number, self._feed, data))
        if len(self._facts) >= 5 * _BATCH:
            self._flush()

    def add_kev(self, cve: str, kev: Kev) -> None:
        number = cve_number(cve)
        if number is not None:
            self._connection.execute("INSERT OR REPLACE INTO kev VALUES (?, ?)", (number, packed.pack(kev)))
            self.records += 1

    def add_epss(self, rows: Iterable[tuple[str, float, float]], date: str, model: str) -> None:
        """All scores of one day: (CVE, probability, percentile)."""
        self._connection.execute("DELETE FROM epss")
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT OR REPLACE INTO epss VALUES (?, ?, ?)",
            (
                (number, round(score * EPSS_SCALE), round(percentile * EPSS_SCALE))
                for cve, score, percentile in rows
                if (number := cve_number(cve)) is not None
            ),
        )
        self.records += self._connection.total_changes - before
        self.newest = date
        self.meta("epss_date", date)
        self.meta("epss_model", model)

    def add_end_of_life(self, one: EndOfLife) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO end_of_life VALUES (?, ?, ?, ?)",
            (one.product.lower(), one.cycle, self._feed, packed.pack(one)),
        )
        self.records += 1

    def meta(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def end(self, *, problem: str = "", replaces: Sequence[int] = ()) -> None:
        """The feed is whole: its rows stay, those of the feeds `replaces` go. `problem`: what could not be read."""
        self._flush()
        for old in replaces:
            self.remove(old)
        self._connection.execute(
            "UPDATE feed SET records = ?, newest = ?, ecosystems = ?, problem = ? WHERE id = ?",
            (self.records, self.newest, " ".join(sorted(self.ecosystems)), problem[: limits.ADVISORY_TEXT], self._feed),
        )

    def abandon(self) -> None:
        """The feed cannot be used: nothing of it stays."""
        self._reset()
        self.remove(self._feed)

    def remove(self, feed: int) -> None:
        """Takes a feed and its rows out."""
        run = self._connection.execute
        ids = "(SELECT id FROM advisory WHERE feed = ?)"
        run(f"DELETE FROM affected WHERE advisory IN {ids}", (feed,))  # noqa: S608
        run(f"DELETE FROM alias WHERE advisory IN {ids}", (feed,))  # noqa: S608
        for table in ("advisory", "fact", "end_of_life"):
            run(f"DELETE FROM {table} WHERE feed = ?", (feed,))  # noqa: S608
        run("DELETE FROM feed WHERE id = ?", (feed,))

    def finish(self) -> None:
        """Completes the file and puts it in place of the old one; who has that open keeps it.

        Raises DatabaseError where the place cannot be written.
        """
        self._flush()
        self.meta("built", now())
        self.meta("batten", __version__)
        run = self._connection.execute
        run("COMMIT")
        for statement in INDEXES.split(";\n"):
            run(statement)
        run("ANALYZE")
        self._connection.close()
        swap(self._temporary, self.path)
        self._finished = True

    def close(self) -> None:
        """Gives up what was not finished."""
        if not self._finished:
            self._connection.close()
            self._remove()

    def _remove(self) -> None:
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _package(self, ecosystem: str, name: str) -> int:
        key = (ecosystem, package_name(ecosystem, name))
        number = self._packages.get(key)
        if number is None:
            number = len(self._packages) + 1
            self._packages[key] = number
            self._connection.execute("INSERT INTO package VALUES (?, ?, ?)", (number, *key))
        self.ecosystems.add(ecosystem)
        return number

    def _flush(self) -> None:
        many = self._connection.executemany
        many("INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._advisories)
        many("INSERT INTO affected VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sorted(self._affected))
        many("INSERT INTO alias VALUES (?, ?)", self._aliases)
        many("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", self._facts)
        self._reset()


def swap(new: Path, path: Path) -> None:
    """`new` takes the place of `path` in one step. Raises DatabaseError where that cannot be."""
    for attempt in range(_SWAPS):
        try:
            new.replace(path)
        except PermissionError as error:
            # Windows refuses while somebody reads the old one
            if os.name != "nt" or attempt == _SWAPS - 1:
                raise DatabaseError(f"the database cannot be replaced: {path}: {error.strerror}") from error
            time.sleep(_SWAP_SECONDS)
        except OSError as error:
            raise DatabaseError(f"the database cannot be replaced: {path}: {error.strerror}") from error
        else:
            return


def now() -> str:
    """The time, RFC 3339."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
