"""`batten lsp`."""

from __future__ import annotations

import click


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output, as it always does.")
def command(stdio: bool) -> int:
    """Serve editors: findings as one types, what they mean, and quick fixes, over the Language Server Protocol.

    An editor starts it and speaks to it; by hand there is nothing to see. It needs the extra `editor`:
    pip install 'batten[editor]'. Texts are judged as they are in the editor, saved or not, by the nearest batten.toml.

    \b
    Example (what to write in the editor's configuration):
      batten lsp
    """
    from batten.integrations.lsp import serve

    serve()
    return 0
