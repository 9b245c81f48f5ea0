"""How the tests of cataloguers ask: is the file wanted, and what is in it?"""

from __future__ import annotations

from batten.images.cataloguers import Catalogue, Cataloguer, LayerFile
from batten.model.package import Package


def read(cataloguer: Cataloguer, path: str, data: bytes | str) -> Catalogue:
    """What the cataloguer tells of a file that it wants."""
    data = data.encode() if isinstance(data, str) else data
    file = LayerFile(path, len(data), 0o644, data[:4096])
    assert cataloguer.wants(file)
    return cataloguer.read(file, memoryview(data))


def wants(cataloguer: Cataloguer, path: str) -> bool:
    return cataloguer.wants(LayerFile(path, 1, 0o644))


def by_name(catalogue: Catalogue) -> dict[str, Package]:
    return {package.name: package for package in catalogue.packages}
