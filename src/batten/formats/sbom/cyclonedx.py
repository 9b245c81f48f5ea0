"""CycloneDX 1.2 to 1.6 (https://cyclonedx.org/docs/): components, what they need, and flaws where it carries any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from batten.detect.build_steps import masked
from batten.formats.part import Part
from batten.formats.sbom import flaws
from batten.formats.sbom.document import Collected
from batten.formats.sbom.packages import (
    DISTRIBUTED,
    few,
    identifier,
    module_of,
    package_of,
    plain_path,
    short,
    with_source,
)
from batten.limits import SBOM_DEPTH
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document, Place, Unreadable

_VERSIONS: Final = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
_SCOPES: Final = {"required": "runtime", "optional": "optional", "excluded": "development"}
_PATHS: Final = ("batten:path", "aquasecurity:trivy:FilePath", "syft:location:0:path")
_MODULES: Final = ("batten:module", "aquasecurity:trivy:Modularitylabel", "syft:metadata:modularityLabel")
_LAYERS: Final = ("batten:layer", "aquasecurity:trivy:LayerDiffID", "syft:location:0:layerID")


def read(root: Part, document: Document, found: Collected) -> None:
    """Everything of one document. Raises `Unreadable` for a version that is not known."""
    version = root.text("specVersion")
    if version not in _VERSIONS:
        raise Unreadable(f"expected CycloneDX {_VERSIONS[0]} to {_VERSIONS[-1]}, found specVersion {version[:20]!r}", 1)
    metadata = root.part("metadata")
    subject = metadata.part("component")
    found.created = short(metadata.text("timestamp"))
    found.source, found.tool_version = _tool(metadata)
    system = _operating_system(root)
    found.target = _target(subject, system)
    for part in _components(root, 0):
        _component(part, document, system, found)
    for entry in root.parts("dependencies"):
        for other in entry.texts("dependsOn"):
            found.needs(entry.text("ref"), other)
    flaws.cyclonedx(root, document, found)


def _components(part: Part, depth: int) -> Iterator[Part]:
    """Components in components, above all."""
    if depth > SBOM_DEPTH:
        raise Unreadable(f"expected at most {SBOM_DEPTH} components in one another, found more")
    for one in part.parts("components"):
        yield one
        yield from _components(one, depth + 1)


def _tool(metadata: Part) -> tuple[str, str]:
    """(name, version) of what wrote it: `tools` is a list up to 1.4, an object since."""
    tools = [*metadata.parts("tools"), *metadata.part("tools").parts("components")]
    name = next((tool.text("name") for tool in tools if tool.text("name")), "")
    version = next((tool.text("version") for tool in tools if tool.text("version")), "")
    return short(name.lower()) or "cyclonedx", short(version)


def _operating_system(root: Part) -> Distribution | None:
    for part in _components(root, 0):
        if part.text("type") == "operating-system" and (name := part.text("name")):
            return Distribution(
                identifier(short(name)), short(part.text("version")), name=short(part.text("description"))
            )
    return None


def properties(part: Part) -> dict[str, list[str]]:
    """name -> values, in their order."""
    found: dict[str, list[str]] = {}
    for one in part.parts("properties"):
        if (name := one.text("name")) and (value := one.text("value")):
            found.setdefault(name, []).append(short(value))
    return found


def _target(subject: Part, system: Distribution | None) -> ImportedTarget:
    told = properties(subject)

    def first(*names: str) -> str:
        return next((told[name][0] for name in names if name in told), "")

    version = subject.text("version")
    image = first("batten:image:id", "aquasecurity:trivy:ImageID")
    digest = first("batten:image:digest") or (version if version.startswith("sha256:") and version != image else "")
    return ImportedTarget(
        name=short(first("batten:image:reference") or subject.text("name")),
        digest=short(digest),
        repository_digests=few(
            (*told.get("batten:image:repository_digest", ()), *told.get("aquasecurity:trivy:RepoDigest", ()))
        ),
        image_id=image,
        diff_ids=few((*told.get("batten:image:layer", ()), *told.get("aquasecurity:trivy:DiffID", ()))),
        distribution=system,
    )


def _component(part: Part, document: Document, system: Distribution | None, found: Collected) -> None:
    purl = part.text("purl")
    if not purl:
        if (reference := part.text("bom-ref")) and part.text("name") and part.text("version"):
            found.name_bare(reference, part.text("name"), part.text("version"))
        if part.text("type") in ("library", "framework") and part.text("version"):
            found.pass_over(purl=False)
        return
    pointer = part.at("purl")
    package = package_of(purl, distribution=system, place=Place(document, pointer))
    if package is None:
        found.pass_over(purl=True)
        return
    found.add(part.text("bom-ref") or purl, _with_facts(package, part))


def _with_facts(package: Package, part: Part) -> Package:
    told = properties(part)

    def first(*names: str) -> str:
        return next((told[name][0] for name in names if name in told), "")

    paths = [plain_path(path) for name in _PATHS for path in told.get(name, ())]
    paths += [plain_path(one.text("location")) for one in part.part("evidence").parts("occurrences")]
    scope = _SCOPES.get(part.text("scope"), "")
    direct = first("batten:direct")
    base = first("batten:from_base")
    package = replace(
        package,
        origin=first("batten:origin", "syft:package:foundBy") or "cyclonedx",
        paths=few(paths),
        layer=first(*_LAYERS),
        instruction=masked(first("batten:instruction")),
        from_base=None if not base else base == "true",
        licenses=few(_licences(part)),
        vendor=short(part.text("publisher") or part.part("supplier").text("name")),
        module=package.module or module_of(first(*_MODULES)),
        owner=first("batten:owner"),
        direct=None if not direct else direct == "true",
        scope=scope,
        evidence=first("batten:evidence"),
        checksums=tuple(
            (one.text("alg").lower(), short(one.text("content")).lower()) for one in part.parts("hashes")[:16]
        ),
    )
    if package.type not in DISTRIBUTED:
        return package
    name = first(
        "batten:source:name", "aquasecurity:trivy:SrcName", "syft:metadata:source", "syft:metadata:originPackage"
    )
    version = first("batten:source:version", "syft:metadata:sourceVersion")
    if not version and (plain := first("aquasecurity:trivy:SrcVersion")):
        release, epoch = first("aquasecurity:trivy:SrcRelease"), first("aquasecurity:trivy:SrcEpoch")
        version = f"{epoch}:" * (epoch not in ("", "0")) + plain + (f"-{release}" if release else "")
    return with_source(package, name, version)


def _licences(part: Part) -> Iterator[str]:
    for one in part.parts("licenses"):
        licence = one.part("license")
        yield one.text("expression") or licence.text("id") or licence.text("name")
