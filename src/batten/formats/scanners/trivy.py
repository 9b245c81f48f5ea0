"""Trivy's JSON, schema version 2 (https://trivy.dev/latest/docs/configuration/reporting/#json), and what
`trivy k8s` writes of a cluster (pkg/k8s/report of its source)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short, with_source
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document, Problem
from batten.model.vulnerability import Score, Status

SOURCE: Final = "trivy"
_STATUSES: Final[dict[str, tuple[Status, str]]] = {
    "will_not_fix": ("will_not_fix", ""),
    "fix_deferred": ("affected", "fix_deferred"),
    "end_of_life": ("affected", "end_of_life"),
    "under_investigation": ("under_investigation", ""),
    "not_affected": ("not_affected", ""),
}
"""Trivy's `fixed` means that a fix exists: the package is affected."""

_MODIFIED: Final[dict[str, Status]] = {
    "not_affected": "not_affected",
    "fixed": "fixed",
    "under_investigation": "under_investigation",
    "ignored": "waived",
}
_VECTORS: Final = (("V2Vector", "V2Score"), ("V3Vector", "V3Score"), ("V40Vector", "V40Score"))


def wants(root: Part) -> bool:
    is_report = root.get("SchemaVersion") == 2 and ("Results" in root.value or "ArtifactName" in root.value)
    return is_report or _is_cluster(root)


def read(root: Part, document: Document, path: str) -> Imports:
    """The vulnerabilities and packages of every result."""
    found = Imports(SOURCE, document, path, root.part("Trivy").text("Version"), root.text("CreatedAt"))
    if not _is_cluster(root):
        _artifact(root, root.text("ArtifactName"), root.part("Metadata"), found)
        return found
    for one in (*root.parts("Resources"), *root.parts("Findings")):
        name = " ".join(filter(None, (one.text("Kind"), "/".join(filter(None, map(one.text, ("Namespace", "Name")))))))
        if error := one.text("Error"):
            found.problems.append(Problem(path, f"Trivy could not scan {short(name)}: {short(error)}"))
        images = one.parts("Metadata")  # of a workload with several, no result tells which image it is of
        metadata = images[0] if len(images) == 1 else one.part("Metadata")
        image = next(iter((*metadata.texts("RepoTags"), *metadata.texts("RepoDigests"))), "")
        if image or any(part.get("Vulnerabilities") or part.get("Packages") for part in one.parts("Results")):
            _artifact(one, image or name, metadata, found)  # others have settings alone
    return found


def _is_cluster(root: Part) -> bool:
    return "ClusterName" in root.value and ("Resources" in root.value or "Findings" in root.value)


def _artifact(root: Part, name: str, metadata: Part, found: Imports) -> None:
    """One thing that was scanned, with its results."""
    family = metadata.part("OS")
    system = common.distribution(family.text("Family"), family.text("Name"))
    target = ImportedTarget(
        name=short(name),
        repository_digests=few(metadata.texts("RepoDigests")),
        image_id=short(metadata.text("ImageID")),
        diff_ids=few(metadata.texts("DiffIDs")),
        distribution=system,
        machine=root.text("ArtifactType") == "vm",
    )
    found.target(target)
    for result in root.parts("Results"):
        for part in result.parts("Packages"):
            if (package := _package(part, result, system, found, "Name", "Version")) is not None:
                found.package(target, package)
        for part in result.parts("Vulnerabilities"):
            _flaw(part, result, system, target, found)
        for modified in result.parts("ExperimentalModifiedFindings"):
            if modified.text("Type") == "vulnerability":
                status = _MODIFIED.get(modified.text("Status"), "waived")
                reason = modified.text("Statement") or modified.text("Source")
                _flaw(modified.part("Finding"), result, system, target, found, (status, short(reason)))


def _package(
    part: Part, result: Part, system: Distribution | None, found: Imports, name: str, version: str
) -> Package | None:
    text = part.text(version)
    if name == "Name" and (release := part.text("Release")):
        text = f"{text}-{release}"
    package = common.package(
        result.text("Type"),
        part.text(name),
        text,
        purl=part.part("PkgIdentifier" if name == "PkgName" else "Identifier").text("PURL"),
        system=system if result.text("Class") in ("os-pkgs", "") else None,
        epoch=part.text("Epoch"),
        place=found.place(part.at(name)),
    )
    if package is None:
        return None
    where = part.text("PkgPath") or part.text("FilePath")
    if not where and result.text("Class") == "lang-pkgs" and result.text("Target").count("/"):
        where = result.text("Target")
    package = replace(
        package, paths=few((plain_path(where),)), layer=short(part.part("Layer").text("DiffID")), origin=SOURCE
    )
    if source := part.text("SrcName"):
        built_from, release, epoch = part.text("SrcVersion"), part.text("SrcRelease"), part.text("SrcEpoch")
        built_from = built_from + (f"-{release}" if release else "")
        package = with_source(package, source, f"{epoch}:{built_from}" if epoch not in ("", "0") else built_from)
    return package


def _flaw(
    part: Part,
    result: Part,
    system: Distribution | None,
    target: ImportedTarget,
    found: Imports,
    said: tuple[Status, str] | None = None,
) -> None:
    package = _package(part, result, system, found, "PkgName", "InstalledVersion")
    status, reason = said or _STATUSES.get(part.text("Status"), ("affected", ""))
    details: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "fixed": common.first_fix(package, part.text("FixedVersion").split(",")) if package else "",
        "severity": common.severity_word(part.text("Severity")),
        "scores": _scores(part.part("CVSS")),
        "origin": short(part.part("DataSource").text("ID") or part.text("SeveritySource")),
        "summary": short(part.text("Title") or part.text("Description")),
        "urls": few((part.text("PrimaryURL"), *part.texts("References")))[:20],
        "cwes": tuple(part.texts("CweIDs")[:20]),
        "published": short(part.text("PublishedDate")),
        "modified": short(part.text("LastModifiedDate")),
        "place": found.place(part.at("VulnerabilityID")),
    }
    found.flaw(target, package, part.text("VulnerabilityID"), part.texts("VendorIDs"), **details)


def _scores(part: Part) -> tuple[Score, ...]:
    found = []
    if isinstance(part.value, dict):
        for source in list(part.value)[:20]:
            one = part.part(source)
            for vector, number in _VECTORS:
                if (score := common.score_of(source, one.text(vector), one.get(number))) is not None:
                    found.append(score)
    return tuple(found)
