"""Exploit prediction scores (https://www.first.org/epss/data_stats): one file has all scores of one day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.writer import Writer

FORMAT: Final = "epss"

_COMMENT: Final = re.compile(r"#model_version:([^,\s]+),score_date:([0-9-]{10})\S*")


def wants(head: str) -> bool:
    """Whether a text begins as such a file does."""
    return head.startswith(("#model_version", "cve,epss"))


def read(lines: Iterator[str], writer: Writer) -> None:
    """The model and date stand in a comment on the first line. Raises Unreadable without them or the columns."""
    first = next(lines, "").strip()
    found = _COMMENT.fullmatch(first)
    if found is None:
        raise common.Unreadable(f"expected `#model_version:…,score_date:…`, found {first[:60]!r}")
    columns = next(lines, "").strip()
    if columns != "cve,epss,percentile":
        raise common.Unreadable(f"expected the columns cve,epss,percentile, found {columns[:60]!r}")
    source = sources.EPSS
    writer.source(source.name, format=FORMAT, licence=source.licence)
    writer.add_epss(_rows(lines), common.day(found[2]), found[1])


def _rows(lines: Iterator[str]) -> Iterator[tuple[str, float, float]]:
    for line in lines:
        if not line.strip():
            continue
        row = line.strip().split(",")
        try:
            cve, score, percentile = row[0], float(row[1]), float(row[2])
        except (IndexError, ValueError):
            raise common.Unreadable(f"expected cve,epss,percentile, found {','.join(row)[:60]!r}") from None
        if not (0 <= score <= 1 and 0 <= percentile <= 1):
            raise common.Unreadable(f"expected probabilities from 0 to 1, found {','.join(row)[:60]!r}")
        yield cve, score, percentile
