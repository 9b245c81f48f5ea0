"""PHP: what Composer has installed (`vendor/composer/installed.json`, version 1 a list, version 2 an object)."""

from __future__ import annotations

from typing import Any, Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import items, json_value, licenses, mapping, names, word
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.model.package import Package
from batten.model.source import Unreadable

_INSTALLED: Final = "composer/installed.json"


class _Php:
    name = "php"
    version = 1
    hint = Hint(endings=(_INSTALLED,))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_INSTALLED)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        document = json_value(data)
        development: set[str] = set()
        if isinstance(document, dict):
            development = {one for one in items(document.get("dev-package-names")) if isinstance(one, str)}
            document = document.get("packages")
        if not isinstance(document, list):
            raise Unreadable("expected a list of packages, found another value")
        losses = Losses()
        packages = []
        for entry in document[: limits.PACKAGES_PER_FILE]:
            package = _package(mapping(entry), development, file.path)
            if package is None:
                losses.add("expected a name VENDOR/NAME and a version")
            else:
                packages.append(package)
        return Catalogue(packages, problem=losses.problem(len(packages)))


CATALOGUER: Final = _Php()


def _package(entry: dict[str, Any], development: set[str], path: str) -> Package | None:
    label, version = word(entry.get("name")).lower(), word(entry.get("version"))
    vendor, _, name = label.partition("/")
    if not is_name(vendor) or not is_name(name) or not is_version(version):
        return None
    return Package(
        type="composer",
        namespace=vendor,
        name=name,
        version=version,
        origin=CATALOGUER.name,
        paths=(path,),
        licenses=licenses(items(entry.get("license"))),
        scope="development" if development and word(entry.get("name")) in development else "",
        depends=names(one for one in mapping(entry.get("require")) if "/" in one),
    )
