"""Reports that the Trivy operator keeps in a cluster, as `kubectl get vulnerabilityreports -A -o json` gives them
(https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/): one, or a list."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.formats.scanners.trivy import SOURCE, scores_of
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document

_GROUP: Final = "aquasecurity.github.io/"
_KINDS: Final = ("VulnerabilityReport", "ClusterVulnerabilityReport")
_OTHERS: Final = {
    "ConfigAuditReport": "audits of settings",
    "ClusterConfigAuditReport": "audits of settings",
    "ExposedSecretReport": "reports of secrets",
    "RbacAssessmentReport": "assessments of roles",
    "ClusterRbacAssessmentReport": "assessments of roles",
    "InfraAssessmentReport": "assessments of nodes",
    "ClusterInfraAssessmentReport": "assessments of nodes",
    "ClusterComplianceReport": "compliance reports",
    "SbomReport": "bills of materials",
    "ClusterSbomReport": "bills of materials",
}


def wants(root: Part) -> bool:
    """Whether nothing but reports of the operator is in it: lists of other objects are manifests."""
    found = _objects(root)
    return bool(found) and all(
        one.text("apiVersion").startswith(_GROUP) and (one.text("kind") in _KINDS or one.text("kind") in _OTHERS)
        for one in found
    )


def _objects(root: Part) -> list[Part]:
    if root.text("kind").endswith("List") and isinstance(root.get("items"), list):
        return root.parts("items")
    return [root] if root.text("kind") else []


def read(root: Part, document: Document, path: str) -> Imports:
    """One target for each image: the same image in several workloads is one."""
    objects = _objects(root)
    version = next((text for one in objects if (text := one.part("report").part("scanner").text("version"))), "")
    found = Imports(SOURCE, document, path, version)
    for one in objects:
        if (other := _OTHERS.get(one.text("kind"))) is not None:
            found.other(other)
            continue
        report = one.part("report")
        target = _target(report)
        found.target(target)
        for part in report.parts("vulnerabilities"):
            _flaw(part, target, found)
    return found


def _target(report: Part) -> ImportedTarget:
    artifact, system = report.part("artifact"), report.part("os")
    name = "/".join(filter(None, (report.part("registry").text("server"), artifact.text("repository"))))
    tag, digest = artifact.text("tag"), artifact.text("digest")
    return ImportedTarget(
        name=short(f"{name}:{tag}" if tag else f"{name}@{digest}" if digest else name),
        repository_digests=few((f"{name}@{digest}",)) if digest else (),
        distribution=common.distribution(system.text("family"), system.text("name")),
    )


def _package(part: Part, system: Distribution | None, found: Imports) -> Package | None:
    of_system = part.text("class") == "os-pkgs"
    package = common.package(
        part.text("packageType"),
        part.text("resource"),
        part.text("installedVersion"),
        purl=part.text("packagePURL"),
        system=system if of_system else None,
        place=found.place(part.at("resource")),
    )
    if package is None:
        return None
    where = part.text("packagePath") or ("" if of_system else part.text("target"))
    return replace(package, origin=SOURCE, paths=few((plain_path(where),)))


def _flaw(part: Part, target: ImportedTarget, found: Imports) -> None:
    package = _package(part, target.distribution, found)
    details: dict[str, Any] = {
        "fixed": common.first_fix(package, part.text("fixedVersion").split(",")) if package else "",
        "severity": common.severity_word(part.text("severity")),
        "scores": scores_of(part.part("cvss")),
        "summary": short(part.text("title")),
        "urls": few((part.text("primaryLink"), *part.texts("links")))[:20],
        "published": short(part.text("publishedDate")),
        "modified": short(part.text("lastModifiedDate")),
        "place": found.place(part.at("vulnerabilityID")),
    }
    found.flaw(target, package, part.text("vulnerabilityID"), (), **details)
