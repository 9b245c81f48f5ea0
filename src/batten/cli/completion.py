"""`batten completion`."""

from __future__ import annotations

import click

from batten.cli.output import OwnHelp, common, formatted, put

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", cls=OwnHelp)
@click.argument("shell", type=click.Choice(_SHELLS))
@formatted("script", "json")
@common
def command(shell: str, format_name: str, quiet: bool, color: str) -> int:
    """Print the completion script for a shell: verbs, options, checks, frameworks, formats, paths.

    \b
    Examples:
      source <(batten completion bash)               for this session
      batten completion bash > ~/.local/share/bash-completion/completions/batten
      batten completion zsh > "${fpath[1]}/_batten"
      batten completion fish > ~/.config/fish/completions/batten.fish
    """
    from click.shell_completion import get_completion_class

    from batten.cli.group import group

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"expected one of {', '.join(_SHELLS)}, found {shell!r}")
    script = found(group, {}, "batten", "_BATTEN_COMPLETE").source()
    if format_name == "json":
        import msgspec

        put(msgspec.json.format(msgspec.json.encode({"shell": shell, "script": script}), indent=2) + b"\n")
        return 0
    put(script)
    return 0
