"""Python: installed distributions (Core metadata specification, "Recording installed projects"), and eggs.

`RECORD` and its older relatives stand beside the metadata; of the files that they name those are kept that
tell which modules, programs and libraries a distribution brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import headers, joined, json_object, licenses, mapping, names, word
from batten.images.cataloguers._told import Losses, Room, decoded, is_name, is_version, shown
from batten.model.package import Package
from batten.model.package_names import project_name
from batten.model.source import Unreadable
from batten.pattern import pattern

_METADATA: Final = (".dist-info/METADATA", ".egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", ".egg-info")
_LISTS: Final = (".dist-info/RECORD", ".egg-info/installed-files.txt", ".egg-info/top_level.txt")
_DIRECT: Final = ".dist-info/direct_url.json"  # PEP 610: what was not installed from an index
_WANTED: Final = (*_METADATA, *_LISTS, _DIRECT)
_IN_EGG: Final = "EGG-INFO/PKG-INFO"
_METADATA_BYTES: Final = 1 * limits.MIB
"""Read of the metadata: the headers come first, a long description after them."""
_REQUIREMENT: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REQUIREMENT_LENGTH: Final = 2_000
_EXTRA: Final = pattern(r";.*\bextra\s*==")
_CLASSIFIER: Final = "License :: "
_NO_LICENCE: Final = frozenset({"", "unknown", "none", "see license file", "osi approved"})
_WORDS_OF_A_LICENCE: Final = 120


class _Python:
    name = "python"
    version = 2
    hint = Hint(endings=(*_WANTED, ".egg"))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_WANTED) or (file.path.endswith(".egg") and file.head.startswith(b"PK"))

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        if file.path.endswith(_METADATA):
            return Catalogue([_package(str(data[:_METADATA_BYTES], "utf-8", "replace"), file.path)])
        if file.path.endswith(".egg"):
            return _egg(file.path, data)
        if file.path.endswith(_DIRECT):
            return Catalogue(sources=_direct(file.path, json_object(data)))
        return _owned(file.path, data)


CATALOGUER: Final = _Python()


def _direct(path: str, found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Where the distribution came from, as a qualifier of its package URL, without credentials and queries."""
    try:
        address = urlsplit(word(found.get("url")))
    except ValueError:
        return {}
    if address.scheme not in ("http", "https", "ssh", "git") or not address.hostname:
        return {}  # `file:` is a folder of the machine that built the image
    try:
        port = f":{address.port}" if address.port else ""
    except ValueError:
        return {}
    plain = f"{address.scheme}://{address.hostname}{port}{address.path}"
    control = mapping(found.get("vcs_info"))
    kind, commit = word(control.get("vcs")), word(control.get("commit_id"))
    if len(plain) > limits.PACKAGE_NAME or not plain.isprintable() or (control and not (kind + commit).isalnum()):
        return {}
    metadata = path.removesuffix("direct_url.json") + "METADATA"
    if control:
        return {metadata: ("vcs_url", f"{kind}+{plain}@{commit[:64]}")}
    return {metadata: ("download_url", plain)}


def _package(text: str, path: str) -> Package:
    fields: dict[str, str] = {}
    classifiers: list[str] = []
    needs: list[str] = []
    for name, value in headers(text.removeprefix("\ufeff")):
        if name == "classifier" and value.startswith(_CLASSIFIER):
            classifiers.append(value.rpartition("::")[2].strip())
        elif name == "requires-dist":
            needs.append(value)
        else:
            fields.setdefault(name, value)
    name, version = fields.get("name", "").strip(), fields.get("version", "").strip()
    if not is_name(name):
        raise Unreadable(f"expected the name of a Python package after Name:, found {shown(name)}")
    if not is_version(version):
        raise Unreadable(f"expected a version of {name} after Version:, found {shown(version)}")
    return Package(
        type="pypi",
        name=project_name(name),
        version=version,
        origin=CATALOGUER.name,
        paths=(path,),
        licenses=licenses(_licences(fields, classifiers)),
        depends=names(_needed(needs)),
    )


def _licences(fields: dict[str, str], classifiers: list[str]) -> list[str]:
    """The expression; else a short text (the whole licence may stand there); else the classifiers."""
    if expression := fields.get("license-expression", ""):
        return [expression]
    text = fields.get("license", "")
    if text.lower() not in _NO_LICENCE and len(text) <= _WORDS_OF_A_LICENCE and "\n" not in text:
        return [text]
    return [one for one in classifiers if one.lower() not in _NO_LICENCE]


def _needed(requirements: Iterable[str]) -> Iterator[str]:
    for requirement in requirements:
        if not _EXTRA.search(requirement[:_REQUIREMENT_LENGTH]) and (found := _REQUIREMENT.match(requirement)):
            yield project_name(found[0])


def _egg(path: str, data: bytes | memoryview) -> Catalogue:
    """A zipped egg. A folder of that name is no file; a link file (`.egg-link`) is not asked for."""
    from batten.images.cataloguers._zip import NotAnArchive, Zip

    try:
        archive = Zip(data, _IN_EGG.__eq__)
        for member in archive.members:
            text = str(archive.read(member, _METADATA_BYTES), "utf-8", "replace")
            return Catalogue([_package(text, f"{path}!{_IN_EGG}")])
    except NotAnArchive as error:
        raise Unreadable(str(error)) from None
    return Catalogue()


def _owned(path: str, data: bytes | memoryview) -> Catalogue:
    losses = Losses()
    room = Room(losses)
    lines = decoded(data, limits.PACKAGE_LIST_BYTES, losses).splitlines()
    metadata, _, kind = path.rpartition("/")
    folder = metadata.rpartition("/")[0]
    if kind == "RECORD":
        found = (joined(folder, _record_path(line)) for line in lines)
    elif kind == "top_level.txt":
        found = (joined(folder, f"{line.strip()}/__init__.py") for line in lines if line.strip())
    else:
        found = (joined(metadata, line) for line in lines)
    kept = [one for one in _telling(found, folder) if room.path(one)]
    owned = dict.fromkeys(_names(metadata), kept) if kept else {}
    return Catalogue(owned=owned, problem=losses.problem(0))


def _record_path(line: str) -> str:
    """The first of three fields of comma-separated values."""
    if line.startswith('"'):
        return line[1:].partition('",')[0].replace('""', '"')
    return line.partition(",")[0]


def _telling(paths: Iterable[str], folder: str) -> Iterator[str]:
    """One file of each top-level module, and all programs and native libraries."""
    modules: set[str] = set()
    start = len(folder) + 1 if folder else 0
    for path in paths:
        if "\0" in path:
            continue
        if path.endswith(".py") and "bin/" not in path:
            module = path[start:].partition("/")[0]
            if path.startswith(folder) and module not in modules:
                modules.add(module)
                yield path
        elif "bin/" in path or ".so" in path:
            yield path


def _names(metadata: str) -> list[str]:
    """Names that a folder `zope_interface-7.0.dist-info` may stand for: dots are written as underscores too."""
    stem = metadata.rpartition("/")[2].removesuffix(".dist-info").removesuffix(".egg-info")
    stem = stem.partition("-")[0].lower()
    spellings = (stem.replace("_", "-"), stem.replace("_", "."), stem.replace("_", ".", 1).replace("_", "-"))
    return [one for one in dict.fromkeys(spellings) if is_name(one)]
