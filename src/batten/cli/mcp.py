"""`batten mcp`."""

from __future__ import annotations

from pathlib import Path

import click

from batten.cli import complete, select


@click.command("mcp")
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="DIR",
    help="A folder that the client may name paths in (repeatable; default: the current one).",
    shell_complete=complete.folders,
)
@click.option("--write", "writes", is_flag=True, help="Let the client write the fixes that passed their proof.")
@click.option("--allow-dirty", is_flag=True, help="With --write: also where the Git tree has uncommitted changes.")
@select.config
def command(roots: tuple[str, ...], writes: bool, allow_dirty: bool, config_path: str | None) -> int:
    """Serve coding agents: scan, explain and fix over the Model Context Protocol, on standard input and output.

    A client starts it and speaks to it; by hand there is nothing to see. Texts that are not saved are scanned and
    mended, too. It reads nothing outside of its roots, asks no network, and writes nothing without --write; what
    is secret in a file is never shown.

    \b
    Examples (what to write in the client's configuration):
      batten mcp                                    reads the current folder
      batten mcp --root ~/shop --root ~/charts
      batten mcp --root ~/shop --write
    """
    from batten.integrations.mcp import serve

    if allow_dirty and not writes:
        raise click.UsageError("--allow-dirty is about writing, and nothing is written without --write")
    here = Path.cwd()
    if not roots and here == here.parent:  # where desktop programs start what they start
        raise click.UsageError(f"expected --root DIR, found none, and the current folder is {here}: all there is")
    serve(roots or (".",), config_path, writes=writes, allow_dirty=allow_dirty)
    return 0
