"""Small cataloguers for tests of the engine around them: databases and packages of one line each.

`*.db` holds lines `NAME VERSION` (a database of the system), `*.owns` lines `NAME PATH`, `*.pkg` one line
`NAME VERSION` (a package of a language), `etc/os-release` an identifier.
"""

from __future__ import annotations

from batten.images.cataloguers import Catalogue, Cataloguer, LayerFile
from batten.model.package import Distribution, Package
from batten.model.source import Unreadable


class Lines:
    name = "lines"
    version = 1

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith((".db", ".owns", ".pkg")) or file.path == "etc/os-release"

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        text = bytes(data).decode()
        if text.startswith("broken"):
            raise Unreadable("expected lines, found rubbish")
        if file.path == "etc/os-release":
            return Catalogue(distribution=Distribution(text.strip(), "12"))
        pairs = [line.split(" ", 1) for line in text.splitlines() if " " in line]
        if file.path.endswith(".owns"):
            owned: dict[str, list[str]] = {}
            for name, path in pairs:
                owned.setdefault(name, []).append(path)
            return Catalogue(owned=owned)
        kind = "deb" if file.path.endswith(".db") else "pypi"
        packages = [Package(type=kind, name=name, version=version, origin=self.name) for name, version in pairs]
        return Catalogue(packages, problem="one line has no version" if len(pairs) < len(text.splitlines()) else "")


LINES: tuple[Cataloguer, ...] = (Lines(),)
