"""SPDX 2.3 as tag-value (https://spdx.github.io/spdx-spec/v2.3/, annex on tag-value)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.report.sbom import SbomInput
from batten.report.sbom.bill import Bill
from batten.report.sbom.spdx2 import document as of

_PACKAGE: Final = (
    ("name", "PackageName"),
    ("SPDXID", "SPDXID"),
    ("versionInfo", "PackageVersion"),
    ("supplier", "PackageSupplier"),
    ("downloadLocation", "PackageDownloadLocation"),
)
_MORE: Final = (
    ("sourceInfo", "PackageSourceInfo"),
    ("licenseConcluded", "PackageLicenseConcluded"),
    ("licenseDeclared", "PackageLicenseDeclared"),
    ("copyrightText", "PackageCopyrightText"),
    ("summary", "PackageSummary"),
    ("comment", "PackageComment"),
)
_LONG: Final = ("sourceInfo", "summary", "comment")


def write(document: SbomInput) -> bytes:
    """One tag per line; texts that may have several lines between `<text>` and `</text>`."""
    return "\n".join(_lines(of(Bill(document)))).encode() + b"\n"


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"SPDXVersion: {found['spdxVersion']}"
    yield f"DataLicense: {found['dataLicense']}"
    yield f"SPDXID: {found['SPDXID']}"
    yield f"DocumentName: {_line(found['name'])}"
    yield f"DocumentNamespace: {found['documentNamespace']}"
    for creator in found["creationInfo"]["creators"]:
        yield f"Creator: {creator}"
    yield f"Created: {found['creationInfo']['created']}"
    if "comment" in found:
        yield f"DocumentComment: {_text(found['comment'])}"
    for package in found["packages"]:
        yield ""
        yield from _package(package)
    for one in found.get("hasExtractedLicensingInfos", ()):
        yield ""
        yield f"LicenseID: {one['licenseId']}"
        yield f"ExtractedText: {_text(one['extractedText'])}"
        yield f"LicenseName: {_line(one['name'])}"
    yield ""
    for one in found["relationships"]:
        yield f"Relationship: {one['spdxElementId']} {one['relationshipType']} {one['relatedSpdxElement']}"


def _package(package: dict[str, Any]) -> Iterator[str]:
    for key, tag in _PACKAGE:
        if key in package:
            yield f"{tag}: {_line(package[key])}"
    yield "FilesAnalyzed: false"
    for one in package.get("checksums", ()):
        yield f"PackageChecksum: {one['algorithm']}: {one['checksumValue']}"
    for key, tag in _MORE:
        if key in package:
            yield f"{tag}: {_text(package[key]) if key in _LONG else _line(package[key])}"
    for one in package.get("externalRefs", ()):
        yield f"ExternalRef: {one['referenceCategory']} {one['referenceType']} {one['referenceLocator']}"
    yield f"PrimaryPackagePurpose: {package['primaryPackagePurpose'].replace('_', '-')}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    """A text that holds the closing mark itself is broken apart."""
    return f"<text>{text.replace('</text>', '< /text>')}</text>"
