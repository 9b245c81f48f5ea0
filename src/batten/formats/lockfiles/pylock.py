"""`pylock.toml` and `pylock.NAME.toml` (PyPA specifications, "pylock.toml"; PEP 751)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from batten.formats.lockfiles.lock import Lock, is_hexadecimal, items, mapping, word
from batten.formats.lockfiles.toml import Tables
from batten.model.package_names import project_name


def read(lock: Lock) -> None:
    """Folders have no version; trees of a version control system may have none."""
    lock.writes("uv pip compile --upgrade-package {name}=={version}")
    tables = Tables(lock, "packages")
    for entry in tables.entries:
        place = tables.place(entry)
        version = word(entry.get("version"))
        if "directory" in entry or not version:
            continue
        lock.add(
            "pypi",
            project_name(word(entry.get("name"))),
            version,
            place,
            depends=[project_name(word(mapping(one).get("name"))) for one in items(entry.get("dependencies"))],
            checksums=_checksums(entry),
        )


def _checksums(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for file in (entry.get("archive"), entry.get("sdist"), *items(entry.get("wheels"))):
        for algorithm, digits in mapping(mapping(file).get("hashes")).items():
            if is_hexadecimal(word(digits)):
                yield algorithm.lower(), word(digits).lower()
