"""Anchore: the vulnerabilities of an image by Engine's and Enterprise's API, and Enterprise's exported report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports, any_text
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document
from batten.model.vulnerability import Score
from batten.pattern import pattern

SOURCE: Final = "anchore"
_VERSIONS: Final = pattern(r"-(?=(?:[0-9]{1,10}:)?v?[0-9])")
_TYPES: Final = ("package_type", "packageType")
_DATABASES: Final = ("pkgdb", "None", "N/A")


def wants(root: Part) -> bool:
    if isinstance(root.value, list):
        return any("vuln" in one.value and any(name in one.value for name in _TYPES) for one in _listed(root)[:1])
    if root.get("securityEvaluation") is not None:
        return True
    named = any(root.get(name) for name in ("imageDigest", "image_digest", "vulnerability_type", "vulnerabilityType"))
    return isinstance(root.get("vulnerabilities"), list) and named


def _listed(root: Part) -> list[Part]:
    return [Part(item, (n,)) for n, item in enumerate(root.value) if isinstance(item, dict)]


def read(root: Part, document: Document, path: str) -> Imports:
    """Every entry; `None` as a word is nothing."""
    metadata = root.part("metadata")
    found = Imports(SOURCE, document, path, created=metadata.text("timestamp"))
    entries = _listed(root) if isinstance(root.value, list) else _entries(root)
    system = next((known for one in entries if (known := _system(one)) is not None), None)
    name = "/".join(filter(None, (metadata.text("registry"), metadata.text("repository"))))
    tag = metadata.text("tag")
    digest = any_text(root, "imageDigest", "image_digest") or any_text(metadata, "imageDigest")
    target = ImportedTarget(
        name=short(f"{name}:{tag}" if name and tag else name or digest), digest=digest, distribution=system
    )
    found.target(target)
    for part in entries:
        _flaw(part, system, target, found)
    return found


def _entries(root: Part) -> list[Part]:
    return [*root.parts("vulnerabilities"), *root.parts("securityEvaluation")]


def _system(part: Part) -> Distribution | None:
    """`debian:9` of the group of feeds."""
    name, colon, version = any_text(part, "feed_group", "feedGroup").partition(":")
    if not colon or not version[:1].isdigit():
        return None
    return common.distribution(name, version)


def _parted(text: str, kind: str) -> tuple[str, str]:
    """Name and version of `java-1.8.0-openjdk-1:1.8.0.432.b06-2.el8`: a part of the name may look like a version."""
    if kind in ("rpm", "apk") and text.count("-") >= 2:  # a version and a release, always
        name, version, release = text.rsplit("-", 2)
        return name, f"{version}-{release}"
    found = [(text[: match.start()], text[match.end() :]) for match in _VERSIONS.finditer(text[:512])]
    found = [one for one in found if one[0]]
    # of what is left, a version has a dot and at most one dash: `gcc-10-base-10.2.1-6`, `guava-27.0-jre`
    likely = [one for one in found if "." in one[1]] or found
    short_ones = [one for one in likely if one[1].count("-") <= 1]
    return (short_ones or likely[-1:] or [("", "")])[0]


def _package(part: Part, system: Distribution | None, found: Imports) -> Package | None:
    name = any_text(part, "package_name", "packageName")
    version = any_text(part, "package_version", "packageVersion")
    kind = any_text(part, "package_type", "packageType").lower()
    kind = {"apkg": "apk", "os": "", "go": "go-module"}.get(kind, kind)
    if not version:
        name, version = _parted(any_text(part, "package"), kind)
    package = common.package(
        kind,
        name,
        version,
        purl=any_text(part, "package_purl", "purl"),
        system=system if kind in ("", "dpkg", "deb", "rpm", "apk", "apkg") else None,
        place=found.place(part.pointer),
    )
    if package is None:
        return None
    path = any_text(part, "package_path", "packagePath", "path")
    return replace(package, origin=SOURCE, paths=few((plain_path("" if path in _DATABASES else path),)))


def _flaw(part: Part, system: Distribution | None, target: ImportedTarget, found: Imports) -> None:
    package = _package(part, _system(part) or system, found)
    refused = any(part.get(name) is True for name in ("will_not_fix", "willNotFix"))
    fixed = any_text(part, "fix", "fixAvailable", "fix_available")
    others = [name for text in (any_text(part, "cves"),) for name in common.CVE.findall(text)]
    others += [one.text("id") for key in ("nvd_data", "nvdData") for one in part.parts(key)[:20]]
    details: dict[str, Any] = {
        "status": "will_not_fix" if refused and not fixed else "affected",
        "fixed": common.first_fix(package, fixed.split(",")) if package is not None else "",
        "severity": common.severity_word(part.text("severity")),
        "scores": tuple(dict.fromkeys(_scores(part))),
        "origin": any_text(part, "feed_group", "feedGroup"),
        "urls": few((any_text(part, "url", "link"),)),
        "place": found.place(part.pointer),
    }
    found.flaw(target, package, any_text(part, "vuln", "vulnerabilityId", "vulnerability_id"), others, **details)


def _scores(part: Part) -> Iterator[Score]:
    for key, source in (("nvd_data", "nvd"), ("nvdData", "nvd"), ("vendor_data", "vendor"), ("vendorData", "vendor")):
        for one in part.parts(key)[:20]:
            for version in ("cvss_v2", "cvss_v3", "cvssV2", "cvssV3"):
                told = one.part(version)
                vector = any_text(told, "vector_string", "vectorString", "vector")
                value = told.get("base_score") or told.get("baseScore")
                if (score := common.score_of(source, vector, value)) is not None:
                    yield score
