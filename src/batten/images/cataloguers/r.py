"""R: the `DESCRIPTION` of each package in a library ("Writing R Extensions", 1.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import headers, licenses, names
from batten.images.cataloguers._told import is_name, is_version
from batten.model.package import Package
from batten.pattern import pattern

_DESCRIPTION: Final = "/DESCRIPTION"
_NAME: Final = pattern(r"[A-Za-z][A-Za-z0-9.]*")


class _R:
    name = "r"
    version = 1
    hint = Hint(endings=(_DESCRIPTION,))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_DESCRIPTION) and "library/" in file.path

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        fields = dict(headers(str(data[: limits.MIB], "utf-8", "replace")))
        name, version = fields.get("package", ""), fields.get("version", "")
        if not is_name(name) or not is_version(version) or file.path.split("/")[-2] != name:
            return Catalogue()  # other programs have files of that name
        return Catalogue(
            [
                Package(
                    type="cran",
                    name=name,
                    version=version,
                    origin=CATALOGUER.name,
                    paths=(file.path,),
                    licenses=licenses([fields.get("license", "")]),
                    depends=names(_needed(fields)),
                )
            ]
        )


CATALOGUER: Final = _R()


def _needed(fields: dict[str, str]) -> Iterator[str]:
    for field in ("depends", "imports", "linkingto"):
        for part in fields.get(field, "").split(","):
            found = _NAME.match(part.strip())
            if found and found[0] != "R":
                yield found[0]
