"""CSAF 2.0 documents of Red Hat and SUSE, VEX and advisories
(https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html): binary packages per product.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.importers.csaf_products import Component, Place, Products, Tree
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus, Unit
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer, now

FORMAT: Final = "csaf"

_NOT_INSTALLED: Final = ("-debuginfo", "-debugsource", "-debuginfo-common")
_FIXED: Final = ("fixed", "first_fixed", "recommended")  # the last is what the vendor advises to take for the fix
_ORDER: Final = (
    *_FIXED,
    "known_affected",
    "first_affected",
    "last_affected",
    "under_investigation",
    "known_not_affected",
)


class _Text(Struct):
    text: str | None = None


class _Tracking(Struct):
    id: str = ""
    status: str = ""
    current_release_date: str = ""
    initial_release_date: str = ""


class _Publisher(Struct):
    name: str = ""
    namespace: str = ""


class _Document(Struct):
    tracking: _Tracking
    category: str = ""
    publisher: _Publisher | None = None
    aggregate_severity: _Text | None = None
    title: str | None = None


class _Group(Struct):
    """Threats, remediations and flags."""

    category: str = ""
    details: str = ""
    label: str = ""
    product_ids: list[str] | None = None


class _Cvss(Struct):
    vectorString: str = ""


class _Score(Struct):
    cvss_v2: _Cvss | None = None
    cvss_v3: _Cvss | None = None
    cvss_v4: _Cvss | None = None


class _Cwe(Struct):
    id: str = ""


class _Note(Struct):
    category: str = ""
    text: str = ""


class _Link(Struct):
    url: str = ""


class _Vulnerability(Struct):
    cve: str | None = None
    title: str | None = None
    cwe: _Cwe | None = None
    product_status: dict[str, list[str] | None] | None = None
    remediations: list[_Group] | None = None
    threats: list[_Group] | None = None
    flags: list[_Group] | None = None
    scores: list[_Score] | None = None
    notes: list[_Note] | None = None
    references: list[_Link] | None = None
    release_date: str | None = None


class _Csaf(Struct):
    document: _Document
    product_tree: Tree | None = None
    vulnerabilities: list[_Vulnerability] | None = None


_DECODER: Final = msgspec.json.Decoder(_Csaf)


def read(data: bytes, writer: Writer) -> None:
    """One document. Raises msgspec.MsgspecError or Unreadable."""
    found = _DECODER.decode(data)
    document, tracking = found.document, found.document.tracking
    if not common.IDENTIFIER.fullmatch(tracking.id):
        raise common.Unreadable(f"expected an identifier in document.tracking.id, found {tracking.id[:40]!r}")
    publisher = f"{document.publisher.name} {document.publisher.namespace}".lower() if document.publisher else ""
    suse = "suse" in publisher
    if not suse and publisher and "red hat" not in publisher and "redhat" not in publisher:
        raise common.Unreadable(f"expected a document of Red Hat or SUSE, found one of {publisher[:60]!r}")
    source = sources.SUSE if suse else sources.REDHAT
    vex = document.category in ("csaf_vex", "") or tracking.id.startswith("CVE-")
    if not vex:
        source = sources.Source(f"{source.name}-errata", source.licence)
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    if tracking.status == "deleted":
        gone = common.day(tracking.current_release_date) or now()[:10]
        writer.add(Advisory(id=tracking.id, withdrawn=gone, modified=common.day(tracking.current_release_date)))
        return
    products = Products(found.product_tree or Tree(), suse=suse)
    if vex:
        for one in found.vulnerabilities or ():
            writer.add(_flaw(document, one, list(_rows(one, products))))
        return
    rows = {_key(row): row for one in found.vulnerabilities or () for row in _rows(one, products)}
    writer.add(_notice(document, found.vulnerabilities or [], list(rows.values())))


def _key(row: Affected) -> tuple[object, ...]:
    return row.ecosystem, row.name, row.unit, row.status, tuple(row.ranges), row.module, row.product


def _flaw(document: _Document, one: _Vulnerability, rows: list[Affected]) -> Advisory:
    ident = one.cve if one.cve and common.IDENTIFIER.fullmatch(one.cve) else document.tracking.id
    return Advisory(
        id=ident,
        affected=rows,
        published=common.day(one.release_date or document.tracking.initial_release_date),
        modified=common.day(document.tracking.current_release_date),
        severity=_severity(document, one),
        facts=_facts(document, [one]),
    )


def _notice(document: _Document, flaws: list[_Vulnerability], rows: list[Affected]) -> Advisory:
    return Advisory(
        id=document.tracking.id,
        affected=rows,
        upstream=common.identifiers(one.cve for one in flaws),
        published=common.day(document.tracking.initial_release_date),
        modified=common.day(document.tracking.current_release_date),
        severity=(document.aggregate_severity.text or "") if document.aggregate_severity else "",
        informational=sources.kind_of(document.tracking.id),
        facts=_facts(document, flaws[:1]),
    )


def _severity(document: _Document, one: _Vulnerability) -> str:
    impact = next((each.details for each in one.threats or () if each.category == "impact"), "")
    return impact or ((document.aggregate_severity.text or "") if document.aggregate_severity else "")


def _facts(document: _Document, flaws: list[_Vulnerability]) -> Facts:
    vectors = [
        cvss.vectorString
        for one in flaws
        for score in one.scores or ()
        for cvss in (score.cvss_v4, score.cvss_v3, score.cvss_v2)
        if cvss is not None and 0 < len(cvss.vectorString) < 200
    ]
    notes = [note.text for one in flaws for note in one.notes or () if note.category in ("description", "summary")]
    return Facts(
        summary=common.short(document.title) or common.short(next(iter(notes), "")),
        urls=common.urls(link.url for one in flaws for link in one.references or ()),
        cwes=common.cwes([one.cwe.id for one in flaws if one.cwe is not None]),
        scores=tuple(dict.fromkeys(("", vector) for vector in vectors)),
    )


def _rows(one: _Vulnerability, products: Products) -> Iterator[Affected]:
    """What the document says of each package; architectures and repositories of one distribution are folded."""
    reasons = _reasons(one)
    seen: dict[tuple[object, ...], Affected] = {}
    for status in _ORDER:
        for ident in (one.product_status or {}).get(status) or ():
            found = products.find(ident)
            if found is None:
                continue
            place, component = found
            if not place.main and status == "known_not_affected":
                continue
            row = _row(status, place, component, reasons.get(ident, ("", "")))
            if row is None:
                continue
            key = (_key(row)[:-1], "sap" in row.product if place.main else row.product)
            if key in seen:
                known = seen[key]
                if row.product and row.product not in known.product.split():
                    known.product = f"{known.product} {row.product}"
                continue
            seen[key] = row
    yield from seen.values()


def _row(status: str, place: Place, component: Component, why: tuple[str, str]) -> Affected | None:
    if component.name.endswith(_NOT_INSTALLED):
        return None
    category, details = why
    said: RowStatus = "affected"
    ranges = EVERYTHING
    if status in _FIXED:
        if not component.version:
            if status == "recommended":
                return None  # which version is not said
            said = "fixed"
        ranges = (Interval("", component.version),) if component.version else EVERYTHING
        details = ""
    elif status == "known_not_affected":
        said = "not_affected"
    elif status == "under_investigation":
        said = "under_investigation"
    elif category == "no_fix_planned":
        said = "will_not_fix"
    unit: Unit = "source" if component.arch == "src" else "binary"
    return Affected(
        ecosystem=place.ecosystem,
        name=component.name,
        unit=unit,
        status=said,
        reason=details[: limits.ADVISORY_TEXT],
        ranges=ranges,
        module=component.module,
        product=place.product,
    )


def _reasons(one: _Vulnerability) -> dict[str, tuple[str, str]]:
    """Product identifier -> (category of the remedy, the source's words)."""
    found: dict[str, tuple[str, str]] = {}
    for flag in one.flags or ():
        for ident in flag.product_ids or ():
            found[ident] = ("", flag.label)
    for remedy in one.remediations or ():
        if remedy.category in ("no_fix_planned", "none_available"):
            for ident in remedy.product_ids or ():
                found[ident] = (remedy.category, common.short(remedy.details))
    return found
