"""SPDX 2.3 as data, for the writers of JSON and tag-value (https://spdx.github.io/spdx-spec/v2.3/)."""

from __future__ import annotations

from typing import Any, Final

from batten import __version__
from batten.report.sbom import licences
from batten.report.sbom.bill import NAMESPACE_URL, Bill, Component, checksums, clean
from batten.report.sbom.cyclonedx import checksums_ok

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_SUBJECT: Final = "SPDXRef-target"
_SYSTEM: Final = "SPDXRef-operating-system"
_NOTHING: Final = "NOASSERTION"


def document(bill: Bill) -> dict[str, Any]:
    """The whole document, in the order of fields in which it is written."""
    named: dict[str, str] = {}
    references = _references(bill)
    packages = [_subject(bill)]
    if bill.distribution is not None and bill.distribution.id:
        packages.append(_operating_system(bill))
    packages += [_package(bill, one, references[id(one)], named) for one in bill.components]
    creation: dict[str, Any] = {"created": bill.document.created, "creators": [f"Tool: batten-{__version__}"]}
    found: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": bill.name,
        "documentNamespace": f"{NAMESPACE_URL}/batten-{bill.serial}",
        "creationInfo": creation,
        "packages": packages,
        "relationships": _relationships(bill, references),
    }
    if not bill.document.complete:
        found["comment"] = "Part of the target could not be read: packages may be missing."
    if named:
        found["hasExtractedLicensingInfos"] = [
            {"licenseId": key, "extractedText": text, "name": text[:200]} for key, text in sorted(named.items())
        ]
    return found


def _references(bill: Bill) -> dict[int, str]:
    return {id(one): f"SPDXRef-Package-{one.key[:32]}" for one in bill.components}


def _subject(bill: Bill) -> dict[str, Any]:
    found: dict[str, Any] = {"SPDXID": _SUBJECT, "name": bill.name}
    if bill.version:
        found["versionInfo"] = bill.version
    found |= {"downloadLocation": _NOTHING, "filesAnalyzed": False}
    algorithm, _, digits = bill.version.partition(":")
    if checksums_ok(algorithm, digits):
        found["checksums"] = [{"algorithm": algorithm.upper(), "checksumValue": digits}]
    found |= {"licenseConcluded": _NOTHING, "licenseDeclared": _NOTHING, "copyrightText": _NOTHING}
    if bill.image_purl:
        found["externalRefs"] = [_purl(bill.image_purl)]
    if facts := _facts(bill.facts()):
        found["comment"] = facts
    found["primaryPackagePurpose"] = "CONTAINER" if bill.image is not None else "APPLICATION"
    return found


def _operating_system(bill: Bill) -> dict[str, Any]:
    distribution = bill.distribution
    assert distribution is not None
    found: dict[str, Any] = {"SPDXID": _SYSTEM, "name": clean(distribution.id)}
    if distribution.version:
        found["versionInfo"] = clean(distribution.version)
    if distribution.name:
        found["summary"] = clean(distribution.name)
    found |= {"downloadLocation": _NOTHING, "filesAnalyzed": False}
    found |= {"licenseConcluded": _NOTHING, "licenseDeclared": _NOTHING, "copyrightText": _NOTHING}
    found["primaryPackagePurpose"] = "OPERATING_SYSTEM"
    return found


def _package(bill: Bill, one: Component, reference: str, named: dict[str, str]) -> dict[str, Any]:
    package = one.package
    declared, more = licences.spdx(package.licenses)
    named |= {key: clean(text) for key, text in more.items()}
    found: dict[str, Any] = {"SPDXID": reference, "name": clean(one.name), "versionInfo": clean(package.version)}
    if package.vendor:
        found["supplier"] = f"Organization: {_actor(package.vendor)}"
    found |= {"downloadLocation": _NOTHING, "filesAnalyzed": False}
    if digests := [{"algorithm": name.upper(), "checksumValue": digits} for name, digits in checksums(package)]:
        found["checksums"] = digests
    if facts := _facts(bill.properties(one)):
        found["sourceInfo"] = facts
    found |= {
        "licenseConcluded": _NOTHING,
        "licenseDeclared": declared or _NOTHING,
        "copyrightText": _NOTHING,
        "externalRefs": [_purl(one.purl)],
        "primaryPackagePurpose": "APPLICATION" if package.type == "generic" else "LIBRARY",
    }
    return found


def _actor(text: str) -> str:
    """A name; `Debian X <x@example.org>` becomes `Debian X (x@example.org)` (clause 7.5)."""
    name = clean(licences.words(text)).replace("(", "").replace(")", "")
    if name.endswith(">") and "<" in name:
        who, _, address = name[:-1].rpartition("<")
        if who.strip() and "@" in address:
            return f"{who.strip()} ({address.strip()})"
    return name.replace("<", "").replace(">", "").strip() or "unknown"


def _purl(text: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": text}


def _facts(facts: Any) -> str:
    """One `batten:NAME: VALUE` per line."""
    lines = [f"batten:{name}: {clean(' '.join(value.split()))}" for name, value in facts if value]
    return "\n".join(lines)


def _relationships(bill: Bill, references: dict[int, str]) -> list[dict[str, str]]:
    found = [_relation(_DOCUMENT, "DESCRIBES", _SUBJECT)]
    if bill.distribution is not None and bill.distribution.id:
        found.append(_relation(_SUBJECT, "CONTAINS", _SYSTEM))
    found += [_relation(_SUBJECT, "CONTAINS", references[id(one)]) for one in bill.components]
    for one in bill.components:
        found += [_relation(references[id(one)], "DEPENDS_ON", references[id(need)]) for need in one.needs]
    return found


def _relation(left: str, kind: str, right: str) -> dict[str, str]:
    return {"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right}
