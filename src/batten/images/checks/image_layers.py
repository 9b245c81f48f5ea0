"""What the layers of a built image weigh."""

from __future__ import annotations

from typing import Final

from batten.engine.check import check
from batten.engine.image_parts import amount, listed, step
from batten.model.image_content import Image
from batten.model.verdict import LOW, NOT_APPLICABLE, PASS, Verdict, fail

_LARGE: Final = 300_000_000
"""Bytes, unpacked: three times Debian's slim base with a runtime; Alpine's base is 8 MB, a distroless one 2 to 30."""
_SHARE: Final = 20  # a layer of less than a twentieth is not named


@check("IMG021", "Image is large", severity=LOW, persona="auditor")
def large(image: Image) -> Verdict:
    """A large image is slow to pull when it matters (a node is lost, a fix goes out) and holds much that nobody
    watches. The layers that weigh most say where to begin.

    Fix:
        all: build in one stage of the Dockerfile and copy the result into a small base; keep caches, tests and
            build tools out; `.dockerignore` what `COPY . .` need not take along.
    References:
        https://docs.docker.com/build/building/multi-stage/
        https://docs.docker.com/build/building/best-practices/
    """
    if not image.layers or not image.size:
        return NOT_APPLICABLE
    if image.size < _LARGE:
        return PASS
    heavy = sorted(range(len(image.layers)), key=lambda number: -image.layers[number].unpacked)
    shown = [
        f"layer {number + 1} {amount(image.layers[number].unpacked)} ({_made(image, number)})"
        for number in heavy
        if image.layers[number].unpacked * _SHARE >= image.size
    ]
    base = sum(layer.unpacked for layer in image.layers if layer.in_base)
    message = f"{amount(image.size)} unpacked: {listed(shown, 4)}"
    if base:
        message += f"; {amount(base)} of it come with the base image"
    return fail(image.where("layer", heavy[0]), message, no_fix="what the program needs is for its owner to say")


def _made(image: Image, number: int) -> str:
    layer = image.layers[number]
    return "base image" if layer.in_base else step(layer.created_by) or "no step named"
