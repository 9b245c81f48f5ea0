"""The MCP server: scan, explain and fix for coding agents, over standard input and output."""

from __future__ import annotations

from collections.abc import Sequence

from batten.integrations.pipes import own_pipes
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
