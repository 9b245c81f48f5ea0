"""Coverage-guided fuzzing of Terraform modules: python tests/fuzz/fuzz_terraform.py -max_total_time=600

The files of a module are divided by NUL bytes. Whatever stands in them, the module is read or refused in one line, in
bounded time; every value was written in one of the files; an edit leaves a file that can be read again, or is refused.
"""

from __future__ import annotations

import sys

from batten.formats.hcl.parser import parse
from batten.formats.interface import ReadContext
from batten.formats.splicing import apply
from batten.formats.terraform import READER
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Document, Place, Pointer, Unreadable
from batten.model.workload import Workload
from fuzz.memory import Memory

NAMES = ("main.tf", "variables.tf", "terraform.tfvars", "web/main.tf", "data.json", "plan.json", "x.tf.json")


def one_input(data: bytes) -> None:
    """Read it; raises on any broken promise."""
    memory = Memory(dict(zip(NAMES, data.split(b"\0"), strict=False)))
    for name in ("main.tf", "plan.json", "x.tf.json"):
        file = memory.get(name)
        if file is None or not READER.wants(file):
            continue
        try:
            reading = READER.read(file, ReadContext(memory))
        except Unreadable:
            continue
        for problem in reading.problems:
            assert problem.message
            assert problem.line is None or problem.line >= 1
        assert all(path in memory.files for path in (*reading.consumed, *reading.draws_on))
        for noun in reading.nouns:
            inside(noun.document, noun.pointer, memory)
            for container in noun.containers if isinstance(noun, Workload) else ():
                inside(noun.document, container.pointer, memory)
                for field in container.places:
                    inside(noun.document, container.where(field).pointer, memory)


def inside(document: Document, pointer: Pointer, memory: Memory) -> None:
    where = Place(document, pointer).written().location()
    assert where.path in memory.files
    assert 1 <= where.line <= memory.files[where.path].count(b"\n") + memory.files[where.path].count(b"\r") + 1
    edits: tuple[Edit, ...] = (Set((*pointer, "readOnly"), True), Set(pointer, 1), Append((*pointer, "drop"), "ALL"),
                               Remove(pointer), Set((*pointer, "securityContext", "user"), {"a": [1]}))  # fmt: skip
    translated = getattr(document, "translated", None)  # a plan has none: it is made from what is to be edited
    for edit in edits if translated is not None else ():
        try:
            owner, mine = translated(edit)
            text = apply(owner.file.text(), owner.splices([mine]))
        except CannotEdit:
            continue
        if owner.file.path.endswith((".tf", ".tfvars")):
            parse(text)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
