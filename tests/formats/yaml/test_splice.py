"""Edits of YAML documents, one behaviour at a time."""

from __future__ import annotations

from typing import Any

import pytest

from batten.formats.yaml import COMPOSE, KUBERNETES
from batten.model.edits import Append, CannotEdit, Edit, InsertAfter, Remove, ReplaceText, Set
from formats.yaml.reading import edited, only, value

POD = """\
kind: Pod   # kind
spec:
  # all of them
  containers:
  - name: a # first
    image: "nginx:1"
    args: ['--x', '--y']
    securityContext:   # to do
      # nothing yet
    env: []

  # the second
  - name: b
    command:
      - run
      - now # ever
    resources: {limits: {cpu: 1}}
"""
A, B = ("spec", "containers", 0), ("spec", "containers", 1)


def change(before: str, after: str, *edits: Edit, text: str = POD, **options: Any) -> None:
    """`edits` of `text` replace `before`, which stands there once, by `after`."""
    assert text.count(before) == 1
    assert edited(text, *edits, **options) == text.replace(before, after)


# ---------------------------------------------------------------------------------------- set


def test_a_value_is_replaced_in_its_quotes() -> None:
    change('"nginx:1"', '"nginx:2"', Set((*A, "image"), "nginx:2"))


def test_a_comment_behind_a_value_stays() -> None:
    change("name: a # first", "name: c # first", Set((*A, "name"), "c"))


def test_a_key_is_added_below_the_last_one_and_above_comments_that_follow() -> None:
    change("    env: []\n", "    env: []\n    tty: false\n", Set((*A, "tty"), False))


def test_edits_below_one_missing_parent_make_one_block_in_their_order() -> None:
    change(
        "    resources: {limits: {cpu: 1}}\n",
        "    resources: {limits: {cpu: 1}}\n"
        "    securityContext:\n      runAsUser: 1000\n"
        "      capabilities:\n        drop:\n          - ALL\n      privileged: false\n",
        Set((*B, "securityContext", "runAsUser"), 1000),
        Append((*B, "securityContext", "capabilities", "drop"), "ALL"),
        Set((*B, "securityContext", "privileged"), False),
    )


def test_a_value_without_text_becomes_a_block_and_keeps_its_comment() -> None:
    change(
        "securityContext:   # to do\n",
        "securityContext:   # to do\n      privileged: false\n",
        Set((*A, "securityContext", "privileged"), False),
    )


@pytest.mark.parametrize("null", ["~", "null", "", "~ # why"])
def test_null_becomes_a_mapping(null: str) -> None:
    text = f"a: {null}".rstrip() + "\nb: 1\n"
    comment = " # why" if "#" in null else ""
    assert edited(text, Set(("a", "c"), 1)) == f"a:{comment}\n  c: 1\nb: 1\n"


def test_a_mapping_is_replaced_and_not_merged() -> None:
    assert edited("a:\n  b: 1\n  c: 2 # c\nd: 3\n", Set(("a",), {"e": 1})) == "a:\n  e: 1\nd: 3\n"


def test_what_is_so_already_changes_nothing() -> None:
    assert (
        only(POD).splices([Set((*A, "image"), "nginx:1"), Append((*B, "command"), "run"), Remove(("no", "way"))]) == []
    )
    assert only("a: {c: 1, b: [x]}").splices([Set(("a",), {"b": ["x"], "c": 1})]) == []


def test_true_is_not_one() -> None:
    assert edited("a: 1\n", Set(("a",), True)) == "a: true\n"


def test_the_last_edit_of_a_value_wins() -> None:
    assert edited("a: 1\n", Set(("a",), 2), Set(("a",), 3)) == "a: 3\n"
    assert edited("a: 1\n", Set(("a",), 2), Set(("a",), 1)) == "a: 1\n"
    assert edited("a: 1\n", Remove(("a",)), Set(("a", "b"), 1)) == "a:\n  b: 1\n"


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ("x", "a: x # c\nz: 1\n"),
        ({}, "a: {} # c\nz: 1\n"),
        ({"k": "v"}, "a: # c\n  k: v\nz: 1\n"),
        (["v", {"k": [1]}], "a: # c\n  - v\n  - k:\n      - 1\nz: 1\n"),
    ],
)
@pytest.mark.parametrize("old", ["1", '"1"', "[1, 2]", "|\n  1\n  2", ">-\n  1\n\n"])
def test_any_value_becomes_any_other(old: str, new: Any, text: str) -> None:
    head, newline, rest = old.partition("\n")
    blank = "\n" * (rest.count("\n\n") + rest.endswith("\n\n")) if newline else ""
    if new == "x" and old == '"1"':
        text = text.replace("x", '"x"')  # and so does a quote
    if new and old == "[1, 2]" and isinstance(new, list):
        text = "a: [v, {k: [1]}] # c\nz: 1\n"  # a list in flow style stays one
    result = edited(f"a: {head} # c{newline}{rest}\nz: 1\n", Set(("a",), new), schema=COMPOSE)
    assert value(result, COMPOSE) == {"a": new, "z": 1}
    assert "# c" in result
    if not blank:
        assert result == text


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a:\n  b: 1 # c\nd: 2\n", 5, "a: 5\nd: 2\n"),
        ("a: # c\n  b: 1\nd: 2\n", 5, "a: 5 # c\nd: 2\n"),
        ("a:\n- b\nd: 2\n", {"k": 1}, "a:\n  k: 1\nd: 2\n"),
        ("a:\n    b: 1\nd: 2\n", {"k": 1}, "a:\n    k: 1\nd: 2\n"),
        ("a:\n  'b'\nd: 2\n", "c", "a:\n  'c'\nd: 2\n"),
        ("a:\n  'b' # c\nd: 2\n", {"k": 1}, "a:\n  k: 1 # c\nd: 2\n"),
    ],
)
def test_a_block_becomes_another_value(before: str, new: Any, after: str) -> None:
    assert edited(before, Set(("a",), new)) == after


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("- a # c\n- b\n", {"k": 1, "l": 2}, "- k: 1 # c\n  l: 2\n- b\n"),
        ("-\n- b\n", {"k": 1, "l": 2}, "- k: 1\n  l: 2\n- b\n"),
        ("- # c\n- b\n", ["k", "l"], "- - k # c\n  - l\n- b\n"),
        ("- k: 1\n  l: 2 # c\n- b\n", "x", "- x # c\n- b\n"),
        ("-\n  k: 1\n- b\n", {"m": 1}, "-\n  m: 1\n- b\n"),
        ("- |\n  x\n- b\n", {"k": 1, "l": 2}, "- k: 1\n  l: 2\n- b\n"),
    ],
)
def test_an_item_becomes_another_value(before: str, new: Any, after: str) -> None:
    assert edited(before, Set((0,), new)) == after


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("--- a\n", {"k": 1}, "---\nk: 1\n"),
        ("a\n", {"k": 1}, "k: 1\n"),
        ("# c\nk: 1\n", "a", "# c\na\n"),
        ("--- {}\n", {"k": 1}, "---\nk: 1\n"),
        ("{a: 1}\n", {"k": 1}, "{k: 1}\n"),
    ],
)
def test_the_whole_document_becomes_another_value(before: str, new: Any, after: str) -> None:
    assert edited(before, Set((), new)) == after


# ------------------------------------------------------------------------------------- quoting


WORDS = "yes n 0777 0o17 1e3 null ~ #x *x &x !x %x @x `x x: [x {x 8080:80 2001-01-01 1_000 .inf = << --- ... - 1.5"
MORE = [
    "",
    "x: y",
    "x #y",
    "- x",
    " x",
    "x ",
    "a\nb",
    "a\tb",
    "\u2028",
    "\x85",
    "\xa0",
    "\ufeff",
    "\x7f",
    "\x00",
    "'",
    '"',
]


@pytest.mark.parametrize(
    "text", [*WORDS.split(), *MORE, "\\", "12:30:45", "?x", "|", ">", "true", "On", "x y:", "::1", "-x"]
)
@pytest.mark.parametrize("place", ["a: {}\n", "a: {b: 1}\n", "a:\n  b: 'x'\n"])
def test_every_string_reads_back_as_itself(text: str, place: str) -> None:
    for schema in (KUBERNETES, COMPOSE):
        result = edited(place, Set(("a", "b"), text), Set(("a", text or "c"), text), schema=schema)
        assert value(result, schema)["a"][text or "c"] == text
        assert value(result, schema)["a"]["b"] == text


@pytest.mark.parametrize(
    "text", ["nginx:1.25", "--flag=x", "RuntimeDefault", "a b", "http://x/y#z", "100m", "é", "it's"]
)
def test_a_harmless_string_gets_no_quotes(text: str) -> None:
    assert edited("a: 1\n", Set(("b",), text)) == f"a: 1\nb: {text}\n"


def test_a_string_of_several_lines_stands_in_double_quotes() -> None:
    assert edited("a: 1\n", Set(("a",), "x\ny\n")) == 'a: "x\\ny\\n"\n'


@pytest.mark.parametrize("number", [0, -1, 2**63, 1.5, -0.0, 1e22, 1e-7, 2**64 - 1])
def test_a_number_reads_back_as_itself(number: float) -> None:
    for schema in (KUBERNETES, COMPOSE):
        found = value(edited("a: x\n", Set(("a",), number), schema=schema), schema)["a"]
        assert (repr(found), type(found)) == (repr(number), type(number))


@pytest.mark.parametrize("bad", [2**64, object(), {1: 2}, {"a": {(): 1}}, "\ud800", {"k" * 2000: 1}, {1, 2}])
def test_what_cannot_be_written_is_refused(bad: Any) -> None:
    with pytest.raises(CannotEdit):
        edited("a: x\n", Set(("a",), bad))


# ---------------------------------------------------------------------------------------- flow


def test_flow_style_on_one_line_stays_on_it() -> None:
    change("{limits: {cpu: 1}}", "{limits: {cpu: 1, memory: 1Gi}}", Set((*B, "resources", "limits", "memory"), "1Gi"))
    change("['--x', '--y']", "['--x', '--y', '--z']", Append((*A, "args"), "--z"))


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a: {b: 1, c: 2, d: 3}", Remove(("a", "b")), "a: {c: 2, d: 3}"),
        ("a: {b: 1, c: 2, d: 3}", Remove(("a", "c")), "a: {b: 1, d: 3}"),
        ("a: {b: 1, c: 2, d: 3}", Remove(("a", "d")), "a: {b: 1, c: 2}"),
        ("a: { b: 1 }", Set(("a", "c"), 2), "a: { b: 1, c: 2 }"),
        ("a: {b: 1,}", Set(("a", "c"), 2), "a: {b: 1, c: 2,}"),
        ("a: [x, y]", Set(("a", 0), {"k": "v w"}), "a: [{k: v w}, y]"),
        ("a: {b: }", Set(("a", "b"), 1), "a: {b: 1 }"),
        ("a: {b, c: 1}", Set(("a", "b"), 1), "a: {b: 1, c: 1}"),
        ("a: {b: 1}", Set(("a", "b"), []), "a: {b: []}"),
        ("[{a: 1}]", Remove((0, "a")), "[{}]"),
        ("a: [\n  x, # X\n  y # Y\n]", Append(("a",), "z"), "a: [\n  x, # X\n  y, # Y\n  z\n]"),
        ("a: [\n  x, # X\n  y, # Y\n]", Append(("a",), "z"), "a: [\n  x, # X\n  y, # Y\n  z,\n]"),
        ("a: [\n  x, # X\n  y # Y\n]", Remove(("a", 0)), "a: [\n  y # Y\n]"),
        ("a: [\n  x, # X\n  y # Y\n]", Remove(("a", 1)), "a: [\n  x # X\n]"),
        ("a: [x,\n    y]", Append(("a",), "z"), "a: [x,\n    y,\n    z]"),
        ("a: {b: 1,\n    c: 2}", Remove(("a", "b")), "a: {c: 2}"),
    ],
)
def test_flow_style(before: str, edit: Edit, after: str) -> None:
    for end in ("", "\n", "\nz: 1\n"):
        if end == "\nz: 1\n" and before.startswith("["):
            continue
        assert edited(before + end, edit) == after + end


def test_an_entry_of_several_edits_in_flow_style() -> None:
    text = "a: [a, b, c, d]\n"
    result = edited(text, Remove(("a", 0)), Remove(("a", 3)), Append(("a",), "e"), Set(("a", 1), "B"), Remove(("a", 2)))
    assert result == "a: [B, e]\n"


def test_empty_brackets_in_block_style_become_a_block() -> None:
    change("env: []", "env:\n    - name: X", Append((*A, "env"), {"name": "X"}))
    change("env: []", 'env:\n      X: "1"', Set((*A, "env"), {"X": "1"}))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: [x: 1]", Set(("a", 0, "y"), 2)),
        ("a: [x, # X\n  y, z]", Remove(("a", 0))),
        ("? a\n: 1\n", Remove(("a",))),
        ("? a\n: 1\n? b\n: 2\n", Remove(("a",))),
    ],
)
def test_odd_flow_and_keys_are_refused_or_right(text: str, edit: Edit) -> None:
    try:
        result = edited(text, edit)
    except CannotEdit:
        return
    wanted = {"b": 2} if "b" in text else {}
    assert value(result) == wanted


# -------------------------------------------------------------------------------------- remove


def test_a_key_goes_with_its_lines_and_their_comments() -> None:
    change("    command:\n      - run\n      - now # ever\n", "", Remove((*B, "command")))


def test_a_comment_above_stays_and_one_below_that_is_deeper_goes() -> None:
    text = "a: 1\n# about b\nb:\n  c: 1 # c\n  # more of b\n\n  # far\nd: 1\n"
    assert edited(text, Remove(("b",))) == "a: 1\n# about b\n\n  # far\nd: 1\n"


def test_the_first_key_of_an_item_leaves_its_dash_to_the_next() -> None:
    change("- name: b\n    command", "- command", Remove((*B, "name")))
    assert edited("- a: 1 # A\n\n  # b\n  b: 2\n", Remove((0, "a"))) == "- # b\n  b: 2\n"
    assert edited("- a: 1\n  # b\n  b: 2\n  c: 3\n", Remove((0, "b")), Remove((0, "a"))) == "- # b\n  c: 3\n"
    assert edited("- - a\n  - b\n", Remove((0, 0))) == "- - b\n"


def test_an_item_goes_with_its_lines() -> None:
    change("      - run\n", "", Remove((*B, "command", 0)))
    assert edited("- a\n# b\n- b: 1\n  c: 2\n- d\n", Remove((1,))) == "- a\n# b\n- d\n"


def test_indexes_are_those_of_the_document_as_it_was_read() -> None:
    assert (
        edited("- a\n- b\n- c\n- d\n", Remove((0,)), Remove((2,)), Set((3,), "D"), Append((), "e")) == "- b\n- D\n- e\n"
    )


def test_a_parent_that_loses_everything_goes_as_well() -> None:
    text = "a:\n  b:\n    c: 1\nd: 2\n"
    assert edited(text, Remove(("a", "b", "c"))) == "d: 2\n"
    assert edited(text, Remove(("a", "b", "c"), prune=False)) == "a:\n  b: {}\nd: 2\n"
    assert edited("a:\n- b\n- c\nd: 2\n", Remove(("a", 0)), Remove(("a", 1))) == "d: 2\n"


def test_what_must_stay_becomes_empty() -> None:
    assert edited("- a: 1\n- b\n", Remove((0, "a"))) == "- {}\n- b\n"
    assert edited("a: 1\n", Remove(("a",))) == "{}\n"
    assert edited("- a\n", Remove((0,))) == "[]\n"


def test_what_is_emptied_and_filled_again_stays() -> None:
    assert edited("a:\n  b: 1\nc: 2\n", Remove(("a", "b")), Set(("a", "d"), 3)) == "a:\n  d: 3\nc: 2\n"
    assert edited("a: {b: 1}\n", Remove(("a", "b")), Set(("a", "d"), 3)) == "a: {d: 3}\n"


def test_every_occurrence_of_a_repeated_key_goes_and_the_last_is_edited() -> None:
    text = "a: 1\nb: 2\na: 3\n"
    assert edited(text, Remove(("a",))) == "b: 2\n"
    assert edited(text, Set(("a",), 4)) == "a: 1\nb: 2\na: 4\n"


# -------------------------------------------------------------------------------- style of the file


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("a:\n    b:\n        c: 1\n", "x:\n    w:\n        z: 1\n"),
        ("a:\n  b:\n    - c\n", "x:\n  w:\n    z: 1\n"),
        ("a:\n b: 1\n", "x:\n w:\n  z: 1\n"),
    ],
)
def test_a_new_block_is_indented_as_the_others(text: str, added: str) -> None:
    assert edited(text, Set(("x", "w", "z"), 1)) == text + added


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("a:\n- b\n", "x:\n- w: 1\n"),
        ("a:\n  - b\n", "x:\n  - w: 1\n"),
        ("a:\n    - b\n", "x:\n    - w: 1\n"),
        ("a: 1\n", "x:\n- w: 1\n"),
        ("---\na: 1\n---\nb:\n    - c\n", None),
    ],
)
def test_a_new_list_is_indented_as_the_others_of_the_file(text: str, added: str | None) -> None:
    result = edited(text, Append(("x",), {"w": 1}))
    if added is None:
        assert result == "---\na: 1\nx:\n    - w: 1\n---\nb:\n    - c\n"
    else:
        assert result == text + added


@pytest.mark.parametrize(
    ("step", "added"),
    [(2, "  new:\n    l:\n      - x\n"), (4, "  new:\n      l:\n          - x\n")],
)
def test_lists_are_as_deep_as_mappings_nearby_where_they_are_so_everywhere(step: int, added: str) -> None:
    text = f"a:\n    b:\n        - 1\n    c:\n        d:\n            e: 1\nz:\n  near:\n{' ' * (step + 2)}e: 1\n"
    assert edited(text, Set(("z", "new"), {"l": ["x"]})) == text + added


def test_new_items_stand_as_far_from_their_dash_as_the_first() -> None:
    assert edited("-   a: 1\n    b: 2\n", Append((), {"c": 1, "d": 2})) == "-   a: 1\n    b: 2\n-   c: 1\n    d: 2\n"


def test_line_ends_follow_the_file() -> None:
    assert edited("a: 1\r\nb:\r\n", Set(("b", "c"), {"d": 1})) == "a: 1\r\nb:\r\n  c:\r\n    d: 1\r\n"


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ([Set(("c",), 3)], "a: 1\n\nb: 2 # b\nc: 3"),
        ([Remove(("b",))], "a: 1"),
        ([Remove(("b",)), Set(("c",), 3)], "a: 1\n\nc: 3"),
        ([Set(("b", "x"), 3)], None),
        ([Set(("b",), {"x": 3}), Set(("c",), 4)], "a: 1\n\nb: # b\n  x: 3\nc: 4"),
    ],
)
def test_a_final_line_end_or_none_stays(end: str, edits: list[Edit], after: str | None) -> None:
    if after is None:
        with pytest.raises(CannotEdit, match="expected a mapping at /b, found a number"):
            edited("a: 1\n\nb: 2 # b" + end, *edits)
        return
    result = edited("a: 1\n\nb: 2 # b" + end, *edits)
    blank = "\n" if end and edits == [Remove(("b",))] else ""  # the blank line above stays, but not as the last
    assert result in (after + end, after + blank + end, after.replace("\n\nc", "\nc") + end)


def test_a_byte_order_mark_stays() -> None:
    assert edited("\ufeffa: 1\n", Set(("a",), 2), Set(("b",), 3)) == "\ufeffa: 2\nb: 3\n"


def test_other_documents_stay() -> None:
    text = "a: 1 # one\n---\n# two\na: 1\n...\n---\na: 1\n"
    assert edited(text, Set(("b",), 2), index=1) == "a: 1 # one\n---\n# two\na: 1\nb: 2\n...\n---\na: 1\n"


# --------------------------------------------------------------------------- anchors and merges

SHARED = """\
x-base: &base
  user: root
  deep: {a: 1}
web:
  <<: *base
  image: w
job: *base
tag: &alone v1
"""


def test_what_an_anchor_shares_is_refused_with_both_lines() -> None:
    for pointer in (("x-base", "user"), ("x-base",), ("x-base", "new"), ("x-base", "deep", "a")):
        with pytest.raises(CannotEdit, match="the anchor &base shares it with the alias on line 5"):
            edited(SHARED, Set(pointer, "x"))
    with pytest.raises(CannotEdit, match="it holds the anchor &base, which line 5 repeats"):
        edited(SHARED, Remove(("x-base",)))


def test_a_merged_key_is_set_beside_the_merge() -> None:
    change("  image: w\n", '  image: w\n  user: "1000"\n', Set(("web", "user"), "1000"), text=SHARED)
    change("  image: w\n", "  image: w\n  deep:\n    a: 1\n    b: 2\n", Set(("web", "deep", "b"), 2), text=SHARED)
    assert only(SHARED).splices([Set(("web", "deep", "a"), 1)]) == []


def test_a_merged_key_cannot_be_removed() -> None:
    with pytest.raises(CannotEdit, match="`user` comes from a merge"):
        edited(SHARED, Remove(("web", "user")))
    with pytest.raises(CannotEdit, match="without `a` the value of the merge"):
        edited("x: &x {a: 1}\nz:\n  <<: *x\n  a: 2\n", Remove(("z", "a")))


@pytest.mark.parametrize("merge", ["[]", "{}", "*x"])
def test_a_merge_that_brings_nothing_does_not_keep_an_emptied_mapping(merge: str) -> None:
    text = f"x: &x {{}}\nb:\n  z:\n    a: 2\n    <<: {merge}\n"
    assert edited(text, Remove(("b", "z", "a"))) == "x: &x {}\n"
    assert edited(text, Remove(("b", "z", "a"), prune=False)) == text.replace("    a: 2\n", "")


def test_what_a_merge_below_it_overrides_cannot_be_set_in_kubernetes() -> None:
    text = "x: &x {a: 1}\nz:\n  a: 2\n  <<: *x\n"
    with pytest.raises(CannotEdit, match="`a` is overridden by a merge"):
        edited(text, Set(("z", "a"), 3))
    assert value(edited(text, Set(("z", "a"), 3), schema=COMPOSE), COMPOSE)["z"] == {"a": 3}


def test_an_alias_is_replaced_where_it_is_used_but_nothing_below_it() -> None:
    change("job: *base", "job: none", Set(("job",), "none"), text=SHARED)
    change("job: *base", "job:\n  user: me", Set(("job",), {"user": "me"}), text=SHARED)
    change("job: *base\n", "", Remove(("job",)), text=SHARED)
    with pytest.raises(CannotEdit, match=r"it is the alias \*base"):
        edited(SHARED, Set(("job", "user"), "x"))
    with pytest.raises(CannotEdit, match=r"it is the alias \*l"):
        edited("a: &l [1]\nb: *l\n", Append(("b",), 2))


def test_an_anchor_that_nothing_repeats_stays() -> None:
    change("&alone v1", "&alone v2", Set(("tag",), "v2"), text=SHARED)


def test_a_merged_list_grows_beside_the_merge() -> None:
    text = "x: &x {l: [a]}\nz:\n  <<: *x\n"
    assert value(edited(text, Append(("z", "l"), "b")))["z"] == {"l": ["a", "b"]}
    assert only(text).splices([Append(("z", "l"), "a")]) == []


# ---------------------------------------------------------------------------------- the rest


def test_a_tag_goes_with_its_value() -> None:
    assert edited("a: !!str 5 # c\n", Set(("a",), 6)) == "a: 6 # c\n"
    assert edited("a: !!null\n", Set(("a",), 6)) == "a: 6\n"


@pytest.mark.parametrize("marker", ["{{ x }}", "{% x %}", "<% x %>"])
def test_lines_with_a_template_are_not_touched(marker: str) -> None:
    text = f'a: "{marker}"\nb: 1 # {marker}\nc:\n  d: "{marker}"\ne: 2\n'
    for edit in (Set(("a",), 1), Set(("b",), 2), Remove(("c",)), Remove(("b",)), Set(("c",), 1)):
        with pytest.raises(CannotEdit, match="a template stands in the lines"):
            edited(text, edit)
    assert edited(text, Set(("e",), 3), Set(("c", "f"), 4)) == text.replace("e: 2", "  f: 4\ne: 3")


def test_the_exact_text_of_a_node_is_replaced() -> None:
    change('"nginx:1"', "'x' ", ReplaceText((*A, "image"), "'x' "))
    assert edited("a:\nb: 1\n", ReplaceText(("a",), "x")) == "a: x\nb: 1\n"
    with pytest.raises(CannotEdit, match="there is no text at /c"):
        edited("a: 1\n", ReplaceText(("c",), "x"))
    with pytest.raises(CannotEdit, match="is changed by another edit"):
        edited("a: 1\n", Set(("a",), 2), ReplaceText(("a",), "x"))


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (InsertAfter(("a",), "x"), "takes no lines by place"),
        (Set(("a", "b"), 1), "expected a mapping at /a, found a number"),
        (Set(("l", 5), 1), "the list /l has no item 5"),
        (Set(("l", "x"), 1), "the list /l has no item x"),
        (Set(("m", 0), 1), "expected the name of a key, found the number 0"),
        (Append(("m",), 1), "expected a list at /m, found a mapping"),
        (Append(("a",), 1), "expected a list at /a, found a number"),
        (Set(("new", 0), 1), "expected something that has `0`, found a mapping"),
        (Remove(()), "the document itself cannot be removed"),
    ],
)
def test_what_makes_no_sense_is_refused(edit: Edit, reason: str) -> None:
    with pytest.raises(CannotEdit, match=reason):
        edited("a: 1\nl: [1]\nm: {x: 1}\n", edit)


def test_a_block_of_text_at_the_end_of_a_file_without_line_end_keeps_its_value() -> None:
    with pytest.raises(CannotEdit, match="the file ends in a block of text"):
        edited("a: |\n  x", Set(("b",), 1))
    assert value(edited("a: |\n  x\n\n", Set(("b",), 1))) == {"a": "x\n", "b": 1}
    assert value(edited("a: |+\n  x\n\n", Set(("b",), 1))) == {"a": "x\n\n", "b": 1}


def test_edits_of_one_call_that_touch_the_same_text_are_told_apart() -> None:
    result = edited(
        "a:\n  b: 1\n  c: 2\nd: 3\n", Remove(("a", "c")), Set(("a", "x"), 1), Set(("e",), 2), Remove(("d",))
    )
    assert result == "a:\n  b: 1\n  x: 1\ne: 2\n"


def test_what_is_given_is_not_changed_and_not_kept() -> None:
    new = {"l": [1]}
    document = only("a: 1\n")
    document.splices([Set(("b",), new), Append(("b", "l"), 2)])
    assert new == {"l": [1]}
    assert document.value == {"a": 1}


@pytest.mark.parametrize("odd", ["a: 1\rb: 2\n", "a: 1 # x\x85b: 2\n", "---\r? a\n: b\n", "a: 'x\u2028  y'\n"])
def test_line_ends_that_only_yaml_1_1_knows_are_refused(odd: str) -> None:
    with pytest.raises(CannotEdit, match="line 1 has a line end other than LF or CRLF"):
        edited(odd, Set(("new", "key"), "yes"))


@pytest.mark.parametrize("text", ["- a\n- &s\n", "- a\n- &s # why\n", "- a\n-\n  &s\n", "- a\n- !!null\n- b\n"])
def test_an_empty_item_with_an_anchor_or_a_tag_becomes_a_collection(text: str) -> None:
    for new in ([], ["x"], {"k": {"l": 1}}):
        result = edited(text, Set((1,), new))
        assert value(result)[1] == new
        assert ("# why" in result) == ("# why" in text)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("[!!str , b]\n", Remove((1,))),
        ("{a: !!str }\n", Set(("b",), 1)),
        ("{a: }\n", Set(("b",), 1)),
        ("[a: ]\n", Append((), 1)),
        ("[1,?]\n", Append((), 2)),
        ("[a, {b: c, !!t, d: 1}]\n", Remove((1, "d"))),
        ("[e,\n  f,?#g\n]\n", Append((), 1)),
    ],
)
def test_nothing_is_put_right_behind_a_tag_or_colon_without_a_value(text: str, edit: Edit) -> None:
    with pytest.raises(CannotEdit, match="has no value"):
        edited(text, edit)


def test_a_word_that_ends_in_a_colon_keeps_its_comma() -> None:
    with pytest.raises(CannotEdit, match="ends in a colon"):
        edited("[a, 2001::,b ]\n", Remove((2,)))
    assert value(edited("[a, 2001::,b ]\n", Set((2,), "c"))) == ["a", "2001::", "c"]


def test_a_key_over_several_lines_is_given_no_colon() -> None:
    with pytest.raises(CannotEdit, match="or is written over several lines"):
        edited('{"a\n  b"}\n', Set(("a b",), 1))
    with pytest.raises(CannotEdit, match="its key has no text"):
        edited("{!!str , b: 1}\n", Set(("",), 1))
    assert edited('{"a"}\n', Set(("a",), 1)) == '{"a": 1}\n'


def test_a_wide_gap_before_a_bracket_costs_no_time() -> None:
    gap = " " * 5000 + "\n" * 50
    assert edited(f"[a{gap}]\n", Append((), "b")) == f"[a, b{gap}]\n"


@pytest.mark.parametrize("edit", [Set((), "x"), Set(("b",), "x"), Remove(("b",))])
def test_the_question_mark_of_a_key_without_text_is_not_left_behind(edit: Edit) -> None:
    with pytest.raises(CannotEdit, match="a key without text"):
        edited("a: 1\nb:\n  c: 1\n  ?\n", edit)


def test_a_key_without_text_behind_what_is_removed_is_refused() -> None:
    with pytest.raises(CannotEdit, match="a key without text"):
        edited("{b: c, d: 1, ?: [e]}\n", Remove(("d",)))


def test_a_comment_right_behind_a_bracket_stays_a_comment() -> None:
    assert edited("a: {}# why\n", Set(("a",), "x")) == "a: x # why\n"
    assert edited("a: |# why\n  b\nc: 1\n", Set(("a",), {"k": 1})) == "a: # why\n  k: 1\nc: 1\n"
    assert edited("{}# why\n", Set(("a",), ["x"])) == "a: # why\n- x\n"
    assert edited('[a, "b"# why\n]\n', Set((1,), 5)) == "[a, 5 # why\n]\n"


def test_content_on_the_line_of_a_document_end_is_refused() -> None:
    with pytest.raises(CannotEdit, match="line 2 has content behind"):
        edited("a: 1\n...  b: 2\n", Set(("c",), 1), index=1)
    assert edited("a: 1\n... # end\nb: 2\n", Set(("c",), 1), index=1) == "a: 1\n... # end\nb: 2\nc: 1\n"


def test_a_block_of_text_left_of_its_key_is_refused() -> None:
    with pytest.raises(CannotEdit, match="left of its key"):
        edited("a:\n>-\n  x\n", Set(("a",), "y"))
    assert edited("a:\n  >-\n  x\n", Set(("a",), "z")) == "a:\n  z\n"


def test_an_anchor_ends_where_its_name_does() -> None:
    with pytest.raises(CannotEdit, match="no space stands behind its anchor &ext"):
        edited("- &ext:]\n", Set((0,), "b"))
    assert edited("- &ext :]\n", Set((0,), "b")) == "- &ext b\n"


def test_a_document_of_an_anchor_alone_becomes_a_mapping() -> None:
    assert edited("&a\n", Set((), {"k": 1, "l": [2]})) == "k: 1\nl:\n- 2\n"
    assert edited("--- &a # why\n", Set((), {"k": 1})) == "--- # why\nk: 1\n"


@pytest.mark.parametrize("edit", [Set(("a",), "y"), Set(("c",), "x"), Set(("new",), "on")])
def test_a_blank_line_of_tabs_below_an_edit_is_refused(edit: Edit) -> None:
    with pytest.raises(CannotEdit, match="a blank line or comment with a tab"):
        edited("a: x\n \t# why\nc: z\n \t# not\n", edit)
    with pytest.raises(CannotEdit, match="a blank line or comment with a tab"):
        edited("a: x\n \t\nb: 1\nc: z\n\n \t\n", edit)
    assert edited("a: x\n \t\nb: 1 #\t\n", Set(("b",), 2)) == "a: x\n \t\nb: 2 #\t\n"


def test_a_byte_order_mark_at_the_end_of_a_file_is_not_passed() -> None:
    with pytest.raises(CannotEdit, match="ends in a byte order mark"):
        edited("a: 1\ufeff", Set(("b",), 1))


def test_a_byte_order_mark_within_a_document_is_refused() -> None:
    with pytest.raises(CannotEdit, match="line 2 has a byte order mark in it"):
        edited("a: 1\n\ufeff# why\n", Set(("b",), 1))


def test_a_last_comma_on_a_line_of_its_own_is_counted() -> None:
    assert edited("a: [e,\n  f\n,]\n", Remove(("a", 1))) == "a: [e\n,]\n"
    assert value(edited("a: [e,\n  f\n,]\n", Remove(("a", 1)), Append(("a",), "g"))) == {"a": ["e", "g"]}


def test_a_comment_right_behind_a_comma_that_goes_stays_one() -> None:
    assert value(edited("a: [1, 20,#   f\n  3\n]\n", Remove(("a", 2)))) == {"a": [1, 20]}


def test_a_document_of_json_behind_a_tab_is_not_emptied() -> None:
    with pytest.raises(CannotEdit, match="behind a tab"):
        edited('---\n\t{"a": 1}\n', Remove(("a",)))
    assert edited('---\n\t{"a": 1, "b": 2}\n', Remove(("a",))) == '---\n\t{"b": 2}\n'
    assert edited('{"a": 1}\n', Remove(("a",))) == "{}\n"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a: {'b': 1, 'c': 2}\n", Set(("a", "d"), {"e": "x"}), "a: {'b': 1, 'c': 2, 'd': {'e': 'x'}}\n"),
        ('a: {"b": {}}\n', Set(("a", "b", "c"), "x"), 'a: {"b": {"c": "x"}}\n'),
        ('"a":\n  "b": 1\n', Set(("a", "c"), {"d": ["x"]}), '"a":\n  "b": 1\n  "c":\n    "d":\n    - "x"\n'),
        ('"a":\n  - "b": 1\n', Append(("a",), {"b": "x"}), '"a":\n  - "b": 1\n  - "b": "x"\n'),
        ('"a": 1\nb: 2\n', Set(("c",), 3), '"a": 1\nb: 2\nc: 3\n'),
    ],
)
def test_new_keys_have_the_quotes_that_all_keys_beside_them_have(before: str, edit: Edit, after: str):
    assert edited(before, edit) == after


def test_a_comment_that_is_indented_deeper_stays_below_what_it_speaks_of():
    text = "a:\n  b:\n    c: 1\n    # of c\n  # of b\nd: 2\n"
    new = edited(text, Set(("a", "e"), 1), Set(("a", "b", "f"), 1))
    assert new == "a:\n  b:\n    c: 1\n    f: 1\n    # of c\n  e: 1\n  # of b\nd: 2\n"
    assert edited("a:\n  b:\n    # c: 1\n", Set(("a", "e"), 1)) == "a:\n  b:\n    # c: 1\n  e: 1\n"
