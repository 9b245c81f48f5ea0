"""NVD's API 2.0 (https://nvd.nist.gov/developers/vulnerabilities): scores, weaknesses and references of CVEs."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.writer import Advisory, Writer

FORMAT: Final = "nvd"


class _Text(Struct):
    value: str = ""
    lang: str = "en"


class _Data(Struct):
    vectorString: str = ""


class _Metric(Struct):
    cvssData: _Data | None = None
    source: str = ""
    type: str = ""


class _Weakness(Struct):
    description: list[_Text] = []


class _Reference(Struct):
    url: str = ""
    tags: list[str] | None = None


class _Cve(Struct):
    id: str
    published: str = ""
    lastModified: str = ""
    vulnStatus: str = ""
    descriptions: list[_Text] = []
    metrics: dict[str, list[_Metric]] | None = None
    weaknesses: list[_Weakness] | None = None
    references: list[_Reference] = []


class _Entry(Struct):
    cve: _Cve


class _Page(Struct):
    vulnerabilities: list[_Entry]


_PAGE: Final = msgspec.json.Decoder(_Page)
_ENTRY: Final = msgspec.json.Decoder(_Entry)


def read(data: bytes, writer: Writer) -> None:
    """One page of the answer (`vulnerabilities`)."""
    for entry in _PAGE.decode(data).vulnerabilities:
        _write(entry.cve, writer)


def read_entry(data: bytes, writer: Writer) -> None:
    """One entry of such a page."""
    _write(_ENTRY.decode(data).cve, writer)


def _write(one: _Cve, writer: Writer) -> None:
    source = sources.NVD
    writer.source(source.name, format=FORMAT, licence=source.licence)
    if one.vulnStatus == "Rejected":
        gone = common.day(one.lastModified)
        if common.CVE.fullmatch(one.id):
            writer.add(Advisory(id=one.id, withdrawn=gone or "1970-01-01", modified=gone))
        return
    scores = [
        ("" if metric.source == "nvd@nist.gov" else "cna", metric.cvssData.vectorString)
        for metrics in (one.metrics or {}).values()
        for metric in metrics
        if metric.cvssData is not None and 0 < len(metric.cvssData.vectorString) < 200
    ]
    exploits = [each.url for each in one.references if "Exploit" in (each.tags or ())]
    writer.add_fact(
        one.id,
        Facts(
            summary=common.short(next((text.value for text in one.descriptions if text.lang == "en"), "")),
            urls=common.urls(each.url for each in one.references),
            cwes=common.cwes([text.value for each in one.weaknesses or () for text in each.description]),
            scores=tuple(dict.fromkeys(scores)),
            exploits=common.urls(exploits, 3),
            published=common.day(one.published),
            modified=common.day(one.lastModified),
        ),
    )
