"""The variables of a Dockerfile: those that an image keeps, and what they keep of the arguments of the build."""

from __future__ import annotations

from typing import Final

from batten.detect.secrets import judge_assignment, looks_like_secret_name
from batten.formats.dockerfile.config import stage_chain
from batten.formats.dockerfile.nodes import Dockerfile, Pair, Stage, pointer_of
from batten.limits import DOCKERFILE_STAGE_CHAIN
from batten.model.source import Pointer
from batten.model.workload import EnvVar
from batten.pattern import pattern

_REFERENCE: Final = pattern(r"(?<!\\)\$\{?(\w+)")


_Argument = tuple[str, bool]
"""An ARG, and whether it is a secret by its name or its default."""


def environment(dockerfile: Dockerfile) -> tuple[EnvVar, ...]:
    """ENV, ARG defaults and labels of every stage: each of them stays in an image or its history.

    Of a secret that an ENV or a label takes from an argument of the build, `source` is `build` and `reference` the ARG:
    its value is known to nobody here (or stands at the ARG), and to everybody who has what is built.
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


def stage_beside(dockerfile: Dockerfile, pointer: Pointer) -> Stage | None:
    """The stage of an instruction that the image is not built on: what stands there stays in the cache of the builder
    and the history of that stage alone. None: it is the image's own, or of no stage."""
    index = pointer[1] if len(pointer) > 1 else None
    if not isinstance(index, int) or not dockerfile.stages or not 0 <= index < len(dockerfile.instructions):
        return None
    stage = dockerfile.instructions[index].stage
    if stage is None or any(one.index == stage for one in stage_chain(dockerfile, len(dockerfile.stages) - 1)):
        return None
    return dockerfile.stages[stage]


class _Names:
    """What the names of one stage keep of arguments; a stage inherits what the one below it ended with."""

    def __init__(self, parent: _Names | None) -> None:
        self.parent = parent
        self.own: dict[str, _Argument | None] = {}

    def get(self, name: str) -> _Argument | None:
        names: _Names | None = self
        for _ in range(DOCKERFILE_STAGE_CHAIN):
            if names is None:
                return None
            if name in names.own:
                return names.own[name]
            names = names.parent
        return None


def _kept_arguments(dockerfile: Dockerfile) -> dict[tuple[int, int], str]:
    """The ARG whose value an ENV or a label keeps and that is a secret, or is kept under the name of one, by
    instruction and pair."""
    found: dict[tuple[int, int], str] = {}
    outside = {pair.key: pair for one in dockerfile.global_args for pair in one.pairs}
    stages: list[_Names] = []
    for stage in dockerfile.stages:
        names = _Names(stages[stage.base_stage] if stage.base_stage is not None else None)
        stages.append(names)
        for instruction in stage.instructions:
            step = instruction.onbuild or instruction
            if step.keyword == "ARG":
                for pair in step.pairs:
                    default = pair if pair.value is not None else outside.get(pair.key)
                    names.own[pair.key] = (pair.key, _is_secret(pair.key, default))
            elif step.keyword in ("ENV", "LABEL"):
                taken = [(number, pair, _argument(pair, names)) for number, pair in enumerate(step.pairs)]
                for number, pair, argument in taken:
                    if step.keyword == "ENV":
                        names.own[pair.key] = argument
                    if argument is not None and (argument[1] or looks_like_secret_name(pair.key)):
                        found[step.index, number] = argument[0]
    return found


def _is_secret(name: str, default: Pair | None) -> bool:
    if looks_like_secret_name(name):
        return True
    return default is not None and bool(default.value) and judge_assignment(name, default.value or "") is not None


def _argument(pair: Pair, names: _Names) -> _Argument | None:
    """The ARG that a value is made from: one that is a secret first."""
    raw = pair.raw or ""
    if "$" not in raw or raw.startswith("'"):
        return None
    taken = [one for name in _REFERENCE.findall(raw) if (one := names.get(name)) is not None]
    return next((one for one in taken if one[1]), taken[0] if taken else None)
