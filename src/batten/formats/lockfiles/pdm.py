"""PDM: `pdm.lock`."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, Scope, digests, items, mapping, word
from batten.formats.lockfiles.toml import Tables
from batten.model.package_names import project_name
from batten.pattern import pattern

_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read(lock: Lock) -> None:
    """A package asked for with extras stands twice, once with and once without them."""
    lock.writes("pdm update --update-reuse {name}=={version}")
    tables = Tables(lock, "package")
    for entry in tables.entries:
        place = tables.place(entry)
        if "path" in entry or entry.get("editable") is True:
            continue
        needs = [_NAME.match(word(one)) for one in items(entry.get("dependencies"))]
        lock.add(
            "pypi",
            project_name(word(entry.get("name"))),
            word(entry.get("version")),
            place,
            scope=_scope(entry),
            depends=[project_name(one[0]) for one in needs if one],
            checksums=digests(mapping(one).get("hash") for one in items(entry.get("files"))),
        )


def _scope(entry: dict[str, Any]) -> Scope:
    """The group `default` is the project itself; others are extras or for development, which is not told."""
    groups = items(entry.get("groups"))
    if "default" in groups:
        return "runtime"
    return (
        "development" if groups and all(word(one).startswith(("dev", "test", "doc", "lint")) for one in groups) else ""
    )
