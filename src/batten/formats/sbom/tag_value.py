"""SPDX 2.2 and 2.3 as tag-value, turned into what the JSON form has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.formats.lines import text_of
from batten.formats.sbom.lines import LinesDocument
from batten.limits import SBOM_NODES
from batten.model.source import File, Unreadable

_TEXT, _END = "<text>", "</text>"
_DOCUMENT: Final = {"SPDXVersion": "spdxVersion", "DocumentName": "name", "DataLicense": "dataLicense"}
_PACKAGE: Final = {
    "PackageVersion": "versionInfo",
    "PackageSupplier": "supplier",
    "PackageSourceInfo": "sourceInfo",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageComment": "comment",
    "SPDXID": "SPDXID",
}


def parse(file: File) -> tuple[dict[str, Any], LinesDocument]:
    """The document as its JSON form, and the lines of its packages. Raises `Unreadable`."""
    document = LinesDocument(file)
    packages: list[dict[str, Any]] = []
    licences: list[dict[str, Any]] = []
    relations: list[dict[str, str]] = []
    creators: list[str] = []
    root: dict[str, Any] = {
        "packages": packages,
        "hasExtractedLicensingInfos": licences,
        "relationships": relations,
        "creationInfo": {"creators": creators},
    }
    package: dict[str, Any] | None = None
    for count, (line, tag, value) in enumerate(_tags(text_of(file))):
        if count > SBOM_NODES:
            raise Unreadable(f"expected at most {SBOM_NODES:,} tags in one document, found more", line)
        if tag == "PackageName":
            package = {"name": value, "externalRefs": [], "checksums": []}
            document.places["packages", len(packages)] = (line, 1)
            packages.append(package)
        elif tag in ("FileName", "SnippetSPDXID", "LicenseID"):
            package = None
            if tag == "LicenseID":
                licences.append({"licenseId": value})
        elif tag == "ExtractedText" and licences:
            licences[-1]["extractedText"] = value
        elif tag == "Creator":
            creators.append(value)
        elif tag == "Created":
            root["creationInfo"]["created"] = value
        elif tag == "Relationship":
            words = value.split()
            if len(words) == 3:
                relations.append(
                    dict(zip(("spdxElementId", "relationshipType", "relatedSpdxElement"), words, strict=True))
                )
        elif package is not None:
            _of_package(package, tag, value)
        elif tag in _DOCUMENT:
            root[_DOCUMENT[tag]] = value
    return root, document


def _of_package(package: dict[str, Any], tag: str, value: str) -> None:
    if tag == "ExternalRef":
        words = value.split(None, 2)
        if len(words) == 3:
            package["externalRefs"].append({"referenceType": words[1], "referenceLocator": words[2]})
    elif tag == "PackageChecksum":
        name, _, digits = value.partition(":")
        package["checksums"].append({"algorithm": name.strip(), "checksumValue": digits.strip()})
    elif tag == "PrimaryPackagePurpose":
        package["primaryPackagePurpose"] = value.replace("-", "_")
    elif tag in _PACKAGE:
        package.setdefault(_PACKAGE[tag], value)


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, tag, value). Raises `Unreadable` for a text that is never closed."""
    lines = text.removeprefix("\ufeff").split("\n")
    number = 0
    while number < len(lines):
        first = number + 1
        line = lines[number].rstrip("\r")
        number += 1
        tag, colon, value = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        value = value.strip()
        if value.startswith(_TEXT):
            parts = [value[len(_TEXT) :]]
            while _END not in parts[-1]:
                if number >= len(lines):
                    raise Unreadable(f"expected {_END} behind {_TEXT}, found the end of the file", first)
                parts.append(lines[number].rstrip("\r"))
                number += 1
            parts[-1] = parts[-1].partition(_END)[0]
            value = "\n".join(parts)
        yield first, tag.strip(), value
