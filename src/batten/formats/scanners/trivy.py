"""Trivy's JSON, schema version 2 (https://trivy.dev/latest/docs/configuration/reporting/#json), the list of results
that it wrote before version 0.20, and what `trivy k8s` writes of a cluster (pkg/k8s/report of its source)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import DISTRIBUTED, few, plain_path, short, with_source
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
_TOGETHER: Final = ("Conda", "Java", "Kubernetes", "Node.js", "Python", "Ruby")
"""What Trivy calls the results that hold packages of many files (pkg/scan/langpkg); others are named by their file."""
_VECTORS: Final = (("V2Vector", "V2Score"), ("V3Vector", "V3Score"), ("V40Vector", "V40Score"))


def wants(root: Part) -> bool:
    if isinstance(root.value, list):
        return any("Target" in one.value and "Vulnerabilities" in one.value for one in _listed(root)[:100])
    is_report = root.get("SchemaVersion") == 2 and ("Results" in root.value or "ArtifactName" in root.value)
    return is_report or _is_cluster(root)


def _listed(root: Part) -> list[Part]:
    return [Part(item, (n,)) for n, item in enumerate(root.value) if isinstance(item, dict)]


def read(root: Part, document: Document, path: str) -> Imports:
    """The vulnerabilities and packages of every result."""
    found = Imports(SOURCE, document, path, root.part("Trivy").text("Version"), root.text("CreatedAt"))
    if isinstance(root.value, list):
        _artifact(Part({}), _listed(root), "", Part({}), found)
        return found
    if not _is_cluster(root):
        _artifact(root, root.parts("Results"), root.text("ArtifactName"), root.part("Metadata"), found)
        return found
    for one in (part for key in _OF_CLUSTERS for part in root.parts(key)):
        name = " ".join(filter(None, (one.text("Kind"), "/".join(filter(None, map(one.text, ("Namespace", "Name")))))))
        if error := one.text("Error"):
            found.problems.append(Problem(path, f"Trivy could not scan {short(name)}: {short(error)}"))
        images = one.parts("Metadata")  # of a workload with several, no result tells which image it is of
        metadata = images[0] if len(images) == 1 else one.part("Metadata")
        image = next(iter((*metadata.texts("RepoTags"), *metadata.texts("RepoDigests"))), "")
        results = one.parts("Results")
        if image or any(part.get("Vulnerabilities") or part.get("Packages") for part in results):
            _artifact(one, results, image or ("" if not images else name), metadata, found, name)
        else:  # of settings alone
            _count_others(results, found)
    return found


_OF_CLUSTERS: Final = ("Resources", "Findings", "Vulnerabilities", "Misconfigurations")
"""The last two are those of versions before 0.43."""


def _is_cluster(root: Part) -> bool:
    return "ClusterName" in root.value and any(key in root.value for key in _OF_CLUSTERS)


def _count_others(results: list[Part], found: Imports) -> None:
    for result in results:
        failed = [one for one in result.parts("Misconfigurations") if one.text("Status") in ("FAIL", "")]
        found.other("misconfigurations", len(failed))
        found.other("secrets", len(result.parts("Secrets")))
        found.other("licences", len(result.parts("Licenses")))


def _artifact(root: Part, results: list[Part], name: str, metadata: Part, found: Imports, otherwise: str = "") -> None:
    """One thing that was scanned, with its results. Where it has no name, the result of its distribution's packages
    may tell, else it is called `otherwise`."""
    family = metadata.part("OS")
    system = common.distribution(family.text("Family"), family.text("Name"))
    if system is None or not name:
        told = [common.scanned(part.text("Target")) for part in results if _is_system(part)]
        target_name, other = next((one for one in told if one[1] is not None), ("", None))
        system, name = system or other, name or target_name or otherwise
    target = ImportedTarget(
        name=short(name),
        repository_digests=few(metadata.texts("RepoDigests")),
        image_id=short(metadata.text("ImageID")),
        diff_ids=few(metadata.texts("DiffIDs")),
        distribution=system,
        machine=root.text("ArtifactType") == "vm",
    )
    found.target(target)
    _count_others(results, found)
    for result in results:
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


def _is_system(result: Part) -> bool:
    """Whether its packages are a distribution's; old results have no class."""
    return result.text("Class") in ("os-pkgs", "")


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
        system=system if _is_system(result) else None,
        epoch=part.text("Epoch"),
        place=found.place(part.at(name)),
    )
    if package is None:
        return None
    where = part.text("PkgPath") or part.text("FilePath")
    of_language = result.text("Class") == "lang-pkgs" or (not result.text("Class") and package.type not in DISTRIBUTED)
    if not where and of_language and result.text("Target") not in _TOGETHER:
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
        "scores": scores_of(part.part("CVSS")),
        "origin": short(part.part("DataSource").text("ID") or part.text("SeveritySource")),
        "summary": short(part.text("Title") or part.text("Description")),
        "urls": few((part.text("PrimaryURL"), *part.texts("References")))[:20],
        "cwes": tuple(part.texts("CweIDs")[:20]),
        "published": short(part.text("PublishedDate")),
        "modified": short(part.text("LastModifiedDate")),
        "place": found.place(part.at("VulnerabilityID")),
    }
    found.flaw(target, package, part.text("VulnerabilityID"), part.texts("VendorIDs"), **details)


def scores_of(part: Part) -> tuple[Score, ...]:
    """Vectors and scores by the name of their source."""
    found = []
    if isinstance(part.value, dict):
        for source in list(part.value)[:20]:
            one = part.part(source)
            for vector, number in _VECTORS:
                if (score := common.score_of(source, one.text(vector), one.get(number))) is not None:
                    found.append(score)
    return tuple(found)
