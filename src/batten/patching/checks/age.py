"""What is out of date: base images without support, API versions that are gone."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.image import ImageReference, parse_reference
from batten.model.objects import KubernetesObject
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.model.workload import Container
from batten.patching.apis import replacement
from batten.patching.endoflife import ended, table
from batten.patching.renewed import renewed


def _failures(place: Place, image: ImageReference, context: Context) -> list[Failure]:
    return [
        fail(
            place,
            f"{image.raw}: {one.product} {one.cycle} has had no support "
            + (f"since {one.day}" if one.day else "for some time")
            + f" (as of {table().dated})",
            subject=f"{one.product} {one.cycle}",
            no_fix="the program must be seen to work with a newer release",
        )
        for one in ended(image, context.as_of)
    ]


@check("PAT001", "Image without support", severity=HIGH, exposure=False)
def unsupported_image(container: Container, context: Context) -> Verdict:
    """The distribution or runtime in the image gets no more security updates: every flaw that is found from now on
    stays.

    Fix:
        all: move to a release that is supported.
        dockerfile: name a supported release in `FROM`.
    References:
        https://endoflife.date
    """
    image = container.image
    if image is None or isinstance(image, Absent) or container.build is not None or container.platform == "dockerfile":
        return NOT_APPLICABLE
    return _failures(container.where("image"), image, context) or PASS


@check("PAT003", "Base image without support", severity=HIGH)
def unsupported_base(build: BuildFile, context: Context) -> Verdict:
    """The base image gets no more security updates: every flaw that is found from now on stays, however often the
    image is built. What the build begins with in other stages, and images that steps take files from
    (`COPY --from`, `RUN --mount=from`), are reported medium.

    Fix:
        dockerfile: name a supported release in `FROM`.
    References:
        https://endoflife.date
    """
    failures: list[Failure] = []
    last = build.dockerfile.stages[-1].index
    for stage in build.dockerfile.stages:
        if stage.base_stage is not None:
            continue
        image = build.base(stage.index)
        if image is None:
            continue
        severity: Severity = HIGH if stage.index == last else MEDIUM
        for failure in _failures(
            Place(build.dockerfile, (*dockerfile.pointer_of(stage.from_), "arg", 0)), image, context
        ):
            failures.append(
                fail(failure.place, failure.message, subject=failure.subject, severity=severity, no_fix=failure.no_fix)
            )
    for copied in dockerfile.copied_images(build.dockerfile):
        image = parse_reference(copied.name)
        for failure in _failures(Place(build.dockerfile, copied.pointer), image, context) if image is not None else ():
            subject = f"{copied.name} {failure.subject}"
            failures.append(
                fail(failure.place, failure.message, subject=subject, severity=MEDIUM, no_fix=failure.no_fix)
            )
    return dockerfile.told(build, failures) or PASS


@check("PAT002", "API version that is gone", severity=MEDIUM, platforms=("kubernetes",))
def removed_api(declared: KubernetesObject) -> Verdict:
    """The API server does not serve this version any more (or will not for long): the object is refused, and with it
    what it was to protect.

    Fix:
        kubernetes: use the version that replaced it; `kubectl convert` rewrites fields that changed.
    References:
        https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    """
    found = replacement(declared.api_version, declared.kind)
    if found is None:
        return PASS
    removed, newer, same_fields = found
    message = f"{declared.api_version} {declared.kind} was removed in Kubernetes {removed}"
    message += f"; use {newer}" if newer else " without a replacement"
    fix, no_fix = renewed(declared, newer, same_fields=same_fields) if newer else (None, "nothing takes its place")
    return fail(
        declared.where("apiVersion"),
        message,
        subject=declared.api_version,
        severity=MEDIUM if newer else LOW,
        fix=fix,
        no_fix=no_fix,
    )
