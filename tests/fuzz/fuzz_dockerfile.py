"""Coverage-guided fuzzing of Dockerfiles: python tests/fuzz/fuzz_dockerfile.py -max_total_time=600

Whatever the bytes are, the file is read or refused with a clear message, spans tile it, every place lies in
it, an edit changes its instruction alone, and the shell scripts in it are taken apart with places inside them.
"""

from __future__ import annotations

import sys

from batten.detect.shell import (
    cache_cleanups,
    chmod_calls,
    commands,
    downloads_into_shell,
    insecure_downloads,
    package_manager_calls,
    users_created,
)
from batten.formats.dockerfile import Dockerfile, Instruction, parse, stage_config
from batten.model.edits import CannotEdit, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set
from batten.model.source import File, Unreadable


def one_input(data: bytes) -> None:
    """Read, resolve, locate, edit, read again; raises on any broken promise."""
    try:
        dockerfile = parse(File("Dockerfile", data))
    except Unreadable:
        return
    text = dockerfile.text
    end = 0
    for instruction in dockerfile.instructions:
        assert end <= instruction.span[0] <= instruction.span[1] <= len(text)
        end = instruction.span[1]
    for stage in dockerfile.stages[:8]:
        stage_config(dockerfile, stage.index)
    for instruction in dockerfile.instructions[:12]:
        _places(dockerfile, instruction)
        _edits(dockerfile, instruction)
        if instruction.keyword == "RUN" and not instruction.json:
            _script(instruction, text)


def _places(dockerfile: Dockerfile, instruction: Instruction) -> None:
    routes: list[tuple[str | int, ...]] = [("keyword",), ("text", 0, 1)]
    target = instruction.onbuild or instruction
    routes += [("arg", number) for number in range(len(target.args[:8]))]
    routes += [("flag", number) for number in range(len(target.flags[:8]))]
    routes += [("value", pair.key) for pair in target.pairs[:8]]
    routes += [("heredoc", number) for number in range(len(target.heredocs[:8]))]
    lines = dockerfile.text.count("\n") + 1
    for route in routes:
        for key in (False, True):
            place = dockerfile.locate(("instruction", instruction.index, *route), key=key)
            assert 1 <= place.line <= place.end_line <= lines
            assert instruction.line <= place.line


def _edits(dockerfile: Dockerfile, instruction: Instruction) -> None:
    here = ("instruction", instruction.index)
    target = instruction.onbuild or instruction
    edits: list[tuple[Edit, int]] = [
        (Remove(here), -1),
        (InsertBefore(here, "STOPSIGNAL 9"), 1),
        (InsertAfter(here, "STOPSIGNAL 9"), 1),
        (Set(here, "STOPSIGNAL 9"), 0),
        (Set((*here, "flag", "chown"), "a b"), 0),
    ]
    edits += [(Set((*here, "value", pair.key), "a \"'$\\`"), 0) for pair in target.pairs[:3]]
    edits += [(Set((*here, "arg", number), "zz"), 0) for number in range(len(target.args[:2])) if target.json]
    if target.keyword in ("USER", "WORKDIR", "EXPOSE", "COPY"):
        edits.append((ReplaceText((*here, "arg", 0), "zz"), 0))
    for edit, more in edits:
        try:
            splices = dockerfile.splices([edit])
        except CannotEdit:
            continue
        text = dockerfile.text
        for splice in reversed(splices):
            text = text[: splice.start] + splice.text + text[splice.end :]
        try:
            after = parse(File("Dockerfile", text.encode()))
        except Unreadable:  # the only instruction is gone, or the file has grown beyond a limit
            continue
        before, now = [item.raw for item in dockerfile.instructions], [item.raw for item in after.instructions]
        assert len(now) == len(before) + more, edit
        assert now[: instruction.index] == before[: instruction.index], edit
        rest = before[instruction.index + 1 :]
        assert now[len(now) - len(rest) :] == rest, edit


def _script(instruction: Instruction, text: str) -> None:
    script = instruction.script
    found = commands(script)
    for command in found:
        assert 0 <= command.start <= command.end <= len(script)
        start, end = instruction.span_in_script(command.start, command.end)
        assert 0 <= start <= end <= len(text)
        assert command.parent is None or command.parent < command.index
    package_manager_calls(found)
    downloads_into_shell(found)
    insecure_downloads(found)
    chmod_calls(found)
    users_created(found)
    cache_cleanups(found)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
