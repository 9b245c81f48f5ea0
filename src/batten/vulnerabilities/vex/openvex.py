"""OpenVEX 0.0.1 to 0.2.0 (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.vex.statements import (
    NO_REASON,
    Document,
    Named,
    Status,
    Subject,
    VexError,
    VexStatement,
)
from batten.vulnerabilities.vex.verdicts import Verdict, grouped

_CONTEXT: Final = "https://openvex.dev/ns/v0.2.0"
_STATUSES: Final = ("affected", "fixed", "not_affected", "under_investigation")


class _Component(Struct):
    id: str = field(name="@id", default="")
    identifiers: dict[str, Any] | None = None
    hashes: dict[str, Any] | None = None
    subcomponents: list[_Component | str] | None = None


class _Flaw(Struct):
    id: str = field(name="@id", default="")
    name: str = ""
    aliases: list[str] | None = None


class _Statement(Struct):
    vulnerability: _Flaw | str | None = None
    products: list[_Component | str] | None = None
    subcomponents: list[_Component | str] | None = None
    """Of 0.0.1: for all products."""
    status: str = ""
    justification: str | None = None
    impact_statement: str | None = None
    action_statement: str | None = None
    timestamp: str | None = None
    last_updated: str | None = None


class _Document(Struct):
    statements: list[_Statement] | None = None
    timestamp: str | None = None
    last_updated: str | None = None


def read(data: bytes, origin: str) -> Iterator[VexStatement]:
    """The statements, in order. Raises msgspec.MsgspecError and VexError."""
    document = msgspec.json.decode(data, type=_Document)
    when = document.last_updated or document.timestamp or ""
    for number, one in enumerate(document.statements or (), 1):
        if one.status not in _STATUSES:
            known = ", ".join(_STATUSES)
            raise VexError(f"expected one of {known} as status of statement {number}, found {one.status[:40]!r}")
        status: Status = one.status  # type: ignore[assignment]
        note = one.impact_statement or one.action_statement or ""
        unreasoned = status == "not_affected" and not one.justification and not one.impact_statement
        yield VexStatement(
            origin=origin,
            flaws=_flaws(one.vulnerability),
            status=status,
            subjects=tuple(_subjects(one)),
            justification=one.justification or "",
            note=" ".join(note.split()),
            timestamp=one.last_updated or one.timestamp or when,
            refused=NO_REASON if unreasoned else "",
        )


def _flaws(flaw: _Flaw | str | None) -> tuple[str, ...]:
    if flaw is None:
        return ()
    if isinstance(flaw, str):
        return (flaw,)
    names = [flaw.name or flaw.id.rpartition("/")[2], *(name for name in flaw.aliases or () if "/" not in name)]
    return tuple(dict.fromkeys(name for name in names if name))


def _subjects(one: _Statement) -> Iterator[Subject]:
    for product in one.products or ():
        own = one.subcomponents if isinstance(product, str) else product.subcomponents or one.subcomponents
        if not own:
            yield Subject(_named(product))
        for component in own or ():
            yield Subject(_named(product), _named(component))


def _named(one: _Component | str) -> Named:
    if isinstance(one, str):
        return Named(one)
    purl = (one.identifiers or {}).get("purl")
    hashes = tuple(text.lower() for text in (one.hashes or {}).values() if isinstance(text, str))
    return Named(purl if isinstance(purl, str) and not one.id.startswith("pkg:") else one.id, hashes)


def write(rows: Sequence[Vulnerability], document: Document) -> bytes:
    """One statement for each flaw, status and reason."""
    statements = [_statement(one) for one in grouped(rows, document)]
    body: dict[str, Any] = {"author": document.author, "timestamp": document.timestamp, "version": 1}
    body["statements"] = statements
    digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()
    return msgspec.json.format(
        msgspec.json.encode({"@context": _CONTEXT, "@id": f"{document.namespace}/{digest[:32]}", **body}), indent=2
    )


def _statement(one: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {"vulnerability": {"name": one.flaw}}
    if one.aliases:
        found["vulnerability"]["aliases"] = list(one.aliases)
    products = []
    for product, components in one.products.items():
        if product is None:
            products += [{"@id": purl} for purl in components]
            continue
        entry: dict[str, Any] = {"@id": product.text}
        if product.hashes:
            entry["hashes"] = {"sha-256": product.hashes[0]}
        entry["subcomponents"] = [{"@id": purl} for purl in components]
        products.append(entry)
    found |= {"products": products, "status": one.status}
    if one.justification:
        found["justification"] = one.justification
    if one.note:
        found["action_statement" if one.status == "affected" else "impact_statement"] = one.note
    return found
