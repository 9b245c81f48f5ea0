"""What is read line by line reads as libyaml's events read it, and stands where the tree says; the rest is left."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.lines import LineIndex
from batten.formats.yaml import COMPOSE, KUBERNETES, Schema
from batten.formats.yaml.compose import compose
from batten.formats.yaml.construct import parse
from batten.formats.yaml.places import Places
from batten.formats.yaml.simple import Simple, read
from batten.limits import YAML_DEPTH, YAML_SIMPLE_CHARACTERS
from batten.model.source import Pointer
from formats.yaml.edited import pointers, same
from formats.yaml.reading import at, only
from formats.yaml.written import Written, documents

SCHEMAS = st.sampled_from([KUBERNETES, COMPOSE])


def agreed(text: str, schema: Schema = KUBERNETES) -> Simple | None:
    """The document as it is read line by line, compared with the long way; None where it is not simple."""
    found = read(text, schema)
    if found is None:
        return None
    long = parse(text, schema, 1)
    assert same(found.value, long.value), text
    assert (found.size, long.repeated, long.tagged) == (long.size, False, False), text
    tree = compose(text, 0, len(text), schema)
    places = Places(found.numbers, found.longer, 0, len(text), 1, schema)
    lines = LineIndex(text)
    for pointer in pointers(found.value):
        for one in (pointer, *_nowhere(pointer)):
            for key in (False, True):
                assert places.span(lines, one, key=key) == tree.span(one, key=key), (text, one, key)
    return found


def _nowhere(pointer: Pointer) -> list[Pointer]:
    return [(*pointer, "nowhere"), (*pointer, 99), (*pointer, "nowhere", 0)]


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "--- # why\na: b\n",
        "# licence\n\na:\n  b: 1 # one\n  c: ''\n\n  # more\n  d:\ne: ~\n",
        "a:\n- b\n-   c: 1\n    d: 2\n- e:\n  - f\ng: h\n",
        "- a\n- b: [x, 'y', \"z\"]\n  c: {}\n  d: [ ]\n",
        "a: [{b: [c]}, {d: }]\n",
        "a: {b: c, # why\n  d: e,\n}\nf: [\n  g,\n]\n",
        "a: |\n  one\n   two\n\n # less deep\nb: >-\n    c\n    d\n\n\ne: |+\n  f\n\n",
        "a: |+ \n",
        "- |\n x\n- a: |-\n    y\n  b: z\n",
        "a: |\nb: >\n\n\nc: d\n",
        "a: one\n  two\n\n  - three: four\n".replace(": four", ":four"),
        "a: 'one\n\n  it''s two'\nb: \"three\\\n   four\\x41\"\nc: 'd'\n",
        "a:\n  [b, c]\nd:\n  e\nf:\n  'g'\n",
        "'a b': 1\n\"c\": 2\n/x/{y}: 3\nLast Modified: 4\n80: 5\non: 6\n",
        "image: a/b:1.2@sha256:00\nargs: --x=#1 : y\n".replace(" : y", ""),
        "a: -1\nb: :c\nc: ?d\ne: <f\n",
        "  a: 1\n  b: 2\n",
    ],
)
@pytest.mark.parametrize("schema", [KUBERNETES, COMPOSE])
def test_common_shapes_are_read_line_by_line(text: str, schema: Schema) -> None:
    assert agreed(text, schema) is not None


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: [*x]\n",
        "a: !t 1\n",
        "a: {<<: {b: 1}}\n",
        "<<: {b: 1}\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "- - a\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: b\u2028c\n",
        "a: b\n\ufeffc: d\n",
        "a: |2\n   b\n",
        "? a\n: b\n",
        "a: b: c\n",
        "a: b\n c: d\n",
        "a: b\nc\n",
        "a:\n    b: 1\n  c: 2\n",
        "a: 'b\n",
        "a: [b\n",
        "a: \x01\n",
        "a\n",
        "# nothing\n",
        f"{'k' * 1100}: 1\n",
        "a: |\n  no line end",
        "---   *a\n    - b\n",
        "a: --- b\n  c\n",
    ],
)
def test_anything_else_is_left_to_the_long_way(text: str) -> None:
    assert read(text, KUBERNETES) is None


def test_depth_and_length_are_bounded() -> None:
    deep = "".join(f"{' ' * n}a:\n" for n in range(YAML_DEPTH - 1))
    below = " " * YAML_DEPTH
    assert agreed(f"{deep}{below}b: 1\n") is not None
    assert read(f"{deep}{below}b: []\n", KUBERNETES) is not None
    assert read(f"{deep}{below}b: [[1]]\n", KUBERNETES) is None
    assert read(f"{deep}{below}- b: 1\n", KUBERNETES) is None
    line = "a{}: 1\n"
    assert read("".join(map(line.format, range(YAML_SIMPLE_CHARACTERS // len(line)))), KUBERNETES) is None


def test_equal_lines_give_values_of_their_own() -> None:
    found = read("a:\n  c: [1]\n  d: {e: 1}\nb:\n  c: [1]\n  d: {e: 1}\n", KUBERNETES)
    assert found is not None
    assert found.value["a"] == found.value["b"]
    assert found.value["a"]["c"] is not found.value["b"]["c"]
    assert found.value["a"]["d"] is not found.value["b"]["d"]


def test_places_are_found_again_when_the_value_was_forgotten() -> None:
    text = "a: 1\n---\nb:\n- c: |\n    x\n  d: 'e'\n...\n f: g\n"
    document = only(text.partition("---\n")[2].partition("...")[0])
    before = document.locate(("b", 0, "d"))
    assert at(text.partition("---\n")[2], before) == "'e'"
    document.forget()
    assert document.locate(("b", 0, "d")) == before
    assert document.value == {"b": [{"c": "x\n", "d": "e"}]}


def test_a_document_that_begins_on_the_line_of_the_end_of_another_has_its_places() -> None:
    text = "a: 1\n... # end\n  f: g\n"
    from formats.yaml.reading import read as read_all

    second: Any = read_all(text)[1]
    assert at(text, second.locate(("f",))) == "g"


@given(documents(), SCHEMAS)
def test_random_documents_agree(written: Written, schema: Schema) -> None:
    agreed(written.text.removeprefix("\ufeff"), schema)


_HEADS = ("", "", "", "- ", "- ", "-   ", "- - ", "-", "? ", "# ")
_KEYS = ("a", "b", "c", "d", "'e'", '"f"', "g h", "on", "80", "<<", "x/y", "k:l", "", "&m n", "'o", "[p]", "-q")
_COLONS = (": ", ": ", ": ", ":", " : ", ":  ", ":\t", "")
_PLAIN = (
    "",
    "",
    "",
    "1",
    "x",
    "x y",
    "it's",
    "x: y",
    "x #y",
    "- x",
    "~",
    "-1",
    "-",
    "?x",
    ":x",
    "#x",
    "a,b",
    "x:",
    "é",
)
_CLOSED = (
    "'q'",
    "'it''s'",
    '"r"',
    '"\\n"',
    "[a, b]",
    "{a: b}",
    "[[a]]",
    "[a, {b: c}]",
    "{}",
    "[]",
    "|",
    "|-",
    ">",
    "|+",
)
_OTHER = ('"\\q"', "'open", '"open', "[a", "b]", "{a", "[*a]", "&a b", "*a", "!t b", "|2", "| # c", "%x", "@x", "\x07")
_VALUES = (*_PLAIN, *_PLAIN, *_CLOSED, *_OTHER)
_TAILS = ("", "", "", "", " ", " # c", "  #", "#c", "\t", " \t# c")


def _soup(random: Random) -> str:
    lines: list[str] = []
    indent = 0
    for _ in range(random.randrange(1, 9)):
        choice = random.random()
        if choice < 0.1:
            lines.append(" " * random.choice((0, 0, indent, indent + 1)))
            continue
        indent = max(0, indent + random.choice((0, 0, 0, 0, 1, 2, 2, 4, -1, -2, -2, -4)))
        head = random.choice(_HEADS)
        name = random.choice(_KEYS) + random.choice(_COLONS) if random.random() < 0.75 else ""
        lines.append(" " * indent + head + name + random.choice(_VALUES) + random.choice(_TAILS))
        if random.random() < 0.3:
            indent += len(head)
    text = "\n".join(lines) + random.choice(("\n", "\n", "", "\n\n", "\n "))
    return random.choice(("", "", "", "---\n", "--- # c\n", "--- ")) + text


@given(st.randoms(use_true_random=False), SCHEMAS)
def test_random_lines_agree_or_are_left(random: Random, schema: Schema) -> None:
    for _ in range(30):
        agreed(_soup(random), schema)
