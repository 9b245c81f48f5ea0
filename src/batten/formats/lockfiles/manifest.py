"""`package.json` beside a lock file: what the project asks for itself."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope, mapping, word
from batten.model.source import Unreadable

_SCOPES: Final[tuple[tuple[str, Scope], ...]] = (
    ("devDependencies", "development"),
    ("optionalDependencies", "optional"),
    ("dependencies", "runtime"),
)


def asked_for(lock: Lock) -> dict[str, tuple[str, Scope]] | None:
    """Name -> (range, scope); None where there is no such file, or none that can be read."""
    from batten.formats.json.scan import parse

    file = lock.beside("package.json")
    if file is None:
        return None
    try:
        document = mapping(parse(file.text().removeprefix("\ufeff")).value)
    except Unreadable:
        return None
    return {name: (word(asked), scope) for key, scope in _SCOPES for name, asked in mapping(document.get(key)).items()}
