"""Short ways to read a Dockerfile in tests."""

from __future__ import annotations

from batten.formats.dockerfile import Dockerfile, Instruction, parse
from batten.model.edits import Edit
from batten.model.source import File


def read(text: str) -> Dockerfile:
    return parse(File("app/Dockerfile", text.encode()))


def only(text: str) -> Instruction:
    """The instruction after a FROM."""
    dockerfile = read("FROM a\n" + text)
    assert len(dockerfile.instructions) == 2, dockerfile.instructions
    return dockerfile.instructions[1]


def messages(text: str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.message) for problem in read(text).problems]


def edited(text: str, *edits: Edit) -> str:
    dockerfile = read(text)
    for splice in reversed(dockerfile.splices(edits)):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text
