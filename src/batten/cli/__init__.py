"""The command line: one module per verb. Each parses, calls one function of `batten.api`, prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the `batten` command. Exit codes as in DESIGN section 5."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # the one answer that must not pay for loading anything
        from batten import __version__

        sys.stdout.write(f"batten {__version__}\n")
        return
    from batten.cli.group import run

    sys.exit(run(arguments))
