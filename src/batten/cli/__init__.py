"""The command line: one module per verb. Each parses, calls one function of `batten.api`, prints."""

from __future__ import annotations

import os
import sys


def program() -> None:
    """The `batten` command: `main`, then the end of the process without taking everything apart first, which is
    a twentieth of a small scan. What is written or was to be done at the end is."""
    import atexit

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
    if sys.stderr is None:  # closed before the start: what is said there is for nobody
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it lives as long as the process
    if arguments in (["--version"], ["-V"]):
        # the one answer that must not pay for loading anything
        from batten import __version__

        _write(f"batten {__version__}\n")
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


def _write(text: str) -> None:
    """To standard output, before anything is loaded that could tell what went wrong."""
    why = "is closed"
    if sys.stdout is not None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        except BrokenPipeError:
            # the reader has gone; what is still buffered goes nowhere, without a word at the exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        except OSError as error:
            why = f"cannot be written: {error.strerror}"
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.write(f"batten: standard output {why}\n")
    sys.exit(2)
