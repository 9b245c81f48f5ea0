"""Building a database from the files of a mirror: upstream's bytes, in any folder, under any name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from batten import limits
from batten.vulnerabilities.db import feeds
from batten.vulnerabilities.db.importers.common import Unreadable
from batten.vulnerabilities.db.newest import Superseded
from batten.vulnerabilities.db.rows import DatabaseError
from batten.vulnerabilities.db.writer import Feed, Writer

_CHUNK: Final = 1 * limits.MIB


class FeedProblem(Struct, frozen=True):
    """A feed, or a part of one, that cannot be used."""

    origin: str
    text: str
    lost: bool
    """Nothing of it was taken; else some records only."""


class Outcome(Struct, frozen=True):
    """What building or updating gave."""

    path: Path
    feeds: int
    records: int
    problems: tuple[FeedProblem, ...] = ()
    unknown: tuple[str, ...] = ()
    """Files in which there is nothing of a known format."""
    unchanged: int = 0
    """Feeds that their server says are still the same."""
    superseded: tuple[Superseded, ...] = ()
    """Records that a newer copy of the same took the place of."""


def build(directory: Path, output: Path, *, progress: Callable[[str], None] | None = None) -> Outcome:
    """Makes the database `output` from every file below `directory`; the old one stays until the new one is whole.

    Raises DatabaseError where there is nothing to build from.
    """
    if not directory.is_dir():
        raise DatabaseError(f"expected a directory of advisory feeds, found none: {directory}")
    problems: list[FeedProblem] = []
    unknown: list[str] = []
    count = records = 0
    with Writer(output) as writer:
        for path in _files(directory):
            name = path.relative_to(directory).as_posix()
            if progress is not None:
                progress(name)
            found = take(writer, path, Feed(origin=name, fetched=_time(path), sha256=digest_of(path)))
            if isinstance(found, FeedProblem):
                problems.append(found)
            elif found is None:
                unknown.append(name)
            else:
                records += found[0]
                count += 1
                if found[1]:
                    problems.append(FeedProblem(name, found[1], lost=False))
        if not count:
            why = f": {problems[0].origin}: {problems[0].text}" if problems else ""
            raise DatabaseError(f"expected advisory feeds below {directory}, found none that can be read{why}")
        writer.finish()
    return Outcome(output, count, records, tuple(problems), tuple(unknown), superseded=tuple(writer.superseded))


def take(writer: Writer, path: Path, feed: Feed, *, name: str = "") -> tuple[int, str] | FeedProblem | None:
    """Reads one file as a feed; gives the number of records and what could not be read, or why nothing was taken.

    None: it holds nothing of a known format. The rows that the same origin gave before go once the new ones are
    there; they stay where most records cannot be read. `name` stands for that of the file.
    """
    before = writer.feeds(feed.origin)
    writer.begin(feed)
    try:
        tally = feeds.read_file(path, writer, name=name)
    except Unreadable as error:
        writer.abandon()
        return FeedProblem(feed.origin, str(error), lost=True)
    except OSError as error:
        writer.abandon()
        return FeedProblem(feed.origin, f"cannot be read: {error.strerror or error}", lost=True)
    if not tally.read:
        writer.abandon()
        return FeedProblem(feed.origin, tally.problem(), lost=True) if tally.broken_count else None
    problem = tally.problem()
    if before and tally.broken_count > tally.read:
        writer.abandon()
        return FeedProblem(feed.origin, problem, lost=True)
    return writer.end(problem=problem, replaces=before), problem


def _files(directory: Path) -> Iterator[Path]:
    """Every file below a directory, sorted; hidden ones are not looked at, links to folders not followed."""
    count = 0
    for root, folders, names in _walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = root / name
            if name.startswith(".") or not path.is_file():
                continue
            count += 1
            if count > limits.FEED_FILES:
                raise DatabaseError(f"expected at most {limits.FEED_FILES:,} files below {directory}, found more")
            yield path


def _walk(directory: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    import os

    for root, folders, names in os.walk(directory):
        yield Path(root), folders, names


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, "" where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _time(path: Path) -> str:
    """When the mirror fetched a file: what its file system says."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
