"""JSON documents: values, places, edits."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.json import read_json
from batten.formats.splicing import apply
from batten.limits import YAML_DEPTH, YAML_NODES
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import File, Location, Problem, Unreadable
from formats.yaml.edited import Undefined, after, pointers, same
from formats.yaml.reading import at, edited_json
from formats.yaml.written import VALUES

PATH = "a.json"


def read(text: str | bytes) -> Any:
    return read_json(File(PATH, text if isinstance(text, bytes) else text.encode()))


# --------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, true, null, "x"]}', {"a": [1, 2.5, True, None, "x"]}),
        ('\ufeff{"a": 1}', {"a": 1}),
        (' \n "\\u00e9\\ud83d\\ude00\\/" ', "é😀/"),
        ('"\\ud800"', "\ufffd"),
        ('"\\\\ud800 \\ude00x"', "\\ud800 \ufffdx"),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775809", -(2.0**63)),
        ("1" + "0" * 100, 1e100),
        ("1e3", 1000.0),
    ],
)
def test_values(text: str, value: Any) -> None:
    found = read(text).value
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "expected a value, found the end of the document"),
        ('{"a": 1,\n "b": }', 2, "expected a value, found `}`"),
        ('{"a": 1\n "b": 2}', 2, 'expected `,` or a closing bracket, found `"b": 2}`'),
        ("{'a': 1}", 1, "expected a key in double quotes, found `'a': 1}`"),
        ('{"a" 1}', 1, "expected `:`, found `1}`"),
        ('{}\n{"a": 1}', 2, 'expected the end of the document, found `{"a": 1}`'),
        ('["a', 1, 'expected the closing quote of the string that begins here, found `"a`'),
        ('["a\n"]', 1, "expected an escape instead of a control character, found"),
        ('["\\q"]', 1, 'expected an escape that JSON knows, found `\\q"]`'),
        ("[NaN]", 1, "expected a JSON number, found NaN"),
        ("[-Infinity]", 1, "expected a JSON number, found -Infinity"),
        ("1e400", 1, "expected a number that fits 64 bits, found 1e400"),
        ("9" * 5000, 1, "expected a number that fits 64 bits, found 99999"),
        ("[1, 2,]", 1, "expected a value"),
        ("// c\n1", 1, "expected a value, found `// c`"),
        (b'"\xff"', 1, "expected UTF-8 text, found byte 0xff"),
        ("[" * (YAML_DEPTH + 1) + "]" * (YAML_DEPTH + 1), 1, "expected at most 200 nested levels, found more"),
        ("[" * 500_000, 1, "expected at most 200 nested levels, found more"),
        ('"' + '\\"' * 500_000, 1, "expected the closing quote"),
        ("[" + "{}," * YAML_NODES + "1]", 1, f"expected at most {YAML_NODES} values in one document, found more"),
    ],
)
def test_what_is_no_json_gives_one_clear_line(text: str | bytes, line: int, message: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert error.value.message.startswith(message)
    assert error.value.line == line


def test_brackets_in_strings_nest_nothing() -> None:
    assert read(json.dumps(["[{" * 1000] * 3)).value == ["[{" * 1000] * 3


def test_a_key_that_stands_twice_is_noted_and_the_last_one_counts() -> None:
    document = read('{"a": 1,\n "\\u0061": 2}')
    assert document.value == {"a": 2}
    assert document.notes == (
        Problem(PATH, "key `a` stands twice in this mapping, on lines 1 and 2; the last one counts", 2, severe=False),
    )


def test_places() -> None:
    text = '\ufeff{\r\n  "é😀": {"b": [1, "x\\ny"]}\r\n}'
    document = read(text)
    assert document.locate(("é😀", "b", 1)) == Location(PATH, 2, 19, 2, 25, "/é😀/b/1")
    assert document.locate(("é😀",), key=True) == Location(PATH, 2, 3, 2, 7, "/é😀")
    assert at(text, document.locate(("é😀", "b"))) == '[1, "x\\ny"]'
    assert document.locate(("é😀", "nothing", "here")).column == 9
    assert document.locate(()) == Location(PATH, 1, 1, 3, 2, "")


JSON_STYLES = st.sampled_from([{"indent": None}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])


@given(VALUES, JSON_STYLES, st.booleans())
def test_the_text_at_every_place_is_its_value(value: Any, style: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, **style)
    document = read(text)
    for pointer in pointers(value):
        found = value
        for part in pointer:
            found = found[part]
        assert same(json.loads(at(text, document.locate(pointer))), found)
        if pointer and isinstance(pointer[-1], str):
            assert json.loads(at(text, document.locate(pointer, key=True))) == pointer[-1]


# ---------------------------------------------------------------------------------------- edits

PRETTY = '{\n    "a": {\n        "b": 1\n    },\n    "c": [],\n    "d": ["x"],\n    "e": [\n        1\n    ]\n}\n'


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (Set(("a", "b"), "é"), '"b": 1', '"b": "é"'),
        (Set(("a", "n"), True), '"b": 1', '"b": 1,\n        "n": true'),
        (Set(("c",), {"k": []}), "[]", '{\n        "k": []\n    }'),
        (Set(("n", "m"), 1), "        1\n    ]", '        1\n    ],\n    "n": {\n        "m": 1\n    }'),
        (Append(("c",), {"k": 1}), "[]", '[\n        {\n            "k": 1\n        }\n    ]'),
        (Append(("d",), "y"), '["x"]', '["x", "y"]'),
        (Append(("e",), 2), "1\n    ]", "1,\n        2\n    ]"),
        (Remove(("c",)), '    "c": [],\n', ""),
        (Remove(("e",)), '],\n    "e": [\n        1\n    ]', "]"),
        (Remove(("a", "b")), '    "a": {\n        "b": 1\n    },\n', ""),
        (Remove(("a", "b"), prune=False), '{\n        "b": 1\n    }', "{}"),
        (Remove(("d", 0), prune=False), '["x"]', "[]"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_document_over_several_lines_keeps_its_layout(edit: Edit, before: str, after: str, newline: str) -> None:
    text = PRETTY.replace("\n", newline)
    old, new = before.replace("\n", newline), after.replace("\n", newline)
    assert edited_json(text, edit) == text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ('{"a":1}', Set(("b",), {"c": [1, 2]}), '{"a":1,"b":{"c":[1,2]}}'),
        ('{"a": 1}', Set(("b",), {"c": [1, 2]}), '{"a": 1, "b": {"c": [1, 2]}}'),
        ("{}", Set(("b",), 1), '{"b": 1}'),
        ("[]", Append((), 1), "[1]"),
        ("[1, 2]", Remove((0,)), "[2]"),
        ("[1, 2]", Remove((1,)), "[1]"),
        ("[1]", Remove((0,)), "[]"),
        ('{"a": null}', Set(("a", "b"), "\ud800\x7f\u2028"), '{"a": {"b": "\\ud800\\u007f\\u2028"}}'),
        ("\ufeff1\n", Set((), 2), "\ufeff2\n"),
    ],
)
def test_a_document_on_one_line_stays_on_it(text: str, edit: Edit, after: str) -> None:
    assert edited_json(text, edit) == after


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, object(), {1: 2}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(CannotEdit):
        edited_json('{"a": 1}', Set(("a",), value))


@given(VALUES, JSON_STYLES, st.sampled_from(["\n", "\r\n"]), st.data())
def test_edits_do_what_they_say_and_leave_json(value: Any, style: dict[str, Any], newline: str, data: Any) -> None:
    place = st.sampled_from(pointers(value))
    edit = st.one_of(
        st.builds(Set, place, VALUES),
        st.builds(lambda at, key, new: Set((*at, key), new), place, st.sampled_from(["n", "é"]), VALUES),
        st.builds(Remove, place, st.booleans()),
        st.builds(Append, place, VALUES),
    )
    edits = data.draw(st.lists(edit, min_size=1, max_size=4))
    text = json.dumps(value, ensure_ascii=False, **style).replace("\n", newline)
    try:
        wanted = after(value, edits)
    except Undefined:
        with pytest.raises(CannotEdit):
            edited_json(text, *edits)
        return
    result, reason = _made(text, edits)
    if reason:
        assert "another edit makes" in reason
        return
    assert same(json.loads(result), wanted), result
    assert not re.search(r"(?<!\r)\n", result) or newline == "\n" or "\n" not in text
    if style.get("indent") == 2 and isinstance(value, (dict, list)) and value and not edits[1:]:
        assert result.count("\n") >= 1 or not wanted or not isinstance(wanted, (dict, list))
    assert apply(result, read(result).splices([])) == result


def _made(text: str, edits: list[Edit]) -> tuple[str, str]:
    try:
        return edited_json(text, *edits), ""
    except CannotEdit as error:
        return "", str(error)
