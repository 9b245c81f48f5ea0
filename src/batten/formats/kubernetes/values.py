"""Values of a document that was read, for the writer."""

from __future__ import annotations

from typing import Any

from batten.model.source import Document, Pointer


def value_at(document: Document, pointer: Pointer) -> Any:
    """The plain value at `pointer`, None where there is none."""
    value: Any = getattr(document, "value", None)
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
        else:
            return None
    return value
