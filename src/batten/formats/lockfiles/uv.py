"""uv: `uv.lock`, which has the project and its workspace among the packages."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, digests, items, mapping, word
from batten.formats.lockfiles.reach import scopes
from batten.formats.lockfiles.toml import Tables
from batten.model.package_names import project_name

_OWN = ("editable", "virtual", "directory")


def read(lock: Lock) -> None:
    """From the project's own entries follows what is asked for directly, and for what."""
    lock.writes("uv lock --upgrade-package {name}=={version}")
    tables = Tables(lock, "package")
    own = [entry for entry in tables.entries if _is_own(entry)]
    runtime = {name for entry in own for name in _names(entry.get("dependencies"))}
    optional = {name for entry in own for name in _grouped(entry, "optional-dependencies")}
    development = {name for entry in own for name in _grouped(entry, "dev-dependencies")}
    needs: dict[str, list[str]] = {}
    for entry in tables.entries:
        if not _is_own(entry):
            needs.setdefault(project_name(word(entry.get("name"))), []).extend(_needed(entry))
    scope = scopes(needs, runtime, optional, development)
    for entry in tables.entries:
        place = tables.place(entry)
        if _is_own(entry):
            continue
        name = project_name(word(entry.get("name")))
        files = [entry.get("sdist"), *items(entry.get("wheels"))]
        lock.add(
            "pypi",
            name,
            word(entry.get("version")),
            place,
            direct=name in runtime or name in optional or name in development if own else None,
            scope=scope.get(name, ""),
            depends=_needed(entry),
            checksums=digests(mapping(one).get("hash") for one in files),
        )


def _is_own(entry: dict[str, Any]) -> bool:
    return any(one in mapping(entry.get("source")) for one in _OWN)


def _names(value: object) -> list[str]:
    return [project_name(word(mapping(one).get("name"))) for one in items(value)]


def _grouped(entry: dict[str, Any], key: str) -> list[str]:
    return [name for group in mapping(entry.get(key)).values() for name in _names(group)]


def _needed(entry: dict[str, Any]) -> list[str]:
    """Of extras, those that somebody asked for are in the lock."""
    return [*_names(entry.get("dependencies")), *_grouped(entry, "optional-dependencies")]
