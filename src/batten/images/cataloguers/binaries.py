"""Programs known by their own version strings, for what no package manager brought.

The file's name says what to look for, its content which version. What a distribution's package owns is told
here too and taken together with that package later.
"""

from __future__ import annotations

import re
from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._executable import is_program, programs
from batten.images.cataloguers._known_binaries import PROGRAMS, TEXTS, Known
from batten.images.cataloguers._told import is_version
from batten.model.package import Package
from batten.pattern import pattern

_PROGRAM: Final = pattern("|".join(f"(?:{known.files})" for known in PROGRAMS))
_TEXT_NAMES: Final = ("/release", "/VERSION", "/OTP_VERSION")
_TEXT_BYTES: Final = 64 * limits.KIB
_SECTIONS: Final = (".rodata", ".data", ".rdata", "__cstring", "__const")
"""Where compilers put constant text, the likeliest first."""
_LONGEST_NAME: Final = 64


class _Binaries:
    name = "binaries"
    version = 1
    hint = Hint(endings=_TEXT_NAMES, programs=True)

    def wants(self, file: LayerFile) -> bool:
        if is_program(file.head):
            name = file.name
            return len(name) <= _LONGEST_NAME and _PROGRAM.fullmatch(name) is not None
        return file.path.endswith(_TEXT_NAMES) and any(re.fullmatch(known.files, file.path) for known in TEXTS)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        if not is_program(file.head):
            found = ((known, _version(known, [memoryview(data)[:_TEXT_BYTES]])) for known in TEXTS)
            return Catalogue(
                [_package(known, text, file) for known, text in found if text and _names(known, file.path)]
            )
        parts = _parts(data)
        for known in PROGRAMS:
            if _names(known, file.name) and (text := _version(known, parts)):
                return Catalogue([_package(known, text, file)])
        return Catalogue()


CATALOGUER: Final = _Binaries()


def product(name: str) -> tuple[str, str] | None:
    """Vendor and product of the CPE for the package URL `pkg:generic/NAME`, None where it is not known here."""
    return next((known.product for known in (*PROGRAMS, *TEXTS) if known.name == name), None)


def _names(known: Known, text: str) -> bool:
    return re.fullmatch(known.files, text) is not None


def _parts(data: bytes | memoryview) -> list[memoryview]:
    """The sections with text, then the whole file, for programs that have no such names."""
    found = [part for program in programs(data) for name in _SECTIONS if (part := program.section(name)) is not None]
    return [*found, memoryview(data)]


def _version(known: Known, parts: list[memoryview]) -> str:
    room = limits.BINARY_SEARCHED_BYTES
    for expression in known.versions:
        for whole in parts:
            part = whole[:room]
            room -= len(part)
            if found := re.search(expression, part):
                text = found[1].decode("latin-1")
                if is_version(text):
                    return text
    return ""


def _package(known: Known, version: str, file: LayerFile) -> Package:
    return Package(
        type="generic",
        name=known.name,
        version=version,
        origin=CATALOGUER.name,
        paths=(file.path,),
        files=(file.path,),
        confidence="medium",
        evidence=f"{known.name} {version} in {file.path}",
    )
