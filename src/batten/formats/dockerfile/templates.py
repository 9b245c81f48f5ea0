"""What stands between a Dockerfile and its judgement: a template language, variables that nothing gives a value, bases
that are no images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batten.formats.dockerfile.config import Setting, StageConfig, base_image, stage_config
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, pointer_of
from batten.formats.dockerfile.scope import PLATFORM_ARGS, scopes
from batten.limits import DOCKERFILE_EXPANSION
from batten.model.image import parse_reference
from batten.model.source import Problem
from batten.pattern import pattern

# Go templates and Jinja, their statements and comments, ERB. Elsewhere than here they are what programs take, such as
# `docker inspect --format '{{.State}}'`.
_MARK: Final = pattern(r"\{\{|\{%|\{#|<%")
_CONFIGURED: Final = pattern(r"@[A-Za-z_]\w*@")  # `FROM @BASE@` of a Dockerfile.in
_JUDGED: Final = frozenset(("FROM", "USER", "EXPOSE", "COPY", "ADD", "WORKDIR"))
_NAMES: Final = frozenset(("FROM", "USER"))
_SHOWN: Final = 40
_TOLD: Final = 20  # variables of one file; real ones have two
_NAME: Final = pattern(r"\$\{?(\w+)")


def template_problem(dockerfile: Dockerfile) -> Problem | None:
    """The one problem of a file that a template language makes a Dockerfile of; None of a Dockerfile."""
    for instruction in dockerfile.instructions:
        step = instruction.onbuild or instruction
        if _MARK.match(step.keyword):
            return problem_at(dockerfile.file.path, step.raw, _line(dockerfile, step))
        if step.keyword in _JUDGED or (step.keyword == "ARG" and step.stage is None):
            found = _MARK.search(step.text)
            if found is None and step.keyword in _NAMES:
                found = _CONFIGURED.search(step.text)
            if found is not None and not step.heredocs:
                return problem_at(dockerfile.file.path, step.text[found.start() :], _line(dockerfile, step))
    return None


def _line(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Of the file that it stands in: a Dockerfile may be a text in another."""
    return dockerfile.locate(pointer_of(instruction)).line


def problem_at(path: str, shown: str, line: int | None) -> Problem:
    """Of a template; `shown` is where it begins to be one."""
    first = shown.strip().partition("\n")[0].rstrip()
    first = first if len(first) <= _SHOWN else first[: _SHOWN - 1] + "…"
    message = f"expected a Dockerfile, found a template of one ({first}), which decides what is judged"
    return Problem(path, f"{message}; render it and scan the result", line)


def unknown_values(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Variables without a value that decide what an image begins with or whom it runs as: told, each once, because
    what they decide is not judged."""
    told: set[str] = set()
    for what, setting in _deciding(dockerfile):
        for name in _without_value(dockerfile, setting, told):
            if len(told) >= _TOLD:
                return
            told.add(name)
            line = _line(dockerfile, setting.instruction)
            if scopes(dockerfile).overgrown and _is_written(dockerfile, name):
                message = (
                    f"variable {name} decides {what}, and its value grows beyond {DOCKERFILE_EXPANSION:,} characters"
                )
                yield Problem(dockerfile.file.path, f"{message}: what it decides is not judged", line)
                continue
            message = f"variable {name} has neither a value nor a default here, and decides {what}"
            more = f"; give it a default (ARG {name}=…), or scan the image that is built"
            yield Problem(dockerfile.file.path, message + more, line, severe=False)


def _is_written(dockerfile: Dockerfile, name: str) -> bool:
    return any(
        pair.key == name and pair.raw is not None
        for one in dockerfile.instructions
        if one.keyword in ("ARG", "ENV")
        for pair in one.pairs
    )


def wrong_bases(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Bases that are no reference of an image, which builds refuse."""
    for stage in dockerfile.stages:
        base = base_image(dockerfile, stage.index) if stage.base_stage is None else None
        if base is not None and base.known and base.value and parse_reference(base.value) is None:
            message = f"expected an image reference after FROM, found {base.value[:_SHOWN]!r}"
            yield Problem(dockerfile.file.path, message, _line(dockerfile, base.instruction))


def _deciding(dockerfile: Dockerfile) -> Iterator[tuple[str, Setting]]:
    for stage in dockerfile.stages:
        if stage.base_stage is None and "$" in stage.base:
            yield "the base image", base_image(dockerfile, stage.index)
    config: StageConfig = stage_config(dockerfile)
    if config.user is not None and _raw(config.user.instruction):
        yield "the user", config.user


def _raw(instruction: Instruction) -> str:
    return instruction.args[0].raw if instruction.args else ""


def _without_value(dockerfile: Dockerfile, setting: Setting, told: set[str]) -> list[str]:
    if setting.known and setting.value:
        return []
    found: list[str] = []
    for name in dict.fromkeys(_NAME.findall(_raw(setting.instruction))):
        value, known = scopes(dockerfile).expand(f"${{{name}}}", setting.instruction)
        if not (known and value) and name not in PLATFORM_ARGS and name not in told:
            found.append(name)
    return found
