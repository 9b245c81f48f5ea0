"""One bill of materials: its packages, and the flaws that it may carry."""

from __future__ import annotations

from batten.formats.interface import Reading
from batten.formats.part import Part
from batten.formats.sbom.document import Collected
from batten.model.source import Document, File, Problem


def read(file: File, kind: str) -> Reading:
    """Packages with their places; raises `Unreadable` where the file is not what it looks like."""
    found = Collected(file)
    if kind == "cyclonedx-xml":
        from batten.formats.sbom.xml import parse as parse_xml

        value, lines = parse_xml(file)
        _read(kind, Part(value), lines, found)
        return found.reading()
    if kind == "spdx-tag-value":
        from batten.formats.sbom.tag_value import parse as parse_tags

        value, lines = parse_tags(file)
        _read(kind, Part(value), lines, found)
        return found.reading()
    from batten.formats.json import read_json

    document = read_json(file)
    notes: tuple[Problem, ...] = document.notes
    if not isinstance(document.value, dict):
        return Reading(recognised=False)
    _read(kind, Part(document.value), document, found)
    document.forget()
    reading = found.reading()
    reading.problems += notes
    return reading


def _read(kind: str, root: Part, document: Document, found: Collected) -> None:
    if kind.startswith("cyclonedx"):
        from batten.formats.sbom.cyclonedx import read as read_cyclonedx

        read_cyclonedx(root, document, found)
    elif kind == "spdx3-json":
        from batten.formats.sbom.spdx3 import read as read_spdx3

        read_spdx3(root, document, found)
    else:
        from batten.formats.sbom.spdx2 import read as read_spdx2

        read_spdx2(root, document, found)
