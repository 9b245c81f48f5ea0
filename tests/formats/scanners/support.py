"""Reports as the engine reads them."""

import json
from pathlib import Path
from typing import Any

from batten.formats.interface import ReadContext, Reading
from batten.formats.scanners import READER
from batten.model.imported import ImportedReport, ImportedRow
from batten.model.source import File
from batten.sources.interface import NoFiles

DATA = Path(__file__).parents[2] / "data" / "scanners"


def read(data: bytes | str, path: str = "report.json") -> Reading:
    raw = data.encode() if isinstance(data, str) else data
    file = File(path, raw)
    assert READER.wants(file)
    return READER.read(file, ReadContext(NoFiles()))


def report(name: str) -> ImportedReport:
    """The only report in a file of the recorded ones."""
    (found,) = read((DATA / name).read_bytes(), name).nouns
    assert isinstance(found, ImportedReport)
    return found


def of(value: Any) -> ImportedReport:
    (found,) = read(json.dumps(value)).nouns
    assert isinstance(found, ImportedReport)
    return found


def row(found: ImportedReport, name: str) -> ImportedRow:
    (one,) = [one for one in found.rows if one.id == name]
    return one
