"""SPDX 3.0.1 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): one graph of elements."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from batten import __version__
from batten.report.sbom import SbomInput, licences
from batten.report.sbom.bill import NAMESPACE_URL, Bill, Component, checksums, clean
from batten.report.sbom.cyclonedx import checksums_ok

_CONTEXT: Final = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_CREATION: Final = "_:creationinfo"


def write(document: SbomInput) -> bytes:
    """Indented, with a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(_document(Bill(document))), indent=2) + b"\n"


def _document(bill: Bill) -> dict[str, Any]:
    writer = _Writer(bill)
    subject = writer.subject()
    contained = [writer.system()] if bill.distribution is not None and bill.distribution.id else []
    for one in bill.components:
        contained.append(writer.package(one))
    if contained:
        writer.relation("contains", subject, contained)
    for one in bill.components:
        if one.needs:
            writer.relation("dependsOn", writer.reference(one), [writer.reference(need) for need in one.needs])
    return {"@context": _CONTEXT, "@graph": writer.graph(subject)}


class _Writer:
    """Collects elements; identifiers are the document's address with the element's key."""

    def __init__(self, bill: Bill) -> None:
        self.bill = bill
        self.base = f"{NAMESPACE_URL}/batten-{bill.serial}"
        self.elements: list[dict[str, Any]] = []
        self.licences: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.relations = 0

    def graph(self, subject: str) -> list[dict[str, Any]]:
        tool = {"type": "Tool", **self._head("tool"), "name": f"batten-{__version__}"}
        agent = {"type": "SoftwareAgent", **self._head("agent"), "name": "batten"}
        creation = {
            "type": "CreationInfo",
            "@id": _CREATION,
            "specVersion": "3.0.1",
            "created": self.bill.document.created,
            "createdBy": [agent["spdxId"]],
            "createdUsing": [tool["spdxId"]],
        }
        sbom = {
            "type": "software_Sbom",
            **self._head("sbom"),
            "software_sbomType": ["analyzed"],
            "rootElement": [subject],
            "element": [one["spdxId"] for one in self.elements],
        }
        document: dict[str, Any] = {"type": "SpdxDocument", **self._head("document"), "name": self.bill.name}
        if not self.bill.document.complete:
            document["comment"] = "Part of the target could not be read: packages may be missing."
        document |= {
            "rootElement": [sbom["spdxId"]],
            "element": [sbom["spdxId"], *sbom["element"], agent["spdxId"], tool["spdxId"]],
            "profileConformance": ["core", "software", "simpleLicensing"],
        }
        return [creation, agent, tool, document, sbom, *self.elements]

    def _head(self, key: str) -> dict[str, str]:
        return {"spdxId": f"{self.base}#{key}", "creationInfo": _CREATION}

    def reference(self, one: Component) -> str:
        return f"{self.base}#package-{one.key[:32]}"

    def subject(self) -> str:
        bill = self.bill
        found: dict[str, Any] = {"type": "software_Package", **self._head("target"), "name": bill.name}
        algorithm, _, digits = bill.version.partition(":")
        if checksums_ok(algorithm, digits):
            found["verifiedUsing"] = [{"type": "Hash", "algorithm": algorithm, "hashValue": digits}]
        if facts := self._facts(bill.facts()):
            found["comment"] = facts
        found["software_primaryPurpose"] = "container" if bill.image is not None else "application"
        if bill.version:
            found["software_packageVersion"] = bill.version
        if bill.image_purl:
            found["software_packageUrl"] = bill.image_purl
        return self._add(found)

    def system(self) -> str:
        distribution = self.bill.distribution
        assert distribution is not None
        found: dict[str, Any] = {"type": "software_Package", **self._head("operating-system")}
        found["name"] = clean(distribution.id)
        if distribution.name:
            found["summary"] = clean(distribution.name)
        found["software_primaryPurpose"] = "operatingSystem"
        if distribution.version:
            found["software_packageVersion"] = clean(distribution.version)
        return self._add(found)

    def package(self, one: Component) -> str:
        package = one.package
        found: dict[str, Any] = {
            "type": "software_Package",
            "spdxId": self.reference(one),
            "creationInfo": _CREATION,
            "name": clean(one.name),
        }
        if facts := self._facts(self.bill.properties(one)):
            found["software_sourceInfo"] = facts
        if digests := [{"type": "Hash", "algorithm": name, "hashValue": digits} for name, digits in checksums(package)]:
            found["verifiedUsing"] = digests
        found["software_primaryPurpose"] = "application" if package.type == "generic" else "library"
        found["software_packageVersion"] = clean(package.version)
        found["software_packageUrl"] = one.purl
        self._add(found)
        declared, named = licences.spdx(package.licenses)
        if declared:
            self.relation("hasDeclaredLicense", found["spdxId"], [self._licence(declared, named)])
        return str(found["spdxId"])

    def _licence(self, expression: str, named: dict[str, str]) -> str:
        if expression in self.licences:
            return self.licences[expression]
        custom = []
        for reference, text in sorted(named.items()):
            key = f"licence-text-{reference.removeprefix('LicenseRef-')}"
            if reference not in self.texts:
                self.texts[reference] = self._add(
                    {
                        "type": "simplelicensing_SimpleLicensingText",
                        **self._head(key),
                        "simplelicensing_licenseText": clean(text),
                    }
                )
            custom.append({"type": "DictionaryEntry", "key": reference, "value": self.texts[reference]})
        found: dict[str, Any] = {
            "type": "simplelicensing_LicenseExpression",
            **self._head(f"licence-{len(self.licences) + 1}"),
            "simplelicensing_licenseExpression": expression,
        }
        if custom:
            found["simplelicensing_customIdToUri"] = custom
        self.licences[expression] = self._add(found)
        return self.licences[expression]

    def relation(self, kind: str, source: str, targets: list[str]) -> None:
        self.relations += 1
        self._add(
            {
                "type": "Relationship",
                **self._head(f"relationship-{self.relations}"),
                "from": source,
                "relationshipType": kind,
                "to": targets,
            }
        )

    def _add(self, element: dict[str, Any]) -> str:
        self.elements.append(element)
        return str(element["spdxId"])

    @staticmethod
    def _facts(facts: Any) -> str:
        return "\n".join(f"batten:{name}: {clean(' '.join(value.split()))}" for name, value in facts if value)
