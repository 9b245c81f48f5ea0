"""SPDX 2.2 and 2.3 (https://spdx.github.io/spdx-spec/v2.3/): packages and what they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from batten.detect.build_steps import masked
from batten.formats.part import Part
from batten.formats.sbom.document import Collected
from batten.formats.sbom.packages import DISTRIBUTED, few, identifier, package_of, plain_path, short, with_source
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution
from batten.model.source import Document, Place, Unreadable

_VERSIONS: Final = ("SPDX-2.2", "SPDX-2.3")
_NOTHING: Final = ("NOASSERTION", "NONE")
_NEEDS: Final = ("DEPENDS_ON", "RUNTIME_DEPENDENCY_OF", "DEPENDENCY_OF")


def read(root: Part, document: Document, found: Collected) -> None:
    """Everything of one document. Raises `Unreadable` for a version that is not known."""
    version = root.text("spdxVersion")
    if version not in _VERSIONS:
        raise Unreadable(f"expected {' or '.join(_VERSIONS)}, found spdxVersion {version[:20]!r}", 1)
    creators = root.part("creationInfo").texts("creators")
    tool = next((one.partition(":")[2].strip() for one in creators if one.startswith("Tool:")), "")
    name, _, found.tool_version = tool.rpartition("-")
    found.source = short((name or tool).lower()) or "spdx"
    found.created = short(root.part("creationInfo").text("created"))
    words = {one.text("licenseId"): one.text("extractedText") for one in root.parts("hasExtractedLicensingInfos")}
    packages = root.parts("packages")
    described = _described(root)
    system = next((_system(one) for one in packages if one.text("primaryPackagePurpose") == "OPERATING_SYSTEM"), None)
    for part in packages:
        purl = next(_purls(part), "")
        if part.text("primaryPackagePurpose") == "CONTAINER" or (part.text("SPDXID") in described and not purl):
            found.target = target_of(part, part.text("versionInfo"), system)
            continue
        if not purl:
            if part.text("primaryPackagePurpose") != "OPERATING_SYSTEM" and part.text("versionInfo"):
                found.pass_over(purl=False)
            continue
        _package(part, purl, document, system, words, found)
    for relation in root.parts("relationships"):
        left, kind, right = (relation.text(key) for key in ("spdxElementId", "relationshipType", "relatedSpdxElement"))
        if kind in _NEEDS:
            found.needs(*((left, right) if kind == "DEPENDS_ON" else (right, left)))


def _described(root: Part) -> set[str]:
    found = set(root.texts("documentDescribes"))
    for relation in root.parts("relationships"):
        if relation.text("relationshipType") == "DESCRIBES":
            found.add(relation.text("relatedSpdxElement"))
    return found


def _purls(part: Part) -> Iterator[str]:
    for reference in part.parts("externalRefs"):
        kind = reference.text("referenceType").rpartition("/")[2]
        if kind == "purl" and (text := reference.text("referenceLocator")):
            yield text


def _system(part: Part) -> Distribution:
    return Distribution(identifier(short(part.text("name"))), short(part.text("versionInfo")))


def facts_of(text: str) -> dict[str, list[str]]:
    """What batten writes into free text: lines of `batten:NAME: VALUE`."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(": ")
        if colon and name.startswith("batten:"):
            found.setdefault(name.removeprefix("batten:"), []).append(short(value))
    return found


def target_of(part: Part, version: str, system: Distribution | None) -> ImportedTarget:
    """What the document is about, of either major version: batten's own words stand in the comment."""
    told = facts_of(part.text("comment"))
    image = next(iter(told.get("image:id", ())), "")
    digest = next(iter(told.get("image:digest", ())), "")
    return ImportedTarget(
        name=short(part.text("name")),
        digest=digest or (short(version) if version.startswith("sha256:") and version != image else ""),
        repository_digests=few(told.get("image:repository_digest", ())),
        image_id=image,
        diff_ids=few(told.get("image:layer", ())),
        distribution=system,
    )


def _package(
    part: Part, purl: str, document: Document, system: Distribution | None, words: dict[str, str], found: Collected
) -> None:
    package = package_of(purl, distribution=system, place=Place(document, part.at("name")))
    if package is None:
        found.pass_over(purl=True)
        return
    told = facts_of(part.text("sourceInfo"))

    def first(name: str) -> str:
        return next(iter(told.get(name, ())), "")

    supplier = part.text("supplier")
    base, direct = first("from_base"), first("direct")
    package = replace(
        package,
        origin=first("origin") or "spdx",
        paths=few(plain_path(path) for path in told.get("path", ())),
        layer=first("layer"),
        instruction=masked(first("instruction")),
        from_base=None if not base else base == "true",
        direct=None if not direct else direct == "true",
        licenses=few(_licences(part, words)),
        vendor="" if supplier in _NOTHING else short(supplier.partition(":")[2].strip()),
        module=package.module or first("module"),
        owner=first("owner"),
        evidence=first("evidence"),
        checksums=tuple(
            (one.text("algorithm").lower(), short(one.text("checksumValue")).lower())
            for one in part.parts("checksums")[:16]
        ),
    )
    if package.type in DISTRIBUTED:
        package = with_source(package, first("source:name"), first("source:version"))
    found.add(part.text("SPDXID"), package)


def _licences(part: Part, words: dict[str, str]) -> Iterator[str]:
    """What is declared, references in the words that they stand for."""
    declared = part.text("licenseDeclared")
    if declared and declared not in _NOTHING:
        parts = declared.split(" AND ") if "(" not in declared else [declared]
        for one in parts:
            yield words.get(one, one)
