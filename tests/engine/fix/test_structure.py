"""The structural half of the proof."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from batten.engine.fix.structure import difference, expected_value, first_difference, same, structure
from batten.engine.read import FileReading
from batten.formats.yaml import COMPOSE, YamlDocument, read_documents
from batten.model.edits import Append, Edit, Remove, ReplaceText, Set
from batten.model.pipeline import RANGE
from batten.model.source import File, Pointer

_ANCHORED = """\
x-common: &common
  cap_add: [SYS_ADMIN]
  deploy: {replicas: 1}
services:
  a:
    <<: *common
    cap_add: [NET_RAW]
  b: &b
    image: b
  c: *b
  d:
    <<: [*b, *common]
"""


def document(text: str) -> YamlDocument:
    (found,) = read_documents(File("compose.yaml", text.encode()), COMPOSE)
    assert isinstance(found, YamlDocument)
    return found


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        ([Set(("a", "x"), 1)], {"a": {"b": [1, 2, 3], "x": 1}}),
        ([Set(("new", "x"), 1)], {"a": {"b": [1, 2, 3]}, "new": {"x": 1}}),
        ([Append(("a", "b"), 4), Append(("a", "b"), 1)], {"a": {"b": [1, 2, 3, 4]}}),
        ([Append(("a", "c"), 4)], {"a": {"b": [1, 2, 3], "c": [4]}}),
        ([Remove(("a", "b", 0)), Remove(("a", "b", 1))], {"a": {"b": [3]}}),
        ([Remove(("a", "b"))], {}),
        ([Remove(("a", "b"), prune=False)], {"a": {}}),
        ([Remove(("a", "missing", "x"))], {"a": {"b": [1, 2, 3]}}),
    ],
)
def test_edits_of_a_value(edits: list[Edit], wanted: Any) -> None:
    value: Any = {"a": {"b": [1, 2, 3]}}
    before = deepcopy(value)
    assert expected_value(value, edits) == (wanted, [])
    assert value == before


def test_what_is_replaced_inside_of_a_scalar_is_known_to_the_letter() -> None:
    value = {"run": "echo A and B"}
    edits = [ReplaceText(("run", RANGE, 5, 6), "one"), ReplaceText(("run", RANGE, 11, 12), "two")]
    assert expected_value(value, edits) == ({"run": "echo one and two"}, [])


def test_a_file_that_gives_nothing_after_an_edit_is_no_proof() -> None:
    file = File("ci.yml", b"")
    patch = SimpleNamespace(path="ci.yml", proposals=[], reading=SimpleNamespace(files={}))
    before = FileReading(file, "", nouns=[object()])
    told = structure(patch, before, FileReading(file, ""))  # type: ignore[arg-type]
    assert told == "nothing could be read of the edited file"


def test_an_edit_at_an_anchor_is_not_expected_at_its_alias() -> None:
    shared = {"image": "b"}
    value, _ = expected_value({"b": shared, "c": shared}, [Set(("b", "image"), "x")])
    assert value == {"b": {"image": "x"}, "c": {"image": "b"}}


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ("a", 1, "b")),
        ({"a": 1}, {"a": 1, "b": 2}, ("b",)),
        ([1, 2], [1], (1,)),
        ({"a": True}, {"a": 1}, ("a",)),
        ({"a": 1}, [1], ()),
    ],
)
def test_the_first_difference(one: Any, other: Any, place: Pointer) -> None:
    assert not same(one, other)
    assert first_difference(one, other) == place


def test_a_free_place_may_differ_and_must_be_there() -> None:
    assert same({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [("a", 1, "b")])
    assert not same({"a": [1, 2]}, {"a": [1]}, [("a", 1)])


@pytest.mark.parametrize(
    ("old", "new", "edit", "told"),
    [
        # the own key goes, and what it stood above is back
        (
            "    cap_add: [NET_RAW]\n",
            "",
            Remove(("services", "a", "cap_add")),
            "/services/a/cap_add is inherited through <<: *common on line 6",
        ),
        (
            "image: b",
            "image: x",
            Set(("services", "b", "image"), "x"),
            "/services/c/image is inherited through *b on line 10",
        ),
        (
            "replicas: 1",
            "replicas: 2",
            Set(("x-common", "deploy", "replicas"), 2),
            "/services/a/deploy/replicas is inherited through <<: *common on line 6",
        ),
        ("x-common:", "x-other:", Set(("x-common", "cap_add"), []), "/x-common on line 1"),
    ],
)
def test_what_differs_is_named_with_its_anchor(old: str, new: str, edit: Edit, told: str) -> None:
    before, after = document(_ANCHORED), document(_ANCHORED.replace(old, new))
    reason = difference(before, after, [edit])
    assert reason.startswith("it would change more than it says: ")
    assert told in reason


def test_nothing_to_tell_where_the_edit_is_all() -> None:
    before, after = document("a: {b: 1}\n"), document("a: {b: 2}\n")
    assert difference(before, after, [Set(("a", "b"), 2)]) == ""


def test_a_key_below_an_empty_document_makes_the_mappings_on_its_way() -> None:
    assert expected_value(None, [Set(("a", "b"), 1)])[0] == {"a": {"b": 1}}
