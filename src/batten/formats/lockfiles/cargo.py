"""Cargo: `Cargo.lock` of versions 1 to 4. Crates without a source are the workspace's own."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, is_hexadecimal, items, mapping, word
from batten.formats.lockfiles.toml import Tables


def read(lock: Lock) -> None:
    """Before version 2 the checksums stood in a table of their own."""
    lock.writes("cargo update --package {name} --precise {version}")
    tables = Tables(lock, "package")
    metadata = mapping(tables.document.get("metadata"))
    own = [entry for entry in (mapping(tables.document.get("root")), *tables.entries) if "source" not in entry]
    direct = {name for entry in own for name in _needed(entry)}
    for entry in tables.entries:
        place = tables.place(entry)
        source = word(entry.get("source"))
        if not source:
            continue
        name, version = word(entry.get("name")), word(entry.get("version"))
        digits = word(entry.get("checksum")) or word(metadata.get(f"checksum {name} {version} ({source})"))
        lock.add(
            "cargo",
            name,
            version,
            place,
            direct=name in direct if any(own) else None,
            depends=_needed(entry),
            checksums=[("sha256", digits.lower())] if is_hexadecimal(digits) else (),
        )


def _needed(entry: dict[str, Any]) -> list[str]:
    """`name`, `name version` or `name version (source)`."""
    return [word(one).partition(" ")[0] for one in items(entry.get("dependencies"))]
