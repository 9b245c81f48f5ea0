"""Bills of materials of an image that was read too, or of which several bills were read: one target, not several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from batten.model.image_content import Image
from batten.model.imported import ImportedReport, ImportedTarget
from batten.model.package import Package
from batten.vulnerabilities.merge_targets import known_images, same
from batten.vulnerabilities.package_keys import Index


def joined(
    packages: Sequence[Package], reports: Sequence[ImportedReport], images: Mapping[str, Sequence[Image]]
) -> tuple[list[Package], list[ImportedReport]]:
    """`packages` and `reports`, with what bills list as packages of the image that they are about.

    An image is the same by its digest, else by its layers, else by its configuration; a package by its package URL
    without what scanners leave out at will. What the image (or an earlier bill of it) has already is left out; what
    a bill alone lists stays, as a package of the image.
    """
    listed = {id(one.place.document): one.target for one in packages if one.place is not None}
    places = [report.packages[0].place if report.packages else None for report in reports]
    owns = [listed.get(id(place.document), "") if place is not None else "" for place in places]
    known: list[tuple[ImportedTarget, str]] = [one for one in known_images(images) if one[1] not in owns]
    homes: dict[str, str] = {}
    found: list[ImportedReport] = []
    for report, own in zip(reports, owns, strict=True):
        if not own:
            found.append(report)
            continue
        home = next((name for other, name in known if same(report.target, other)), own)
        known.append((report.target, home))
        homes[own] = home
        found.append(replace(report, packages=tuple(replace(one, target=home) for one in report.packages)))
    moved = {own for own, home in homes.items() if own != home}
    if not moved:
        return list(packages), found
    kept = [one for one in packages if one.target not in moved]
    waiting: dict[str, list[Package]] = {}
    for one in packages:
        if one.target in moved:
            waiting.setdefault(one.target, []).append(replace(one, target=homes[one.target]))
    for some in waiting.values():
        index = Index(kept)
        kept += [one for one in some if not index.find(one.target, one)]
    return kept, found
