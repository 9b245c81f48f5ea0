"""Documents, their notes and the places of their parts."""

from __future__ import annotations

import pytest

from batten.formats.yaml import COMPOSE, KUBERNETES, YamlDocument, read_documents
from batten.limits import YAML_DOCUMENTS
from batten.model.source import File, Location, Place, Pointer, Problem
from formats.yaml.reading import PATH, at, only, problem, read

POD = """\
# a pod
kind: Pod
metadata: {name: "web", labels: {app: é😀, tier: x}}
spec:
  containers:
  - name: app   # the first

    image: >-
      nginx:1

    args: ['a', "b
      c"]
    securityContext:
  - &second
    name: side
  # the end
"""


@pytest.mark.parametrize(
    ("pointer", "text", "line", "column"),
    [
        (("kind",), "Pod", 2, 7),
        (("metadata", "name"), '"web"', 3, 18),
        (("metadata", "labels"), "{app: é😀, tier: x}", 3, 33),
        (("metadata", "labels", "tier"), "x", 3, 49),
        (("spec", "containers", 0, "name"), "app", 6, 11),
        (("spec", "containers", 0, "image"), ">-\n      nginx:1", 8, 12),
        (("spec", "containers", 0, "args"), "['a', \"b\n      c\"]", 11, 11),
        (("spec", "containers", 1), "name: side", 15, 5),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_place_of_a_value(pointer: Pointer, text: str, line: int, column: int, ends: str) -> None:
    document = only(POD.replace("\n", ends))
    location = document.locate(pointer)
    assert (location.line, location.column) == (line, column)
    assert at(POD.replace("\n", ends), location) == text.replace("\n", ends)


def test_a_block_begins_with_its_first_key_and_ends_with_its_last_value() -> None:
    assert only(POD).locate(("spec",)) == Location(PATH, 5, 3, 15, 15, "/spec")
    assert only(POD).locate(("spec", "containers")) == Location(PATH, 6, 3, 15, 15, "/spec/containers")
    assert only(POD).locate(()) == Location(PATH, 2, 1, 15, 15, "")


def test_the_place_of_a_key() -> None:
    document = only(POD)
    assert document.locate(("spec", "containers"), key=True) == Location(PATH, 5, 3, 5, 13, "/spec/containers")
    assert at(POD, document.locate(("spec", "containers", 0), key=True)).startswith("name: app")  # an item has none


def test_a_value_without_text_has_the_place_of_its_key() -> None:
    location = only(POD).locate(("spec", "containers", 0, "securityContext"))
    assert at(POD, location) == "securityContext"


def test_a_pointer_to_nothing_gives_the_nearest_parent() -> None:
    document = only(POD)
    parent = document.locate(("spec", "containers", 1))
    missing = document.locate(("spec", "containers", 1, "securityContext", "privileged"), key=True)
    assert (missing.line, missing.end_line, missing.end_column) == (parent.line, parent.end_line, parent.end_column)
    assert missing.pointer == "/spec/containers/1/securityContext/privileged"
    assert document.locate((7, "x")).line == 2
    assert document.locate(("spec", "containers", 9)).line == 6
    assert document.locate(("spec", "containers", -1)).line == 6


def test_a_byte_order_mark_is_in_no_column() -> None:
    document = only("\ufeffa: b\n")
    assert document.locate(("a",)) == Location(PATH, 1, 4, 1, 5, "/a")
    assert document.locate(("a",), key=True).column == 1


def test_lines_count_from_the_start_of_the_file() -> None:
    documents = read("# c\n---\na: 1\n--- \n\nb: 2\n")
    assert [one.locate(()).line for one in documents if isinstance(one, YamlDocument)] == [3, 6]


ALIASES = "x: &x {a: {b: 1}}\nw: *x\nz:\n  <<: *x\n  c: 2\n"


def test_an_alias_stands_where_it_is_used_and_what_is_below_it_where_the_anchor_is() -> None:
    document = only(ALIASES)
    assert at(ALIASES, document.locate(("w",))) == "*x"
    assert document.locate(("w", "a", "b")).line == 1


def test_a_merged_key_stands_in_the_mapping_that_is_merged() -> None:
    document = only(ALIASES)
    assert at(ALIASES, document.locate(("z", "a"))) == "{b: 1}"
    assert document.locate(("z", "c")).line == 5


@pytest.mark.parametrize(("schema", "line"), [(KUBERNETES, 4), (COMPOSE, 3)])
def test_an_overridden_key_stands_where_its_value_comes_from(schema: object, line: int) -> None:
    text = "x: &x {a: 1}\nz:\n  a: 2\n  <<: {a: 3}\n"
    assert only(text, schema).locate(("z", "a")).line == line  # type: ignore[arg-type]


def test_a_key_that_stands_twice_is_noted_and_the_last_one_counts() -> None:
    document = only("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 3, "b": {"c": 2}}
    assert document.notes == (
        Problem(PATH, "key `a` stands twice in this mapping, on lines 1 and 3; the last one counts", 3, severe=False),
        Problem(PATH, "key `c` stands twice in this mapping, on lines 2 and 2; the last one counts", 2, severe=False),
    )
    assert document.locate(("a",)).line == 3
    assert "Compose refuses that" in only("a: 1\na: 2\n", COMPOSE).notes[0].message


def test_a_key_over_a_merged_one_stands_once() -> None:
    assert only("x: &x {a: 1}\nz:\n  <<: *x\n  a: 2\n").notes == ()


def test_notes_are_few_however_often_a_key_stands_there() -> None:
    assert len(only("a: 1\n" * 50_000).notes) == 20


def test_what_is_not_wanted_is_not_parsed_and_keeps_its_number() -> None:
    asked: list[str] = []

    def want(text: str) -> bool:
        asked.append(text)
        return "b" in text

    found = list(read_documents(File(PATH, b"a: [\n---\nb: 1\n---\nc: {\n"), KUBERNETES, want))
    assert [one.index for one in found if isinstance(one, YamlDocument)] == [1]
    assert len(found) == 1
    assert asked == ["a: [\n", "---\nb: 1\n", "---\nc: {\n"]


def test_json_in_yaml_is_read_as_json() -> None:
    text = '---\n{"a": "\\ud83d\\ude00", "b": [1, 2.5], "<<": {"c": 1}}\n---\n[1]\n'
    documents = [one for one in read(text) if isinstance(one, YamlDocument)]
    assert [one.json for one in documents] == [True, True]
    assert documents[0].value == {"a": "😀", "b": [1, 2.5], "<<": {"c": 1}}
    assert at(text, documents[0].locate(("b", 1))) == "2.5"
    assert documents[1].locate((0,)).line == 4


def test_flow_style_that_is_no_json_is_yaml() -> None:
    document = only("{a: yes, b: [x,], # c\n}")
    assert (document.json, document.value) == (False, {"a": True, "b": ["x"]})


def test_tags_of_an_application_are_told() -> None:
    document = only("services:\n  a:\n    ports: !reset []\n    env: !override\n      x: !!str 1\n", COMPOSE)
    assert document.value == {"services": {"a": {"ports": [], "env": {"x": "1"}}}}
    assert document.tags() == {("services", "a", "ports"): "!reset", ("services", "a", "env"): "!override"}
    assert only("a: 1").tags() == {}


def test_colons_before_brackets_are_read_as_go_reads_them() -> None:
    text = "a: [2001:db8::, fe80::, b]\nc: {d:}\n"
    document = only(text)
    assert document.value == {"a": ["2001:db8::", "fe80::", "b"], "c": {"d:": None}}
    assert at(text, document.locate(("a", 0))) == "2001:db8::"
    assert at(text, document.locate(("a", 2))) == "b"


def test_the_documents_of_one_file_are_bounded() -> None:
    found = read("---\na\n" * (YAML_DOCUMENTS + 10))
    assert len(found) == YAML_DOCUMENTS + 1
    assert isinstance(found[-1], Problem)
    assert "documents in one file" in found[-1].message


def test_a_place_costs_nothing_until_it_is_asked_for() -> None:
    place = Place(only(POD)) / "spec" / "containers" / 0 / "image"
    assert place.location().line == 8


def test_an_empty_file_has_no_documents() -> None:
    assert read("") == []
    assert read("\ufeff") == []
    assert problem(b"\x00").line == 1


def test_an_anchor_that_is_given_again_inside_of_its_own_node_means_the_inner_one() -> None:
    assert only("a: &x\n  b: &x 1\n  c: *x\nd: *x\n").value == {"a": {"b": 1, "c": 1}, "d": 1}


def test_empty_brackets_behind_a_tab_are_no_document_of_yaml() -> None:
    assert problem("---\n\t{}\n").line == 2


def test_brackets_right_behind_three_dashes_are_no_json() -> None:
    assert problem('---{\n"a": 1}\n').line == 2
    assert only('--- {\n"a": 1}\n').json


def test_two_byte_order_marks_are_refused() -> None:
    assert "one byte order mark" in problem("\ufeff\ufeffa: 1\n").message


def test_an_anchor_on_a_merge_key_is_refused() -> None:
    assert "no anchor on a merge key, found `&x`" in problem("x: &x {a: 1}\nr:\n  &x <<: *x\n").message
