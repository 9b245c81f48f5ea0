"""Coverage-guided fuzzing of Compose files: python tests/fuzz/fuzz_interpolation.py -max_total_time=600

The first byte chooses what the rest is: a template, an env file, a port, a volume, or a whole project (its
files are divided by NUL bytes). Whatever it is, it is read or refused with a clear message, in bounded
time; every value that a project gives has a place inside of one of its files, and changes that the writer
offers can be read again.
"""

from __future__ import annotations

import sys

from batten.formats.compose import READER, WRITER, dotenv, ports, volumes
from batten.formats.compose.interpolation import InvalidTemplate, interpolate, only_variable
from batten.formats.interface import ReadContext
from batten.model.edits import CannotEdit
from batten.model.source import Place, Unreadable
from batten.model.verdict import Change
from batten.model.workload import Workload
from fuzz.memory import Memory

VALUES = {"A": "one", "B": "", "C": "$A"}
NAMES = ("compose.yaml", "compose.override.yaml", ".env", "a.env", "b.yaml", "sub/c.yaml")
CHANGES = (
    ("user", 10001),
    ("privileged", False),
    ("privilege_escalation", False),
    ("drop_capabilities", ("ALL",)),
    ("read_only_root", True),
    ("memory_limit", 1 << 20),
)


def one_input(data: bytes) -> None:
    """Read it; raises on any broken promise."""
    kind, rest = data[:1], data[1:]
    if kind and kind[0] % 8 > 4:
        project(rest)
        return
    text = rest.decode("utf-8", "replace")
    (template, env_file, port, volume, template)[kind[0] % 8 if kind else 0](text)


def template(text: str) -> None:
    offset = 0
    try:
        result = interpolate(text, VALUES.get)
    except InvalidTemplate as error:
        offset = error.offset
    else:
        assert "$" in text or result.text == text
        assert result.known or all(f"${{{name}}}" in result.text for name in result.unknown)
    assert 0 <= offset <= len(text)
    only_variable(text)


def env_file(text: str) -> None:
    line = 1
    try:
        found = dotenv.read(text, VALUES.get)
    except dotenv.Malformed as error:
        line = error.line
    else:
        assert all(one.name and 0 <= one.start <= one.end <= len(text) for one in found)
    assert 1 <= line <= text.count("\n") + 1
    dotenv.read_raw(text)


def port(text: str) -> None:
    found = ports.parse_short(text)
    if not isinstance(found, str):
        assert 0 <= found.container <= 65535
        assert -1 <= found.host <= 65535


def volume(text: str) -> None:
    found = volumes.parse_short(text)
    if not isinstance(found, str):
        assert found.target
    volumes.parse_device(text)


def project(data: bytes) -> None:
    memory = Memory(dict(zip(NAMES, data.split(b"\0"), strict=False)))
    file = memory.get("compose.yaml")
    assert file is not None
    if not READER.wants(file):
        return
    try:
        reading = READER.read(file, ReadContext(memory))
    except Unreadable:
        return
    for problem in reading.problems:
        assert problem.message
        assert problem.line is None or problem.line >= 1
    for noun in reading.nouns:
        if isinstance(noun, Workload):
            check(noun)


def check(workload: Workload) -> None:
    for name in workload.places:
        inside(workload.where(name))
    for one in workload.volumes:
        inside(workload.at(one))
    for container in workload.containers:
        for name in container.places:
            inside(container.where(name))
        for part in (*container.mounts, *container.ports, *container.environment, *container.environment_from):
            inside(container.at(part))
        for field, value in CHANGES:
            change(Change(container, field, value))
        for part in (*container.mounts, *container.ports, *container.environment):
            change(Change(container, "remove", part))


def inside(place: Place) -> None:
    where = place.location()
    lines = place.document.file.text().count("\n") + 1
    assert 1 <= where.line <= lines
    assert where.line <= where.end_line <= lines + 1


def change(wanted: Change) -> None:
    document = wanted.target.document
    try:
        splices = document.splices(WRITER.edits(wanted))
    except CannotEdit:
        return
    text = document.file.text()
    for splice in reversed(splices):
        assert 0 <= splice.start <= splice.end <= len(text)
        text = text[: splice.start] + splice.text + text[splice.end :]
    path = document.file.path
    files = Memory({path: text.encode("utf-8", "surrogatepass")})
    file = files.get(path)
    assert file is not None
    again = READER.read(file, ReadContext(files))
    assert not any("expected valid YAML" in problem.message for problem in again.problems)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
