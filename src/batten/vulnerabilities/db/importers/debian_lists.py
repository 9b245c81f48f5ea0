"""Debian's lists of advisories in the tracker's own text form: `data/DSA/list`, `data/DLA/list`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.ecosystems import debian_release
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "debian-list"

_HEAD: Final = re.compile(r"\[([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})\] (D(?:S|L|TS)A-[0-9]+(?:-[0-9]+)?)(?: (.*))?")
_PACKAGE: Final = re.compile(r"\[([a-z]+)\] - (\S+) (<[^>]+>|\S+)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MARKS: Final[dict[str, tuple[RowStatus, str]]] = {
    "<end-of-life>": ("will_not_fix", "end-of-life"),
    "<ignored>": ("will_not_fix", "ignored"),
    "<no-dsa>": ("affected", "no-dsa"),
    "<not-affected>": ("not_affected", ""),
    "<postponed>": ("affected", "postponed"),
    "<undetermined>": ("under_investigation", ""),
    "<unfixed>": ("affected", ""),
}


def wants(head: str) -> bool:
    """Whether a text begins as such a list does."""
    return _HEAD.match(head.lstrip()) is not None


def read(lines: Iterable[str], writer: Writer) -> None:
    """The whole list; lines that say nothing about packages (notes, remarks) are passed over."""
    source = sources.DEBIAN_SECURITY
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    open_one: Advisory | None = None
    for line in lines:
        if found := _HEAD.match(line):
            if open_one is not None:
                writer.add(open_one)
            date = _date(found[1], found[2], found[3])
            facts = Facts(summary=common.short(found[5])) if found[5] else None
            open_one = Advisory(id=found[4], affected=[], upstream=[], published=date, modified=date, facts=facts)
            continue
        text = line.strip()
        if open_one is None or not text:
            continue
        if text.startswith("{"):
            open_one.upstream = [*open_one.upstream, *common.CVE.findall(text)]
        elif found := _PACKAGE.match(text):
            open_one.affected = [*open_one.affected, _affected(found[1], found[2], found[3])]
    if open_one is not None:
        writer.add(open_one)


def _affected(release: str, name: str, version: str) -> Affected:
    status, reason = _MARKS.get(version, ("affected", "" if version[0] != "<" else version.strip("<>")))
    ranges = EVERYTHING if version.startswith("<") else (Interval("", version),)
    return Affected(
        ecosystem=f"debian:{debian_release(release)}",
        name=name,
        unit="source",
        status=status,
        reason=reason,
        ranges=ranges,
    )


def _date(number: str, month: str, year: str) -> str:
    return f"{year}-{_MONTHS.index(month) + 1:02}-{int(number):02}" if month in _MONTHS else f"{year}-01-01"
