"""The variables of a Dockerfile: those that an image keeps, and what they keep of the arguments of the build."""

from __future__ import annotations

from typing import Final

from batten.detect.secrets import looks_like_secret_name
from batten.formats.dockerfile.config import stage_chain
from batten.formats.dockerfile.nodes import Dockerfile, Pair, pointer_of
from batten.model.workload import EnvVar
from batten.pattern import pattern

_REFERENCE: Final = pattern(r"(?<!\\)\$\{?(\w+)")


def environment(dockerfile: Dockerfile) -> tuple[EnvVar, ...]:
    """ENV, ARG defaults and labels of every stage: each of them stays in an image or its history.

    Of a secret that an ENV takes from an argument of the build, `source` is `build` and `reference` the ARG: its value
    is known to nobody here, and to everybody who has the image.
    """
    kept = _kept_arguments(dockerfile)
    found = []
    for instruction in dockerfile.instructions:
        step = instruction.onbuild or instruction
        for number, pair in enumerate(step.pairs if step.keyword in ("ENV", "ARG", "LABEL") else ()):
            if not pair.value:
                continue
            pointer = (*pointer_of(step), "value", pair.key)
            argument = kept.get((step.index, number))
            if argument is None:
                found.append(EnvVar(pair.key, pair.value, pointer=pointer))
            else:
                found.append(EnvVar(pair.key, None, "build", argument, pointer))
    return tuple(found)


def _kept_arguments(dockerfile: Dockerfile) -> dict[tuple[int, int], str]:
    """The ARG whose value an ENV of the last stage keeps under the name of a secret, by instruction and pair."""
    found: dict[tuple[int, int], str] = {}
    whole: dict[str, str] = {}  # name -> the ARG that its value comes from
    for stage in stage_chain(dockerfile, len(dockerfile.stages) - 1) if dockerfile.stages else ():
        for instruction in stage.instructions:
            step = instruction.onbuild or instruction
            if step.keyword == "ARG":
                whole |= {pair.key: pair.key for pair in step.pairs}
            elif step.keyword == "ENV":
                taken = [(number, pair, _argument(pair, whole)) for number, pair in enumerate(step.pairs)]
                for number, pair, argument in taken:
                    whole.pop(pair.key, None)
                    if argument is None:
                        continue
                    whole[pair.key] = argument
                    if looks_like_secret_name(pair.key) or looks_like_secret_name(argument):
                        found[step.index, number] = argument
    return found


def _argument(pair: Pair, whole: dict[str, str]) -> str | None:
    """The ARG that a value is made from: one with the name of a secret first."""
    raw = pair.raw or ""
    if "$" not in raw or raw.startswith("'"):
        return None
    names = [whole[name] for name in _REFERENCE.findall(raw) if name in whole]
    return next((name for name in names if looks_like_secret_name(name)), names[0] if names else None)
