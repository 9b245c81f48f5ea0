"""Swift: `Package.resolved` of versions 1 to 3."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from batten.formats.lockfiles.lock import Lock, items, mapping, word
from batten.model.package_names import split_path
from batten.pattern import pattern

_SHELL: Final = pattern(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(\S+)")


def read(lock: Lock) -> None:
    """A pin is a repository with a version; a branch or a commit alone has none. Package URLs name the repository."""
    document = lock.json("swift package resolve {name} --version {version}")
    holder = mapping(document.get("object")) or document
    start = ("object", "pins") if "object" in document else ("pins",)
    for index, value in enumerate(items(holder.get("pins"))):
        if lock.full:
            return
        entry = mapping(value)
        version = word(mapping(entry.get("state")).get("version"))
        address = word(entry.get("location")) or word(entry.get("repositoryURL"))
        if not version or not address:
            continue
        namespace, name = split_path(_repository(address))
        lock.add("swift", name, version, (*start, index, "state", "version"), namespace=namespace)


def _repository(address: str) -> str:
    """`https://github.com/owner/name.git` or `git@github.com:owner/name.git` -> `github.com/owner/name`."""
    if found := _SHELL.fullmatch(address):
        path = f"{found[1]}/{found[2]}"
    else:
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        path = f"{parts.hostname or ''}{parts.path}"
    return path.strip("/").removesuffix(".git")
