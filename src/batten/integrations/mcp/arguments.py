"""The arguments of the tools: one struct each, from which `tools/list` takes their JSON Schema."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from batten.limits import MCP_FINDINGS, MCP_PATHS

Severity = Literal["critical", "high", "medium", "low", "info"]

Paths = Annotated[
    list[str],
    Meta(
        description="Files or folders, absolute or relative to the root that the server was started for. "
        "Empty without `path`: the root itself. In a folder everything in it is judged together "
        "(overlays with their bases, charts with their values).",
        max_length=MCP_PATHS,
    ),
]
Path = Annotated[
    str,
    Meta(
        description="With `text`: the path that the text has or would have; it need not exist. "
        "Its name and its folder decide how the text is read."
    ),
]
Text = Annotated[
    str | None,
    Meta(description="With `path`: the whole text of the file, saved or not, in place of what is on the disk."),
]
Checks = Annotated[
    list[str],
    Meta(description="Only these checks, e.g. PRV001, or all that begin with PRV. Empty: all.", max_length=200),
]
Limit = Annotated[
    int, Meta(description="The most findings that are listed (an answer is bounded anyway).", ge=1, le=MCP_FINDINGS)
]


class ScanArguments(Struct, forbid_unknown_fields=True):
    paths: Paths = []
    path: Path = ""
    text: Text = None
    checks: Checks = []
    severity: Annotated[Severity, Meta(description="The lowest severity of a finding that is listed.")] = "info"
    limit: Limit = 50


class ExplainArguments(Struct, forbid_unknown_fields=True):
    check: Annotated[str, Meta(description="The identifier of a check, e.g. PRV001.")]


class FixArguments(Struct, forbid_unknown_fields=True):
    paths: Paths = []
    path: Path = ""
    text: Text = None
    checks: Checks = []
    review: Annotated[
        bool,
        Meta(
            description="Also fixes that take something away from the running process (privileges, capabilities, "
            "users, writable file systems): a person is to look at them."
        ),
    ] = False
    limit: Limit = 50
    write: Annotated[
        bool,
        Meta(
            description="Write the fixes that passed their proof to the files; refused with `text`, and where the "
            "server was started without --write."
        ),
    ] = False
