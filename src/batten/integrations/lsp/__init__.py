"""The language server: what is loose in a manifest as one types it, explained and mended in the editor."""

from __future__ import annotations

from importlib.util import find_spec

from batten.engine.config import ConfigError
from batten.integrations.pipes import own_pipes


class MissingLibrary(ConfigError):
    """What speaks the protocol is not installed."""

    def __init__(self) -> None:
        super().__init__("the language server needs the extra `editor`; add it with: pip install 'batten[editor]'")


def serve() -> None:
    """Serves one editor over standard input and output until it says goodbye. Raises `MissingLibrary`."""
    if find_spec("pygls") is None:
        raise MissingLibrary
    from batten.integrations.lsp.server import make

    source, sink = own_pipes()
    make().start_io(source, sink)
