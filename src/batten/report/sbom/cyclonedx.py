"""CycloneDX 1.6 as data, for the writers of JSON and XML (https://cyclonedx.org/docs/1.6/json/)."""

from __future__ import annotations

from typing import Any, Final

from batten import __version__
from batten.report.sbom import licences
from batten.report.sbom.bill import Bill, Component, checksums, clean, full_name

_HASHES: Final = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_CONFIDENCE: Final = {"high": 1.0, "medium": 0.7, "low": 0.3}
_SUBJECT: Final = "target"
_SYSTEM: Final = "operating-system"
_SCOPES: Final = {"runtime": "required", "optional": "optional", "development": "excluded"}


def document(bill: Bill) -> dict[str, Any]:
    """The whole document, in the order of fields in which it is written."""
    components = [_component(bill, one) for one in bill.components]
    if bill.distribution is not None and bill.distribution.id:
        components.insert(0, _operating_system(bill))
    metadata: dict[str, Any] = {
        "timestamp": bill.document.created,
        "tools": {"components": [{"type": "application", "name": "batten", "version": __version__}]},
        "component": _subject(bill),
    }
    found: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{bill.serial}",
        "version": 1,
        "metadata": metadata,
        "components": components,
        "dependencies": _dependencies(bill),
    }
    if not bill.document.complete:
        found["compositions"] = [{"aggregate": "incomplete", "assemblies": [_SUBJECT]}]
    return found


def _subject(bill: Bill) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "container" if bill.image is not None else "application",
        "bom-ref": _SUBJECT,
        "name": bill.name,
    }
    if bill.version:
        found["version"] = bill.version
    algorithm, _, digits = bill.version.partition(":")
    if algorithm in _HASHES and checksums_ok(algorithm, digits):
        found["hashes"] = [{"alg": _HASHES[algorithm], "content": digits}]
    if bill.image_purl:
        found["purl"] = bill.image_purl
    if properties := _properties(bill.facts()):
        found["properties"] = properties
    return found


def checksums_ok(algorithm: str, digits: str) -> bool:
    """Whether these are the digits of such a digest."""
    from batten.report.sbom.bill import ALGORITHMS

    return len(digits) == ALGORITHMS.get(algorithm) and all(digit in "0123456789abcdef" for digit in digits)


def _operating_system(bill: Bill) -> dict[str, Any]:
    distribution = bill.distribution
    assert distribution is not None
    found = {"type": "operating-system", "bom-ref": _SYSTEM, "name": clean(distribution.id)}
    if distribution.version:
        found["version"] = clean(distribution.version)
    if distribution.name:
        found["description"] = clean(distribution.name)
    return found


def _component(bill: Bill, one: Component) -> dict[str, Any]:
    package = one.package
    found: dict[str, Any] = {"type": "application" if package.type == "generic" else "library"}
    found["bom-ref"] = one.reference
    if package.vendor:
        found["publisher"] = clean(package.vendor)
    if package.namespace and full_name(package) != package.name:
        found["group"] = clean(package.namespace)
    found["name"] = clean(package.name)
    found["version"] = clean(package.version)
    if package.scope:
        found["scope"] = _SCOPES[package.scope]
    if hashes := [{"alg": _HASHES[name], "content": digits} for name, digits in checksums(package) if name in _HASHES]:
        found["hashes"] = hashes
    if terms := _licences(package.licenses):
        found["licenses"] = terms
    found["purl"] = one.purl
    found["evidence"] = _evidence(one)
    if properties := _properties(bill.properties(one)):
        found["properties"] = properties
    return found


def _licences(said: tuple[str, ...]) -> list[dict[str, Any]]:
    """Either licences one by one, or a single expression: the schema allows no mixture."""
    terms = [(found, licences.words(text)) for text in said if (found := licences.expression(text)) or text.strip()]
    terms = list(dict.fromkeys(terms))
    if len(terms) == 1 and terms[0][0] and not licences.is_identifier(terms[0][0]):
        return [{"expression": terms[0][0]}]
    written: list[dict[str, Any]] = []
    for found, text in terms:
        if licences.is_identifier(found):
            one = {"license": {"id": found}}
        elif found or clean(text):
            one = {"license": {"name": found or clean(text)}}
        else:
            continue
        if one not in written:
            written.append(one)
    return written


def _evidence(one: Component) -> dict[str, Any]:
    package = one.package
    technique = "binary-analysis" if package.evidence else "manifest-analysis"
    method: dict[str, Any] = {"technique": technique, "confidence": _CONFIDENCE[package.confidence]}
    if package.evidence:
        method["value"] = clean(package.evidence)
    found: dict[str, Any] = {
        "identity": [{"field": "purl", "confidence": _CONFIDENCE[package.confidence], "methods": [method]}]
    }
    places: list[dict[str, Any]] = [{"location": clean(path)} for path in dict.fromkeys(package.paths) if path]
    if package.place is not None:
        location = package.place.location()
        places = [{"location": clean(location.path), "line": location.line}]
    if places:
        found["occurrences"] = places
    return found


def _properties(facts: Any) -> list[dict[str, str]]:
    return [{"name": f"batten:{name}", "value": clean(value)} for name, value in facts if value]


def _dependencies(bill: Bill) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"ref": _SUBJECT, "dependsOn": [one.reference for one in bill.roots]}]
    for one in bill.components:
        entry: dict[str, Any] = {"ref": one.reference}
        if one.needs:
            entry["dependsOn"] = [need.reference for need in one.needs]
        found.append(entry)
    return found
