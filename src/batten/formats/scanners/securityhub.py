"""Findings on packages in the AWS Security Finding Format, as Inspector gives them to Security Hub
(https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html), and as Trivy's template
`asff.tpl` writes them, which has no `Vulnerabilities` and names the package among the resource's other details."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.part import Part
from batten.formats.sbom.packages import few, short
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.formats.scanners.inspector import fixed_in, package_of, system_of
from batten.model.imported import ImportedTarget
from batten.model.source import Document
from batten.model.vulnerability import Score, Status
from batten.pattern import pattern

SOURCE: Final = "securityhub"
_DIGEST: Final = pattern(r"sha256:[0-9a-f]{64}\Z")
_WORKFLOW: Final[dict[str, Status]] = {"SUPPRESSED": "waived", "RESOLVED": "fixed"}
_FIELDS: Final = {
    "name": "Name",
    "version": "Version",
    "release": "Release",
    "epoch": "Epoch",
    "arch": "Architecture",
    "manager": "PackageManager",
    "layer": "SourceLayerHash",
    "path": "FilePath",
}


def _findings(root: Part) -> list[Part]:
    if isinstance(root.value, list):
        return [Part(item, (n,)) for n, item in enumerate(root.value) if isinstance(item, dict)]
    return root.parts("Findings")


def wants(root: Part) -> bool:
    return any(one.text("SchemaVersion") == "2018-10-08" for one in _findings(root)[:100])


def read(root: Part, document: Document, path: str) -> Imports:
    """Findings that name vulnerable packages; others (of settings, of behaviour) are counted."""
    findings = _findings(root)
    scanners = {_scanner(part) for part in findings if part.parts("Vulnerabilities") or _trivys(part).value}
    found = Imports(scanners.pop() if len(scanners) == 1 else SOURCE, document, path)
    for part in findings:
        flaws = part.parts("Vulnerabilities")
        if not flaws:
            if (package := _trivys(part)).value:
                _trivys_flaw(part, package, found)
            elif any("/Vulnerabilities/" in kind for kind in part.texts("Types")):
                found.flaw(_target(part), None, part.text("Title"), ())  # Inspector leaves the package out at times
            else:
                found.other("findings on settings or behaviour")
            continue
        target = _target(part)
        for flaw in flaws:
            for package in flaw.parts("VulnerablePackages"):
                _flaw(part, flaw, package, target, _status(part), found)
    return found


def _scanner(part: Part) -> str:
    fields = part.part("ProductFields")
    name = part.text("ProductName") or fields.text("aws/securityhub/ProductName") or fields.text("Product Name")
    return short(name.lower()) or "inspector"


def _trivys(part: Part) -> Part:
    """The package that Trivy names; nothing in findings of others."""
    resource = next(iter(part.parts("Resources")), Part({}))
    other = resource.part("Details").part("Other")
    return other if other.text("PkgName") else Part({})


def _trivys_flaw(part: Part, told: Part, found: Imports) -> None:
    """The whole of what was scanned, `shop:1 (debian 12.5)`, or the file, is all that tells the kind of package."""
    resource = part.parts("Resources")[0]
    name, system = common.scanned(resource.text("Id"))
    target = ImportedTarget(name=short(name), distribution=system)
    package = common.package("", told.text("PkgName"), told.text("Installed Package"), system=system)
    details: dict[str, Any] = {
        "status": _status(part),
        "fixed": common.first_fix(package, told.text("Patched Package").split(",")) if package else "",
        "severity": common.severity_word(part.part("Severity").text("Label")),
        "scores": tuple(
            score
            for version in ("V2", "V3")
            if (score := common.score_of("nvd", told.text(f"NvdCvssVector{version}"))) is not None
        ),
        "summary": short(told.text("CVE Title")),
        "urls": few((part.part("Remediation").part("Recommendation").text("Url"),)),
        "place": found.place(told.at("CVE ID")),
    }
    found.flaw(target, package, told.text("CVE ID"), (), **details)


def _status(part: Part) -> Status:
    archived: Status = "fixed" if part.text("RecordState") == "ARCHIVED" else "affected"
    return _WORKFLOW.get(part.part("Workflow").text("Status"), archived)


def _target(part: Part) -> ImportedTarget:
    resource = next(iter(part.parts("Resources")), Part({}))
    image = resource.part("Details").part("AwsEcrContainerImage")
    fields = part.part("ProductFields")
    platform = image.text("Platform")
    if not platform and isinstance(fields.value, dict):
        platform = next((fields.text(name) for name in fields.value if name.endswith("/platform")), "")
    identifier = resource.text("Id")
    tail = identifier.rpartition("/")[2]
    digest = image.text("ImageDigest") or (tail if _DIGEST.match(tail) else "")
    tag = next(iter(image.texts("ImageTags")), "")
    name = image.text("RepositoryName")
    return ImportedTarget(
        name=short(f"{name}:{tag}" if name and tag else name or identifier),
        digest=short(digest),
        distribution=system_of(platform),
        machine=resource.text("Type") == "AwsEc2Instance",
    )


def _flaw(part: Part, flaw: Part, vulnerable: Part, target: ImportedTarget, status: Status, found: Imports) -> None:
    vendor = flaw.part("Vendor")
    word = common.severity_word(vendor.text("VendorSeverity"))
    details: dict[str, Any] = {
        "status": status,
        "fixed": fixed_in(vulnerable.text("FixedInVersion")),
        "severity": word if word != "unknown" else common.severity_word(part.part("Severity").text("Label")),
        "scores": _scores(flaw),
        "epss": common.probability(flaw.get("EpssScore")),
        "exploit": "poc" if flaw.text("ExploitAvailable") == "YES" else "",
        "origin": short(vendor.text("Name").lower()),
        "summary": short(part.text("Description")),
        "urls": few((vendor.text("Url"), *flaw.texts("ReferenceUrls")))[:20],
        "published": short(vendor.text("VendorCreatedAt")),
        "modified": short(vendor.text("VendorUpdatedAt")),
        "place": found.place(flaw.at("Id")),
    }
    package = package_of(vulnerable, target.distribution, found, _FIELDS)
    found.flaw(target, package, flaw.text("Id"), flaw.texts("RelatedVulnerabilities"), **details)


def _scores(flaw: Part) -> tuple[Score, ...]:
    found = (
        common.score_of(one.text("Source").lower(), one.text("BaseVector"), one.get("BaseScore"))
        for one in flaw.parts("Cvss")[:20]
    )
    return tuple(dict.fromkeys(score for score in found if score is not None))
