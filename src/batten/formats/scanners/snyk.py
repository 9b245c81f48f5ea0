"""Snyk's JSON: `snyk test`, `snyk container test`; one project or a list of them."""

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

SOURCE: Final = "snyk"
_EXPLOITS: Final = {"mature": "active", "attacked": "active", "proof of concept": "poc", "functional": "poc"}
_SYSTEMS: Final = ("deb", "apk", "rpm", "linux")


def wants(root: Part) -> bool:
    return any(
        isinstance(one.get("vulnerabilities"), list) and "packageManager" in one.value for one in _projects(root)
    )


def _projects(root: Part) -> list[Part]:
    if isinstance(root.value, list):
        return [Part(item, (n,)) for n, item in enumerate(root.value) if isinstance(item, dict)]
    return [root] if isinstance(root.value, dict) else []


def read(root: Part, document: Document, path: str) -> Imports:
    """Every project, and the applications inside of an image."""
    found = Imports(SOURCE, document, path)
    for project in _projects(root):
        target = _target(project)
        found.target(target)
        for one in (project, *project.parts("applications")):
            for part in one.parts("vulnerabilities"):
                if part.text("type") == "license":
                    found.other("licences")
                else:
                    _flaw(part, one, target, found)
    return found


def _target(project: Part) -> ImportedTarget:
    docker = project.part("docker")
    name = project.text("path") if project.get("docker") else project.text("projectName") or project.text("path")
    file = project.text("displayTargetFile") if not project.get("docker") else ""
    digests = few((*project.part("scanResult").texts("imageLayers"), *docker.texts("imageLayers")))
    return ImportedTarget(
        name=short(f"{name} ({file})" if file and name else name or file),
        image_id=short(docker.text("imageId") or project.text("imageId")),
        diff_ids=digests,
    )


def _system(part: Part, project: Part) -> Distribution | None:
    """`linux:debian:12` or `debian:12` stands in `language` or `packageManager` of what the distribution brings."""
    for text in (part.text("packageManager"), part.text("language"), project.text("packageManager")):
        parts = text.split(":")
        if len(parts) >= 2 and parts[0] in ("linux", "deb", "apk", "rpm"):
            return common.distribution(parts[1], parts[2] if len(parts) > 2 else "")
        if len(parts) == 2 and common.type_of(parts[0]) in _SYSTEMS:
            return common.distribution(parts[0], parts[1])
    return None


def _package(part: Part, project: Part, found: Imports) -> Package | None:
    system = _system(part, project)
    kind = (part.text("packageManager") or project.text("packageManager")).partition(":")[0]
    if kind == "linux":
        kind = ""
    if kind in _SYSTEMS and system is None:
        system = {"deb": Distribution("debian"), "apk": Distribution("alpine"), "rpm": None}.get(kind)
    name = part.text("packageName") or part.text("moduleName") or part.text("name")
    whole, source = part.text("name") or name, ""
    if (system is not None or kind in _SYSTEMS) and "/" in whole:
        source, _, name = whole.rpartition("/")  # of a distribution: `openssl/libssl1.1`
    package = common.package(
        kind,
        name,
        part.text("version"),
        purl=part.part("packageInfo").text("purl") or part.text("purl"),
        system=system,
        place=found.place(part.at("version")),
    )
    if package is None:
        return None
    where = project.text("displayTargetFile") or project.text("targetFile")
    package = replace(package, origin=SOURCE, paths=few((plain_path(where),)) if not project.get("docker") else ())
    chain = part.texts("from")
    package = replace(package, direct=None if not chain or system is not None else len(chain) <= 2)
    return with_source(package, source, "") if source else package


def _flaw(part: Part, project: Part, target: ImportedTarget, found: Imports) -> None:
    package = _package(part, project, found)
    names = part.part("identifiers")
    details: dict[str, Any] = {
        "fixed": _fixed(part, package),
        "severity": common.severity_word(part.text("severityWithCritical") or part.text("severity")),
        "scores": _scores(part),
        "epss": common.probability(part.part("epssDetails").text("probability")),
        "exploit": _EXPLOITS.get(part.text("exploit").lower(), ""),
        "origin": SOURCE,
        "summary": short(part.text("title")),
        "urls": few(one.text("url") for one in part.parts("references"))[:20],
        "cwes": tuple(names.texts("CWE")[:20]),
        "published": short(part.text("publicationTime")),
        "modified": short(part.text("modificationTime")),
        "place": found.place(part.at("id")),
    }
    found.flaw(target, package, part.text("id"), (*names.texts("CVE"), *names.texts("GHSA")), **details)


def _fixed(part: Part, package: Package | None) -> str:
    if package is None:
        return ""
    return short(part.text("nearestFixedInVersion")) or common.first_fix(package, part.texts("fixedIn"))


def _scores(part: Part) -> tuple[Any, ...]:
    found = [common.score_of(SOURCE, part.text("CVSSv3"), part.get("cvssScore"))]
    for one in part.parts("cvssDetails")[:10]:
        found.append(
            common.score_of(
                one.text("assigner").lower().replace(" ", ""), one.text("cvssV3Vector"), one.get("cvssV3BaseScore")
            )
        )
    return tuple(dict.fromkeys(score for score in found if score is not None))
