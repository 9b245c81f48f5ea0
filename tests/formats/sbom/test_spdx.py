"""SPDX of other tools: 2.2, tag-value, 3.0 with the security profile."""

import json
from typing import Any

from formats.sbom.support import packages, read, reports

PURL = "pkg:npm/lodash@4.17.20"


def test_spdx_2_with_relations_either_way_round() -> None:
    def package(name: str, purl: str) -> dict[str, Any]:
        return {
            "SPDXID": f"SPDXRef-{name}",
            "name": name,
            "licenseDeclared": "LicenseRef-1",
            "externalRefs": [
                {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": purl}
            ],
        }

    document = {
        "spdxVersion": "SPDX-2.2",
        "SPDXID": "SPDXRef-DOCUMENT",
        "packages": [package("a", "pkg:npm/a@1"), package("b", "pkg:npm/b@1"), package("c", "pkg:npm/c@1")],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "extractedText": "be kind"}],
        "relationships": [
            {"spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-b"},
            {"spdxElementId": "SPDXRef-c", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-b"},
        ],
    }
    found = packages(read(json.dumps(document).encode()))
    assert (found["a 1"].depends, found["b 1"].depends) == (("b",), ("c",))
    assert found["a 1"].licenses == ("be kind",)


def test_tag_value_with_files_between_packages() -> None:
    text = f"""SPDXVersion: SPDX-2.2
Creator: Tool: syft-1.18.1
##### Package
PackageName: lodash
SPDXID: SPDXRef-1
PackageComment: <text>several
PackageName: not one
lines</text>
ExternalRef: PACKAGE_MANAGER purl {PURL}
FileName: ./x
SPDXID: SPDXRef-File
"""
    reading = read(text.encode(), "bom.spdx")
    (one,) = packages(reading).values()
    assert one.purl == PURL
    assert one.place is not None
    assert one.place.location().line == 4


def test_spdx_3_with_the_security_profile() -> None:
    def element(kind: str, key: str, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "spdxId": f"urn:{key}", "creationInfo": "_:c", **fields}

    graph = [
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z"},
        element(
            "software_Package",
            "lodash",
            name="lodash",
            externalIdentifier=[{"externalIdentifierType": "packageUrl", "identifier": PURL}],
        ),
        element(
            "security_Vulnerability",
            "flaw",
            externalIdentifier=[{"externalIdentifierType": "cve", "identifier": "CVE-2021-23337"}],
        ),
        element(
            "security_CvssV3VulnAssessmentRelationship",
            "score",
            **{"from": "urn:flaw", "to": ["urn:lodash"], "relationshipType": "hasAssessmentFor"},
            security_severity="high",
            security_score=7.2,
            security_vectorString="CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H",
        ),
        element(
            "security_VexNotAffectedVulnAssessmentRelationship",
            "vex",
            **{"from": "urn:flaw", "to": ["urn:lodash", "urn:gone"], "relationshipType": "doesNotAffect"},
            security_justificationType="vulnerableCodeNotPresent",
        ),
    ]
    document = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}
    reading = read(json.dumps(document).encode())
    assert packages(reading)["lodash 4.17.20"].purl == PURL
    (report,) = reports(reading)
    (row,) = report.rows
    assert (row.id, row.status, row.reason) == ("CVE-2021-23337", "not_affected", "vulnerableCodeNotPresent")
    assert (row.severity, [one.score for one in row.scores]) == ("high", [7.2])
