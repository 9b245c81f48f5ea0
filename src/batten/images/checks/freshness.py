"""Is the base what its registry has under that name today?"""

from __future__ import annotations

from typing import Final

from batten.engine.check import Context, check
from batten.model.image import ImageReference
from batten.model.image_content import BaseState, Image
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Change, Fix, Verdict, fail
from batten.model.workload import Container

_SHOWN: Final = 19  # `sha256:` and twelve digits


@check("IMG025", "Base image has been published again since", severity=MEDIUM)
def outdated_base(image: Image, context: Context) -> Verdict:
    """The base that this image was built on is not what its registry has under that name today: the base has been
    built again, mostly for security updates, and none of them are in this image until it is built again, too. Asked
    of the registry where the image itself came from one, or with `--with-images`; told by the digests, not by dates.

    Fix:
        all: build the image again with `--pull`; where `FROM` names a digest or a patch release, name the newer one.
    References:
        https://docs.docker.com/build/building/best-practices/#rebuild-your-images-often
        https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    state = next((one for one in context.inventory.of(BaseState) if one.image and one.image == image.id), None)
    if state is None:
        return NOT_APPLICABLE
    if not state.best:
        return PASS
    return fail(
        image.where("layer", 0),
        f"{_told(state)}: what was mended there is not in this image",
        subject=state.reference.rpartition(":")[0],
        # a name without a digest, and layers that differ: the image may as well be built on something else
        confidence="high" if state.asked or state.newer else "medium",
        no_fix="an image is built, not edited: the Dockerfile decides the base",
    )


@check("IMG026", "Pinned base image is behind its tag", severity=LOW, platforms=("dockerfile",))
def outdated_pin(container: Container, context: Context) -> Verdict:
    """`FROM` names a digest, so every build takes the very same base; the tag beside it leads to a newer one by now.
    That is what a pin is for, but somebody has to move it. Asked of the registry with `--with-images` only.

    Fix:
        dockerfile: name the digest that the tag leads to; Renovate and Dependabot keep it current.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    image = container.image
    if not isinstance(image, ImageReference) or not image.digest or not image.tag:
        return NOT_APPLICABLE
    name = f"{image.name}:{image.tag}"
    state = next(
        (
            one
            for one in context.inventory.of(BaseState)
            if not one.image and (one.reference, one.asked) == (name, image.digest)
        ),
        None,
    )
    if state is None:
        return NOT_APPLICABLE
    if not state.best:
        return PASS
    written = image.raw.partition("@")[0]
    to = f"{written[: -len(image.tag)]}{state.best}" if state.newer else f"{written}@{state.digest}"
    return fail(
        container.where("image"),
        _told(state),
        subject=image.name,
        fix=Fix("review", f"build on {to[:-52]}…", (Change(container, "image", to),)),
    )


def _told(state: BaseState) -> str:
    if state.newer:
        return f"of the base {state.reference} there is {state.newer} by now ({state.newer_digest[:_SHOWN]})"
    was = f", not to {state.asked[:_SHOWN]}" if state.asked else ""
    return f"the base {state.reference} leads to {state.digest[:_SHOWN]} by now{was}"
