"""OSV records (https://ossf.github.io/osv-schema/): GHSA, Go, RustSec, PyPA, AlmaLinux, Rocky, Ubuntu, Debian …"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten.versions import scheme_of
from batten.vulnerabilities.db import ecosystems, sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval, Unit
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "osv"

_SOURCE_PACKAGES: Final = ("debian", "ubuntu", "ubuntu-pro", "alpine", "wolfi", "chainguard", "minimos", "echo")
_BINARY_PACKAGES: Final = ("alma", "rocky", "redhat", "oracle", "sles", "opensuse-leap", "opensuse-tumbleweed")
# no package of an image is of these
_ELSEWHERE: Final = ("oss-fuzz", "git", "linux", "android", "ghc", "uvi", "")
_WORD: Final = re.compile(r"(Critical|Important|Moderate|Low)\b")
_LAST_KNOWN: Final = re.compile(r"(<=?) ?([^\s,]+)")
# `Moderate: nodejs:18 security update`, `virt:rhel and virt-devel:rhel security update`
_STREAM: Final = re.compile(r"(?<!\S)([a-z0-9][A-Za-z0-9_.+-]*:[A-Za-z0-9_.-]+)(?=[ /,]|$)")
_REFERENCES: Final = {"ADVISORY": 0, "FIX": 1, "REPORT": 2, "WEB": 3, "ARTICLE": 4}


class _Package(Struct):
    ecosystem: str = ""
    name: str = ""
    purl: str | None = None


class _Range(Struct):
    type: str = ""
    events: list[common.Event] = []


class _Severity(Struct):
    type: str = ""
    score: str = ""


class _EcosystemSpecific(Struct):
    ubuntu_priority: Any = None
    urgency: Any = None
    severity: Any = None


class _DatabaseSpecific(Struct):
    severity: Any = None
    cwe_ids: Any = None
    cwes: Any = None
    informational: Any = None
    categories: Any = None
    derived_from: Any = None
    last_known_affected_version_range: Any = None


class _Affected(Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Severity] | None = None
    ecosystem_specific: _EcosystemSpecific | None = None
    database_specific: _DatabaseSpecific | None = None


class _Reference(Struct):
    type: str = ""
    url: str = ""


class Record(Struct):
    """The part of an OSV record that is kept."""

    id: str
    affected: list[_Affected] | None = None
    modified: str = ""
    published: str | None = None
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    summary: str | None = None
    details: str | None = None
    severity: list[_Severity] | None = None
    references: list[_Reference] | None = None
    database_specific: _DatabaseSpecific | None = None


_DECODER: Final = msgspec.json.Decoder(Record)


def read(data: bytes, writer: Writer) -> None:
    """One record. Raises msgspec.MsgspecError where it is none."""
    add(_DECODER.decode(data), writer)


def add(record: Record, writer: Writer) -> None:
    """Writes a record; one that speaks of no package that an image can have is left out."""
    ident = record.id
    if not ident or any(char.isspace() for char in ident):
        raise common.Unreadable(f"expected an identifier, found {ident[:40]!r}")
    first = next((one.package.ecosystem for one in record.affected or () if one.package is not None), "")
    source = sources.of_osv(ident, first)
    special = record.database_specific or _DatabaseSpecific()
    if source is sources.DEBIAN and special.derived_from is not None:
        source = sources.DEBIAN_CHANGELOGS
    streams = _STREAM.findall(record.summary or "") if source.name in ("almalinux", "rocky") else []
    affected: list[Affected] = []
    for one in record.affected or ():
        row = _affected(one)
        if row is not None:
            affected += _in_streams(row, streams)
    if not affected and (record.affected or source.name == "oss-fuzz"):
        return
    notice = ident.partition("-")[0] in sources.NOTICES
    related = record.related or []
    upstream = record.upstream or []
    if notice or common.derived(ident):
        upstream = [*upstream, *(name for name in related if name.startswith("CVE-"))]
    aliases, upstream = common.relations(ident, record.aliases or [], upstream, notice=notice)
    severity, informational = _words(record, special)
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    writer.add(
        Advisory(
            id=ident,
            affected=affected,
            aliases=aliases,
            upstream=upstream,
            related=[name for name in common.identifiers(related) if name not in upstream and name not in aliases],
            withdrawn=common.day(record.withdrawn),
            published=common.day(record.published),
            modified=common.day(record.modified),
            severity=severity,
            informational=informational or sources.kind_of(ident),
            facts=_facts(record, special),
        )
    )


def _in_streams(row: Affected, streams: list[str]) -> list[Affected]:
    """The row for each module stream that the title of a notice names; only such versions belong to one."""
    if not streams or not any(".module" in each.fixed for each in row.ranges):
        return [row]
    return [msgspec.structs.replace(row, module=stream) for stream in streams]


def _affected(one: _Affected) -> Affected | None:
    package = one.package
    if package is None or not package.name or package.ecosystem.partition(":")[0].lower() in _ELSEWHERE:
        return None
    ecosystem = ecosystems.from_osv(package.ecosystem)
    base = ecosystem.partition(":")[0]
    scheme = scheme_of("", package.ecosystem)
    ranges: list[Interval] = []
    for each in one.ranges or ():
        if each.type != "GIT":
            ranges += common.intervals(each.events, scheme)
    database = one.database_specific
    if database is not None and len(ranges) == 1 and not ranges[0].fixed and not ranges[0].last_affected:
        ranges = [_last_known(ranges[0], database.last_known_affected_version_range)]
    specific = one.ecosystem_specific
    urgency = _word(specific.urgency) if specific is not None else ""
    unit: Unit = "source" if base in _SOURCE_PACKAGES else "binary" if base in _BINARY_PACKAGES else "package"
    # Debian's word for a release or package that it supports no longer: what is not mended there stays so
    ended = urgency == "end-of-life" and not any(each.fixed for each in ranges)
    return Affected(
        ecosystem=ecosystem,
        name=package.name,
        unit=unit,
        status="will_not_fix" if ended else "affected",
        ranges=ranges,
        # an interval from the beginning without an end has them all
        versions=() if Interval() in ranges else [text for text in one.versions or () if text and "\n" not in text],
        product=_pro(package.ecosystem) if base == "ubuntu-pro" else "",
        reason=urgency if urgency in ("unimportant", "end-of-life") else "",
        severity=(_word(specific.ubuntu_priority) or _urgency(urgency)) if specific is not None else "",
    )


def _last_known(interval: Interval, text: object) -> Interval:
    """GHSA says how far it knows where no version mends the flaw: `<= 1.2.3`, `< 2.0`."""
    found = _LAST_KNOWN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return interval
    if found[1] == "<=":
        return Interval(interval.introduced, "", found[2])
    return Interval(interval.introduced, found[2])


def _pro(ecosystem: str) -> str:
    words = [word.lower() for word in ecosystem.split(":")[1:] if not word[:1].isdigit()]
    special = [word for word in words if word not in ("pro", "lts")]
    return special[0] if special else "esm"


def _urgency(word: str) -> str:
    """Debian's word, where it is one for severity."""
    return "" if word in ("not yet assigned", "end-of-life") else word


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) < 40 else ""


def _words(record: Record, special: _DatabaseSpecific) -> tuple[str, str]:
    """The source's word for the severity, and why it may be no flaw at all."""
    word = next((_word(one.score) for one in record.severity or () if one.type == "Ubuntu"), "")
    word = word or _word(special.severity)
    if not word and record.summary and (found := _WORD.match(record.summary)):
        word = found[1]
    informational = ""
    for one in record.affected or ():
        if one.database_specific is not None:
            informational = informational or _word(one.database_specific.informational)
    return word, informational


def _facts(record: Record, special: _DatabaseSpecific) -> Facts:
    found = list(record.severity or ())
    for one in record.affected or ():
        found += one.severity or ()
    references = sorted(record.references or (), key=lambda each: _REFERENCES.get(each.type, 5))
    return Facts(
        summary=common.short(record.summary) or common.short(record.details),
        urls=common.urls(each.url for each in references),
        cwes=common.cwes(special.cwe_ids) or common.cwes(special.cwes),
        scores=tuple(
            dict.fromkeys(("", each.score) for each in found if each.type.startswith("CVSS_") and len(each.score) < 200)
        ),
    )
