"""Poetry: `poetry.lock` of versions 1 and 2 (in version 2.1 with the groups that ask for a package)."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, Scope, digests, items, mapping, word
from batten.formats.lockfiles.toml import Tables
from batten.model.package_names import project_name


def read(lock: Lock) -> None:
    """What lies in a folder of its own is no package of an index."""
    lock.writes("poetry add {name}@{version}")
    tables = Tables(lock, "package")
    hashes = mapping(mapping(tables.document.get("metadata")).get("files"))  # version 1.0 and 1.1
    for entry in tables.entries:
        place = tables.place(entry)
        name = word(entry.get("name"))
        if mapping(entry.get("source")).get("type") in ("directory", "file"):
            continue
        files = [*items(entry.get("files")), *items(hashes.get(name))]
        lock.add(
            "pypi",
            project_name(name),
            word(entry.get("version")),
            place,
            scope=_scope(entry),
            depends=[project_name(one) for one in mapping(entry.get("dependencies"))],
            checksums=digests(mapping(one).get("hash") for one in files),
        )


def _scope(entry: dict[str, Any]) -> Scope:
    if entry.get("optional") is True:
        return "optional"
    groups = items(entry.get("groups")) or [entry.get("category")]
    if groups == [None]:
        return ""
    return "runtime" if "main" in groups else "development"
