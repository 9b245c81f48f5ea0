"""Composer: `composer.lock`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, is_hexadecimal, items, mapping, word
from batten.model.source import Unreadable

_LISTS: Final[tuple[tuple[str, Scope], ...]] = (("packages", "runtime"), ("packages-dev", "development"))


def read(lock: Lock) -> None:
    """`composer.json` beside it says what is asked for directly: the lock does not."""
    document = lock.json("composer require {name}:{version}")
    if "packages" not in document:
        raise Unreadable("expected `packages` of a Composer lock file, found none", 1)
    asked = _asked(lock)
    for key, scope in _LISTS:
        for index, value in enumerate(items(document.get(key))):
            if lock.full:
                return
            entry = mapping(value)
            label = word(entry.get("name")).lower()
            vendor, _, name = label.partition("/")
            dist = mapping(entry.get("dist"))
            if dist.get("type") == "path":
                continue
            digits = word(dist.get("shasum"))
            lock.add(
                "composer",
                name,
                word(entry.get("version")),
                (key, index, "version"),
                namespace=vendor,
                direct=None if asked is None else label in asked,
                scope=scope,
                depends=[one.lower() for one in mapping(entry.get("require")) if "/" in one],
                checksums=[("sha1", digits.lower())] if is_hexadecimal(digits) else (),
                licenses=tuple(word(one) for one in items(entry.get("license"))[:8] if word(one)),
            )


def _asked(lock: Lock) -> set[str] | None:
    from batten.formats.json.scan import parse

    file = lock.beside("composer.json")
    if file is None:
        return None
    try:
        document = mapping(parse(file.text().removeprefix("\ufeff")).value)
    except Unreadable:
        return None
    return {name.lower() for key in ("require", "require-dev") for name in mapping(document.get(key))}
