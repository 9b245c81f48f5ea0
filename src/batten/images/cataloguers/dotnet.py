""".NET: the dependency file of a program (`NAME.deps.json`), also those of the shared frameworks.

Format: "runtime-configuration-file" in the documentation of the .NET host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import json_object, mapping, names, word
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.model.package import Package

_DEPENDENCIES: Final = ".deps.json"
_KINDS: Final = frozenset({"package", "runtimepack"})
"""Of libraries: projects and references are the program itself."""
_RUNTIME_PACK: Final = "runtimepack."
_FILES: Final = 200  # assemblies of one package


class _DotNet:
    name = "dotnet"
    version = 1
    hint = Hint(endings=(_DEPENDENCIES,))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_DEPENDENCIES)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        document = json_object(data)
        losses = Losses()
        built = _target(document)
        packages: list[Package] = []
        for label, library in mapping(document.get("libraries")).items():
            if len(packages) >= limits.PACKAGES_PER_FILE:
                losses.note(f"more than {limits.PACKAGES_PER_FILE:,} packages; the rest is not read")
                break
            kind = word(mapping(library).get("type")).lower()
            if kind not in _KINDS:
                continue
            name, _, version = label.partition("/")
            name = name.removeprefix(_RUNTIME_PACK)
            if not is_name(name) or not is_version(version):
                losses.add("expected NAME/VERSION of a library")
                continue
            entry = mapping(built.get(label))
            packages.append(
                Package(
                    type="nuget",
                    name=name,
                    version=version,
                    origin=CATALOGUER.name,
                    paths=(file.path,),
                    depends=names(mapping(entry.get("dependencies"))),
                    files=tuple(_assemblies(entry, file.path.rpartition("/")[0])),
                )
            )
        return Catalogue(packages, problem=losses.problem(len(packages)))


CATALOGUER: Final = _DotNet()


def _target(document: dict[str, Any]) -> dict[str, Any]:
    """What was built for the system that the program runs on; it has the most libraries."""
    targets = mapping(document.get("targets"))
    named = document.get("runtimeTarget")
    name = word(named.get("name") if isinstance(named, dict) else named)
    return mapping(targets.get(name)) or max(map(mapping, targets.values()), key=len, default={})


def _assemblies(entry: dict[str, Any], folder: str) -> Iterator[str]:
    """The assemblies and native libraries of one package: they lie beside the dependency file."""
    for kind in ("runtime", "native"):
        for path in list(mapping(entry.get(kind)))[:_FILES]:
            name = path.rpartition("/")[2]
            if name.isprintable() and name not in ("", "_._"):
                yield f"{folder}/{name}" if folder else name
