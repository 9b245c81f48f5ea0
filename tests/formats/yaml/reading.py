"""Reads literal text for the tests of this folder."""

from __future__ import annotations

from typing import Any

from batten.formats.json import read_json
from batten.formats.splicing import apply
from batten.formats.yaml import KUBERNETES, Schema, YamlDocument, read_documents
from batten.model.edits import Edit
from batten.model.source import File, Location, Problem

PATH = "a.yaml"


def read(text: str | bytes, schema: Schema = KUBERNETES) -> list[YamlDocument | Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_documents(File(PATH, data), schema))


def only(text: str | bytes, schema: Schema = KUBERNETES) -> YamlDocument:
    """The one document of `text`, which can be read."""
    found = read(text, schema)
    assert len(found) == 1, found
    assert isinstance(found[0], YamlDocument), found[0]
    return found[0]


def value(text: str | bytes, schema: Schema = KUBERNETES) -> Any:
    return only(text, schema).value


def problem(text: str | bytes, schema: Schema = KUBERNETES) -> Problem:
    """The one problem of `text`."""
    found = [one for one in read(text, schema) if isinstance(one, Problem)]
    assert len(found) == 1, found
    return found[0]


def edited(text: str, *edits: Edit, schema: Schema = KUBERNETES, index: int = 0) -> str:
    """`text` after edits of its document `index`."""
    document = read(text, schema)[index]
    assert isinstance(document, YamlDocument), document
    return apply(text, document.splices(edits))


def edited_json(text: str, *edits: Edit) -> str:
    return apply(text, read_json(File("a.json", text.encode())).splices(edits))


def at(text: str, location: Location) -> str:
    """What stands at a location of `text`."""
    lines = text.removeprefix("\ufeff").split("\n")[location.line - 1 : location.end_line]
    lines[-1] = lines[-1][: location.end_column - 1]
    lines[0] = lines[0][location.column - 1 :]
    return "\n".join(lines)
