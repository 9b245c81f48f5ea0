"""JSON files: values with positions, and edits that keep everything else as it is."""

from __future__ import annotations

from typing import Any, ClassVar

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


class RecordDocument(JsonDocument):
    """What an engine tells of something that exists."""

    __slots__ = ()

    not_edited: ClassVar[str] = (
        "what exists is no text: recreate it with the option changed, or mend the file that it was made from "
        "(a Compose or stack file, a unit, a script)"
    )


def read_json(file: File, made: type[JsonDocument] = JsonDocument) -> JsonDocument:
    """The document in `file`, of the class `made`; a byte order mark is tolerated. Raises `Unreadable`."""
    text = text_of(file)
    start = 1 if text.startswith("\ufeff") else 0
    document = made(file, 0, start, len(text), 1)
    parsed = parse(text[start:])
    document.value = parsed.value
    document.size = parsed.size
    if parsed.repeated:
        document.note_repeated_keys("the last one counts")
    return document


__all__ = ["JsonDocument", "RecordDocument", "read_json"]
