"""Conan: `conan.lock` of version 2 (references by use) and of version 1 (a graph)."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, items, mapping, word
from batten.model.source import Pointer
from batten.pattern import pattern

_REFERENCE: Final = pattern(r"([A-Za-z0-9_][A-Za-z0-9_+.-]{1,100})/([^@#%\s/]{1,100})(?:@[^#%\s]*)?(?:[#%]\S*)?")
_LISTS: Final[tuple[tuple[str, Scope], ...]] = (
    ("requires", "runtime"),
    ("build_requires", "development"),
    ("python_requires", "development"),
    ("config_requires", "development"),
)


def read(lock: Lock) -> None:
    """`name/version@user/channel#revision%time`. The node 0 of a graph is the project itself."""
    document = lock.json("conan lock add --requires={name}/{version}")
    for key, scope in _LISTS:
        for index, value in enumerate(items(document.get(key))):
            # a reference may be a pair with its revision
            _add(lock, word(value[0]) if isinstance(value, list) and value else word(value), (key, index), scope)
    nodes = mapping(mapping(document.get("graph_lock")).get("nodes"))
    built = {word(one) for node in nodes.values() for one in items(mapping(node).get("build_requires"))}
    needed = {word(one) for node in nodes.values() for one in items(mapping(node).get("requires"))}
    for number, value in nodes.items():
        entry = mapping(value)
        if entry.get("path"):
            continue
        scope = "development" if number in built and number not in needed else "runtime"
        _add(lock, word(entry.get("ref")), ("graph_lock", "nodes", number, "ref"), scope)


def _add(lock: Lock, reference: str, place: Pointer, scope: Scope) -> None:
    found = _REFERENCE.fullmatch(reference)
    if found is not None and not lock.full:
        lock.add("conan", found[1], found[2], place, scope=scope)
