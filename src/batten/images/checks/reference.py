"""How images are named: tags that move, digests, sources."""

from __future__ import annotations

from fnmatch import fnmatchcase

from msgspec import Struct

from batten.engine.check import Context, check
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Container

_RESOLVE = "only its registry knows the digest: batten fix --pin asks for it"


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
        all: name a version with its digest (`name:1.2.3@sha256:…`); `batten fix --pin` writes today's digest.
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
    return fail(container.where("image"), f"{image.raw} is named {how}", no_fix=_RESOLVE, pin=image)


@check("IMG002", "Image is not pinned by digest", severity=LOW, persona="auditor")
def not_pinned(container: Container) -> Verdict:
    """A tag can be moved to another image by whoever may push to the repository; a digest cannot.

    Fix:
        all: add the digest (`name:1.2.3@sha256:…`): `batten fix --pin` asks the registry and writes it.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    image = _reference(container)
    if image is None:
        return NOT_APPLICABLE
    if image.is_pinned:
        return PASS
    return fail(container.where("image"), f"{image.raw} is not pinned by a digest", no_fix=_RESOLVE, pin=image)


class _Pulled(Struct, frozen=True):
    """An image that a build pulls, and what for."""

    place: Place
    what: str
    image: ImageReference


def _bases(build: BuildFile) -> list[_Pulled]:
    """The images that stages start from; stages on stages left out."""
    found = []
    for stage in build.dockerfile.stages:
        if stage.base_stage is not None:
            continue
        image = build.base(stage.index)
        if image is not None:
            place = Place(build.dockerfile, (*dockerfile.pointer_of(stage.from_), "arg", 0))
            found.append(_Pulled(place, f"the base {image.raw}", image))
    return found


def _pulled(build: BuildFile) -> list[_Pulled]:
    """The bases, and the images that steps take files from."""
    copied = [
        _Pulled(Place(build.dockerfile, one.pointer), f"{image.raw}, which files are taken from,", image)
        for one in dockerfile.copied_images(build.dockerfile)
        if (image := parse_reference(one.name)) is not None
    ]
    return [*_bases(build), *copied]


@check("IMG014", "Base image by a tag that moves", severity=MEDIUM)
def mutable_base(build: BuildFile) -> Verdict:
    """`FROM name` or `FROM name:latest` builds on another image tomorrow: the same Dockerfile gives another result,
    and nobody sees when the base changes. So does an image that files are taken from (`COPY --from=name:latest`).

    Fix:
        dockerfile: name a version with its digest (`name:1.2.3@sha256:…`); `batten fix --pin` writes today's digest.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    pulled = _pulled(build)
    failures: list[Failure] = [
        fail(
            one.place,
            f"{one.what} is named {'by the tag latest' if one.image.tag else 'without a tag'}",
            subject=one.image.name,
            no_fix=_RESOLVE,
            pin=one.image,
        )
        for one in pulled
        if one.image.is_mutable_tag
    ]
    return dockerfile.told(build, failures) or (PASS if pulled else NOT_APPLICABLE)


@check("IMG015", "Base image is not pinned by digest", severity=LOW, persona="auditor")
def base_not_pinned(build: BuildFile) -> Verdict:
    """A tag can be moved to another image by whoever may push to the repository; a digest cannot.

    Fix:
        dockerfile: write `FROM name:1.2.3@sha256:…`, as `batten fix --pin` does; Renovate and Dependabot keep it
            current.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    pulled = _pulled(build)
    failures: list[Failure] = [
        fail(
            one.place,
            f"{one.what} is not pinned by a digest",
            subject=one.image.name,
            no_fix=_RESOLVE,
            pin=one.image,
        )
        for one in pulled
        if not one.image.is_pinned
    ]
    return dockerfile.told(build, failures) or (PASS if pulled else NOT_APPLICABLE)


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
    (`[images] allowed-base-images`, else `allowed-registries`). The same is asked of images that steps take files
    from (`COPY --from`, `RUN --mount=from`).

    Fix:
        dockerfile: start from an allowed base, or add it to the list.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    allowed = context.settings.allowed_base_images or context.settings.allowed_registries
    pulled = _pulled(build)
    if not allowed or not pulled:
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            one.place,
            f"{one.what} is not on the list of allowed sources",
            subject=one.image.name,
            no_fix="it must be mirrored first",
        )
        for one in pulled
        if not is_allowed(one.image, allowed)
    ]
    return dockerfile.told(build, failures) or PASS
