"""Coverage-guided fuzzing of Kustomize builds: python tests/fuzz/fuzz_kustomize.py -max_total_time=600

The files of a target are divided by NUL bytes. Whatever stands in them, the overlay is built or refused in one line,
in bounded time; every value of what is built was written in one of the files.
"""

from __future__ import annotations

import sys

from batten.formats.interface import ReadContext
from batten.formats.kustomize import READER
from batten.model.edits import CannotEdit, Set
from batten.model.source import Pointer, Unreadable
from batten.model.workload import Workload
from fuzz.memory import Memory

NAMES = ("kustomization.yaml", "web.yaml", "patch.yaml", "base/kustomization.yaml", "base/all.yaml", "a.env")


def one_input(data: bytes) -> None:
    """Build it; raises on any broken promise."""
    memory = Memory(dict(zip(NAMES, data.split(b"\0"), strict=False)))
    file = memory.get(NAMES[0])
    assert file is not None
    try:
        reading = READER.read(file, ReadContext(memory))
    except Unreadable:
        return
    for problem in reading.problems:
        assert problem.message
        assert problem.line is None or problem.line >= 1
    for path in reading.consumed:
        assert path in memory.files
    for noun in reading.nouns:
        if isinstance(noun, Workload):
            for container in noun.containers:
                inside(noun.document, container.pointer, memory)
                for name in container.places:
                    inside(noun.document, container.where(name).pointer, memory)


def inside(document: object, pointer: Pointer, memory: Memory) -> None:
    place = document.written(pointer)  # type: ignore[attr-defined]
    where = place.location()
    assert where.path in memory.files
    assert 1 <= where.line <= memory.files[where.path].count(b"\n") + memory.files[where.path].count(b"\r") + 1
    try:
        document.translated(Set((*pointer, "x"), 1))  # type: ignore[attr-defined]
    except CannotEdit:
        return


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
