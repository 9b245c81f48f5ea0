"""One bill of materials: its packages, and the flaws that it may carry."""

from __future__ import annotations

from batten.formats.interface import Reading
from batten.formats.part import Part
from batten.formats.sbom.document import Collected
from batten.model.source import Document, File, Problem


def read(file: File, kind: str) -> Reading:
    """Packages with their places; raises `Unreadable` where the file is not what it looks like."""
    found = Collected(file)
    from batten.formats.json import read_json

    document = read_json(file)
    notes: tuple[Problem, ...] = document.notes
    if not isinstance(document.value, dict):
        return Reading(recognised=False)
    _from_json(kind, Part(document.value), document, found)
    document.forget()
    reading = found.reading()
    reading.problems += notes
    return reading


def _from_json(kind: str, root: Part, document: Document, found: Collected) -> None:
    if kind == "cyclonedx-json":
        from batten.formats.sbom.cyclonedx import read as read_cyclonedx

        read_cyclonedx(root, document, found)
    else:
        from batten.formats.sbom.spdx2 import read as read_spdx2

        read_spdx2(root, document, found)
