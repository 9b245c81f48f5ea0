"""Conda: `environment.yml` with exact pins, and `conda-lock.yml`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, is_hexadecimal, items, mapping, word
from batten.formats.lockfiles.yaml import first
from batten.model.package_names import project_name
from batten.model.source import Pointer
from batten.pattern import pattern

_PINNED: Final = pattern(
    r"(?:([^\s:=<>]+)::)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*={1,2}\s*([0-9][A-Za-z0-9._!+]*)(?:=([A-Za-z0-9_.]+))?"
)
_PIP: Final = pattern(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([A-Za-z0-9][A-Za-z0-9.+!_-]*)\s*(?:;.*)?")


def read(lock: Lock) -> bool:
    """False: some other tool's `environment.yml`."""
    document = first(lock, "conda install {name}={version}")
    if lock.name.startswith("conda-lock"):
        _locked(lock, items(document.get("package")))
        return True
    dependencies = document.get("dependencies")
    if not isinstance(dependencies, list):
        return False
    for index, value in enumerate(dependencies):
        place: Pointer = ("dependencies", index)
        if isinstance(value, dict):
            for number, one in enumerate(items(value.get("pip"))):
                if found := _PIP.fullmatch(word(one)):
                    lock.add("pypi", project_name(found[1]), found[2], (*place, "pip", number), direct=True)
        elif found := _PINNED.fullmatch(word(value)):
            channel, name, version, build = found.groups()
            qualifiers = tuple((key, text) for key, text in (("build", build), ("channel", channel)) if text)
            lock.add("conda", name.lower(), version, place, qualifiers=qualifiers, direct=True)
    return True


def _locked(lock: Lock, entries: list[object]) -> None:
    """One entry for each platform; Python's own packages say `manager: pip`."""
    for index, value in enumerate(entries):
        if lock.full:
            return
        entry = mapping(value)
        pip = entry.get("manager") == "pip"
        name, category = word(entry.get("name")), word(entry.get("category"))
        scope: Scope = "runtime" if category == "main" else "development" if category.startswith("dev") else ""
        digits = word(mapping(entry.get("hash")).get("sha256"))
        lock.add(
            "pypi" if pip else "conda",
            project_name(name) if pip else name.lower(),
            word(entry.get("version")),
            ("package", index, "version"),
            scope="optional" if entry.get("optional") is True and not scope else scope,
            depends=mapping(entry.get("dependencies")),
            checksums=[("sha256", digits.lower())] if is_hexadecimal(digits) else (),
        )
