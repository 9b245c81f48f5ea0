"""The edit that makes an update, as data for the fixer: of a lock file, or of the Dockerfile that builds the image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from batten.formats.dockerfile import pointer_of
from batten.formats.dockerfile.nodes import Dockerfile
from batten.model.edits import CannotEdit, InsertBefore, ReplaceText
from batten.model.image import ImageReference, parse_reference
from batten.model.package import Package
from batten.model.source import Place
from batten.model.verdict import Change, DocumentEdit, Fix, FixKind
from batten.model.vulnerability import UpdateStep
from batten.model.workload import Container
from batten.vulnerabilities.commands import system_command
from batten.vulnerabilities.lookups import DISTRIBUTED, full_name

_TAIL: Final = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "EXPOSE", "LABEL")


class NoFix(Struct, frozen=True):
    """Why an update is no edit of a file that was read."""

    reason: str


def fix_of(step: UpdateStep, packages: Iterable[Package], dockerfile: Container | None = None) -> Fix | NoFix:
    """The edit for `step`. `packages` are those of its target; `dockerfile` the one that builds the image."""
    if step.kind == "base":
        return _base(step, dockerfile)
    every = [one for one in packages if one.target == step.target]
    moved = [one for one in every if _is_moved(one, step)]
    places = [one for one in moved if one.place is not None and _in_file(one.place, step)]
    if step.kind == "lock":
        return _locked(step, places)
    system = [one for one in moved if one.type in DISTRIBUTED]
    if not system:
        return NoFix(f"{step.name} came with the application: its lock file decides the version")
    return _installed(step, system, {one.name for one in every if one.type in DISTRIBUTED}, dockerfile)


def _is_moved(package: Package, step: UpdateStep) -> bool:
    source = package.source
    if package.type in DISTRIBUTED and source is not None:
        return source.name == step.name and (source.version or package.version) == step.installed
    return full_name(package) == step.name and package.version == step.installed


def _in_file(place: Place, step: UpdateStep) -> bool:
    """Reports show paths from where the program was started, places have them from the root of the target."""
    if step.location is None:
        return True
    path, shown = place.document.file.path, step.location.path
    return shown == path or shown.endswith(f"/{path}")


def _locked(step: UpdateStep, packages: list[Package]) -> Fix | NoFix:
    edits = []
    for package in packages:
        place = package.place
        if place is None:
            continue
        to = f"v{step.to}" if package.version.startswith("v") and not step.to.startswith("v") else step.to
        edit = ReplaceText(place.pointer, to)
        try:
            place.document.splices([edit])
        except CannotEdit as error:
            return NoFix(str(error))
        edits.append(DocumentEdit(place.document, edit))
    if not edits:
        return NoFix(f"where {step.name} is written was not read")
    return Fix("review", f"update {step.name} to {step.to}", tuple(edits))


def _base(step: UpdateStep, dockerfile: Container | None) -> Fix | NoFix:
    if dockerfile is None:
        return NoFix("the Dockerfile of the image was not read")
    tag, at, digest = step.to.rpartition("@")
    if not digest.startswith("sha256:"):
        return NoFix("no registry was asked for the newest build: build with --pull")
    image = dockerfile.image
    if not isinstance(image, ImageReference):
        return NoFix("the base image is not written as such: it comes from a variable or another stage")
    meant = parse_reference(step.name)
    if meant is None or meant.name != image.name:
        return NoFix(f"the Dockerfile builds on {image.raw}, the image on {step.name}")
    written = image.raw.partition("@")[0]
    if at and image.tag:
        written = f"{written[: -len(image.tag)]}{tag}"
    pinned = f"{written}@{digest}"
    # a tag that is not pinned leads there with the next build anyway
    kind: FixKind = "review" if image.digest or at else "safe"
    return Fix(kind, f"build on {pinned}", (Change(dockerfile, "image", pinned),))


def _installed(
    step: UpdateStep, packages: list[Package], installed: set[str], dockerfile: Container | None
) -> Fix | NoFix:
    """A step of its own in the last stage, while it is still root's."""
    if dockerfile is None or not isinstance(dockerfile.document, Dockerfile):
        return NoFix("the Dockerfile of the image was not read")
    command = system_command(packages, installed)
    if not command:
        return NoFix("the image has no package manager: its base, or what builds it, brings the update")
    if not command.isprintable():  # a line break in a name would begin another instruction
        return NoFix(f"expected names of packages, found control characters in one of {len(packages)}")
    stage = dockerfile.document.stages[-1]
    before: tuple[str | int, ...] = ("end", stage.index)
    instructions = stage.instructions[1:]
    for number, one in enumerate(instructions):
        if one.keyword == "USER" or all(later.keyword in _TAIL for later in instructions[number:]):
            before = pointer_of(one)
            break
    edit = InsertBefore(before, f"RUN {command}")
    return Fix("review", f"update {step.name} to {step.to}", (DocumentEdit(dockerfile.document, edit),))
