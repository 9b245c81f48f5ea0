"""Haskell: `stack.yaml.lock` and `cabal.project.freeze`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, is_hexadecimal, items, mapping, word
from batten.formats.lockfiles.yaml import first
from batten.pattern import pattern

_HACKAGE: Final = pattern(r"([A-Za-z0-9-]{1,256}?)-(\d+(?:\.\d+)*)(?:@sha256:([0-9a-f]{64})(?:,\d+)?|@rev:\d+)?")
_FROZEN: Final = pattern(r"(?:any\.)([A-Za-z0-9-]{1,256}) ==(\d+(?:\.\d+)*)")


def read(lock: Lock) -> None:
    """Of Stack, the packages besides those of the snapshot, which is named by its digest alone."""
    if lock.name.endswith(".freeze"):
        lock.writes("cabal freeze --constraint={name}=={version}")
        for found in _FROZEN.finditer(lock.text):
            if lock.full:
                return
            lock.add("hackage", found[1], found[2], found.span(2))
        return
    document = first(lock, "stack build {name}-{version}")
    for index, value in enumerate(items(document.get("packages"))):
        if lock.full:
            return
        completed = word(mapping(mapping(value).get("completed")).get("hackage"))
        match = _HACKAGE.fullmatch(completed)
        if match is None:
            continue
        lock.add(
            "hackage",
            match[1],
            match[2],
            ("packages", index, "completed", "hackage"),
            checksums=[("sha256", match[3])] if is_hexadecimal(match[3] or "") else (),
        )
