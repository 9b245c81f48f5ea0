"""Rows as the statements that are written: one for each flaw, status and reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.vex.statements import JUSTIFICATIONS, Document, Named, Status

_ORDER: Final = ("affected", "under_investigation", "fixed", "not_affected")


class Verdict(Struct):
    """What is stated of one flaw."""

    flaw: str
    aliases: tuple[str, ...]
    status: Status
    justification: str
    note: str
    products: dict[Named | None, list[str]]
    """Product -> package URLs of the components with the flaw; None: those are products themselves."""
    is_unmended: bool = False
    """Affected, and its source will not mend it."""


def grouped(rows: Sequence[Vulnerability], document: Document) -> list[Verdict]:
    """Sorted by flaw, status and reason; the same for the same rows in any order.

    Of several copies of a package the one that is worst off speaks: a product has one status.
    """
    found: dict[tuple[str, str, str, str, bool], Verdict] = {}
    worst: dict[tuple[str, str, str], tuple[Status, str, str, bool]] = {}
    ordered = sorted(rows, key=lambda one: (one.id, one.target, one.package, one.paths))
    for row in ordered:
        stated, where = (*_stated(row), row.status == "will_not_fix"), (row.id, row.target, row.package)
        if where not in worst or _ORDER.index(stated[0]) < _ORDER.index(worst[where][0]):
            worst[where] = stated
    for row in ordered:
        status, justification, note, is_unmended = worst[row.id, row.target, row.package]
        key = (row.id, status, justification, note, is_unmended)
        verdict = found.setdefault(key, Verdict(row.id, row.aliases, status, justification, note, {}, is_unmended))
        components = verdict.products.setdefault(document.products.get(row.target), [])
        if row.package not in components:
            components.append(row.package)
    return [found[key] for key in sorted(found)]


def _stated(row: Vulnerability) -> tuple[Status, str, str]:
    """(status, justification, note) in the terms of VEX, where what is waived or not to be mended is affected."""
    first = next((one for one in row.statements if one.status == row.status), None)
    reason = first.reason if first is not None else ""
    match row.status:
        case "not_affected":
            head, _, rest = reason.partition(":")
            if head in JUSTIFICATIONS:
                return "not_affected", head, rest.strip()
            return "not_affected", "", reason or f"{row.source or 'the source'} holds the package for not affected"
        case "fixed":
            return "fixed", "", reason
        case "under_investigation":
            return "under_investigation", "", reason
        case "waived":
            why = f": {row.waiver.reason}" if row.waiver is not None else ""
            return "affected", "", f"accepted{why}"
        case "will_not_fix":
            return "affected", "", f"will not be mended, says {row.source}{f' ({reason})' if reason else ''}"
    return "affected", "", row.remediation or "no version mends it yet"
