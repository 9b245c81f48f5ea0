"""`batten completion`."""

from __future__ import annotations

import click

from batten.cli.output import put

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> int:
    """Print the completion script for a shell.

    \b
    Examples:
      batten completion bash > ~/.local/share/bash-completion/completions/batten
      batten completion zsh > "${fpath[1]}/_batten"
      batten completion fish > ~/.config/fish/completions/batten.fish
    """
    from click.shell_completion import get_completion_class

    from batten.cli.group import group

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"expected one of {', '.join(_SHELLS)}, found {shell!r}")
    put(found(group, {}, "batten", "_BATTEN_COMPLETE").source())
    return 0
