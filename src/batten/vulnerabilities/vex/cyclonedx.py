"""CycloneDX 1.4 to 1.6 in JSON: `vulnerabilities[].analysis` (https://cyclonedx.org/capabilities/vex/)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from batten import __version__
from batten.formats.sbom.flaws import unmended
from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.vex.statements import (
    JUSTIFICATIONS,
    NO_REASON,
    Document,
    Named,
    Status,
    Subject,
    VexStatement,
)
from batten.vulnerabilities.vex.verdicts import Verdict, grouped

_STATES: Final[dict[str, Status]] = {
    "exploitable": "affected",
    "false_positive": "not_affected",
    "in_triage": "under_investigation",
    "not_affected": "not_affected",
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
}
_JUSTIFICATIONS: Final = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "protected_at_perimeter": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_by_mitigating_control": "inline_mitigations_already_exist",
    "requires_configuration": "vulnerable_code_cannot_be_controlled_by_adversary",
    "requires_dependency": "component_not_present",
    "requires_environment": "vulnerable_code_cannot_be_controlled_by_adversary",
}
_WRITTEN: Final = {
    "component_not_present": "code_not_present",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
    "vulnerable_code_cannot_be_controlled_by_adversary": "requires_environment",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_not_present": "code_not_present",
}
_PROPERTY: Final = "batten:justification"
"""The justification in the words of JUSTIFICATIONS, where CycloneDX has none that means the same."""
_STATE_OF: Final[dict[Status, str]] = {
    "affected": "exploitable",
    "fixed": "resolved",
    "not_affected": "not_affected",
    "under_investigation": "in_triage",
}
_WHOLE: Final = ("container", "operating-system", "application", "device", "platform")


class _Hash(Struct):
    content: str = ""


class _Component(Struct):
    type: str = ""
    name: str = ""
    version: str | None = None
    purl: str | None = None
    ref: str = field(name="bom-ref", default="")
    hashes: list[_Hash] | None = None
    components: list[_Component] | None = None


class _Metadata(Struct):
    timestamp: str = ""
    component: _Component | None = None


class _Versions(Struct):
    version: str | None = None
    status: str = "affected"


class _Affects(Struct):
    ref: str
    versions: list[_Versions] | None = None


class _Analysis(Struct):
    state: str = ""
    justification: str = ""
    detail: str = ""
    response: list[str] | None = None
    last_updated: str = field(name="lastUpdated", default="")
    first_issued: str = field(name="firstIssued", default="")


class _Reference(Struct):
    id: str = ""


class _Property(Struct):
    name: str = ""
    value: str = ""


class _Flaw(Struct):
    id: str = ""
    properties: list[_Property] | None = None
    references: list[_Reference] | None = None
    analysis: _Analysis | None = None
    affects: list[_Affects] | None = None
    updated: str = ""


class _Bom(Struct):
    metadata: _Metadata | None = None
    components: list[_Component] | None = None
    vulnerabilities: list[_Flaw] | None = None


def read(data: bytes, origin: str) -> Iterator[VexStatement]:
    """The flaws that have an analysis. Raises msgspec.MsgspecError."""
    bom = msgspec.json.decode(data, type=_Bom)
    metadata = bom.metadata or _Metadata()
    known = _components([*(bom.components or ()), *([metadata.component] if metadata.component else ())])
    whole = metadata.component
    for flaw in bom.vulnerabilities or ():
        analysis = flaw.analysis or _Analysis()
        status = _STATES.get(analysis.state)
        if status is None:
            continue
        names = (flaw.id, *(one.id for one in flaw.references or ()))
        unreasoned = status == "not_affected" and not (
            analysis.justification or analysis.detail or analysis.state == "false_positive"
        )
        yield VexStatement(
            origin=origin,
            flaws=tuple(dict.fromkeys(name for name in names if name)),
            status=status,
            subjects=tuple(subject for one in flaw.affects or () for subject in _subjects(one, known, whole)),
            justification=_justification(flaw, analysis) if status == "not_affected" else "",
            note=" ".join(analysis.detail.split()),
            timestamp=analysis.last_updated or analysis.first_issued or flaw.updated or metadata.timestamp,
            is_unmended=status == "affected" and unmended(analysis.response or ()),
            refused=NO_REASON if unreasoned else "",
        )


def _justification(flaw: _Flaw, analysis: _Analysis) -> str:
    for one in flaw.properties or ():
        if one.name == _PROPERTY and one.value in JUSTIFICATIONS:
            return one.value
    if not analysis.justification and analysis.state == "false_positive":
        return "false positive"
    return _JUSTIFICATIONS.get(analysis.justification, analysis.justification)


def _components(components: Sequence[_Component]) -> dict[str, _Component]:
    found: dict[str, _Component] = {}
    waiting = list(components)
    while waiting:
        one = waiting.pop()
        if one.ref:
            found[one.ref] = one
        waiting += one.components or ()
    return found


def _subjects(one: _Affects, known: dict[str, _Component], whole: _Component | None) -> Iterator[Subject]:
    """What `ref` names: a component of this document, or (BOM-Link) of another one, by its package URL."""
    ref = unquote(one.ref.partition("#")[2]) if one.ref.startswith("urn:cdx:") else one.ref
    component = known.get(ref) or known.get(one.ref)
    named = Named(ref) if component is None else _named(component)
    versions = [each.version for each in one.versions or () if each.version and each.status != "unaffected"]
    for version in versions or [""]:
        each = Named(named.text, named.hashes, version)
        inside = component is not None and component is not whole and whole is not None and whole.type in _WHOLE
        if inside and whole is not None and _can_be_told(whole):
            yield Subject(_named(whole), each)
        else:
            yield Subject(each)


def _can_be_told(component: _Component) -> bool:
    """An application that is named by its own word alone is no target that batten knows."""
    return component.type == "container" or bool(
        component.purl and component.purl.startswith(("pkg:oci/", "pkg:docker/"))
    )


def _named(component: _Component) -> Named:
    hashes = tuple(one.content.lower() for one in component.hashes or ())
    if component.purl:
        return Named(component.purl, hashes)
    version = component.version or ""
    if component.type == "container" and version.startswith("sha256:"):
        return Named(f"{component.name}@{version}", (*hashes, version.partition(":")[2]))
    if component.type == "container" and version and ":" not in component.name.rpartition("/")[2]:
        return Named(f"{component.name}:{version}", hashes)
    return Named(component.name, hashes)


def write(rows: Sequence[Vulnerability], document: Document) -> bytes:
    """A document with the packages as components and an analysis of each flaw."""
    components: dict[str, dict[str, Any]] = {}
    flaws = [_flaw(one, components) for one in grouped(rows, document)]
    body: dict[str, Any] = {"components": list(components.values()), "vulnerabilities": flaws}
    digest = hashlib.sha256(msgspec.json.encode([body, document.timestamp])).digest()
    found = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}",
        "version": 1,
        "metadata": {
            "timestamp": document.timestamp,
            "tools": {"components": [{"type": "application", "name": "batten", "version": __version__}]},
            "authors": [{"name": document.author}],
        },
        **body,
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _flaw(one: Verdict, components: dict[str, dict[str, Any]]) -> dict[str, Any]:
    affects = []
    for product, purls in one.products.items():
        if product is not None and product.text not in components:
            entry: dict[str, Any] = {"type": "container", "bom-ref": product.text, "name": product.text}
            if product.text.startswith("pkg:"):
                entry["purl"] = product.text
            if product.hashes:
                entry["hashes"] = [{"alg": "SHA-256", "content": value} for value in product.hashes]
            components[product.text] = entry
        for purl in purls:
            if purl not in components:
                name = purl.partition("@")[0].rpartition("/")[2]
                components[purl] = {"type": "library", "bom-ref": purl, "name": unquote(name), "purl": purl}
            affects.append({"ref": purl})
    analysis: dict[str, Any] = {"state": _STATE_OF[one.status]}
    if one.justification in _WRITTEN:
        analysis["justification"] = _WRITTEN[one.justification]
    if one.note:
        analysis["detail"] = one.note
    if one.is_unmended:
        analysis["response"] = ["will_not_fix"]
    found: dict[str, Any] = {"id": one.flaw}
    if one.aliases:
        found["references"] = [{"id": alias, "source": {"name": alias.partition("-")[0]}} for alias in one.aliases]
    found |= {"analysis": analysis, "affects": affects}
    if _JUSTIFICATIONS.get(_WRITTEN.get(one.justification, "")) != (one.justification or None):
        found["properties"] = [{"name": _PROPERTY, "value": one.justification}]
    return found
