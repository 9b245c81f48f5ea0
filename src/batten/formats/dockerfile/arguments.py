"""A Dockerfile as one build sees it: with the arguments and the target that it is given from outside."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from batten.formats.dockerfile.config import copied_stage, stage_config
from batten.formats.dockerfile.nodes import Dockerfile, Stage
from batten.formats.dockerfile.scope import Scopes
from batten.model.values import Absent, User


def with_arguments(dockerfile: Dockerfile, arguments: Mapping[str, str | None]) -> Dockerfile:
    """`dockerfile` with the values of `--build-arg`, which win over every default of an ARG; None: the builder is
    given a value that is not known here. https://docs.docker.com/reference/dockerfile/#scope"""
    given = replace(dockerfile, cache={})
    given.cache["scopes"] = Scopes(given, arguments)
    if any(name in stage.base for stage in given.stages for name in arguments):
        # another stage may be what a FROM begins with
        given = replace(given, stages=_stages(given), cache={})
        given.cache["scopes"] = Scopes(given, arguments)
    return given


def _stages(dockerfile: Dockerfile) -> tuple[Stage, ...]:
    named: dict[str, int] = {}
    stages: list[Stage] = []
    for stage in dockerfile.stages:
        scopes = dockerfile.cache["scopes"]
        name, known = scopes.expand(stage.base, stage.from_)
        stages.append(replace(stage, base_stage=named.get(name.lower()) if known else None))
        if stage.name:
            named[stage.name.lower()] = stage.index
    return tuple(stages)


def target_stage(dockerfile: Dockerfile, target: str) -> int | None:
    """The stage that `--target` names, the last where it names none; None where there is no such stage."""
    return copied_stage(dockerfile, target) if target else len(dockerfile.stages) - 1


def built_user(dockerfile: Dockerfile, target: str, arguments: Mapping[str, str | None]) -> User | Absent | None:
    """Whom the image of this build runs as; None where there is no such target."""
    from batten.formats.dockerfile.reader import user_of

    stage = target_stage(dockerfile, target)
    if stage is None:
        return None
    given = with_arguments(dockerfile, arguments) if arguments else dockerfile
    return user_of(given, stage_config(given, stage))
