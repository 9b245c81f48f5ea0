"""Coverage-guided fuzzing of archives: python tests/fuzz/fuzz_archive.py -max_total_time=600

Whatever the bytes are, the archive is read or refused with clear problems, every entry's path stays inside of
the root and can be asked for again, and nothing but the temporary file is written.
"""

from __future__ import annotations

import os
import sys
import tempfile

from batten.sources import TargetError, open_target
from batten.sources.names import resolve


def one_input(data: bytes) -> None:
    """Open, list, read, ask again; raises on any broken promise."""
    descriptor, path = tempfile.mkstemp()
    try:
        os.write(descriptor, data)
        os.close(descriptor)
        _read(path)
    finally:
        os.unlink(path)


def _read(path: str) -> None:
    try:
        opened = open_target(f"archive:{path}")
    except TargetError:
        return
    with opened:
        seen: list[str] = []
        for entry in opened.entries(lambda name: True):
            assert resolve(entry.path) == entry.path
            assert entry.path.isprintable()
            seen.append(entry.path)
            found = opened.files.get(entry.path)
            assert found is not None
            assert found.data == entry.read().data
        assert len(seen) == len(set(seen))
        for problem in opened.problems:
            assert problem.message.isprintable(), problem


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
