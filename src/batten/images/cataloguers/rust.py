"""Rust: the list of crates that cargo-auditable puts into a program (section `.dep-v0`).

The section is a zlib stream of JSON. Crates that only helped to build the program are not in it and are left out.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import items, json_object, mapping, names, word
from batten.images.cataloguers._executable import is_program, programs
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.model.package import Package
from batten.model.source import Unreadable

_SECTION: Final = ".dep-v0"


class _Rust:
    name = "rust"
    version = 1
    hint = Hint(programs=True)

    def wants(self, file: LayerFile) -> bool:
        return is_program(file.head)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        catalogue = Catalogue()
        losses = Losses()
        for program in programs(data):
            section = program.section(_SECTION)
            if section is not None:
                catalogue.packages += _crates(_unpacked(section), file.path, losses)
        catalogue.problem = losses.problem(len(catalogue.packages))
        return catalogue


CATALOGUER: Final = _Rust()


def _unpacked(section: memoryview) -> dict[str, Any]:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(section, limits.RUST_CRATES_BYTES)
    except zlib.error:
        raise Unreadable(f"expected a zlib stream in the section {_SECTION}, found something else") from None
    if unpacker.unconsumed_tail:
        raise Unreadable(f"the list of crates is larger than {limits.RUST_CRATES_BYTES // limits.MIB} MiB")
    return json_object(text)


def _crates(document: dict[str, Any], path: str, losses: Losses) -> list[Package]:
    entries = [mapping(one) for one in items(document.get("packages"))[: limits.PACKAGES_PER_FILE]]
    labels = [word(entry.get("name")) for entry in entries]
    builds = {index for index, entry in enumerate(entries) if entry.get("kind") == "build"}
    crates = []
    for index, (name, entry) in enumerate(zip(labels, entries, strict=True)):
        version = word(entry.get("version"))
        if index in builds:
            continue
        if not is_name(name) or not is_version(version):
            losses.add("expected a name and a version of a crate")
            continue
        needs = items(entry.get("dependencies"))[: limits.PACKAGE_DEPENDS]
        crates.append(
            Package(
                type="cargo",
                name=name,
                version=version,
                origin=CATALOGUER.name,
                paths=(path,),
                files=(path,),
                depends=names(
                    labels[one] for one in needs if type(one) is int and 0 <= one < len(labels) and one not in builds
                ),
            )
        )
    return crates
