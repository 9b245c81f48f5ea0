"""CVE records of version 5 (https://cveproject.github.io/cve-schema/) and their ADP containers, as CISA's
vulnrichment publishes them: scores, weaknesses and SSVC decision points.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Exploitation, Ssvc
from batten.vulnerabilities.db.writer import Advisory, Writer

FORMAT: Final = "cve5"

_EXPLOITATION: Final[dict[str, Exploitation]] = {"none": "none", "poc": "poc", "active": "active"}


class _Cvss(Struct):
    vectorString: str = ""


class _Other(Struct):
    type: str = ""
    content: Any = None


class _Metric(Struct):
    cvssV4_0: _Cvss | None = None
    cvssV3_1: _Cvss | None = None
    cvssV3_0: _Cvss | None = None
    cvssV2_0: _Cvss | None = None
    other: _Other | None = None


class _Description(Struct):
    lang: str = "en"
    value: str = ""
    description: str = ""
    cweId: str = ""


class _ProblemType(Struct):
    descriptions: list[_Description] = []


class _Reference(Struct):
    url: str = ""
    tags: list[str] | None = None


class _Provider(Struct):
    shortName: str = ""
    dateUpdated: str | None = None


class _Container(Struct):
    title: str | None = None
    metrics: list[_Metric] | None = None
    problemTypes: list[_ProblemType] | None = None
    references: list[_Reference] | None = None
    descriptions: list[_Description] | None = None
    providerMetadata: _Provider | None = None


class _Containers(Struct):
    cna: _Container | None = None
    adp: list[_Container] | None = None


class _Metadata(Struct):
    cveId: str
    state: str = ""
    datePublished: str | None = None
    dateUpdated: str | None = None
    dateRejected: str | None = None


class _Record(Struct):
    cveMetadata: _Metadata
    containers: _Containers


class _Line(Struct):
    cveId: str
    adp: _Container


_RECORD: Final = msgspec.json.Decoder(_Record)
_LINE: Final = msgspec.json.Decoder(_Line)


def read(data: bytes, writer: Writer) -> None:
    """One whole record; the words of the CNA and of each ADP container are facts of their own."""
    found = _RECORD.decode(data)
    meta = found.cveMetadata
    if meta.state == "REJECTED":
        gone = common.day(meta.dateRejected) or common.day(meta.dateUpdated)
        if common.CVE.fullmatch(meta.cveId):
            _name(writer, sources.CVE_PROGRAM)
            writer.add(Advisory(id=meta.cveId, withdrawn=gone or "1970-01-01", modified=gone))
        return
    if found.containers.cna is not None:
        _name(writer, sources.CVE_PROGRAM)
        _fact(writer, meta.cveId, found.containers.cna, "cna", meta)
    for container in found.containers.adp or ():
        provider = container.providerMetadata.shortName if container.providerMetadata else ""
        if provider.upper() in ("CISA-ADP", ""):
            _name(writer, sources.ADP)
            _fact(writer, meta.cveId, container, "", None)


def read_line(data: bytes, writer: Writer) -> None:
    """`{"cveId": …, "adp": {…}}`: one ADP container."""
    found = _LINE.decode(data)
    _name(writer, sources.ADP)
    _fact(writer, found.cveId, found.adp, "", None)


def _name(writer: Writer, source: sources.Source) -> None:
    writer.source(source.name, format=FORMAT, licence=source.licence)


def _fact(writer: Writer, cve: str, one: _Container, says: str, meta: _Metadata | None) -> None:
    scores = [
        (says, cvss.vectorString)
        for metric in one.metrics or ()
        for cvss in (metric.cvssV4_0, metric.cvssV3_1, metric.cvssV3_0, metric.cvssV2_0)
        if cvss is not None and 0 < len(cvss.vectorString) < 200
    ]
    descriptions = [text.value for text in one.descriptions or () if text.lang.startswith("en")]
    problems = [text.cweId or text.description for problem in one.problemTypes or () for text in problem.descriptions]
    updated = one.providerMetadata.dateUpdated if one.providerMetadata is not None else None
    writer.add_fact(
        cve,
        Facts(
            summary=common.short(next(iter(descriptions), "")) if meta is not None else "",
            urls=common.urls((each.url for each in one.references or ()), 4),
            cwes=common.cwes(problems),
            scores=tuple(dict.fromkeys(scores)),
            ssvc=_ssvc(one),
            exploits=common.urls((each.url for each in one.references or () if "exploit" in (each.tags or ())), 3),
            published=common.day(meta.datePublished) if meta is not None else "",
            modified=common.day(updated),
        ),
    )


def _ssvc(one: _Container) -> Ssvc | None:
    for metric in one.metrics or ():
        if metric.other is None or metric.other.type.lower() != "ssvc" or not isinstance(metric.other.content, dict):
            continue
        options, found = metric.other.content.get("options"), {}
        for option in options if isinstance(options, list) else ():
            if isinstance(option, dict):
                found.update({str(key).lower(): str(value).lower() for key, value in option.items()})
        return Ssvc(
            _EXPLOITATION.get(found.get("exploitation", ""), ""),
            found.get("automatable", "")[:16],
            found.get("technical impact", "")[:16],
            common.day(metric.other.content.get("timestamp")),
        )
    return None
