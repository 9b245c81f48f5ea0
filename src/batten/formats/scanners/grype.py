"""Grype's JSON (https://github.com/anchore/grype, `grype/presenter/models`)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short, with_source
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document
from batten.model.vulnerability import Score, Status

SOURCE: Final = "grype"
_STATUSES: Final[dict[str, Status]] = {"wont-fix": "will_not_fix"}
_VEX: Final[dict[str, Status]] = {"not_affected": "not_affected", "fixed": "fixed"}


def wants(root: Part) -> bool:
    return isinstance(root.get("matches"), list) and root.part("descriptor").text("name") == "grype"


def read(root: Part, document: Document, path: str) -> Imports:
    """Matches, and matches that were ignored with the rule that did it."""
    descriptor = root.part("descriptor")
    found = Imports(SOURCE, document, path, descriptor.text("version"), descriptor.text("timestamp"))
    distro = root.part("distro")
    system = common.distribution(distro.text("name"), distro.text("version"))
    target = _target(root.part("source"), system)
    found.target(target)
    for part in root.parts("matches"):
        _match(part, target, system, found, None)
    for part in root.parts("ignoredMatches"):
        rule = next(iter(part.parts("appliedIgnoreRules")), Part({}))
        status = _VEX.get(rule.text("vex-status"), "waived")
        reason = rule.text("reason") or rule.text("vex-justification") or "ignored by a rule of grype"
        _match(part, target, system, found, (status, short(reason)))
    return found


def _target(source: Part, system: Distribution | None) -> ImportedTarget:
    target = source.get("target")
    if isinstance(target, str):
        return ImportedTarget(name=short(target), distribution=system)
    part = source.part("target")
    return ImportedTarget(
        name=short(part.text("userInput") or part.text("path")),
        digest=short(part.text("manifestDigest")),
        repository_digests=few(part.texts("repoDigests")),
        image_id=short(part.text("imageID")),
        diff_ids=few(layer.text("digest") for layer in part.parts("layers")),
        distribution=system,
    )


def _match(
    part: Part, target: ImportedTarget, system: Distribution | None, found: Imports, said: tuple[Status, str] | None
) -> None:
    flaw, artifact = part.part("vulnerability"), part.part("artifact")
    package = _package(artifact, system, found)
    fix = flaw.part("fix")
    guessed = all(one.text("type") == "cpe-match" for one in part.parts("matchDetails")) and bool(
        part.parts("matchDetails")
    )
    related = part.parts("relatedVulnerabilities")
    epss = next(iter((*flaw.parts("epss"), *(one for other in related for one in other.parts("epss")))), Part({}))
    exploited = [*flaw.parts("knownExploited"), *(one for other in related for one in other.parts("knownExploited"))]
    status, reason = said or (_STATUSES.get(fix.text("state"), "affected"), "matched by CPE" if guessed else "")
    known = [flaw, *related]
    details: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "fixed": common.first_fix(package, fix.texts("versions")) if package else "",
        "severity": common.severity_word(flaw.text("severity")),
        "scores": tuple(dict.fromkeys(score for one in known for score in _scores(one))),
        "epss": common.probability(epss.get("epss")),
        "epss_date": short(epss.text("date")) if not epss.text("date").startswith("0001") else "",
        "kev": bool(exploited),
        "kev_due": next((one.text("dueDate")[:10] for one in exploited if one.text("dueDate")), ""),
        "ransomware": any(one.text("knownRansomwareCampaignUse").lower() == "known" for one in exploited),
        "exploit": "active" if exploited else "",
        "origin": short(flaw.text("namespace")),
        "summary": short(flaw.text("description") or next((one.text("description") for one in related), "")),
        "urls": few((flaw.text("dataSource"), *flaw.texts("urls")))[:20],
        "confidence": "low" if guessed else "high",
        "place": found.place(flaw.at("id")),
    }
    found.flaw(target, package, flaw.text("id"), (one.text("id") for one in related), **details)


def _package(artifact: Part, system: Distribution | None, found: Imports) -> Package | None:
    package = common.package(
        artifact.text("type"),
        artifact.text("name"),
        artifact.text("version"),
        purl=artifact.text("purl"),
        system=system,
        epoch=artifact.part("metadata").text("epoch"),
        place=found.place(artifact.at("name")),
    )
    if package is None:
        return None
    places = artifact.parts("locations")
    package = replace(
        package,
        paths=few(plain_path(one.text("path")) for one in places),
        layer=short(next((one.text("layerID") for one in places if one.text("layerID")), "")),
        licenses=few(artifact.texts("licenses")),
        origin=SOURCE,
    )
    if upstream := artifact.parts("upstreams"):
        return with_source(package, upstream[0].text("name"), upstream[0].text("version"))
    return package


def _scores(part: Part) -> list[Score]:
    found = []
    for one in part.parts("cvss")[:20]:
        source = one.text("source") or part.text("namespace").partition(":")[0]
        if (score := common.score_of(source, one.text("vector"), one.part("metrics").get("baseScore"))) is not None:
            found.append(score)
    return found
