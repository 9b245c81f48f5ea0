"""Coverage-guided fuzzing of YAML and JSON: python tests/fuzz/fuzz_yaml.py -max_total_time=600

Whatever the bytes are, every document is read or refused with a clear message, every place lies in the text, and
an edit that is not refused gives a document whose value is what the edit says, the others staying as they were.
What is read line by line reads, and stands, as libyaml's events say.
The first byte chooses how the rest is read.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Any

from batten.formats.document import TreeDocument, tree_of
from batten.formats.json import read_json
from batten.formats.splicing import apply
from batten.formats.yaml import COMPOSE, KUBERNETES, Schema, YamlDocument, read_documents
from batten.formats.yaml.construct import parse
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import File, Pointer, Problem, Unreadable

sys.path.append(str(Path(__file__).resolve().parent.parent))

from formats.yaml.edited import after, same

NEW: tuple[Any, ...] = ("yes", {"k": ["v", {"w": None}]}, [], "x: y\n#", 8)


def one_input(data: bytes) -> None:
    """Read, locate, edit, read again; raises on any broken promise."""
    choice, file = data[:1], File("a.yaml", data[1:])
    how = choice[0] if choice else 0
    if how % 4 == 3:
        _json(file, how)
    else:
        _yaml(file, COMPOSE if how % 2 else KUBERNETES, how)


def _json(file: File, how: int) -> None:
    try:
        document = read_json(file)
    except Unreadable:
        return
    for edit in _edits(document, how):
        text = _edited(document, edit)
        if text is not None:
            wanted = after(document.value, [edit])
            assert same(read_json(File("a.json", text.encode())).value, wanted), (edit, text)


def _yaml(file: File, schema: Schema, how: int) -> None:
    documents = []
    for found in islice(read_documents(file, schema), 8):
        if isinstance(found, Problem):
            assert found.line is None or 1 <= found.line <= file.data.count(b"\n") + 1
        else:
            documents.append(found)
    for document in documents[:3]:
        if not document.json:
            start, end = document.range
            assert same(parse(file.text()[start:end], schema, document.line).value, document.value)
        for edit in _edits(document, how):
            text = _edited(document, edit)
            if text is not None:
                _check(document, documents, edit, text)


def _check(document: YamlDocument, documents: list[YamlDocument], edit: Edit, text: str) -> None:
    wanted = after(document.value, [edit])
    read = {
        one.index: one.value
        for one in read_documents(File("a.yaml", text.encode()), document.schema)
        if isinstance(one, YamlDocument)
    }
    for other in documents:
        value = wanted if other is document else other.value
        assert other.index in read, (edit, text)
        assert same(read[other.index], value), (edit, text)


def _edits(document: TreeDocument, how: int) -> list[Edit]:
    """Edits at a few places of the document, all of which are looked up as well."""
    places = list(islice(_pointers(document.value), 40))
    lines = document.file.text().count("\n") + 1
    for place in places:
        for key in (False, True):
            location = document.locate(place, key=key)
            assert document.span(place, key=key) == tree_of(document).span(place, key=key)
            assert 1 <= location.line <= location.end_line <= lines
            assert (location.line, location.column) <= (location.end_line, location.end_column)
    edits: list[Edit] = []
    for number, place in enumerate(places[how % 3 :: 3]):
        new = NEW[(how + number) % len(NEW)]
        edits += [Set(place, new), Append(place, new), Set((*place, "new", "key"), new)]
        if place:
            edits.append(Remove(place, prune=bool(how & 4)))
    return edits[:24]


def _pointers(value: Any, pointer: Pointer = ()) -> Any:
    yield pointer
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _pointers(item, (*pointer, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _pointers(item, (*pointer, number))


def _edited(document: TreeDocument, edit: Edit) -> str | None:
    try:
        splices = document.splices([edit])
    except CannotEdit:
        return None
    assert splices == sorted(splices)
    start, end = document.range
    assert all(start <= splice.start <= splice.end <= end for splice in splices), (edit, splices)
    return apply(document.file.text(), splices)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
