"""Advisories of ruby-advisory-db (https://github.com/rubysec/ruby-advisory-db, folder `gems`): one YAML document each,
which says what is not affected and what is mended; everything else is affected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from batten.versions import gem
from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common, documents
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "rubysec"

_BEGIN: Final = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?\n|---[ \t]*+\n)*+gem:[ \t]*\S")
_REQUIREMENT: Final = re.compile(r"(~>|>=|<=|!=|>|<|=)?\s*+(\S++)\Z")
_HIGHEST: Final = ((1,), 0, "")

_Cut = tuple[Any, int, str]
"""A place between versions: (rank and key of a version, 0 before it or 1 behind it, the version)."""


def wants(text: str) -> bool:
    """Whether a text begins as such a document does."""
    return _BEGIN.match(text) is not None


def read(data: bytes, writer: Writer, name: str) -> None:
    """One document; its name is part of its identifier. Raises Unreadable, InvalidVersion."""
    found = documents.load(data)
    package, stem = documents.text(found, "gem"), PurePosixPath(name).stem
    if not package or not stem or re.search(r"\s", package + stem):
        raise common.Unreadable("expected `gem` in a file with a name, found none")
    ident = f"RUBYSEC-{package}-{stem}"
    numbers = (("CVE-", "cve"), ("GHSA-", "ghsa"), ("OSVDB-", "osvdb"))
    aliases = [f"{prefix}{number}" for prefix, key in numbers if (number := documents.text(found, key))]
    related = found.get("related")
    urls = documents.texts(related, "url") if isinstance(related, dict) else []
    requirements = [*documents.texts(found, "patched_versions"), *documents.texts(found, "unaffected_versions")]
    source = sources.of_osv(ident, "gem")
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    day = common.day(documents.text(found, "date"))
    writer.add(
        Advisory(
            id=ident,
            affected=[Affected(ecosystem="gem", name=package, ranges=affected(requirements))],
            aliases=aliases,
            published=day,
            modified=day,
            facts=Facts(
                summary=common.short(found.get("title")), urls=common.urls((documents.text(found, "url"), *urls))
            ),
        )
    )


def affected(requirements: Iterable[str]) -> tuple[Interval, ...]:
    """What none of the requirements takes, as intervals in order. Raises InvalidVersion, Unreadable."""
    kept: list[tuple[_Cut, _Cut]] = []
    for begin, end in sorted((_taken(text) for text in requirements), key=lambda one: one[0][:2]):
        if kept and begin[:2] <= kept[-1][1][:2]:
            if end[:2] > kept[-1][1][:2]:
                kept[-1] = (kept[-1][0], end)
        elif begin[:2] < end[:2]:
            kept.append((begin, end))
    found: list[Interval] = []
    lower: _Cut = _LOWEST
    for begin, end in kept:
        if lower[:2] < begin[:2]:
            found.append(_interval(lower, begin))
        lower = end
    if lower[:2] < _HIGHEST[:2]:
        found.append(_interval(lower, _HIGHEST))
    return tuple(found)


_LOWEST: Final[_Cut] = ((-1,), 0, "")


def _interval(lower: _Cut, upper: _Cut) -> Interval:
    # behind a version: nobody publishes one between 1.2 and 1.2.0.0.1
    introduced = f"{lower[2]}.0.0.1" if lower[1] and lower[2] else lower[2]
    if introduced == "0":
        introduced = "0.0"  # OSV's "0" is since ever, the pre-releases of 0 as well
    if upper[1]:
        return Interval(introduced, "", upper[2])
    return Interval(introduced, upper[2])


def _taken(text: str) -> tuple[_Cut, _Cut]:
    """The one interval that a requirement takes: all of its parts hold."""
    begin, end = _LOWEST, _HIGHEST
    for part in text.split(","):
        form = _REQUIREMENT.match(part.strip())
        if form is None or form[1] == "!=":
            raise common.Unreadable(f"expected a requirement such as >= 1.2, found {part.strip()[:40]!r}")
        version = form[2]
        before, behind = _cut(version, 0), _cut(version, 1)
        match form[1]:
            case ">=":
                low, high = before, _HIGHEST
            case ">":
                low, high = behind, _HIGHEST
            case "<":
                low, high = _LOWEST, before
            case "<=":
                low, high = _LOWEST, behind
            case "~>":
                low, high = before, _cut(_above(version), 0)
            case _:
                low, high = before, behind
        begin, end = max(begin, low, key=_order), min(end, high, key=_order)
    return begin, end


def _order(cut: _Cut) -> tuple[Any, int]:
    return cut[:2]


def _cut(version: str, side: int) -> _Cut:
    return (0, gem.key(version)), side, version


def _above(version: str) -> str:
    """Where `~> version` ends: before every pre-release of the next version but for the last number."""
    numbers: Sequence[int | str] = gem.bumped(version)
    return ".".join(map(str, numbers)) + ".a"
