"""Conda: the record of each installed package (`conda-meta/NAME-VERSION-BUILD.json`)."""

from __future__ import annotations

from typing import Final

from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import items, joined, json_object, licenses, names, word
from batten.images.cataloguers._told import Losses, Room, is_name, is_version, shown
from batten.model.package import Package
from batten.model.source import Unreadable
from batten.pattern import pattern

_FOLDER: Final = "conda-meta/"
_NAME: Final = pattern(r"[A-Za-z0-9_.-]+")


class _Conda:
    name = "conda"
    version = 1
    hint = Hint(endings=(".json",))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(".json") and file.path.rpartition("/")[0].endswith("conda-meta")

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        record = json_object(data)
        name, version = word(record.get("name")).lower(), word(record.get("version"))
        if not is_name(name) or not is_version(version):
            if not name and not version:
                return Catalogue()  # other settings of conda lie there too
            raise Unreadable(f"expected a name and a version of a conda package, found {shown(name)}, {shown(version)}")
        told = {
            "build": word(record.get("build")),
            "channel": _channel(word(record.get("channel"))),
            "subdir": word(record.get("subdir")),
        }
        losses = Losses()
        room = Room(losses)
        folder = file.path.rpartition("/")[0].rpartition("/")[0]
        paths = (joined(folder, one) for one in items(record.get("files")) if isinstance(one, str) and "\0" not in one)
        kept = [one for one in paths if ("bin/" in one or ".so" in one) and room.path(one)]
        package = Package(
            type="conda",
            name=name,
            version=version,
            qualifiers=tuple((key, value) for key, value in told.items() if is_name(value)),
            origin=CATALOGUER.name,
            paths=(file.path,),
            licenses=licenses([record.get("license")]),
            depends=names(_needed(one) for one in items(record.get("depends")) if isinstance(one, str)),
        )
        return Catalogue([package], {name: kept} if kept else {}, problem=losses.problem(1))


CATALOGUER: Final = _Conda()


def _channel(text: str) -> str:
    """`https://host/t/TOKEN/conda-forge/linux-64` -> `conda-forge`: addresses may hold a token."""
    parts = text.rstrip("/").split("/")
    return parts[-2] if len(parts) > 3 else parts[-1]


def _needed(text: str) -> str:
    """`python >=3.11,<3.12.0a0` -> `python`; virtual packages (`__glibc`) are none."""
    found = _NAME.match(text)
    return found[0] if found and not text.startswith("__") else ""
