"""Coverage-guided fuzzing of unit files: python tests/fuzz/fuzz_quadlet.py -max_total_time=600

Whatever the bytes are, the unit is read or refused with a clear message, every place lies in the file,
and removing what was read leaves a unit that is read again.
"""

from __future__ import annotations

import sys
from typing import Any

from batten.formats.interface import ReadContext
from batten.formats.quadlet import READER, WRITER
from batten.model.edits import CannotEdit
from batten.model.source import File, Unreadable
from batten.model.verdict import Change
from batten.sources.interface import NoFiles

FIELDS: tuple[tuple[str, Any], ...] = (
    ("privileged", False),
    ("privilege_escalation", False),
    ("drop_capabilities", ("ALL",)),
    ("user", 10001),
    ("selinux", None),
    ("read_only_root", True),
    ("memory_limit", 1 << 28),
    ("pids_limit", 100),
)


def one_input(data: bytes) -> None:
    """Read, locate everything, edit, read again; raises on any broken promise."""
    context = ReadContext(NoFiles())
    try:
        reading = READER.read(File("fuzz.container", data), context)
    except Unreadable:
        return
    lines = data.count(b"\n") + 1
    for unit in reading.nouns:
        for container in unit.containers:
            parts = (*container.mounts, *container.ports, *container.environment, *container.devices)
            places = [container.where(name) for name in container.places] + [container.at(part) for part in parts]
            for place in places:
                location = place.location()
                assert 1 <= location.line <= location.end_line <= lines
            changes = [Change(container, field, value) for field, value in FIELDS]
            for change in changes + [Change(container, "remove", part) for part in parts[:8]]:
                _edited_is_read(change, data, context)


def _edited_is_read(change: Change, data: bytes, context: ReadContext) -> None:
    document = change.target.document
    try:
        splices = document.splices(WRITER.edits(change))
    except CannotEdit:
        return
    text, end = "", 0
    source = data.decode("utf-8")
    for splice in splices:
        assert end <= splice.start <= splice.end <= len(source)
        text, end = text + source[end : splice.start] + splice.text, splice.end
    after = READER.read(File("fuzz.container", (text + source[end:]).encode()), context)
    assert after.recognised
    value = getattr(after.nouns[0].containers[0], change.field, None)
    if change.field in ("privilege_escalation", "read_only_root"):
        assert value is change.value


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
