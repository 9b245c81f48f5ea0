"""The shell commands of a build: every RUN of a Dockerfile, parsed once."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from batten.detect.shell import Command, commands, exec_commands
from batten.formats.dockerfile.config import shell_at, stage_config
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, pointer_of
from batten.formats.dockerfile.noun import BuildFile
from batten.formats.dockerfile.words import json_strings
from batten.model.source import Place
from batten.model.verdict import Failure


def steps(build: BuildFile) -> list[Instruction]:
    """The instructions in order, of ONBUILD what it triggers."""
    return [one.onbuild or one for one in build.dockerfile.instructions]


def runs(build: BuildFile, *, final: bool = False) -> Iterator[tuple[Instruction, list[Command]]]:
    """RUN instructions with their commands, those that ONBUILD triggers among them; `final`: only those whose files
    end up in the image, or in those that stand on it."""
    return runs_of(build.dockerfile, final=final, triggers=True)


def runs_of(
    dockerfile: Dockerfile, *, final: bool = False, triggers: bool = False
) -> Iterator[tuple[Instruction, list[Command]]]:
    """The same for a Dockerfile that is at hand without its build; what ONBUILD triggers if `triggers`."""
    cache = dockerfile.cache
    stages = {stage.index for stage in stage_config(dockerfile).chain} if final else None
    for instruction in dockerfile.instructions:
        if triggers and instruction.onbuild is not None:
            instruction = instruction.onbuild
        if instruction.keyword != "RUN" or (stages is not None and instruction.stage not in stages):
            continue
        key = f"commands/{instruction.index}"
        if key not in cache:
            if instruction.json:
                cache[key] = exec_commands(json_strings(instruction.text))
            else:
                cache[key] = commands(instruction.script, shell_at(dockerfile, instruction))
        yield instruction, cache[key]


def told(build: BuildFile, failures: list[Failure]) -> list[Failure]:
    """`failures` of the Dockerfile, those of what ONBUILD triggers saying when it happens."""
    found = []
    for failure in failures:
        pointer = failure.place.pointer
        index = pointer[1] if pointer[:1] == ("instruction",) else None
        if isinstance(index, int) and build.dockerfile.instructions[index].onbuild is not None:
            failure = replace(failure, message=f"{failure.message}, in the builds that stand on this image")
        found.append(failure)
    return found


def place(build: BuildFile, instruction: Instruction, start: int, end: int) -> Place:
    """A range of the commands of a RUN."""
    return Place(build.dockerfile, (*pointer_of(instruction), "text", start, end))
