"""How old a built image is, and what in it has no support any more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from batten.engine.check import Context, check
from batten.engine.image_parts import SYSTEM, has_configuration, listed, packages_of
from batten.model.image_content import Image
from batten.model.package import Package
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.patching.endoflife import Ended, is_known, support_ended, table
from batten.patching.installed import Product, distribution_product, products

_OLD: Final = timedelta(days=365)
_FIRST: Final = 2013
"""Docker's first year: builds that must come out the same each time are dated before it, and say nothing."""
_NO_FIX: Final = "the program must be seen to work with a newer release"


def _built(image: Image) -> date | None:
    """The day on which the newest part of the image was made; None where it does not say."""
    days = []
    for text in (image.created, *(step.created for step in image.history)):
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            continue
        if day.year >= _FIRST:
            days.append(day)
    return max(days, default=None)


@check("PAT004", "Image was built long ago", severity=MEDIUM)
def old_image(image: Image, context: Context) -> Verdict:
    """The image is older than a year: none of the security updates since then are in it, whatever its tag says.

    Fix:
        all: build it again from a current base, and then regularly, whether the program changed or not.
    References:
        https://docs.docker.com/build/building/best-practices/#rebuild-your-images-often
    """
    built = _built(image)
    if built is None:
        return NOT_APPLICABLE
    days = (date.fromisoformat(context.as_of) - built).days
    if days <= _OLD.days:
        return PASS
    years, months = divmod(days // 30, 12)
    age = f"{years} year{'s' * (years > 1)}" if not months else f"{12 * years + months} months"
    return fail(
        image.where("config", "created"),
        f"the image was built on {built.isoformat()}, {age} ago: no update since then is in it",
        no_fix="it must be built again",
    )


@check("PAT005", "Image does not say when it was built", severity=LOW, persona="pedantic")
def undated_image(image: Image) -> Verdict:
    """Neither the configuration nor the history has a date, or only one before there were such images: nobody can
    see how old the updates in it are.

    Fix:
        all: set `SOURCE_DATE_EPOCH` to the time of the commit in builds that must come out the same each time, and
            leave the date alone in others.
    References:
        https://reproducible-builds.org/docs/source-date-epoch/
        https://github.com/opencontainers/image-spec/blob/main/config.md
    """
    if not has_configuration(image):
        return NOT_APPLICABLE
    if _built(image) is not None:
        return PASS
    said = f"says {image.created[:10]}" if image.created else "is missing"
    return fail(
        image.where("config", "created"),
        f"the date of the image {said}: how old it is cannot be told",
        no_fix="the build sets the date",
    )


def _since(one: Ended) -> str:
    return (f"since {one.day}" if one.day else "for some time") + f" (as of {table().dated})"


@check("PAT006", "Distribution in the image without support", severity=HIGH)
def unsupported_distribution(image: Image, context: Context) -> Verdict:
    """The distribution that the image is made of gets no more security updates: every flaw that is found from now on
    stays, and advisories stop naming it, so that a scan finds less although there is more.

    Fix:
        all: name a supported release in `FROM` and build the image again.
    References:
        https://endoflife.date
    """
    distribution = image.distribution
    product = distribution_product(distribution) if distribution is not None else ""
    if distribution is None or not product or not is_known(product, distribution.version):
        return NOT_APPLICABLE
    ended = support_ended(product, distribution.version, context.as_of)
    if ended is None:
        return PASS
    base = ", which comes with the base image," if image.layers and image.layers[0].in_base else ""
    return fail(
        image.where(),
        f"{distribution.name or f'{distribution.id} {distribution.version}'}{base} has had no support {_since(ended)}",
        subject=f"{ended.product} {ended.cycle}",
        no_fix=_NO_FIX,
    )


@check("PAT007", "Runtime in the image without support", severity=HIGH)
def unsupported_runtime(image: Image, context: Context) -> Verdict:
    """A language, server or framework in the image gets no more security updates from its makers. What the
    distribution packaged is left out: the distribution mends it for as long as it lives itself. A Go program carries
    its release of Go within it and must be built again.

    The severity is medium where the entry point does not reach it, and for the release that a Go program was built
    with.

    Fix:
        all: name a base with a supported release in `FROM` (or install one) and build the image again; build Go
            programs with a supported release of Go, or take a newer version of them.
    References:
        https://endoflife.date
        https://go.dev/doc/devel/release#policy
    """
    judged = 0
    failures: list[Failure] = []
    gone: dict[tuple[str, str], tuple[Ended, list[Product]]] = {}
    for one in products(packages_of(image, context.inventory), image.environment):
        if not is_known(one.name, one.version):
            continue
        judged += 1
        ended = support_ended(one.name, one.version, context.as_of)
        if ended is not None:
            gone.setdefault((ended.product, ended.cycle), (ended, []))[1].append(one)
    for ended, found in gone.values():
        failures.append(_runtime(image, ended, found))
    return failures or (PASS if judged else NOT_APPLICABLE)


def _where(package: Package) -> str:
    """What it is found by: the package of a foreign repository, else the file."""
    return f"the package {package.name}" if package.type in SYSTEM or not package.paths else f"/{package.paths[0]}"


def _runtime(image: Image, ended: Ended, found: list[Product]) -> Failure:
    packages = [package for one in found for package in one.packages]
    held = list(dict.fromkeys(_where(package) for package in packages))
    beside = bool(packages) and all(package.reach == "present" for package in packages)
    versions = listed(sorted({one.version for one in found}), 3)
    message = f"{ended.product} {versions} has had no support {_since(ended)}"
    if held:
        message += f": {listed(held, 3)}"
    elif found[0].variable:
        message += f": {found[0].variable} of the image says so"
    if packages and all(package.from_base for package in packages):
        message += "; it comes with the base image"
    return fail(
        image.where() if packages else image.where("config", "Env", found[0].variable),
        message,
        subject=f"{ended.product} {ended.cycle}",
        severity=MEDIUM if beside or ended.product == "go" else HIGH,
        confidence="medium" if not packages else min((one.confidence for one in packages), key=_CONFIDENCE.index),
        no_fix=_NO_FIX,
    )


_CONFIDENCE: Final = ("high", "medium", "low")
