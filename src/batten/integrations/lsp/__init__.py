"""The language server: what is loose in a manifest as one types it, explained and mended in the editor."""

from __future__ import annotations

import logging
import os
import sys
from importlib.util import find_spec
from typing import Final

from batten.engine.config import ConfigError
from batten.integrations.pipes import own_pipes
from batten.report.text import one_line

_LINE: Final = 500  # characters of a line of the log


class MissingLibrary(ConfigError):
    """What speaks the protocol is not installed."""

    def __init__(self) -> None:
        super().__init__("the language server needs the extra `editor`; add it with: pip install 'batten[editor]'")


class _OneLine(logging.Formatter):
    """What editors keep as the server's log: no traceback unless asked for, and nothing that a terminal obeys."""

    def format(self, record: logging.LogRecord) -> str:
        if os.environ.get("BATTEN_TRACEBACK"):
            return super().format(record)
        kind = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] is not None else ""
        return f"batten: {one_line(record.getMessage())[:_LINE]}{kind}"


def serve() -> None:
    """Serves one editor over standard input and output until it says goodbye. Raises `MissingLibrary`."""
    if find_spec("pygls") is None:
        raise MissingLibrary
    from batten.integrations.lsp.server import make

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    source, sink = own_pipes()
    make().start_io(source, sink)
