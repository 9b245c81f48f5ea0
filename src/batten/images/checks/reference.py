"""How images are named: tags that move, digests, sources."""

from __future__ import annotations

from fnmatch import fnmatchcase

from batten.engine.check import Context, check
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Container

_RESOLVE = "which version or digest is meant must be asked of the registry"


def _reference(container: Container) -> ImageReference | None:
    """The image that is pulled; None where it is not known, or is built beside the manifest."""
    image = container.image
    if image is None or isinstance(image, Absent) or container.platform == "dockerfile":
        return None
    return None if container.build is not None else image


@check("IMG001", "Image by a tag that moves", severity=MEDIUM)
def mutable_tag(container: Container) -> Verdict:
    """`latest`, or no tag, means another image tomorrow: what was scanned is not what runs, two nodes run two
    versions, and there is nothing to roll back to.

    Fix:
        all: name a version, best with its digest (`name:1.2.3@sha256:…`).
        dockerfile: name a version in `FROM`, best with its digest.
    References:
        https://kubernetes.io/docs/concepts/containers/images/#image-names
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    image = _reference(container)
    if image is None:
        return NOT_APPLICABLE
    if not image.is_mutable_tag:
        return PASS
    how = "by the tag latest" if image.tag else "without a tag"
    return fail(container.where("image"), f"{image.raw} is named {how}", no_fix=_RESOLVE)


@check("IMG002", "Image is not pinned by digest", severity=LOW, persona="auditor")
def not_pinned(container: Container) -> Verdict:
    """A tag can be moved to another image by whoever may push to the repository; a digest cannot.

    Fix:
        all: add the digest: `name:1.2.3@sha256:…`.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    image = _reference(container)
    if image is None:
        return NOT_APPLICABLE
    if image.is_pinned:
        return PASS
    return fail(container.where("image"), f"{image.raw} is not pinned by a digest", no_fix=_RESOLVE)


def _bases(build: BuildFile) -> list[tuple[Place, str, ImageReference]]:
    """The images that stages start from, with where they are written; stages on stages left out."""
    found = []
    for stage in build.dockerfile.stages:
        if stage.base_stage is not None:
            continue
        base = dockerfile.base_image(build.dockerfile, stage.index)
        if not base.known or base.value == "scratch":
            continue
        image = parse_reference(base.value)
        if image is not None:
            found.append(
                (Place(build.dockerfile, (*dockerfile.pointer_of(stage.from_), "arg", 0)), stage.name or "", image)
            )
    return found


@check("IMG014", "Base image by a tag that moves", severity=MEDIUM)
def mutable_base(build: BuildFile) -> Verdict:
    """`FROM name` or `FROM name:latest` builds on another image tomorrow: the same Dockerfile gives another result,
    and nobody sees when the base changes.

    Fix:
        dockerfile: name a version in `FROM`, best with its digest.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    bases = _bases(build)
    failures: list[Failure] = [
        fail(
            place,
            f"the base {image.raw} is named {'by the tag latest' if image.tag else 'without a tag'}",
            subject=image.name,
            no_fix=_RESOLVE,
        )
        for place, _, image in bases
        if image.is_mutable_tag
    ]
    return failures or (PASS if bases else NOT_APPLICABLE)


@check("IMG015", "Base image is not pinned by digest", severity=LOW, persona="auditor")
def base_not_pinned(build: BuildFile) -> Verdict:
    """A tag can be moved to another image by whoever may push to the repository; a digest cannot.

    Fix:
        dockerfile: write `FROM name:1.2.3@sha256:…`; Renovate and Dependabot keep it current.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    bases = _bases(build)
    failures: list[Failure] = [
        fail(place, f"the base {image.raw} is not pinned by a digest", subject=image.name, no_fix=_RESOLVE)
        for place, _, image in bases
        if not image.is_pinned
    ]
    return failures or (PASS if bases else NOT_APPLICABLE)


def is_allowed(image: ImageReference, patterns: tuple[str, ...]) -> bool:
    """Does a pattern of the list name the image, with or without its tag, or its registry?"""
    names = (image.name, image.raw, f"{image.name}:{image.tag or 'latest'}", image.registry)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


@check("IMG003", "Image from a source that is not allowed", severity=HIGH)
def not_allowed(container: Container, context: Context) -> Verdict:
    """The image does not come from one of the places that your configuration allows
    (`[images] allowed-registries`).

    Fix:
        all: mirror it into an allowed registry, or add its source to the list.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    image = _reference(container)
    allowed = context.settings.allowed_registries
    if image is None or not allowed:
        return NOT_APPLICABLE
    if is_allowed(image, allowed):
        return PASS
    return fail(
        container.where("image"),
        f"{image.name} is not on the list of allowed sources",
        no_fix="it must be mirrored first",
    )


@check("IMG016", "Base image that is not allowed", severity=HIGH)
def base_not_allowed(build: BuildFile, context: Context) -> Verdict:
    """The base does not come from one of the places that your configuration allows
    (`[images] allowed-base-images`, else `allowed-registries`).

    Fix:
        dockerfile: start from an allowed base, or add it to the list.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    allowed = context.settings.allowed_base_images or context.settings.allowed_registries
    bases = _bases(build)
    if not allowed or not bases:
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            place,
            f"the base {image.name} is not on the list of allowed sources",
            subject=image.name,
            no_fix="it must be mirrored first",
        )
        for place, _, image in bases
        if not is_allowed(image, allowed)
    ]
    return failures or PASS
