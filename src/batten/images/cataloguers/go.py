"""Go: the build information that every Go program carries (Go's debug/buildinfo and runtime/debug).

The modules that were linked in, those that replace others in their place, the standard library by the
version of Go, and the program's own module. A program built without modules (`GOFLAGS=-mod=vendor` in a
folder that is no module, `GO111MODULE=off`) names none: that is told, not taken for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, Literal

from msgspec import Struct, field

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._executable import PE, Program, is_program, programs
from batten.images.cataloguers._told import Losses, is_version, one_line
from batten.model.package import Package
from batten.pattern import pattern

_MAGIC: Final = b"\xff Go buildinf:"
_HEADER: Final = 32
_SEARCHED: Final = 1 * limits.MIB
"""Of the writable data of a program without names of sections, as Go's own reader does."""
_STEP: Final = 16
_SECTIONS: Final = (".go.buildinfo", "__go_buildinfo")
_MODINFO_FRAME: Final = 16
"""Bytes before and after the text of modules."""
_INLINE, _BIG_ENDIAN = 2, 1
_VERSION: Final = pattern(r"go(\d+(?:\.\d+)*(?:(?:rc|beta)\d+)?)")
_LDFLAGS: Final = pattern(
    r"-X[= ]['\"]?([\w./-]{0,200})[./](?:[vV]ersion|VERSION|[gG]itVersion|[bB]uildVersion)=['\"]?(v?\d+\.\d+[\w.+-]*)"
)
# The linker lays the texts of `-X` beside each other; it writes Go's own version as one of them, since Go 1.19.
_BESIDE: Final = 256
_OWN_VERSION: Final = pattern(rb"(?<=\0)v?\d{1,4}\.\d{1,4}\.\d{1,6}(?:[-+~.][0-9A-Za-z.+~-]{1,40})?(?=\0)")
_PLACES: Final = 16
_REVISION: Final = pattern(r"[0-9a-f]{12,64}")
_TIME: Final = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MODULE: Final = pattern(r"[A-Za-z0-9._~!+\-]+(?:/[A-Za-z0-9._~!+\-]+)*")
_LIBRARY: Final = "stdlib"


class _Build(Struct):
    go: str = ""
    path: str = ""
    main: tuple[str, str] = ("", "")
    modules: dict[str, tuple[str, tuple[str, str] | None]] = field(default_factory=dict)
    """Module -> its version, and the module (or folder) and version that stand in its place."""
    settings: dict[str, str] = field(default_factory=dict)


class _Go:
    name = "go"
    version = 3
    hint = Hint(programs=True)

    def wants(self, file: LayerFile) -> bool:
        return is_program(file.head)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        catalogue = Catalogue()
        losses = Losses()
        for program in programs(data):
            raw = _raw(program)
            if raw is None:
                continue
            build = _parsed(*raw, losses)
            own = _own(build, program)
            catalogue.packages += _packages(build, own, file.path)
            if build.go and not build.modules and not build.main[0]:
                program_name = _name(build)
                of = (
                    f" of {one_line(program_name)}"
                    if _is_module(program_name) and not program_name.startswith("cmd/") and own is None
                    else ""
                )
                without = " of which no version is told" if of else ""
                losses.remark(
                    f"a Go program{of} (Go {build.go}){without} that names no modules: which ones it holds is unknown, "
                    "build it from a Go module to see them"
                )
        catalogue.problem = losses.problem(len(catalogue.packages))
        catalogue.severe = losses.severe
        return catalogue


CATALOGUER: Final = _Go()


def _raw(program: Program) -> tuple[bytes, str] | None:
    """(version of Go, text of modules), None where the program is not Go's."""
    block = next((found for name in _SECTIONS if (found := program.section(name)) is not None), None)
    if block is None:
        if (program.table or program.sections) and bytes(program.data[:2]) != PE:
            return None
        data = next((one for one in program.segments if one.writable and one.size), None)
        if data is None:
            return None
        block = program.data[data.offset : data.offset + data.size]
    start = _found(block)
    if start < 0:
        return None
    return _inline(block[start:]) if block[start + 15] & _INLINE else _pointed(program, block[start : start + _HEADER])


def _found(block: memoryview) -> int:
    """Where the magic number stands, at a multiple of 16 bytes; -1 if it does not."""
    content = bytes(block[:_SEARCHED])
    at = content.find(_MAGIC)
    while at >= 0 and at % _STEP:
        at = content.find(_MAGIC, at + 1)
    return at if 0 <= at <= len(content) - _HEADER else -1


def _inline(block: memoryview) -> tuple[bytes, str]:
    """Go 1.18 and later: two strings with their lengths stand behind the header."""
    version, rest = _string(block[_HEADER:])
    modules, _ = _string(rest)
    return version, _modinfo(modules)


def _string(data: memoryview) -> tuple[bytes, memoryview]:
    """A length as varint (seven bits a byte, lowest first), then as many bytes."""
    length = shift = 0
    for index, byte in enumerate(data[:5]):
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            end = index + 1 + length
            return (bytes(data[index + 1 : end]), data[end:]) if length <= limits.GO_MODULES_BYTES else (b"", data[:0])
    return b"", data[:0]


def _pointed(program: Program, header: memoryview) -> tuple[bytes, str]:
    """Before Go 1.18: the header has the addresses of two string headers (address, length)."""
    size = header[14]
    order: Literal["big", "little"] = "big" if header[15] & _BIG_ENDIAN else "little"
    if size not in (4, 8):
        return b"", ""

    def text(address: int) -> bytes:
        head = program.at(int.from_bytes(header[address : address + size], order), 2 * size)
        if len(head) < 2 * size:
            return b""
        length = int.from_bytes(head[size:], order)
        return bytes(program.at(int.from_bytes(head[:size], order), min(length, limits.GO_MODULES_BYTES)))

    return text(16), _modinfo(text(16 + size))


def _modinfo(raw: bytes) -> str:
    """The text between two marks of 16 bytes each; "" where there is none."""
    if len(raw) > 2 * _MODINFO_FRAME and raw[-_MODINFO_FRAME - 1 : -_MODINFO_FRAME] == b"\n":
        return raw[_MODINFO_FRAME:-_MODINFO_FRAME].decode("utf-8", "replace")
    return ""


def _parsed(version: bytes, text: str, losses: Losses) -> _Build:
    """Lines of words between tabs (Go's runtime/debug, `ParseBuildInfo`)."""
    build = _Build()
    if found := _VERSION.search(version[:64].decode("utf-8", "replace")):
        build.go = found[1]
    last = ""
    for line in text.split("\n"):
        kind, _, rest = line.partition("\t")
        words = rest.split("\t")
        module = (words[0], words[1] if len(words) > 1 else "")
        if kind == "path":
            build.path = rest
        elif kind == "mod":
            build.main, last = module, ""
        elif kind == "dep":
            if len(build.modules) >= limits.PACKAGES_PER_FILE:
                losses.note(f"more than {limits.PACKAGES_PER_FILE:,} modules; the rest is not read")
                break
            build.modules[module[0]], last = (module[1], None), module[0]
        elif kind == "=>":
            if last:
                build.modules[last] = (build.modules[last][0], module)
            else:
                build.main = module
        elif kind == "build":
            key, _, value = rest.partition("=")
            build.settings[key] = _unquoted(value)
    return build


def _unquoted(text: str) -> str:
    """A value with blanks stands in quotes, with those in it escaped (Go's strconv, `Quote`)."""
    if len(text) < 2 or not text.startswith('"'):
        return text
    return text[1:-1].replace('\\"', '"')


def _name(build: _Build) -> str:
    """The program's own module; without modules only the folder of the program is told."""
    return build.main[0] or build.path.partition("/cmd/")[0]


def _own(build: _Build, program: Program) -> tuple[str, str] | None:
    """The version of the program itself, and how it is known ("" where the build information says it)."""
    if not _is_module(_name(build)):
        return None
    if _is_told(build.main[1]):
        return build.main[1], ""
    return _set_by_linker(build) or _beside_gos_version(build, program) or _of_commit(build)


def _packages(build: _Build, own: tuple[str, str] | None, path: str) -> Iterator[Package]:
    if build.go:
        yield _package(_LIBRARY, build.go, path)
    if own is not None:
        yield _package(_name(build), own[0], path, own[1])
    for required, (version, replacement) in build.modules.items():
        if replacement is None:
            found = (required, version, "")
        elif _is_told(replacement[1]):
            found = (*replacement, "")
        else:
            found = (required, version, f"replaced by the folder {one_line(replacement[0])}")
        if _is_module(found[0]) and _is_told(found[1]):
            yield _package(found[0], found[1], path, found[2])


def _is_told(version: str) -> bool:
    return is_version(version) and version != "(devel)"


def _set_by_linker(build: _Build) -> tuple[str, str] | None:
    """The version that the linker was told to write into the program, and where that is known from.

    A variable of the program itself goes before those of modules that it uses.
    """
    found = _LDFLAGS.findall(build.settings.get("-ldflags", "")[: limits.VERSION_RANGE_CHARACTERS])
    own = ("main", _name(build))
    for _, version in sorted(found, key=lambda one: not one[0].startswith(own)):
        if is_version(version):
            return f"v{version.removeprefix('v')}", "version from the linker's flags"
    return None


def _beside_gos_version(build: _Build, program: Program) -> tuple[str, str] | None:
    """The version that the linker set, where `-trimpath` keeps its flags out of the build information.

    None where several texts look like one: the program may have set that of another module as well.
    """
    if not build.go:
        return None
    data = program.data[: limits.BINARY_SEARCHED_BYTES]
    mark = re.compile(rb"\0go" + re.escape(build.go.encode()) + rb"\0")
    found: set[str] = set()
    for place in islice(mark.finditer(data), _PLACES):
        beside = bytes(data[max(place.start() - _BESIDE, 0) : place.end() + _BESIDE])
        found |= {one.decode().removeprefix("v") for one in _OWN_VERSION.findall(beside)}
    if len(found) != 1:
        return None
    return f"v{found.pop()}", "version from a text that the linker set beside Go's own version"


def _of_commit(build: _Build) -> tuple[str, str] | None:
    """The version that Go gives a commit without a tag (Go modules reference, "Pseudo-versions")."""
    revision, time = build.settings.get("vcs.revision", ""), build.settings.get("vcs.time", "")
    if _REVISION.fullmatch(revision) and _TIME.fullmatch(time):
        stamp = "".join(one for one in time if one.isdigit())
        return f"v0.0.0-{stamp}-{revision[:12]}", "version made from the commit, its tag is not known"
    return None


def _is_module(name: str) -> bool:
    return (
        0 < len(name) <= limits.PACKAGE_NAME
        and _MODULE.fullmatch(name) is not None
        and name != "command-line-arguments"
    )


def _package(module: str, version: str, path: str, guessed: str = "") -> Package:
    """`guessed`: how the version was arrived at, "" where the build information says it."""
    namespace, _, name = module.rpartition("/")
    return Package(
        type="golang",
        namespace=namespace,
        name=name,
        version=version,
        origin=CATALOGUER.name,
        paths=(path,),
        files=(path,),
        confidence="low" if guessed else "high",
        evidence=guessed,
    )
