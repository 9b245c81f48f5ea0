"""Dockerfiles and Containerfiles: read with exact positions, resolved, edited in place.

    dockerfile = parse(file)
    for instruction in dockerfile.instructions: ...
    config = stage_config(dockerfile)            # user, ports, environment … of the image it builds
    image, known = resolve(dockerfile, "${BASE:-debian}:12", index)

Heredocs, continued lines with comments between, the escape directive, ONBUILD and both forms of commands
are read as BuildKit reads them.

Pointers (for `Dockerfile.locate` and edits); `i` counts all instructions from 0, and for ONBUILD the parts
are those of its trigger:

    ("instruction", i)                      the whole instruction: continued lines, comments between, heredocs
    ("instruction", i, "keyword")           its first word
    ("instruction", i, "arg", j)            the j-th of `args`
    ("instruction", i, "flag", NAME)        the first flag of that name; a number instead counts all flags;
                                            `key=True` locates `--NAME` alone
    ("instruction", i, "value", KEY)        the value of KEY in ENV, LABEL, ARG; `key=True` the name
    ("instruction", i, "heredoc", j)        the body of the j-th heredoc; with two more numbers (start, end)
                                            a range of it
    ("instruction", i, "text", start, end)  a range of `Instruction.script`: the argument text with continued
                                            lines joined, then the heredocs
    ("end", s)                              the end of stage s: what is inserted there is its last instruction

Edits: `Set` (a value, quoted as its place needs), `ReplaceText` (exact text), `Remove`, `InsertBefore`,
`InsertAfter`. An insertion before an instruction goes above the comments that stand directly above it.
New text takes the file's line ends. What would damage something raises `CannotEdit`: see `edit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.dockerfile.names import begins_as_dockerfile, has_dockerfile_name, looks_like_dockerfile
from batten.formats.dockerfile.noun import BuildFile
from batten.formats.interface import ReadContext, Reading
from batten.model.source import File
from batten.modules import exports

if TYPE_CHECKING:
    from batten.formats.dockerfile.config import (
        CommandLine,
        Port,
        Setting,
        StageConfig,
        base_image,
        copied_stage,
        shell_at,
        stage_chain,
        stage_config,
    )
    from batten.formats.dockerfile.copied import Copied, copied_images
    from batten.formats.dockerfile.nodes import (
        Comment,
        Dockerfile,
        Flag,
        Heredoc,
        Instruction,
        Mount,
        Pair,
        Span,
        Stage,
        Word,
        pointer_of,
    )
    from batten.formats.dockerfile.parser import parse
    from batten.formats.dockerfile.scope import resolve
    from batten.formats.dockerfile.shell_runs import place, runs, steps, told

__all__ = [
    "READER",
    "BuildFile",
    "CommandLine",
    "Comment",
    "Copied",
    "Dockerfile",
    "Flag",
    "Heredoc",
    "Instruction",
    "Mount",
    "Pair",
    "Port",
    "Setting",
    "Span",
    "Stage",
    "StageConfig",
    "Word",
    "base_image",
    "copied_images",
    "copied_stage",
    "has_dockerfile_name",
    "looks_like_dockerfile",
    "parse",
    "place",
    "pointer_of",
    "resolve",
    "runs",
    "shell_at",
    "stage_chain",
    "stage_config",
    "steps",
    "told",
]


class DockerfileReader:
    """Recognises files by their name and first instruction."""

    name = "dockerfile"
    priority = 10

    def wants_name(self, path: str) -> bool:
        return path == "-" or has_dockerfile_name(path)

    def wants(self, file: File) -> bool:
        # standard input has no name, and one that the user gave says nothing: what it begins with decides
        head = file.data[:4096]
        if file.path == "-":
            return begins_as_dockerfile(head)
        if has_dockerfile_name(file.path):
            return looks_like_dockerfile(file.path, head)
        return begins_as_dockerfile(head, whole=True)

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.dockerfile.reader.read`."""
        from batten.formats.dockerfile.reader import read

        return read(file, context)


READER = DockerfileReader()

# Loaded when they are first asked for: a scan without a Dockerfile needs none of them.
__getattr__ = exports(
    globals(),
    {
        "config": (
            "CommandLine",
            "Port",
            "Setting",
            "StageConfig",
            "base_image",
            "copied_stage",
            "shell_at",
            "stage_chain",
            "stage_config",
        ),
        "copied": ("Copied", "copied_images"),
        "nodes": (
            "Comment",
            "Dockerfile",
            "Flag",
            "Heredoc",
            "Instruction",
            "Mount",
            "Pair",
            "Span",
            "Stage",
            "Word",
            "pointer_of",
        ),
        "parser": ("parse",),
        "scope": ("resolve",),
        "shell_runs": (
            "place",
            "runs",
            "steps",
            "told",
        ),
    },
)
