"""Pipenv: `Pipfile.lock`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, digests, items, mapping, word
from batten.model.package_names import project_name

_NOT_GROUPS: Final = ("_meta", "default")


def read(lock: Lock) -> None:
    """`default` is what runs; `develop` and the named categories are not."""
    document = lock.json("pipenv install {name}=={version}")
    groups: list[tuple[str, Scope]] = [("default", "runtime")]
    groups += [(name, "development" if name == "develop" else "") for name in document if name not in _NOT_GROUPS]
    for group, scope in groups:
        for name, value in mapping(document.get(group)).items():
            entry = mapping(value)
            version = word(entry.get("version"))
            if not version.startswith("=="):
                continue  # a folder, or an address without a version
            lock.add(
                "pypi",
                project_name(name),
                version.lstrip("= "),
                (group, name, "version"),
                scope=scope,
                checksums=digests(items(entry.get("hashes"))),
            )
