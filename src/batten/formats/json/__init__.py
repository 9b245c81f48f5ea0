"""JSON files: values with positions, and edits that keep everything else as it is."""

from __future__ import annotations

from typing import Any

from batten.formats.document import TreeDocument
from batten.formats.json.scan import compose, parse
from batten.formats.lines import text_of
from batten.formats.tree import Tree
from batten.model.source import File


class JsonDocument(TreeDocument):
    """The document of a JSON file."""

    __slots__ = ()

    def compose(self) -> Tree:
        return compose(text_of(self.file), *self.range)

    def reread(self) -> Any:
        return parse(text_of(self.file)[self.range[0] :]).value


def read_json(file: File) -> JsonDocument:
    """The document in `file`; a byte order mark is tolerated. Raises `Unreadable`."""
    text = text_of(file)
    start = 1 if text.startswith("\ufeff") else 0
    document = JsonDocument(file, 0, start, len(text), 1)
    parsed = parse(text[start:])
    document.value = parsed.value
    document.size = parsed.size
    if parsed.repeated:
        document.note_repeated_keys("the last one counts")
    return document


__all__ = ["JsonDocument", "read_json"]
