"""The command line: one module per verb. Each parses, calls one function of `batten.api`, prints."""

from __future__ import annotations

import sys


def program() -> None:
    """The `batten` command: `main`, then the end of the process without taking everything apart first, which is
    a twentieth of a small scan. What is written or was to be done at the end is."""
    import atexit
    import os

    code: object = 1
    try:
        main()
        code = 0
    except SystemExit as error:
        code = error.code
    if not isinstance(code, int | None):
        raise SystemExit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # it was closed before the start
                stream.flush()
        except (OSError, ValueError):
            code = code or 1  # nobody reads any more
    os._exit(code or 0)


def main() -> None:
    """Runs the command line and raises `SystemExit`. Exit codes as in DESIGN section 5."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # the one answer that must not pay for loading anything
        from batten import __version__

        sys.stdout.write(f"batten {__version__}\n")
        return
    import gc

    # What is loaded and read lives until the end: looking for garbage in it every 700 objects is a tenth of a scan.
    # A small scan makes fewer objects than these.
    gc.set_threshold(100_000, 20, 20)
    from batten.cli.group import run

    try:
        code = run(arguments)
    finally:
        # the process gives everything back at once: the interpreter is not to look through it before
        gc.freeze()
    sys.exit(code)
