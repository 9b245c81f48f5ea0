"""Bun: `bun.lock`, JSON with commas and comments that JSON does not have."""

from __future__ import annotations

import re
from typing import Any, Final

from batten.formats.lockfiles.lock import Lock, Scope, integrity, items, mapping, word
from batten.formats.lockfiles.reach import scopes
from batten.model.package_names import split_scope
from batten.model.source import Pointer, Unreadable
from batten.pattern import pattern

_COMMENT: Final = pattern(r"\"(?:[^\"\\\n]|\\.)*+\"?|//[^\n]*|/\*")
_COMMA: Final = pattern(r"(\"(?:[^\"\\\n]|\\.)*+\"?)|,(?=\s*[\]}])")
_ENTRY: Final = pattern(r"^[ \t]*\"((?:[^\"\\\n]|\\.)+)\":[ \t]*\[[ \t]*\"((?:[^\"\\\n]|\\.)+)\"", re.MULTILINE)
_RESOLVED: Final = pattern(r"((?:@[^@/]+/)?[^@/]+)@(?:npm:)?(\d.*)")
_GROUPS: Final = ("dependencies", "optionalDependencies", "devDependencies")


def read(lock: Lock) -> None:
    """An entry is `[name@version, registry, {dependencies …}, integrity]`; folders and addresses have no version."""
    from batten.formats.json.scan import parse

    text = lock.text
    document = mapping(parse(_plain(text.removeprefix("\ufeff"))).value)
    lock.writes("bun add {name}@{version}")
    places: dict[tuple[str, str], Pointer] = {(one[1], one[2]): one.span(2) for one in _ENTRY.finditer(text)}
    packages = {key: items(value) for key, value in mapping(document.get("packages")).items()}
    own = [mapping(one) for one in mapping(document.get("workspaces")).values()]
    asked = [[name for one in own for name in mapping(one.get(group))] for group in _GROUPS]
    needs = {key: [_below(key, name, packages) for name in _needs(value)] for key, value in packages.items()}
    scope = scopes(needs, *asked)
    direct = {name for group in asked for name in group}
    for key, value in packages.items():
        if lock.full:
            return
        resolved = word(value[0]) if value else ""
        found = _RESOLVED.fullmatch(resolved)
        if found is None:
            continue
        namespace, name = split_scope(found[1])
        _, end = places.get((key, resolved), (0, 0))
        told: Scope = scope.get(key, "")
        lock.add(
            "npm",
            name,
            found[2],
            (int(end) - len(found[2]), end) if end else (0, 0),
            namespace=namespace,
            direct=key in direct,
            scope=told,
            depends=_needs(value),
            checksums=integrity(value[-1]) if len(value) > 1 else (),
        )


def _plain(text: str) -> str:
    """Without comments and without commas before a closing bracket; lines stay lines."""
    parts = []
    start = 0
    while found := _COMMENT.search(text, start):
        end = found.end()
        if found[0].startswith('"'):
            parts.append(text[start:end])
        else:
            parts.append(text[start : found.start()])
            if found[0] == "/*":
                end = text.find("*/", end) + 2
                if end < 2:
                    line = 1 + text.count("\n", 0, found.start())
                    raise Unreadable("expected the end of the comment that begins here", line)
                parts.append("\n" * text.count("\n", found.start(), end))
        start = end
    parts.append(text[start:])
    return _COMMA.sub(lambda comma: comma[1] or "", "".join(parts))


def _needs(value: list[Any]) -> list[str]:
    entry = next((one for one in value if isinstance(one, dict)), {})
    return [name for group in _GROUPS[:2] for name in mapping(entry.get(group))]


def _below(key: str, name: str, packages: dict[str, list[Any]]) -> str:
    """The key of what `key` finds when it asks for `name`: its own copy, else that of the ones above it."""
    while key:
        if f"{key}/{name}" in packages:
            return f"{key}/{name}"
        key = key.rpartition("/")[0]
    return name
