"""Amazon Inspector's findings (https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short, with_epoch
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document
from batten.model.vulnerability import Score, Status

SOURCE: Final = "inspector"
_STATUSES: Final[dict[str, Status]] = {"ACTIVE": "affected", "SUPPRESSED": "waived", "CLOSED": "fixed"}
_OTHERS: Final = {"NETWORK_REACHABILITY": "network findings", "CODE_VULNERABILITY": "findings in code"}
_MACHINES: Final = ("awsEc2Instance", "vm", "machineImage")
_NAMES: Final = {
    "AMAZON_LINUX": "amzn",
    "RED_HAT": "rhel",
    "RED_HAT_ENTERPRISE_LINUX": "rhel",
    "ORACLE_LINUX": "ol",
    "ALMALINUX": "almalinux",
    "ROCKY_LINUX": "rocky",
    "SUSE_SERVER": "sles",
}


def wants(root: Part) -> bool:
    return any("packageVulnerabilityDetails" in one.value for one in root.parts("findings"))


def read(root: Part, document: Document, path: str) -> Imports:
    """Findings on packages, by the resource that they are of."""
    found = Imports(SOURCE, document, path)
    for part in root.parts("findings"):
        if part.text("type") not in ("PACKAGE_VULNERABILITY", ""):
            found.other(_OTHERS.get(part.text("type"), "findings of other kinds"))
            continue
        for resource in part.parts("resources") or [Part({})]:
            target = _target(resource)
            for package in part.part("packageVulnerabilityDetails").parts("vulnerablePackages"):
                _flaw(part, package, target, found)
    return found


def _target(resource: Part) -> ImportedTarget:
    details = resource.part("details")
    image = next((one for name in ("awsEcrContainerImage", "image") if (one := details.part(name)).value), None)
    if image is None:
        machines = (details.part(name) for name in _MACHINES)
        system = system_of(next((text for one in machines if (text := one.text("platform"))), ""))
        is_machine = resource.text("type") == "AWS_EC2_INSTANCE" or any(details.part(name).value for name in _MACHINES)
        return ImportedTarget(name=short(resource.text("id")), distribution=system, machine=is_machine)
    tag = next(iter(image.texts("imageTags")), "")
    name = f"{image.text('repositoryName')}:{tag}" if tag else image.text("repositoryName")
    digest = short(image.text("imageHash") or image.text("imageDigest"))  # of Amazon's registry, of others
    return ImportedTarget(name=short(name) or digest, digest=digest, distribution=system_of(image.text("platform")))


def system_of(platform: str) -> Distribution | None:
    """`DEBIAN_10`, `AMAZON_LINUX_2`, `ALPINE_LINUX_3_14`, `UBUNTU_20_04`."""
    words = platform.strip().upper().split("_")
    number = next((n for n, word in enumerate(words) if word[:1].isdigit()), len(words))
    name, version = "_".join(words[:number]), ".".join(words[number:])
    if not name:
        return None
    plain = _NAMES.get(name) or name.removesuffix("_LINUX").lower().replace("_", "-")
    return Distribution(short(plain), short(version).lower())


def package_of(part: Part, system: Distribution | None, found: Imports, names: dict[str, str]) -> Package | None:
    """A vulnerable package; `names`: how its fields are called."""
    kind, name, version = part.text(names["manager"]), part.text(names["name"]), part.text(names["version"])
    if kind.upper() == "GENERIC" and name == "go/stdlib":  # the standard library that is in a program
        kind, name = "go", "stdlib"
    of_system = kind.upper() in ("OS", "")
    if release := part.text(names["release"]):
        version = f"{version}-{release}"
    if of_system and (epoch := part.text(names["epoch"])):
        version = with_epoch(version, epoch)
    package = common.package(
        "" if of_system else kind,
        name,
        version,
        purl="" if of_system else part.text("purl"),  # the distribution's have no release that it speaks of
        system=system if of_system else None,
        place=found.place(part.at(names["name"])),
    )
    if package is None:
        return None
    architecture = part.text(names["arch"]).lower()
    return replace(
        package,
        origin=SOURCE,
        qualifiers=(("arch", short(architecture)),) if of_system and architecture else (),
        layer=short(part.text(names["layer"])),
        paths=few((plain_path(part.text(names["path"])),)),
    )


_FIELDS: Final = {
    "name": "name",
    "version": "version",
    "release": "release",
    "epoch": "epoch",
    "arch": "arch",
    "manager": "packageManager",
    "layer": "sourceLayerHash",
    "path": "filePath",
}


def fixed_in(text: str) -> str:
    """`0:4.19.232-1` without an epoch that is 0."""
    return short(text.removeprefix("0:")) if text not in ("NotAvailable", "None") else ""


def _flaw(part: Part, vulnerable: Part, target: ImportedTarget, found: Imports) -> None:
    told = part.part("packageVulnerabilityDetails")
    package = package_of(vulnerable, target.distribution, found, _FIELDS)
    word = common.severity_word(told.text("vendorSeverity"))
    details: dict[str, Any] = {
        "status": _STATUSES.get(part.text("status"), "affected"),
        "fixed": fixed_in(vulnerable.text("fixedInVersion")),
        "severity": word if word != "unknown" else common.severity_word(part.text("severity")),
        "scores": _scores(told),
        "epss": common.probability(part.part("epss").get("score")),
        "exploit": "poc" if part.text("exploitAvailable") == "YES" else "",
        "origin": short(told.text("source").lower()),
        "summary": short(part.text("description")),
        "urls": few((told.text("sourceUrl"), *told.texts("referenceUrls")))[:20],
        "cwes": tuple(one for one in told.texts("cwes")[:20] if one.startswith("CWE-")),
        "published": short(told.text("vendorCreatedAt")),
        "modified": short(told.text("vendorUpdatedAt")),
        "place": found.place(told.at("vulnerabilityId")),
    }
    found.flaw(target, package, told.text("vulnerabilityId"), told.texts("relatedVulnerabilities"), **details)


def _scores(part: Part) -> tuple[Score, ...]:
    found = (
        common.score_of(one.text("source").lower(), one.text("scoringVector"), one.get("baseScore"))
        for one in part.parts("cvss")[:20]
    )
    return tuple(dict.fromkeys(score for score in found if score is not None))
