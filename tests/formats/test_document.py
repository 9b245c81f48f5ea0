"""What documents keep, and what they read again when it is asked for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.document import TreeDocument, tree_of
from batten.formats.json import read_json
from batten.formats.yaml import KUBERNETES, read_documents
from batten.model.edits import CannotEdit, Set
from batten.model.source import File

YAML = b"a: 1\na: &x {b: yes}\nc: *x\n---\nd: [1, e]\n"


def _yaml(data: bytes) -> list[TreeDocument]:
    return [one for one in read_documents(File("a.yaml", data), KUBERNETES) if isinstance(one, TreeDocument)]


@pytest.mark.parametrize("data", [YAML, b'{"a": [1, "x"], "a": {"b": null}}', b'\xef\xbb\xbf--- {"a": 1}\n'])
def test_a_forgotten_value_is_read_again(data: bytes) -> None:
    for document in _yaml(data):
        value, notes = document.value, document.notes
        document.forget()
        assert document.value == value
        assert document.value is document.value
        assert document.notes == notes


def test_a_forgotten_json_value_is_read_again() -> None:
    document = read_json(File("a.json", b'\xef\xbb\xbf{"a": [1, "x"]}'))
    document.forget()
    assert document.value == {"a": [1, "x"]}


def test_a_document_whose_value_is_forgotten_can_be_edited() -> None:
    (document,) = _yaml(b"a:\n  b: 1 # one\n")
    document.forget()
    (splice,) = document.splices([Set(("a", "b"), 2)])
    assert (splice.start, splice.end, splice.text) == (8, 9, "2")


def test_the_trees_of_the_last_documents_are_kept() -> None:
    first, second = _yaml(YAML)
    tree = tree_of(first)
    tree_of(second)
    assert tree_of(first) is tree
    for _ in range(10):
        tree_of(_yaml(YAML)[0])
    assert tree_of(first) is not tree


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_of_a_giant_document_only_the_beginning_is_known(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.formats.document.YAML_PLACES", 3)
    data = b'# none\n---\n{"a": [1, 2], "a": [3, 4]}\n' if name == "a.yaml" else b'\n\n{"a": [1, 2], "a": [3, 4]}\n'
    (document,) = _yaml(data) if name == "a.yaml" else [read_json(File(name, data))]
    assert document.size > 3
    location = document.locate(("a", 1))
    assert (location.line, location.pointer) == (document.line, "/a/1")
    assert [note.line for note in document.notes] == [document.line]
    with pytest.raises(CannotEdit, match="part it into several files"):
        document.splices([Set(("a", 1), 2)])


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_the_size_of_a_document_is_bounded_by_what_it_tells(value: object) -> None:
    def count(part: object) -> int:
        inside = [*part.keys(), *part.values()] if isinstance(part, dict) else part if isinstance(part, list) else []
        return 1 + sum(map(count, inside))

    document = read_json(File("a.json", json.dumps(value).encode()))
    assert document.size >= count(value) - 1
