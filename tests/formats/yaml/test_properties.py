"""Random documents: read as they were written, every part in its place, every edit doing what it says and no more."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from batten.formats.document import tree_of
from batten.formats.splicing import apply
from batten.formats.tree import ALIAS, SCALAR, Tree
from batten.formats.yaml import COMPOSE, KUBERNETES, Schema, YamlDocument, read_documents
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set, Splice
from batten.model.source import File, Problem
from formats.yaml.edited import Undefined, after, pointers, same
from formats.yaml.written import KEYS, VALUES, Written, documents


def document(text: str, schema: Schema = KUBERNETES) -> YamlDocument:
    found = list(read_documents(File("a.yaml", text.encode()), schema))
    assert len(found) == 1, found
    assert isinstance(found[0], YamlDocument), found[0]
    return found[0]


@given(documents())
def test_a_document_reads_as_it_was_written(written: Written) -> None:
    assert same(document(written.text).value, written.value), written.text


@given(documents())
def test_the_text_at_every_place_reads_back_as_its_value(written: Written) -> None:
    read = document(written.text)
    tree = tree_of(read)
    for pointer in pointers(written.value):
        start, end = tree.span(pointer, key=False)
        location = read.locate(pointer)
        assert (
            text_at(tree.text, location.line, location.column, location.end_line, location.end_column)
            == (tree.text[start:end])
        )
        _, node = list(tree.children(pointer))[-1]
        if node.empty:
            continue
        # the column makes the first line as deep as the others
        indent = " " * (location.column - 1)
        assert same(document(f"- \n {indent}{tree.text[start:end].replace(chr(10), chr(10) + ' ')}\n").value, [
            _value(written.value, pointer)
        ]) or node.style in ("|", ">"), (written.text, pointer)  # fmt: skip


@given(documents())
def test_the_place_of_every_key_holds_the_key(written: Written) -> None:
    read = document(written.text)
    for pointer in pointers(written.value):
        if pointer and isinstance(pointer[-1], str):
            location = read.locate(pointer, key=True)
            text = text_at(written.text, location.line, location.column, location.end_line, location.end_column)
            assert document(f"{text}: 1").value == {pointer[-1]: 1}


def text_at(text: str, line: int, column: int, end_line: int, end_column: int) -> str:
    lines = text.removeprefix("\ufeff").split("\n")[line - 1 : end_line]
    lines[-1] = lines[-1][: end_column - 1]
    lines[0] = lines[0][column - 1 :]
    return "\n".join(lines)


def _value(value: Any, pointer: tuple[str | int, ...]) -> Any:
    for part in pointer:
        value = value[part]
    return value


# ------------------------------------------------------------------------------------- edits


@st.composite
def edited(draw: st.DrawFn) -> tuple[Written, list[Edit]]:
    """A document and edits that mostly mean something for it."""
    written = draw(documents())
    every = pointers(written.value)
    place = st.sampled_from(every)
    mappings = [one for one in every if isinstance(_value(written.value, one), dict)]
    lists = [one for one in every if isinstance(_value(written.value, one), list)]
    new = st.lists(st.sampled_from(["new", "n/x", "on", "é"]), max_size=2).map(tuple)
    kinds = [st.builds(Set, place, VALUES), st.builds(Remove, place, st.booleans())]
    if mappings:
        mapping = st.sampled_from(mappings)
        kinds.append(st.builds(lambda at, key, rest, one: Set((*at, key, *rest), one), mapping, KEYS, new, VALUES))
        kinds.append(st.builds(lambda at, key, one: Append((*at, key), one), mapping, KEYS, VALUES))
    if lists:
        kinds.append(st.builds(Append, st.sampled_from(lists), VALUES))
    if draw(st.integers(0, 9)) == 0:
        kinds.append(st.builds(Append, place, VALUES))
    return written, draw(st.lists(st.one_of(kinds), min_size=1, max_size=4))


@given(edited())
def test_edits_do_what_they_say_and_nothing_else(case: tuple[Written, list[Edit]]) -> None:
    written, edits = case
    before = document(written.text)
    try:
        wanted = after(written.value, edits)
    except Undefined:
        with pytest.raises(CannotEdit):
            before.splices(edits)
        return
    splices, reason = _made(before, edits)
    if reason:
        assert re.search("another edit makes|the file ends in a block of text", reason), (reason, written.text)
        return
    text = apply(written.text, splices)
    found = [one for one in read_documents(File("a.yaml", text.encode()), KUBERNETES) if not isinstance(one, Problem)]
    assert len(found) == 1, text
    assert same(found[0].value, wanted), text
    assert ("\r\n" in text) <= ("\r\n" in written.text)
    if "\r\n" in written.text:
        assert not re.search(r"(?<!\r)\n", text)
    assert text.startswith("\ufeff") == written.text.startswith("\ufeff")


def _made(read: YamlDocument, edits: list[Edit]) -> tuple[list[Splice], str]:
    try:
        return read.splices(edits), ""
    except CannotEdit as error:
        return [], str(error)


@st.composite
def shared(draw: st.DrawFn) -> str:
    """Text with anchors, aliases and merge keys in many places."""
    keys = st.sampled_from(["a", "b", "c", "d"])
    small = st.sampled_from(["1", "x", "[1, 2]", "{a: 1, b: {c: 2}}", "*one", "*map", "*list", "&own y", ""])
    merge = st.sampled_from(["<<: *map", "<<: [*map, {b: 8, e: 9}]", "<<: {a: 7}", "<<: *both", "a: 5", "b: {c: 6}"])
    lines = ["one: &one 1", "map: &map", "  a: 1", "  b: &deep {c: 2}", "list: &list", "- 1", "- *deep"]
    lines += ["both: &both", "  <<: *map", "  d: 4"]
    for name in draw(st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=3, unique=True)):
        if draw(st.booleans()):
            entries = draw(st.dictionaries(keys, small, max_size=2)).items()
            inside = [f"{key}: {item}".rstrip() for key, item in entries] + draw(
                st.lists(merge, min_size=1, max_size=2)
            )
            lines += [f"{name}:", *(f"  {line}" for line in draw(st.permutations(inside)))]
        else:
            lines.append(f"{name}: {draw(small)}".rstrip())
    return "\n".join(lines) + "\n"


@given(shared(), st.sampled_from([KUBERNETES, COMPOSE]), st.data())
def test_an_edit_beside_anchors_changes_one_place_or_is_refused(text: str, schema: Schema, data: st.DataObject) -> None:
    read = document(text, schema)
    place = st.sampled_from(pointers(read.value))
    edit = st.one_of(
        st.builds(Set, place, VALUES),
        st.builds(lambda at, key, new: Set((*at, key), new), place, st.sampled_from(["a", "b", "new"]), VALUES),
        st.builds(Remove, place, st.booleans()),
        st.builds(Append, place, VALUES),
    )
    edits = data.draw(st.lists(edit, min_size=1, max_size=3))
    splices, reason = _made(read, edits)
    if reason:
        return
    result = apply(text, splices)
    # an emptied mapping stays where the value of a merge would come back without it
    choices = [(edit, replace(edit, prune=False)) if isinstance(edit, Remove) else (edit,) for edit in edits]
    wanted = (after(read.value, chosen) for chosen in product(*choices))
    assert any(same(document(result, schema).value, one) for one in wanted), (result, edits)
    assert "&map" in result or not splices or Counter(re.findall(r"\*map", result))["*map"] == 0


@given(documents(), st.data())
def test_a_new_key_in_block_style_takes_no_character_away(written: Written, data: st.DataObject) -> None:
    read = document(written.text)
    tree = tree_of(read)
    blocks = [
        place
        for place in pointers(written.value)
        if isinstance(_value(written.value, place), dict) and list(tree.children(place))[-1][1].block
    ]
    if not blocks:
        return
    place = data.draw(st.sampled_from(blocks))
    splices = read.splices([Set((*place, "a new key"), data.draw(VALUES))])
    assert [one.end - one.start for one in splices] == [0]


@given(documents(), st.data())
def test_only_comments_of_removed_lines_go(written: Written, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(pointers(written.value)))
    if not place:
        return
    read = document(written.text)
    tree = tree_of(read)
    edit = data.draw(st.sampled_from([Remove(place, prune=False), Set(place, "x"), Set((*place, "a new key"), 1)]))
    try:
        text = apply(written.text, read.splices([edit]))
    except CannotEdit:
        return
    lost = Counter(comments(tree)) - Counter(comments(tree_of(document(text))))
    steps = list(tree.children(place))
    if isinstance(edit, Remove) and len(_value(written.value, place[:-1])) == 1 and len(steps) > 1:
        steps.pop()  # what loses everything becomes {} or [] as a whole
    key, node = steps[-1]
    begin = (key or node).start
    if key is None and len(steps) > 1:
        parent, index = steps[-2][1], place[len(steps) - 2]
        begin = parent.items[index - 1].end if index else parent.body  # the dash may stand on a line above
    begin = written.text.rfind("\n", 0, begin) + 1
    end = re.compile(r"[^\n]*(?:\n *#[^\n]*)*").match(written.text, node.end).end()  # with deeper comments below
    gone = written.text[begin:end]
    assert all(comment in gone for comment in lost), (text, lost)


def comments(tree: Tree) -> list[str]:
    """The comments of a document: what begins with # between its scalars."""
    found: list[str] = []
    spans = []
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        waiting += node.items
        if node.kind in (SCALAR, ALIAS):
            spans.append((node.start, node.end))
    position = tree.start
    for start, end in [*sorted(spans), (tree.end, tree.end)]:
        found += re.findall(r"(?:^|(?<=[ \t\n]))#[^\n\r]*", tree.text[position:start])
        position = max(position, end)
    return found
