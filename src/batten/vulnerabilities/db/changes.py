"""The lists of a CSAF provider (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, 7.1.13 `changes.csv`) beside
its archive: which documents are newer than that, and which are gone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from batten import limits

_ARCHIVE_DAY: Final = re.compile(r"_([0-9]{4}-[0-9]{2}-[0-9]{2})\.")
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*([A-Za-z0-9_][A-Za-z0-9_.-]*)\.json")
_FLAW: Final = re.compile(r"cve-[0-9]{4}-[0-9]{4,}")


class UnreadableList(Exception):
    """A list that does not say what it should: what was expected, what was found."""


class Changes(Struct, frozen=True):
    """What happened since an archive was made."""

    changed: tuple[str, ...]
    """Paths beside the list, the newest first."""
    gone: tuple[str, ...]


def identifiers(paths: Iterable[str]) -> tuple[str, ...]:
    """The flaws that documents are on, by their names; of other documents the archive's copy stays."""
    names = (path.rpartition("/")[2].removesuffix(".json").lower() for path in paths)
    return tuple(name.upper() for name in names if _FLAW.fullmatch(name))


def archive_day(name: str) -> str:
    """`2024-11-08` of `csaf_vex_2024-11-08.tar.zst`. Raises UnreadableList."""
    found = _ARCHIVE_DAY.search(name)
    if found is None:
        raise UnreadableList(f"expected an archive with its day in the name, found {name[:60]!r}")
    return found[1]


def since(day: str, changes: str, deletions: str) -> Changes:
    """Of the two lists what is of `day` (YYYY-MM-DD) and later: an archive is made in the course of its day.

    A document that was deleted and is written again later is there. Raises UnreadableList.
    """
    changed = _latest(day, changes)
    if len(changed) > limits.FEED_CHANGES:
        raise UnreadableList(
            f"expected at most {limits.FEED_CHANGES:,} documents that are newer than the archive of {day}, "
            f"found {len(changed):,}"
        )
    gone = {path: time for path, time in _latest(day, deletions).items() if time > changed.get(path, "")}
    newest = sorted((path for path in changed if path not in gone), key=lambda path: changed[path], reverse=True)
    return Changes(tuple(newest), tuple(sorted(gone)))


def _latest(day: str, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, time in _rows(text.splitlines()):
        if time[:10] >= day:
            found[path] = max(time, found.get(path, ""))
    return found


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(csv.reader(lines), 1):
        if not row:
            continue
        path, time = (row[0].strip(), row[1].strip()) if len(row) > 1 else ("", "")
        if not _PATH.fullmatch(path) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", time):
            raise UnreadableList(
                f'expected lines such as "2024/cve-2024-1.json","2024-11-08T18:28:22+00:00", found in line {number:,}: '
                f"{','.join(row)[:60]!r}"
            )
        yield path, time
