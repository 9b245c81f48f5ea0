"""Which places of a document have one value in common."""

from __future__ import annotations

import pytest

from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.formats.yaml.shares import Shares
from batten.model.edits import Set
from batten.model.source import File, Pointer


def of(text: str, *pointer: str | int) -> tuple[Pointer, ...]:
    [document] = read_documents(File("a.yaml", text.encode()), KUBERNETES)
    assert isinstance(document, YamlDocument)
    return Shares(document.compose()).of(Set(pointer, 1))


def test_the_place_of_the_anchor_comes_first() -> None:
    text = "b: [{x: &s {y: 1}}]\na: *s\nc: {d: *s}\n"
    assert of(text, "a", "y") == (("b", 0, "x", "y"), ("a", "y"), ("c", "d", "y"))
    assert of(text, "a") == ()  # an alias can be replaced by itself
    assert of(text, "b", 0, "x", "new", "key") == tuple(
        (*place, "new", "key") for place in (("b", 0, "x"), ("a",), ("c", "d"))
    )


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("a: &s {y: 1}\nb: 2\n", ("a", "y")),  # nothing repeats it
        ("a: &s {y: 1}\nb: *s\nc: 1\n", ("c",)),
        ("a: &s {y: 1}\nb: {<<: *s}\n", ("a", "y")),
        ("a: &s {y: 1}\nb: {<<: [*s]}\nc: *s\n", ("c", "y")),
        ("a: &o {i: &s {y: 1}}\nb: *o\nc: *s\n", ("c", "y")),  # it is reached through another one, too
        ("a: &o {i: &s {y: 1}}\nb: *o\nc: *s\n", ("b", "i", "y")),
    ],
)
def test_nothing_is_shared_or_not_all_is_known(text: str, pointer: Pointer) -> None:
    assert of(text, *pointer) == ()


def test_many_anchors_are_told_apart_in_one_go() -> None:
    """Not each with every other, which took minutes in `batten fix`."""
    names = range(5_000)
    text = "".join(f"a{n}: &s{n} {{y: 1}}\n" for n in names) + "".join(f"b{n}: *s{n}\n" for n in names)
    assert of(text, "b4999", "y") == (("a4999", "y"), ("b4999", "y"))
