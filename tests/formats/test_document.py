"""What documents keep, and what they read again when it is asked for."""

from __future__ import annotations

import pytest

from batten.formats.document import TreeDocument, tree_of
from batten.formats.json import read_json
from batten.formats.yaml import KUBERNETES, read_documents
from batten.model.edits import Set
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
