"""The program in a process of its own, with the peak of its memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """
import atexit, re, sys
from pathlib import Path
def tell():
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else "0"
    Path(told).write_text(peak)
told = sys.argv.pop(1)
atexit.register(tell)
from batten.cli import main
main()
"""
"""The program, which at its end writes the peak of its memory in KiB (what a parent is told by `wait4` counts
what the parent itself used before the exec)."""


def measured(arguments: list[str], peak: Path, **options: Any) -> tuple[int, int]:
    """`batten` with `arguments`: its exit code, and its largest resident set in bytes (0 where the system does not
    tell), which goes through the file `peak`. `options` are those of `subprocess.run`."""
    words = [sys.executable, "-c", _PROGRAM, str(peak), *arguments]
    done = subprocess.run(words, check=False, **options)
    return done.returncode, int(peak.read_text()) * 1024
