"""CSAF 2.0, profile VEX (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, section 4.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten import __version__
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

_STATUSES: Final[dict[str, Status]] = {
    "first_affected": "affected",
    "known_affected": "affected",
    "last_affected": "affected",
    "first_fixed": "fixed",
    "fixed": "fixed",
    "known_not_affected": "not_affected",
    "under_investigation": "under_investigation",
}
_WRITTEN: Final[dict[Status, str]] = {
    "affected": "known_affected",
    "fixed": "fixed",
    "not_affected": "known_not_affected",
    "under_investigation": "under_investigation",
}
_COMPONENT: Final = ("default_component_of", "optional_component_of", "installed_on", "installed_with")
_UNMENDED: Final = "no_fix_planned"  # section 3.2.3.12.1
_DEPTH: Final = 64  # branches in branches; the specification's own examples have six


class _Hash(Struct):
    value: str = ""


class _FileHashes(Struct):
    file_hashes: list[_Hash] | None = None


class _Helper(Struct):
    purl: str | None = None
    cpe: str | None = None
    hashes: list[_FileHashes] | None = None


class _Product(Struct):
    product_id: str
    name: str = ""
    product_identification_helper: _Helper | None = None


class _Branch(Struct):
    branches: list[_Branch] | None = None
    product: _Product | None = None


class _Relationship(Struct):
    category: str
    product_reference: str
    relates_to_product_reference: str
    full_product_name: _Product


class _Group(Struct):
    group_id: str
    product_ids: list[str] | None = None


class _Tree(Struct):
    branches: list[_Branch] | None = None
    full_product_names: list[_Product] | None = None
    product_groups: list[_Group] | None = None
    relationships: list[_Relationship] | None = None


class _Id(Struct):
    text: str = ""


class _Said(Struct):
    category: str = ""
    label: str = ""
    details: str = ""
    date: str | None = None
    product_ids: list[str] | None = None
    group_ids: list[str] | None = None


class _Flaw(Struct):
    cve: str | None = None
    ids: list[_Id] | None = None
    product_status: dict[str, list[str] | None] | None = None
    flags: list[_Said] | None = None
    threats: list[_Said] | None = None
    remediations: list[_Said] | None = None


class _Tracking(Struct):
    current_release_date: str = ""


class _Head(Struct):
    tracking: _Tracking | None = None


class _Csaf(Struct):
    document: _Head
    product_tree: _Tree | None = None
    vulnerabilities: list[_Flaw] | None = None


def read(data: bytes, origin: str) -> Iterator[VexStatement]:
    """One statement for each flaw, status and reason. Raises msgspec.MsgspecError and VexError."""
    document = msgspec.json.decode(data, type=_Csaf)
    products = _Products(document.product_tree or _Tree())
    when = document.document.tracking.current_release_date if document.document.tracking else ""
    for flaw in document.vulnerabilities or ():
        names = tuple(dict.fromkeys(name for name in (flaw.cve, *(one.text for one in flaw.ids or ())) if name))
        justified = products.said(flaw.flags, "label")
        threats = products.said([one for one in flaw.threats or () if one.category == "impact"], "details")
        remedies = products.said(flaw.remediations, "details")
        mended = products.said([one for one in flaw.remediations or () if one.category == "vendor_fix"], "category")
        unmended = products.said([one for one in flaw.remediations or () if one.category == _UNMENDED], "category")
        for word, idents in (flaw.product_status or {}).items():
            status = _STATUSES.get(word)
            if status is None:
                continue
            groups: dict[tuple[str, str, bool], list[Subject]] = {}
            for ident in idents or ():
                note = (remedies if status == "affected" else threats).get(ident, "")
                left = status == "affected" and ident in unmended and ident not in mended
                key = (justified.get(ident, "") if status == "not_affected" else "", note, left)
                groups.setdefault(key, []).append(products.subject(ident))
            for (justification, note, left), subjects in groups.items():
                yield VexStatement(
                    origin=origin,
                    flaws=names,
                    status=status,
                    subjects=tuple(subjects),
                    justification=justification,
                    note=" ".join(note.split()),
                    timestamp=when,
                    is_unmended=left,
                    refused=NO_REASON if status == "not_affected" and not justification and not note else "",
                )


class _Products:
    """The product tree, by product identifier."""

    def __init__(self, tree: _Tree) -> None:
        self._named: dict[str, Named] = {}
        self._parts: dict[str, tuple[str, str]] = {}
        self._groups = {one.group_id: one.product_ids or [] for one in tree.product_groups or ()}
        for product in tree.full_product_names or ():
            self._learn(product)
        waiting = [(branch, 0) for branch in tree.branches or ()]
        while waiting:
            branch, depth = waiting.pop()
            if depth > _DEPTH:
                raise VexError(f"expected at most {_DEPTH} branches in one another, found more")
            if branch.product is not None:
                self._learn(branch.product)
            waiting += [(inner, depth + 1) for inner in branch.branches or ()]
        for one in tree.relationships or ():
            self._learn(one.full_product_name)
            if one.category in _COMPONENT:
                ident = one.full_product_name.product_id
                self._parts[ident] = (one.product_reference, one.relates_to_product_reference)

    def _learn(self, product: _Product) -> None:
        helper = product.product_identification_helper or _Helper()
        hashes = tuple(one.value.lower() for some in helper.hashes or () for one in some.file_hashes or ())
        self._named[product.product_id] = Named(
            helper.purl or product.name or product.product_id, hashes, cpe=helper.cpe or ""
        )

    def subject(self, ident: str) -> Subject:
        parts = self._parts.get(ident)
        if parts is None:
            return Subject(self._name(ident))
        component, product = parts
        return Subject(self._name(product), self._name(component))

    def _name(self, ident: str) -> Named:
        return self._named.get(ident, Named(ident))

    def said(self, entries: Sequence[_Said] | None, field: str) -> dict[str, str]:
        """Product -> what flags, threats or remedies say of it."""
        found: dict[str, str] = {}
        for one in entries or ():
            idents = [*(one.product_ids or ())]
            for group in one.group_ids or ():
                idents += self._groups.get(group, ())
            for ident in idents or self._named:
                found.setdefault(ident, str(getattr(one, field)))
        return found


def write(rows: Sequence[Vulnerability], document: Document) -> bytes:
    """A document of the profile VEX: each package is a component of its image, or a product itself."""
    tree = _Written()
    by_flaw: dict[str, list[Verdict]] = {}
    for verdict in grouped(rows, document):
        by_flaw.setdefault(verdict.flaw, []).append(verdict)
    flaws = [_flaw(name, verdicts, tree) for name, verdicts in by_flaw.items()]
    product_tree: dict[str, Any] = {"full_product_names": tree.products}
    if tree.relationships:
        product_tree["relationships"] = tree.relationships
    digest = hashlib.sha256(msgspec.json.encode([flaws, product_tree, document.timestamp])).hexdigest()
    found = {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"category": "user", "name": document.author, "namespace": document.namespace},
            "title": f"Vulnerabilities as {document.author} sees them",
            "tracking": {
                "current_release_date": document.timestamp,
                "generator": {"engine": {"name": "batten", "version": __version__}},
                "id": f"batten-{digest[:32]}",
                "initial_release_date": document.timestamp,
                "revision_history": [{"date": document.timestamp, "number": "1", "summary": "First version"}],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": product_tree,
        "vulnerabilities": flaws,
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


class _Written:
    """The product tree that is written; identifiers are numbered in the order of their use."""

    def __init__(self) -> None:
        self.products: list[dict[str, Any]] = []
        self.relationships: list[dict[str, Any]] = []
        self._idents: dict[tuple[Named | None, str], str] = {}

    def ident(self, product: Named | None, purl: str) -> str:
        found = self._idents.get((product, purl))
        if found is not None:
            return found
        component = self._product(Named(purl))
        if product is None:
            self._idents[product, purl] = component
            return component
        whole = self._product(product)
        ident = f"{whole}:{component}"
        self.relationships.append(
            {
                "category": "default_component_of",
                "full_product_name": {"name": f"{purl} as a component of {product.text}", "product_id": ident},
                "product_reference": component,
                "relates_to_product_reference": whole,
            }
        )
        self._idents[product, purl] = ident
        return ident

    def _product(self, named: Named) -> str:
        found = self._idents.get((None, named.text))
        if found is not None:
            return found
        ident = self._idents[None, named.text] = f"P{len(self.products) + 1}"
        helper: dict[str, Any] = {}
        if named.text.startswith("pkg:"):
            helper["purl"] = named.text
        if named.hashes:
            hashes = [{"algorithm": "sha256", "value": value} for value in named.hashes]
            helper["hashes"] = [{"file_hashes": hashes, "filename": named.text}]
        product: dict[str, Any] = {"name": named.text, "product_id": ident}
        if helper:
            product["product_identification_helper"] = helper
        self.products.append(product)
        return ident


def _flaw(name: str, verdicts: Sequence[Verdict], tree: _Written) -> dict[str, Any]:
    names = [name, *dict.fromkeys(alias for one in verdicts for alias in one.aliases)]
    cve = next((one for one in names if one.startswith("CVE-")), None)
    found: dict[str, Any] = {} if cve is None else {"cve": cve}
    others = [one for one in names if one != cve]
    if others:
        found["ids"] = [{"system_name": one.partition("-")[0], "text": one} for one in others]
    found["notes"] = [{"category": "summary", "text": name, "title": "Identifier"}]
    status: dict[str, list[str]] = {}
    flags, threats, remedies = [], [], []
    for one in verdicts:
        idents = [tree.ident(product, purl) for product, purls in one.products.items() for purl in purls]
        status.setdefault(_WRITTEN[one.status], []).extend(idents)
        if one.status == "affected":
            category = "vendor_fix" if one.note.startswith("update ") else "none_available"
            category = _UNMENDED if one.is_unmended else category
            remedies.append({"category": category, "details": one.note, "product_ids": idents})
        elif one.justification:
            flags.append({"label": one.justification, "product_ids": idents})
        if one.note and one.status != "affected":
            threats.append({"category": "impact", "details": one.note, "product_ids": idents})
    found["product_status"] = status
    for key, entries in (("flags", flags), ("remediations", remedies), ("threats", threats)):
        if entries:
            found[key] = entries
    return found
