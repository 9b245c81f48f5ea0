"""The MCP server: scan, explain and fix for coding agents, over standard input and output."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import BinaryIO

from batten.integrations.roots import Roots


def serve(
    folders: Sequence[str], configuration: str | None = None, *, writes: bool = False, allow_dirty: bool = False
) -> None:
    """Serves one client until it closes the pipe. `folders`: the roots that every path must lie in. Nothing is
    written to a file unless `writes`. Raises `batten.sources.TargetError`, `batten.engine.config.ConfigError`."""
    from batten.integrations.mcp.protocol import Server
    from batten.integrations.mcp.tools import INSTRUCTIONS, Tools, told

    tools = Tools(Roots(folders, configuration), writes=writes, allow_dirty=allow_dirty)
    source, sink = own_pipes()
    Server(tools.all(), INSTRUCTIONS, told).run(source, sink)


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the protocol alone: whatever else prints goes to standard error, and no program
    that is started reads what the client writes."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout = sys.stderr
    return source, sink
