"""Coverage-guided fuzzing of Jenkinsfiles: python tests/fuzz/fuzz_groovy.py -max_total_time=600

Whatever the bytes are, the file is read or refused with a problem of one line; every place that a noun has is a
range of the file, and every check can be asked about it.
"""

from __future__ import annotations

import sys

from batten.detect.pipelines import facts, sources
from batten.formats.interface import ReadContext
from batten.formats.pipelines.jenkins import read
from batten.model.pipeline import Pipeline
from batten.model.source import File, Unreadable


class _NoFiles:
    def get(self, path: str) -> None:
        return None

    def names(self, directory: str) -> list[str]:
        return []


def one_input(data: bytes) -> None:
    """Read, look at every place; raises on any broken promise."""
    file = File("Jenkinsfile", data)
    try:
        reading = read(file, ReadContext(_NoFiles()))
    except Unreadable:
        return
    text = file.text()
    for problem in reading.problems:
        assert "\n" not in problem.message, problem
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + 1
    for noun in reading.nouns:
        if not isinstance(noun, Pipeline):
            continue
        for step in noun.steps():
            if step.script is not None:
                for expression in step.script.expressions:
                    place = step.script.at(expression.start, expression.end).location()
                    assert 1 <= place.line <= place.end_line <= text.count("\n") + 1
                    sources(expression, step.head, step.environment)
            facts(step)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
