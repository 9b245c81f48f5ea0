"""Runs the command line as a user does: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def batten(
    *arguments: str, cwd: Path, stdin: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "batten", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env={**os.environ, "COLUMNS": "100", **environment},
        check=False,
    )
