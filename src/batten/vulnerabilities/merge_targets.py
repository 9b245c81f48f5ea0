"""Which of several reports and images are of one target, and which packages they speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from batten.model.image_content import Image
from batten.model.imported import ImportedReport, ImportedTarget
from batten.model.package import Package
from batten.vulnerabilities.lookups import DISTRIBUTED, is_kernel
from batten.vulnerabilities.package_keys import Index


def targets_of(reports: Sequence[ImportedReport], images: Mapping[str, Sequence[Image]]) -> list[str]:
    """For each report the target that its rows belong to: that of packages of the same image, if it was read too."""
    known = known_images(images)
    found = []
    for report in reports:
        listed = report.packages[0].target if report.packages else ""
        target = listed or next((name for other, name in known if same(report.target, other)), "")
        if not target:
            target = _name(report, {name for _, name in known})
            known.append((report.target, target))
        found.append(target)
    return found


def known_images(images: Mapping[str, Sequence[Image]]) -> list[tuple[ImportedTarget, str]]:
    """What tells each image that was read from others, and the target that its packages have."""
    return [
        (
            ImportedTarget(
                digest=image.digest,
                repository_digests=image.repository_digests,
                image_id=image.id,
                diff_ids=tuple(layer.diff_id for layer in image.layers),
            ),
            target,
        )
        for target, some in images.items()
        for image in some
        if len(some) == 1
    ]


def same(one: ImportedTarget, other: ImportedTarget) -> bool:
    """By the strongest sign that both have."""
    left, right = _digests(one), _digests(other)
    if left and right and left & right:
        return True
    if one.diff_ids and other.diff_ids:
        return one.diff_ids == other.diff_ids
    if one.image_id and other.image_id:
        return one.image_id == other.image_id
    return False


def _digests(one: ImportedTarget) -> set[str]:
    """Digests of manifests: an image that is pushed twice has several."""
    return {text for text in (one.digest, *(name.rpartition("@")[2] for name in one.repository_digests)) if text}


def _name(report: ImportedReport, taken: set[str]) -> str:
    """`image:NAME` of what the report names, told apart by the file where another report has the same name."""
    kind = "image" if report.target.digest or report.target.image_id or report.target.diff_ids else "report"
    name = f"{kind}:{report.target.name or report.path}"
    return name if name not in taken else f"{name} ({report.path})"


def purl_of(package: Package) -> str:
    """Its package URL; a kind of package that nobody knows is `generic`."""
    try:
        return package.purl
    except ValueError:
        return f"pkg:generic/{package.name}@{package.version}"


def own_packages(
    packages: Sequence[Package], reports: Sequence[ImportedReport], targets: Sequence[str]
) -> list[Package]:
    """`packages`, and those of reports on targets that nothing else was read of: batten judges them itself too."""
    read = {package.target for package in packages}
    index = Index(())
    groups: dict[int, list[Package]] = {}
    for report, target in zip(reports, targets, strict=True):
        if target in read:
            continue
        for package in (*report.packages, *(row.package for row in report.rows)):
            if package.type == "generic" or (report.target.machine and is_kernel(package)):
                continue  # that a kernel in an image does not run holds for no machine: the scanner's word stands
            one = replace(package, target=target)
            known = index.same(one)
            if known is None:
                index.add(one)
                groups[id(one)] = [one]
            else:
                groups[id(known)].append(one)
    return [*packages, *(_joined(some) for some in groups.values())]


def _joined(some: Sequence[Package]) -> Package:
    """One package out of what several scanners say of it: each leaves out what it has no use for."""
    first = some[0]
    if len(some) == 1:
        return first
    epochs = (one.version for one in some if first.type in DISTRIBUTED and one.version.endswith(f":{first.version}"))
    return replace(
        first,
        version=next(epochs, first.version),
        source=next((one.source for one in some if one.source is not None), None),
        distribution=next((one.distribution for one in some if one.distribution is not None), None),
        namespace=next((one.namespace for one in some if one.namespace), ""),
        qualifiers=next((one.qualifiers for one in some if one.qualifiers), ()),
    )
