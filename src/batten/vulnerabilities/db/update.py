"""Bringing a database up to date from its publishers: what is unchanged is kept, what is broken stays as it was."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from batten.detect.addresses import without_credentials
from batten.vulnerabilities.db import addresses
from batten.vulnerabilities.db.addresses import Address
from batten.vulnerabilities.db.build import FeedProblem, Outcome, digest_of, take
from batten.vulnerabilities.db.fetch import WAITS, Fetched, Fetcher, FetchError
from batten.vulnerabilities.db.lookup import Database
from batten.vulnerabilities.db.rows import DatabaseError
from batten.vulnerabilities.db.writer import Feed, Writer, now

_AT_ONCE: Final = 4  # feeds fetched while others are read


class Progress(Protocol):
    """Told what happens; called from several threads."""

    def __call__(self, feed: str, done: int, total: int) -> None:
        """Bytes of `feed` so far, and how many there will be (0: not known)."""


class _Known(NamedTuple):
    etag: str
    modified: str


def wanted(path: Path, ecosystems: Iterable[str]) -> tuple[list[Address], list[str]]:
    """The feeds for `ecosystems`, else those that the database at `path` was filled from before, facts with them.

    The second list has the ecosystems that nobody publishes a feed for.
    """
    named = list(ecosystems)
    if named:
        found, missing = addresses.of_ecosystems(named)
        return ([*addresses.FACTS, *found] if found else []), missing
    known = _known(path)
    every = {one.url: one for one in addresses.everything()}
    found = [every.get(url) or Address(url) for url in known if url in every or url.startswith(("https://", "http://"))]
    # a list of changes in which nothing stood left no feed behind
    found += [one for one in every.values() if one.renews in known]
    return ([*dict.fromkeys((*addresses.FACTS, *found))] if found else []), []


def update(
    path: Path,
    feeds: Sequence[Address],
    *,
    mirror: str = "",
    progress: Progress | None = None,
    seconds: float = 30.0,
    waits: Sequence[float] = WAITS,
) -> Outcome:
    """Fetches `feeds` and puts what is new into the database at `path`; the rest of it stays.

    A feed that cannot be fetched or read keeps its old rows and is named in the outcome. Where no feed at all
    could be had the file is not touched. What is kept and told of an address has no credentials in it, so one that
    needs some has to be given again. `mirror`, `seconds` and `waits` as in Fetcher. Raises DatabaseError.
    """
    known = _known(path)
    problems: list[FeedProblem] = []
    unknown: list[str] = []
    count = records = unchanged = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        Writer(path, base=path if known is not _NOTHING else None) as writer,
        tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent, ignore_cleanup_errors=True) as folder,
        Fetcher(Path(folder), mirror=mirror, seconds=seconds, waits=waits) as fetcher,
    ):
        for address, future in _fetched(fetcher, feeds, known, progress):
            origin = without_credentials(address.url)
            try:
                found = future.result()
            except (FetchError, OSError) as error:
                text = f"cannot be fetched: {error}"
                problems.append(FeedProblem(origin, text, lost=True))
                writer.mark(origin, text)
                continue
            if found.path is None:
                if found.empty:
                    # the archive has all that changed before: older copies of it are true no longer
                    writer.remove_advisories(without_credentials(address.renews), found.renewed)
                    for number in writer.feeds(origin):
                        writer.remove(number)
                writer.touch(origin)
                unchanged += 1
                continue
            feed = Feed(
                origin=origin,
                fetched=now(),
                etag=found.etag,
                modified=found.modified,
                sha256=digest_of(found.path),
            )
            taken = take(writer, found.path, feed, name=urlsplit(address.url).path.rpartition("/")[2])
            found.path.unlink(missing_ok=True)
            if taken is None:
                taken = FeedProblem(origin, "expected an advisory feed, found nothing of a known format", lost=True)
                unknown.append(origin)
            if isinstance(taken, FeedProblem):
                problems.append(taken)
                writer.mark(origin, taken.text)
                continue
            if address.renews:
                writer.remove_advisories(without_credentials(address.renews), found.renewed)
            count, records = count + 1, records + taken[0]
            if taken[1]:
                problems.append(FeedProblem(origin, taken[1], lost=False))
        if count or unchanged or (problems and known is not _NOTHING):
            writer.finish()
    return Outcome(
        path, count, records, tuple(problems), tuple(unknown), unchanged, superseded=tuple(writer.superseded)
    )


_NOTHING: Final[dict[str, _Known]] = {}


def _known(path: Path) -> dict[str, _Known]:
    """Address -> what its server said of the bytes that the database has; `_NOTHING` without a usable database."""
    if not path.is_file():
        return _NOTHING
    try:
        with Database(path) as database:
            return {origin: _Known(etag, modified) for origin, etag, modified in database.origins()}
    except DatabaseError:
        return _NOTHING


def _fetched(
    fetcher: Fetcher, feeds: Sequence[Address], known: dict[str, _Known], progress: Progress | None
) -> Iterator[tuple[Address, Future[Fetched]]]:
    """Each feed as soon as it is there, in order, a few of them on their way at a time."""

    def told(url: str) -> Callable[[int, int], None] | None:
        return (lambda done, total: progress(url, done, total)) if progress is not None else None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: list[tuple[Address, Future[Fetched]]] = []
        for address in dict.fromkeys(feeds):
            origin = without_credentials(address.url)
            before = known.get(origin, _Known("", ""))
            future = pool.submit(fetcher.fetch, address, before.etag, before.modified, progress=told(origin))
            waiting.append((address, future))
            if len(waiting) > _AT_ONCE:
                yield waiting.pop(0)
        yield from waiting
