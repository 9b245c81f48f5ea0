"""SPDX 3.0 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): packages, what they need, and flaws where the
document has the security profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from batten.detect.build_steps import masked
from batten.formats.part import Part
from batten.formats.sbom.document import Collected
from batten.formats.sbom.packages import DISTRIBUTED, few, identifier, package_of, plain_path, short, with_source
from batten.formats.sbom.spdx2 import facts_of, target_of
from batten.formats.scanners.common import identifiers, score_of, severity_word
from batten.limits import SBOM_GRAPH
from batten.model.imported import ImportedRow
from batten.model.package import Distribution
from batten.model.source import Document, Place, Unreadable
from batten.model.vulnerability import Status

_VEX: Final[dict[str, Status]] = {
    "security_VexAffectedVulnAssessmentRelationship": "affected",
    "security_VexFixedVulnAssessmentRelationship": "fixed",
    "security_VexNotAffectedVulnAssessmentRelationship": "not_affected",
    "security_VexUnderInvestigationVulnAssessmentRelationship": "under_investigation",
}


def read(root: Part, document: Document, found: Collected) -> None:
    """Everything of one document. Raises `Unreadable` where it is of another version."""
    graph = root.parts("@graph")
    if len(graph) > SBOM_GRAPH:
        raise Unreadable(f"expected at most {SBOM_GRAPH:,} elements in one document, found more", 1)
    creation = next((one for one in graph if _kind(one) == "CreationInfo"), Part({}))
    version = creation.text("specVersion")
    if not version.startswith("3.0"):
        raise Unreadable(f"expected SPDX 3.0, found specVersion {version[:20]!r}", 1)
    found.created = short(creation.text("created"))
    tool = next((one.text("name") for one in graph if _kind(one) == "Tool"), "")
    name, _, found.tool_version = tool.rpartition("-")
    found.source = short((name or tool).lower()) or "spdx"
    packages = [one for one in graph if _kind(one) == "software_Package"]
    system = next((_system(one) for one in packages if _purpose(one) == "operatingSystem"), None)
    relations = [one for one in graph if one.text("relationshipType")]
    licences = _licences(graph, relations)
    for part in packages:
        if _purpose(part) == "container":
            found.target = target_of(part, part.text("software_packageVersion"), system)
        elif _purpose(part) != "operatingSystem":
            _package(part, document, system, licences.get(_id(part), ()), found)
    for relation in relations:
        if relation.text("relationshipType") == "dependsOn":
            for other in _targets(relation):
                found.needs(relation.text("from"), other)
    _flaws(graph, relations, document, found)


def _kind(part: Part) -> str:
    return part.text("type") or part.text("@type")


def _id(part: Part) -> str:
    return part.text("spdxId") or part.text("@id")


def _purpose(part: Part) -> str:
    return part.text("software_primaryPurpose")


def _targets(part: Part) -> list[str]:
    value = part.get("to")
    return [value] if isinstance(value, str) else part.texts("to")


def _system(part: Part) -> Distribution:
    name, version = short(part.text("name")), short(part.text("software_packageVersion"))
    return Distribution(identifier(name), version, name=short(part.text("summary")))


def _purls(part: Part) -> Iterator[str]:
    if text := part.text("software_packageUrl"):
        yield text
    for one in part.parts("externalIdentifier"):
        if one.text("externalIdentifierType") == "packageUrl":
            yield one.text("identifier")


def _licences(graph: list[Part], relations: list[Part]) -> dict[str, tuple[str, ...]]:
    """Identifier of a package -> what it is declared to be under, in words where those are given."""
    texts = {
        _id(one): one.text("simplelicensing_licenseText") for one in graph if "licenseText" in str(one.value.keys())
    }
    expressions: dict[str, tuple[str, ...]] = {}
    for one in graph:
        if expression := one.text("simplelicensing_licenseExpression"):
            named = {
                entry.text("key"): texts.get(entry.text("value"), "")
                for entry in one.parts("simplelicensing_customIdToUri")
            }
            parts = expression.split(" AND ") if "(" not in expression else [expression]
            expressions[_id(one)] = few(named.get(part) or part for part in parts)
    found: dict[str, tuple[str, ...]] = {}
    for relation in relations:
        if relation.text("relationshipType") == "hasDeclaredLicense":
            said = [text for target in _targets(relation) for text in expressions.get(target, ())]
            found[relation.text("from")] = few((*found.get(relation.text("from"), ()), *said))
    return found


def _package(
    part: Part, document: Document, system: Distribution | None, licences: tuple[str, ...], found: Collected
) -> None:
    purl = next(_purls(part), "")
    if not purl:
        if part.text("software_packageVersion") and _purpose(part) != "application":
            found.pass_over(purl=False)
        return
    package = package_of(purl, distribution=system, place=Place(document, part.at("name")))
    if package is None:
        found.pass_over(purl=True)
        return
    told = facts_of(part.text("software_sourceInfo"))

    def first(name: str) -> str:
        return next(iter(told.get(name, ())), "")

    base, direct = first("from_base"), first("direct")
    package = replace(
        package,
        origin=first("origin") or "spdx",
        paths=few(plain_path(path) for path in told.get("path", ())),
        layer=first("layer"),
        instruction=masked(first("instruction")),
        from_base=None if not base else base == "true",
        direct=None if not direct else direct == "true",
        licenses=licences,
        module=package.module or first("module"),
        owner=first("owner"),
        evidence=first("evidence"),
        checksums=tuple(
            (one.text("algorithm").lower(), short(one.text("hashValue")).lower())
            for one in part.parts("verifiedUsing")[:16]
        ),
    )
    if package.type in DISTRIBUTED:
        package = with_source(package, first("source:name"), first("source:version"))
    found.add(_id(part), package)


def _flaws(graph: list[Part], relations: list[Part], document: Document, found: Collected) -> None:
    """Relations from a vulnerability to packages: what VEX says, and scores."""
    known = {_id(one): one for one in graph if _kind(one) == "security_Vulnerability"}
    scores: dict[str, list[Part]] = {}
    for one in relations:
        if "CvssV" in _kind(one):
            scores.setdefault(one.text("from"), []).append(one)
    for relation in relations:
        status = _VEX.get(_kind(relation))
        flaw = known.get(relation.text("from"))
        if flaw is None or (status is None and relation.text("relationshipType") != "affects"):
            continue
        names = [one.text("identifier").rpartition("/")[2] for one in flaw.parts("externalIdentifier")] or [
            flaw.text("name")
        ]
        cves = [name for name in names if name.startswith("CVE-")]
        name = (cves or names)[0]
        rated = scores.get(relation.text("from"), [])
        told: dict[str, Any] = {
            "status": status or "affected",
            "severity": next(
                (word for one in rated if (word := severity_word(one.text("security_severity"))) != "unknown"),
                "unknown",
            ),
            "scores": tuple(
                score
                for one in rated[:20]
                if (score := score_of(found.source, one.text("security_vectorString"), one.get("security_score")))
            ),
            "reason": short(relation.text("security_justificationType") or relation.text("security_statusNotes")),
            "summary": short(flaw.text("summary") or flaw.text("description")),
        }
        for target in _targets(relation):
            package = found.packages.get(target)
            if package is not None and name:
                place = Place(document, relation.pointer)
                row = ImportedRow(
                    package=package, id=short(name), aliases=identifiers(name, names), place=place, **told
                )
                found.flaw(row)
