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

import msgspec

from batten import __version__, limits
from batten.detect.addresses import without_credentials
from batten.vulnerabilities.db import packed
from batten.vulnerabilities.db.ecosystems import package_name
from batten.vulnerabilities.db.newest import Superseded, remove_advisories, settle
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.place import check_replaceable, remove_abandoned
from batten.vulnerabilities.db.records import Advisory, Affected, Feed
from batten.vulnerabilities.db.rows import DatabaseError, EndOfLife, Kev
from batten.vulnerabilities.db.schema import APPLICATION, INDEXES, STATUSES, TABLES, UNITS, VERSION, cve_number
from batten.vulnerabilities.db.scores import Scores

__all__ = ["Advisory", "Affected", "Feed", "Writer", "now", "swap"]

_SWAPS: Final = 40  # tries on Windows, where a file that is read cannot be replaced
_SWAP_SECONDS: Final = 0.25
_FREE: Final = 0.25  # part of the file that removed rows may leave empty
_BATCH: Final = 2_000  # advisories that are written together
_UNITS: Final = {unit: number for number, unit in enumerate(UNITS)}
_STATUSES: Final = {status: number for number, status in enumerate(STATUSES)}


class _Tally:
    """What was counted of one source in one feed."""

    __slots__ = ("ecosystems", "newest", "number", "records", "shared")

    def __init__(self, number: int) -> None:
        self.number = number
        self.records = 0
        self.newest = ""
        self.ecosystems: set[str] = set()
        self.shared: dict[str, list[int]] = {}


class Writer:
    """A database that is being made beside `path`; `finish` swaps it in, `close` without that leaves no trace.

    With `base`, the rows of that database are taken over first. Raises DatabaseError where another file is at `path`.
    """

    def __init__(self, path: Path, *, base: Path | None = None) -> None:
        self.path = path
        check_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        os.close(handle)
        self._temporary = Path(name)
        self._finished = False
        self._faults: list[str] = []
        self.superseded: list[Superseded] = []
        """What a newer copy of the same took the place of; complete after `finish`."""
        self._today = now()[:10]
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
        run("PRAGMA secure_delete = FAST")  # what an address held does not stay behind in a page
        run("BEGIN")
        if not exists:
            for statement in TABLES.split(";\n"):
                run(statement)
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")
        else:
            self._clean_addresses()
        self._packages: dict[tuple[str, str], int] = {
            (row[1], row[2]): row[0] for row in run("SELECT id, ecosystem, name FROM package")
        }
        self._scores = Scores(self._connection)
        self._advisory = int(run("SELECT coalesce(max(id), 0) FROM advisory").fetchone()[0])
        self._tallies: dict[str, _Tally] = {}
        self._reset()

    def _clean_addresses(self) -> None:
        """Databases of earlier versions kept addresses with the credentials in them."""
        for number, *texts in self._connection.execute("SELECT id, origin, problem, failed FROM feed").fetchall():
            clean = [without_credentials(text) for text in texts]
            if clean != texts:
                statement = "UPDATE feed SET origin = ?, problem = ?, failed = ? WHERE id = ?"
                self._connection.execute(statement, (*clean, number))

    def _reset(self) -> None:
        self._advisories: list[tuple[object, ...]] = []
        self._affected: list[tuple[object, ...]] = []
        self._aliases: list[tuple[str, int]] = []
        self._facts: list[tuple[int, int, bytes]] = []

    def begin(self, feed: Feed) -> None:
        """What follows comes from `feed`. Before `end` nothing of it is sure to stay."""
        self._current = feed
        self._tallies = {}

    def source(self, name: str, *, format: str, licence: str = "", comprehensive: bool = False) -> None:
        """What follows is what the source `name` says."""
        tally = self._tallies.get(name)
        if tally is None:
            feed = self._current
            row = (name, feed.origin, format, licence, int(comprehensive), feed.fetched or now())
            cursor = self._connection.execute(
                "INSERT INTO feed (name, origin, format, licence, comprehensive, fetched, etag, modified, sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, feed.etag, feed.modified, feed.sha256),
            )
            tally = self._tallies[name] = _Tally(int(cursor.lastrowid or 0))
        self._tally = tally

    def dated(self, day: str) -> None:
        """The day that the source gives its list as a whole."""
        self._count(day)

    def add(self, advisory: Advisory, *, shared: bool = False) -> None:
        """One advisory of the source that was named last.

        With `shared`, advisories with the same identifier are one: feeds that are ordered by package name a flaw
        once per package.
        """
        rows = [_row(one) for one in advisory.affected]
        tally = self._tally
        known = tally.shared.get(advisory.id) if shared else None
        if known is None:
            self._advisory += 1
            known = [self._advisory, 0]
            if shared:
                tally.shared[advisory.id] = known
            tally.records += 1
            self._count(max(advisory.modified, advisory.published))
            self._add_advisory(advisory, known[0], tally.number)
        for one, row in zip(advisory.affected, rows, strict=True):
            self._affected.append((self._package(one.ecosystem, one.name), known[0], known[1], *row))
            known[1] += 1
        if len(self._advisories) >= _BATCH or len(self._affected) >= 5 * _BATCH:
            self._flush()

    def _add_advisory(self, advisory: Advisory, number: int, feed: int) -> None:
        self._advisories.append(
            (
                number,
                feed,
                advisory.id,
                " ".join(advisory.aliases) or None,
                " ".join(advisory.upstream) or None,
                " ".join(advisory.related) or None,
                advisory.withdrawn or None,
                advisory.published or None,
                advisory.modified or None,
                advisory.severity or None,
                advisory.informational or None,
                packed.pack_facts(advisory.facts) if advisory.facts is not None else None,
            )
        )
        self._aliases += [(alias, number) for alias in dict.fromkeys(advisory.aliases)]

    def _count(self, day: str) -> None:
        """Keeps the day of the newest record; some sources slip and name one that is still to come."""
        if self._tally.newest < day <= self._today:
            self._tally.newest = day

    def fault(self, text: str) -> None:
        """An importer passes over one part of a document, and says why."""
        self._faults.append(text)

    def faults(self) -> list[str]:
        """What was passed over since this was asked last."""
        found, self._faults = self._faults, []
        return found

    def add_fact(self, cve: str, facts: Facts) -> None:
        """What the feed says of a CVE beside packages; later facts of the same feed replace earlier ones."""
        number, data = cve_number(cve), packed.pack_facts(facts)
        if number is None or data is None:
            return
        self._tally.records += 1
        self._count(facts.modified)
        self._facts.append((number, self._tally.number, data))
        if len(self._facts) >= 5 * _BATCH:
            self._flush()

    def add_kev(self, cve: str, kev: Kev) -> None:
        number = cve_number(cve)
        if number is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO kev VALUES (?, ?, ?)", (number, self._tally.number, packed.pack(kev))
            )
            self._tally.records += 1
            self._count(kev.added)

    def add_epss(self, rows: Iterable[tuple[str, float, float]], date: str, model: str) -> None:
        """All scores of one day: (CVE, probability, percentile). Those of the newest day stay, of whatever feed."""
        self._tally.records += self._scores.add(self._tally.number, rows, date, model)
        self._count(date)

    def add_end_of_life(self, one: EndOfLife) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO end_of_life VALUES (?, ?, ?, ?)",
            (one.product.lower(), one.cycle, self._tally.number, packed.pack(one)),
        )
        self._tally.records += 1
        self._count(max(one.released, one.latest_date))

    def meta(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def end(self, *, problem: str = "", replaces: Sequence[int] = ()) -> int:
        """The feed is whole: its rows stay, those of the feeds `replaces` go. `problem`: what could not be read.

        Gives the number of records.
        """
        self._flush()
        for old in replaces:
            self.remove(old)
        for one in self._tallies.values():
            self._connection.execute(
                "UPDATE feed SET records = ?, newest = ?, ecosystems = ?, problem = ? WHERE id = ?",
                (
                    one.records,
                    one.newest,
                    " ".join(sorted(one.ecosystems)),
                    problem[: limits.ADVISORY_TEXT],
                    one.number,
                ),
            )
        if older := self._scores.take():
            self.superseded.append(older)
        count = sum(one.records for one in self._tallies.values())
        self._tallies = {}
        return count

    def abandon(self) -> None:
        """The feed cannot be used: nothing of it stays."""
        self._reset()
        self._scores.drop()
        for one in self._tallies.values():
            self.remove(one.number)
        self._tallies = {}

    def feeds(self, origin: str) -> list[int]:
        """Numbers of the feeds that came from an address or file."""
        rows = self._connection.execute("SELECT id FROM feed WHERE origin = ?", (origin,))
        return [int(row[0]) for row in rows]

    def touch(self, origin: str) -> None:
        """A feed is still what it was when it was read: its rows are as fresh as this moment."""
        self._connection.execute("UPDATE feed SET fetched = ?, failed = '' WHERE origin = ?", (now(), origin))

    def mark(self, origin: str, problem: str) -> None:
        """A feed could not be renewed: its old rows stay, and say so."""
        self._connection.execute(
            "UPDATE feed SET failed = ? WHERE origin = ?", (problem[: limits.ADVISORY_TEXT], origin)
        )

    def remove(self, feed: int) -> None:
        """Takes a feed and its rows out."""
        run = self._connection.execute
        ids = "(SELECT id FROM advisory WHERE feed = ?)"
        run(f"DELETE FROM affected WHERE advisory IN {ids}", (feed,))  # noqa: S608
        run(f"DELETE FROM alias WHERE advisory IN {ids}", (feed,))  # noqa: S608
        for table in ("advisory", "fact", "kev", "end_of_life"):
            run(f"DELETE FROM {table} WHERE feed = ?", (feed,))  # noqa: S608
        run("DELETE FROM feed WHERE id = ?", (feed,))

    def remove_advisories(self, origin: str, identifiers: Iterable[str]) -> None:
        """Takes what the feed at an address says under some identifiers out: another feed has it as it is now."""
        remove_advisories(self._connection, self.feeds(origin), identifiers)

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
        try:
            self.superseded += settle(self._connection)
        except (sqlite3.Error, msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            # of the rows that were taken over: those of this run are as they should be
            what = " ".join(str(error).split())[:120]
            raise DatabaseError(f"the vulnerability database is damaged ({what}): {self.path}") from error
        run("ANALYZE")
        free, pages = (int(run(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count"))
        if free > pages * _FREE:
            run("PRAGMA temp_store = FILE")
            run("VACUUM")
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
        self._tally.ecosystems.add(ecosystem)
        return number

    def _flush(self) -> None:
        many = self._connection.executemany
        many("INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._advisories)
        many("INSERT INTO affected VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sorted(self._affected))
        many("INSERT INTO alias VALUES (?, ?)", self._aliases)
        many("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", self._facts)
        self._reset()


def _row(one: Affected) -> tuple[object, ...]:
    """The columns of `affected` that the row itself says. Raises ValueError for what cannot be written."""
    for version in one.versions:
        if "\n" in version:
            raise ValueError(f"expected a version, found {version[:40]!r}")
    return (
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
