"""Bills of materials as the engine reads them."""

from batten.formats.interface import ReadContext, Reading
from batten.formats.sbom import READER
from batten.model.imported import ImportedReport
from batten.model.package import Package
from batten.model.source import File
from batten.sources.interface import NoFiles


def read(data: bytes, path: str = "bom.json") -> Reading:
    file = File(path, data)
    assert READER.wants(file)
    return READER.read(file, ReadContext(NoFiles()))


def packages(reading: Reading) -> dict[str, Package]:
    """By name and version."""
    found = [noun for noun in reading.nouns if isinstance(noun, Package)]
    return {f"{one.name} {one.version}": one for one in found}


def reports(reading: Reading) -> list[ImportedReport]:
    return [noun for noun in reading.nouns if isinstance(noun, ImportedReport)]
