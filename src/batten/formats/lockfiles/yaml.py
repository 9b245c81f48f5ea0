"""The one YAML document of a lock file."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, mapping
from batten.formats.yaml import COMPOSE, YamlDocument, read_documents
from batten.model.source import Unreadable


def first(lock: Lock, command: str) -> dict[str, Any]:
    """The first document, which is a mapping (else an empty one); raises `Unreadable`."""
    found = next(iter(read_documents(lock.file, COMPOSE)), None)
    if isinstance(found, YamlDocument):
        lock.writes(command, found)
        return mapping(found.value)
    if found is None:
        return {}
    raise Unreadable(found.message, found.line)
