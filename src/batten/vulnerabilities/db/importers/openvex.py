"""Ubuntu's OpenVEX documents (https://security-metadata.canonical.com/vex/): source packages per release."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.ecosystems import ubuntu_release
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "openvex"

_STATUSES: Final[dict[str, RowStatus]] = {
    "affected": "affected",
    "fixed": "affected",
    "not_affected": "not_affected",
    "under_investigation": "under_investigation",
}


class _Vulnerability(Struct):
    name: str = ""
    description: str | None = None
    aliases: list[str] | None = None


class _Product(Struct):
    id: str = msgspec.field(name="@id", default="")


class _Statement(Struct):
    vulnerability: _Vulnerability | str
    status: str = ""
    products: list[_Product] | None = None
    justification: str | None = None
    status_notes: str | None = None
    impact_statement: str | None = None
    action_statement: str | None = None
    timestamp: str | None = None


class _Document(Struct):
    statements: list[_Statement]
    author: Any = None
    timestamp: str | None = None


_DECODER: Final = msgspec.json.Decoder(_Document)


def read(data: bytes, writer: Writer) -> None:
    """One document about one flaw. Other publishers' VEX belongs to a scan (`--vex`), not into the database."""
    found = _DECODER.decode(data)
    if not isinstance(found.author, str) or "canonical" not in found.author.lower():
        raise common.Unreadable(f"expected VEX of Canonical, found {str(found.author)[:60]!r}; others go to --vex")
    source = sources.UBUNTU
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    groups: dict[str, tuple[_Vulnerability, dict[tuple[str, ...], Affected]]] = {}
    for statement in found.statements:
        flaw = statement.vulnerability
        if isinstance(flaw, str):
            flaw = _Vulnerability(flaw)
        if not common.IDENTIFIER.fullmatch(flaw.name):
            raise common.Unreadable(f"expected the name of a flaw, found {flaw.name[:40]!r}")
        _, rows = groups.setdefault(flaw.name, (flaw, {}))
        for product in statement.products or ():
            row = _row(statement, product.id)
            if row is not None:
                rows[row.ecosystem, row.name, row.product] = row
    for ident, (flaw, rows) in groups.items():
        writer.add(
            Advisory(
                id=ident,
                affected=list(rows.values()),
                modified=common.day(found.timestamp),
                facts=Facts(summary=common.short(flaw.description), urls=common.urls(flaw.aliases or ())),
            )
        )


def _row(statement: _Statement, purl: str) -> Affected | None:
    """Only source packages: the binary ones repeat what those say."""
    if not purl.startswith("pkg:deb/ubuntu/") or "arch=source" not in purl or statement.status not in _STATUSES:
        return None
    path, _, query = purl.removeprefix("pkg:deb/ubuntu/").partition("?")
    name, _, version = path.partition("@")
    distro = next((part[7:] for part in query.split("&") if part.startswith("distro=")), "")
    product, _, release = unquote(distro).rpartition("/")
    status = _STATUSES[statement.status]
    notes = f"{statement.status_notes or ''} {statement.impact_statement or ''} {statement.action_statement or ''}"
    reason = statement.justification or ""
    if statement.status == "affected":
        if "decided to not fix" in notes:
            status, reason = "will_not_fix", "ignored"
        elif "no longer supported" in notes:
            status, reason = "will_not_fix", "end-of-life"
        elif "deferred" in notes:
            reason = "deferred"
    return Affected(
        ecosystem=f"{'ubuntu-pro' if product else 'ubuntu'}:{ubuntu_release(release)}",
        name=unquote(name),
        unit="source",
        status=status,
        reason=reason,
        ranges=(Interval("", unquote(version)),) if statement.status == "fixed" and version else EVERYTHING,
        product=product,
    )
