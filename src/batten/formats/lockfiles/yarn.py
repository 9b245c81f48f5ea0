"""Yarn: `yarn.lock` of version 1, a format of its own, and of version 2 and later ("Berry"), which is YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct, field

from batten import limits
from batten.formats.lockfiles.lock import Lock, Scope, integrity, is_hexadecimal, mapping, word
from batten.formats.lockfiles.manifest import asked_for
from batten.model.package_names import split_scope
from batten.model.source import Pointer, Unreadable
from batten.pattern import pattern

_BLOCK: Final = pattern(r"^(?![ #\n\r])([^\n]+):[ \t]*\r?$", re.MULTILINE)
_FIELD: Final = pattern(r"^  (version|resolved|integrity|uid):?[ \t]+\"?([^\"\n\r]*)\"?[ \t]*\r?$", re.MULTILINE)
_NEEDS: Final = pattern(
    r"^  (?:dependencies|optionalDependencies):[ \t]*\r?\n((?:^    [^\n]*(?:\n|\Z))+)", re.MULTILINE
)
_NEEDED: Final = pattern(r"^    \"?((?:@[^\s\"/]+/)?[^\s\"/]+)\"?[ \t]", re.MULTILINE)
_PATTERN: Final = pattern(r"[ \t]*\"?((?:@[^@/\s\"]+/)?[^@/\s\"]+)@([^\"]*)\"?[ \t]*")
_LOCAL: Final = ("file:", "link:", "portal:", "workspace:")


class _Block(Struct):
    """An entry of version 1."""

    asked: list[tuple[str, str]]
    """Name and range of everything that it answers."""
    fields: dict[str, str] = field(default_factory=dict)
    place: Pointer = (0, 0)
    needs: list[str] = field(default_factory=list)


def read(lock: Lock) -> None:
    """`package.json` beside it says what is asked for directly: the lock does not."""
    if re.search(r"^__metadata:", lock.text, re.MULTILINE):
        _berry(lock)
        return
    lock.writes("yarn upgrade {name}@{version}")
    asked = asked_for(lock)
    for block in _blocks(lock.text):
        if lock.full:
            return
        first, at = block.asked[0]
        if at.startswith(_LOCAL):
            continue
        name = _aliased(at) or first
        namespace, name = split_scope(name)
        digest = block.fields.get("resolved", "").rpartition("#")[2]
        checksums = integrity(block.fields.get("integrity"))
        direct, scope = _asked(block.asked, asked)
        lock.add(
            "npm",
            name,
            block.fields.get("version", ""),
            block.place,
            namespace=namespace,
            direct=direct,
            scope=scope,
            depends=block.needs,
            checksums=checksums or ([("sha1", digest)] if is_hexadecimal(digest) else ()),
        )


def _asked(ranges: list[tuple[str, str]], asked: dict[str, tuple[str, Scope]] | None) -> tuple[bool | None, Scope]:
    if asked is None:
        return None, ""
    for name, at in ranges:
        wanted = asked.get(name)
        if wanted is not None and wanted[0] == at.removeprefix("npm:" if not wanted[0].startswith("npm:") else ""):
            return True, wanted[1]
    return False, ""


def _aliased(at: str) -> str:
    """`npm:other@^1` -> `other`; "" for a range."""
    return at[4:].rpartition("@")[0] if at.startswith("npm:") and "@" in at[5:] else ""


def _blocks(text: str) -> Iterator[_Block]:
    headers = _BLOCK.finditer(text)
    following = next(headers, None)
    while following is not None:
        header, following = following, next(headers, None)
        end = following.start() if following is not None else len(text)
        if len(header[1]) > limits.LINE_BYTES:
            raise Unreadable("expected the names of a package, found a line that is far too long")
        asked = [(one[1], one[2]) for part in header[1].split(", ") if (one := _PATTERN.fullmatch(part))]
        if not asked:
            continue
        block = _Block(asked, place=header.span(1))
        for one in _FIELD.finditer(text, header.end(), end):
            block.fields.setdefault(one[1], one[2])
            if one[1] == "version":
                block.place = one.span(2)
        for needs in _NEEDS.finditer(text, header.end(), end):
            block.needs += _NEEDED.findall(needs[1])
        yield block


def _berry(lock: Lock) -> None:
    from batten.formats.lockfiles.yaml import first

    entries = first(lock, "yarn up {name}@{version}")
    direct = _workspaces(entries)
    for key, value in entries.items():
        if lock.full:
            return
        entry = mapping(value)
        if key == "__metadata" or entry.get("linkType") == "soft":
            continue
        resolved = _PATTERN.fullmatch(word(entry.get("resolution"))[: limits.PACKAGE_FIELD])
        if resolved is None or resolved[2].startswith(_LOCAL):
            continue
        namespace, name = split_scope(resolved[1])
        asked = {one[1]: one[2] for part in key.split(", ") if (one := _PATTERN.fullmatch(part))}
        lock.add(
            "npm",
            name,
            str(entry.get("version", "")),
            (key, "version"),
            namespace=namespace,
            direct=any(direct.get(one) == at.removeprefix("npm:") for one, at in asked.items()) if direct else None,
            depends=[*mapping(entry.get("dependencies")), *mapping(entry.get("optionalDependencies"))],
        )


def _workspaces(entries: dict[str, Any]) -> dict[str, str]:
    """Name -> range of what the project and its workspaces ask for; for what is not told."""
    found: dict[str, str] = {}
    for value in entries.values():
        entry = mapping(value)
        if entry.get("linkType") == "soft":
            for name, at in mapping(entry.get("dependencies")).items():
                found[name] = word(at).removeprefix("npm:")
    return found
