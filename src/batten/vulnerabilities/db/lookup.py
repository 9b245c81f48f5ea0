"""Questions to the database. The file is opened read-only and never changes under a reader: writers swap it whole."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

from batten import limits
from batten.detect.addresses import without_credentials
from batten.model.package import Distribution
from batten.model.vulnerability import SourceState
from batten.vulnerabilities.db import ecosystems, packed
from batten.vulnerabilities.db.rows import AdvisoryRow, DatabaseError, Details, EndOfLife, Epss, Kev
from batten.vulnerabilities.db.schema import APPLICATION, EPSS_SCALE, STATUSES, UNITS, VERSION, cve_number

_CHUNK: Final = 400  # parameters of one statement; SQLite takes 999 at least
_REBUILD: Final = "`batten db update` or `batten db build --from DIR` makes a new one"

_ADVISORIES: Final = """
SELECT package.name, affected.unit, affected.status, affected.reason, affected.ranges, affected.versions,
  affected.module, affected.product, affected.arch, affected.severity, advisory.id, advisory.feed, advisory.ident,
  advisory.aliases, advisory.upstream, advisory.related, advisory.withdrawn, advisory.published, advisory.modified,
  advisory.severity, advisory.informational
FROM package CROSS JOIN affected ON affected.package = package.id CROSS JOIN advisory ON advisory.id = affected.advisory
WHERE package.ecosystem = ? AND package.name IN ({})
"""

_DETAILS: Final = (
    "SELECT ident, feed, published, modified, withdrawn, severity, details FROM advisory WHERE ident IN ({})"
)
_STATES: Final = (
    "SELECT name, ecosystems, records, newest, fetched, licence, origin, problem, failed FROM feed ORDER BY name, id"
)


def default_path() -> Path:
    """Where the database lies: `BATTEN_DB`, else `batten/db/advisories.sqlite` in the user's cache."""
    if found := os.environ.get("BATTEN_DB"):
        return Path(found)
    if cache := os.environ.get("XDG_CACHE_HOME"):
        base = Path(cache)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "batten" / "db" / "advisories.sqlite"


def open_database(path: Path | None = None) -> Database:
    """Opens the database at `path` (None: `default_path()`). Raises DatabaseError where none can be used."""
    return Database(path if path is not None else default_path())


class Database:
    """A database that is open for reading; a context manager. Every method raises DatabaseError on a broken file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            found = "a folder" if path.is_dir() else "what is no file" if path.exists() else "none"
            raise DatabaseError(f"expected a vulnerability database at {path}, found {found}; {_REBUILD}")
        uri = f"file:{quote(path.absolute().as_posix())}?mode=ro&immutable=1"
        with self._guarded():
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            with self._guarded():
                self._check()
                self._feeds = {
                    row[0]: (str(row[1]), bool(row[2]))
                    for row in self._connection.execute("SELECT id, name, comprehensive FROM feed")
                }
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def advisories(self, ecosystem: str, names: Iterable[str]) -> dict[str, list[AdvisoryRow]]:
        """Rows of the packages `names` of one ecosystem, by the names as they were asked; without rows: absent."""
        asked: dict[str, list[str]] = {}
        for name in names:
            asked.setdefault(ecosystems.package_name(ecosystem, name), []).append(name)
        found: dict[str, list[AdvisoryRow]] = {}
        with self._guarded():
            for chunk in _chunks(list(asked)):
                statement = _ADVISORIES.format(",".join("?" * len(chunk)))
                for row in self._connection.execute(statement, (ecosystem, *chunk)):
                    one = self._row(ecosystem, row)
                    for name in asked[one.name]:
                        found.setdefault(name, []).append(one)
        return found

    def ecosystems_of(self, of: Distribution | str, *, pro: bool = False) -> list[str]:
        """Ecosystems that speak of a distribution's packages, or of a package URL's type; see `ecosystems`."""
        if isinstance(of, str):
            return ecosystems.of_type(of)
        return ecosystems.of_distribution(of, pro=pro)

    def ecosystems(self) -> set[str]:
        """Every ecosystem that has rows."""
        with self._guarded():
            return {str(row[0]) for row in self._connection.execute("SELECT DISTINCT ecosystem FROM package")}

    def aliases(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """Every other identifier of the same flaw, also over several steps; an identifier with none is absent.

        Advisories that mend several flaws (`upstream`) join nothing.
        """
        found: dict[str, set[str]] = {}
        with self._guarded():
            for asked in dict.fromkeys(ids):
                group = self._group(asked)
                if len(group) > 1:
                    found[asked] = group - {asked}
        return found

    def details(self, ids: Iterable[str]) -> dict[str, Details]:
        """What the sources say of each identifier beside the packages; an identifier nobody knows is absent."""
        with self._guarded():
            wanted = list(dict.fromkeys(ids))
            parts: dict[str, list[packed.Part]] = {}
            for chunk in _chunks(wanted):
                marks = ",".join("?" * len(chunk))
                for row in self._connection.execute(_DETAILS.format(marks), chunk):
                    published, modified, withdrawn, severity = (text or "" for text in row[2:6])
                    part = packed.Part(self._feeds[row[1]][0], published, modified, withdrawn, severity, row[6])
                    parts.setdefault(row[0], []).append(part)
            facts = self._facts(wanted)
            found = {}
            for ident in wanted:
                one = packed.merge(ident, parts.get(ident, []), *facts.get(ident, ((), None, None)))
                if one is not None:
                    found[ident] = one
            return found

    def states(self) -> list[SourceState]:
        """One row per source, its feeds taken together, sorted by name."""
        with self._guarded():
            rows = self._connection.execute(_STATES).fetchall()
            rows = [(*row[:6], *(without_credentials(str(text)) for text in row[6:])) for row in rows]
        groups: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            groups.setdefault(str(row[0]), []).append(row)
        return [_state(name, group) for name, group in groups.items()]

    def problems(self) -> list[tuple[str, str]]:
        """(feed, what of it could not be read or renewed), each once, in the order of the feeds."""
        with self._guarded():
            rows = self._connection.execute("SELECT origin, problem, failed FROM feed ORDER BY id").fetchall()
        told = ((str(row[0]), str(text)) for row in rows for text in row[1:] if text)
        return list(dict.fromkeys((without_credentials(origin), without_credentials(text)) for origin, text in told))

    def origins(self) -> list[tuple[str, str, str]]:
        """(address or file, ETag, Last-Modified) of every feed that the database was filled from."""
        with self._guarded():
            rows = self._connection.execute("SELECT DISTINCT origin, etag, modified FROM feed ORDER BY id").fetchall()
        return [(without_credentials(str(origin)), str(etag), str(modified)) for origin, etag, modified in rows]

    def holds_credentials(self) -> bool:
        """Whether the address of a feed has some in it, as earlier versions kept them."""
        with self._guarded():
            rows = self._connection.execute("SELECT origin, problem, failed FROM feed").fetchall()
        return any(without_credentials(str(text)) != text for row in rows for text in row)

    def sources_of(self, ecosystem: str) -> list[str]:
        """Names of the sources with rows for an ecosystem; empty: nothing can be said of its packages."""
        with self._guarded():
            rows = self._connection.execute("SELECT DISTINCT name, ecosystems FROM feed ORDER BY name").fetchall()
        return list(dict.fromkeys(str(name) for name, covered in rows if ecosystem in str(covered).split()))

    def packages_of(self, ecosystem: str) -> int:
        """How many packages of an ecosystem have rows."""
        with self._guarded():
            row = self._connection.execute("SELECT count(*) FROM package WHERE ecosystem = ?", (ecosystem,)).fetchone()
        return int(row[0])

    def comprehensive_sources(self, ecosystem: str) -> list[str]:
        """Those of `sources_of` that also list what is not mended: their silence about a package means something."""
        with self._guarded():
            rows = self._connection.execute(
                "SELECT DISTINCT name, ecosystems FROM feed WHERE comprehensive ORDER BY name"
            ).fetchall()
        return list(dict.fromkeys(str(name) for name, covered in rows if ecosystem in str(covered).split()))

    def end_of_life(self, product: str, cycle: str) -> EndOfLife | None:
        """The release cycle of a product by its name at endoflife.date (`debian` `12`, `python` `3.8`)."""
        with self._guarded():
            row = self._connection.execute(
                "SELECT fact FROM end_of_life WHERE product = ? AND cycle = ? ORDER BY feed DESC LIMIT 1",
                (product.lower(), cycle),
            ).fetchone()
            return packed.unpack(row[0], EndOfLife) if row else None

    def cycles(self, product: str) -> list[EndOfLife]:
        """Every release cycle of a product, the newest first."""
        with self._guarded():
            rows = self._connection.execute(
                "SELECT fact FROM end_of_life WHERE product = ? ORDER BY feed", (product.lower(),)
            )
            found = {one.cycle: one for row in rows if (one := packed.unpack(row[0], EndOfLife))}
        return sorted(found.values(), key=lambda one: (one.released, one.cycle), reverse=True)

    def meta(self) -> dict[str, str]:
        """`built`, `batten`, `epss_date`, `epss_model` …"""
        with self._guarded():
            return {str(key): str(value) for key, value in self._connection.execute("SELECT key, value FROM meta")}

    def counts(self) -> dict[str, int]:
        """Rows of the large tables: `advisories`, `packages`, `affected`, `aliases`, `epss`, `kev`, `end_of_life`."""
        tables = {"advisories": "advisory", "packages": "package", "affected": "affected", "aliases": "alias"}
        tables |= {"epss": "epss", "kev": "kev", "end_of_life": "end_of_life"}
        with self._guarded():
            return {
                name: int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
                for name, table in tables.items()
            }

    def check(self) -> None:
        """Reads the whole file. Raises DatabaseError where its parts do not fit together."""
        with self._guarded():
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if found is None or found[0] != "ok":
                raise ValueError(str(found[0] if found else "unreadable"))

    def _check(self) -> None:
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.execute("PRAGMA query_only = ON")
        self._connection.execute("PRAGMA mmap_size = 268435456")
        application = self._connection.execute("PRAGMA application_id").fetchone()[0]
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if application != APPLICATION:
            raise DatabaseError(_another(self.path))
        if version != VERSION:
            which = "an older" if version < VERSION else "a newer"
            todo = _REBUILD if version < VERSION else "use the batten that made it, or another database (--db FILE)"
            raise DatabaseError(
                f"expected a database of format {VERSION}, found {which} one ({version}): {self.path}; {todo}"
            )

        # what only a hostile file has: a view can take forever to answer
        others = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
        if found := self._connection.execute(others).fetchone():
            raise DatabaseError(f"expected tables alone in the database, found {str(found[0])[:40]!r}: {self.path}")

    def _row(self, ecosystem: str, row: tuple[Any, ...]) -> AdvisoryRow:
        source, comprehensive = self._feeds[row[11]]
        word = row[9] or row[19] or ""
        return AdvisoryRow(
            ecosystem=ecosystem,
            name=row[0],
            id=row[12],
            source=source,
            comprehensive=comprehensive,
            unit=UNITS[row[1]],
            status=STATUSES[row[2]],
            reason=row[3] or "",
            ranges=packed.ranges(row[4]),
            versions=tuple(row[5].split("\n")) if row[5] else (),
            module=row[6] or "",
            product=row[7] or "",
            arch=tuple(row[8].split()) if row[8] else (),
            severity=packed.severity(word),
            severity_word=word,
            aliases=tuple(row[13].split()) if row[13] else (),
            upstream=tuple(row[14].split()) if row[14] else (),
            related=tuple(row[15].split()) if row[15] else (),
            withdrawn=row[16] or "",
            published=row[17] or "",
            modified=row[18] or "",
            informational=row[20] or "",
        )

    def _group(self, start: str) -> set[str]:
        group, waiting = {start}, [start]
        while waiting and len(group) < limits.ADVISORY_ALIASES:
            one = waiting.pop()
            rows = self._connection.execute(
                "SELECT ident, aliases FROM advisory WHERE ident = ?1 AND aliases IS NOT NULL"
                " UNION ALL SELECT ident, aliases FROM advisory"
                " WHERE id IN (SELECT advisory FROM alias WHERE name = ?1)",
                (one,),
            )
            for ident, aliases in rows:
                for name in (ident, *aliases.split()):
                    if name not in group:
                        group.add(name)
                        waiting.append(name)
        return group

    def _facts(self, ids: Sequence[str]) -> dict[str, tuple[tuple[tuple[str, bytes], ...], Kev | None, Epss | None]]:
        numbers = {number: ident for ident in ids if (number := cve_number(ident)) is not None}
        facts: dict[int, list[tuple[str, bytes]]] = {}
        kev: dict[int, Kev] = {}
        epss: dict[int, Epss] = {}
        meta = self.meta()
        for chunk in _chunks(list(numbers)):
            marks = f"({','.join('?' * len(chunk))})"
            for cve, feed, fact in self._connection.execute(
                f"SELECT cve, feed, fact FROM fact WHERE cve IN {marks} ORDER BY cve, feed",  # noqa: S608
                chunk,
            ):
                facts.setdefault(cve, []).append((self._feeds[feed][0], fact))
            statement = f"SELECT cve, fact FROM kev WHERE cve IN {marks} ORDER BY feed"  # noqa: S608
            for cve, fact in self._connection.execute(statement, chunk):
                kev[cve] = packed.unpack(fact, Kev)
            for cve, score, percentile in self._connection.execute(
                f"SELECT cve, score, percentile FROM epss WHERE cve IN {marks}",  # noqa: S608
                chunk,
            ):
                epss[cve] = Epss(
                    score / EPSS_SCALE, percentile / EPSS_SCALE, meta.get("epss_date", ""), meta.get("epss_model", "")
                )
        return {
            ident: (tuple(facts.get(number, ())), kev.get(number), epss.get(number))
            for number, ident in numbers.items()
        }

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What a damaged or made-up file raises, as one error."""
        import msgspec

        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
                raise DatabaseError(_another(self.path)) from error
            what = " ".join(str(error).split())[:120]
            raise DatabaseError(f"the vulnerability database is damaged ({what}): {self.path}; {_REBUILD}") from error


def _state(name: str, rows: Sequence[tuple[Any, ...]]) -> SourceState:
    covered = dict.fromkeys(word for row in rows for word in str(row[1]).split())
    problems = dict.fromkeys(
        f"{row[6]}: {text}" if len(rows) > 1 else str(text) for row in rows for text in row[7:9] if text
    )
    origin = str(rows[0][6]) if len(rows) == 1 else f"{rows[0][6]} and {len(rows) - 1} more"
    return SourceState(
        name=name,
        ecosystems=tuple(sorted(covered)),
        records=sum(int(row[2]) for row in rows),
        newest=max(str(row[3]) for row in rows),
        fetched=min(str(row[4]) for row in rows),
        licence=str(rows[0][5]),
        origin=origin,
        problem="; ".join(problems),
    )


def _another(path: Path) -> str:
    return f"expected a vulnerability database of batten, found another file: {path}; name another one, or remove it"


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
