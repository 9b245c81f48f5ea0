"""SPDX 2.3: the fields that others read."""

import json
from typing import Any

from batten.report.sbom import write
from report.sbom import support
from report.sbom.support import bill


def spdx(*packages: Any, **changed: Any) -> Any:
    return json.loads(write("spdx-json", bill(*packages, **changed)))


def package(name: str) -> Any:
    return next(one for one in spdx()["packages"] if one["name"] == name)


def test_a_package_carries_its_package_url_and_where_it_was_seen() -> None:
    found = package("libssl3")
    assert found["externalRefs"] == [
        {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": support.OPENSSL.purl,
        }
    ]
    assert "batten:path: var/lib/dpkg/status" in found["sourceInfo"].splitlines()
    assert found["supplier"] == "Organization: Debian OpenSSL Team (pkg-openssl-devel@alioth-lists.debian.net)"


def test_licences_that_are_no_expression_are_named_and_told_in_their_words() -> None:
    declared = package("libssl3")["licenseDeclared"]
    first, _, reference = declared.partition(" AND ")
    assert first == "Apache-2.0"
    told = {one["licenseId"]: one["extractedText"] for one in spdx()["hasExtractedLicensingInfos"]}
    assert told[reference] == "GPL-2+"
    assert package("express")["licenseDeclared"] == "MIT OR Apache-2.0"
    assert package("libc6")["licenseDeclared"] == "NOASSERTION"


def test_relations_lead_from_the_document_to_the_image_to_packages_to_what_they_need() -> None:
    names = {one["SPDXID"]: one["name"] for one in spdx()["packages"]} | {"SPDXRef-DOCUMENT": "document"}
    told = {
        (names[one["spdxElementId"]], one["relationshipType"], names[one["relatedSpdxElement"]])
        for one in spdx()["relationships"]
    }
    subject = "registry.example/team/shop:1.2"
    assert ("document", "DESCRIBES", subject) in told
    assert (subject, "CONTAINS", "libssl3") in told
    assert (subject, "CONTAINS", "debian") in told
    assert ("express", "DEPENDS_ON", "debug") in told
    assert len({one["SPDXID"] for one in spdx()["packages"]}) == len(spdx()["packages"])


def test_the_image_has_its_digest_as_checksum() -> None:
    subject = package("registry.example/team/shop:1.2")
    assert subject["checksums"] == [{"algorithm": "SHA256", "checksumValue": "d" * 64}]
    assert subject["primaryPackagePurpose"] == "CONTAINER"


def test_a_target_that_was_not_read_whole_says_so() -> None:
    assert "could not be read" in spdx(complete=False)["comment"]
    assert "comment" not in spdx()
