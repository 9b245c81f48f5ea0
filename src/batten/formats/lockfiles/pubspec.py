"""Dart: `pubspec.lock`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, is_hexadecimal, mapping, word
from batten.formats.lockfiles.yaml import first

_SCOPES: Final[dict[str, Scope]] = {
    "direct main": "runtime",
    "direct dev": "development",
    "direct overridden": "runtime",
}


def read(lock: Lock) -> None:
    """What comes from a folder or with the SDK is no package of the archive."""
    document = first(lock, "dart pub add {name}:{version}")
    for label, value in mapping(document.get("packages")).items():
        if lock.full:
            return
        entry = mapping(value)
        if entry.get("source") in ("path", "sdk"):
            continue
        told = word(entry.get("dependency"))
        digits = word(mapping(entry.get("description")).get("sha256"))
        lock.add(
            "pub",
            label.lower(),
            word(entry.get("version")),
            ("packages", label, "version"),
            direct=told.startswith("direct") if told else None,
            scope=_SCOPES.get(told, ""),
            checksums=[("sha256", digits.lower())] if is_hexadecimal(digits) else (),
        )
