"""The shell commands of a build: every RUN of a Dockerfile, parsed once."""

from __future__ import annotations

from collections.abc import Iterator

from batten.detect.shell import Command, commands, exec_commands
from batten.formats.dockerfile.config import shell_at, stage_config
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, pointer_of
from batten.formats.dockerfile.noun import BuildFile
from batten.formats.dockerfile.words import json_strings
from batten.model.source import Place


def runs(build: BuildFile, *, final: bool = False) -> Iterator[tuple[Instruction, list[Command]]]:
    """RUN instructions with their commands; `final`: only those whose files end up in the image."""
    return runs_of(build.dockerfile, final=final)


def runs_of(dockerfile: Dockerfile, *, final: bool = False) -> Iterator[tuple[Instruction, list[Command]]]:
    """The same for a Dockerfile that is at hand without its build."""
    cache = dockerfile.cache
    stages = {stage.index for stage in stage_config(dockerfile).chain} if final else None
    for instruction in dockerfile.instructions:
        if instruction.keyword != "RUN" or (stages is not None and instruction.stage not in stages):
            continue
        key = f"commands/{instruction.index}"
        if key not in cache:
            if instruction.json:
                cache[key] = exec_commands(json_strings(instruction.text))
            else:
                cache[key] = commands(instruction.script, shell_at(dockerfile, instruction))
        yield instruction, cache[key]


def place(build: BuildFile, instruction: Instruction, start: int, end: int) -> Place:
    """A range of the commands of a RUN."""
    return Place(build.dockerfile, (*pointer_of(instruction), "text", start, end))
