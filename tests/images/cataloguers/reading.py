"""How the tests of cataloguers ask: is the file wanted, and what is in it?"""

from __future__ import annotations

from batten.images.cataloguers import Catalogue, Cataloguer, LayerFile
from batten.images.cataloguers._executable import is_program
from batten.model.package import Package


def read(cataloguer: Cataloguer, path: str, data: bytes | str) -> Catalogue:
    """What the cataloguer tells of a file that it wants."""
    data = data.encode() if isinstance(data, str) else data
    file = LayerFile(path, len(data), 0o644, data[:4096])
    assert cataloguer.wants(file)
    assert hinted(cataloguer, file)
    return cataloguer.read(file, memoryview(data))


def wants(cataloguer: Cataloguer, path: str) -> bool:
    file = LayerFile(path, 1, 0o644)
    wanted = cataloguer.wants(file)
    assert hinted(cataloguer, file) or not wanted
    return wanted


def hinted(cataloguer: Cataloguer, file: LayerFile) -> bool:
    """Would a looker ask the cataloguer about the file?"""
    hint = cataloguer.hint
    by_path = file.path.endswith(hint.endings) or file.path.startswith(hint.beginnings)
    return by_path or (hint.programs and is_program(file.head))


def by_name(catalogue: Catalogue) -> dict[str, Package]:
    return {package.name: package for package in catalogue.packages}
