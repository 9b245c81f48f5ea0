"""Objects as YAML text: what is read back is what was written."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.limits import YAML_DEPTH
from batten.model.source import File
from batten.sources.cluster.text import as_yaml

LINES = st.lists(
    st.sampled_from(["", " ", "a", "  b: c", "\ttab", "---", "...", "# d", "- e", "{{ f }}", "é\u2028", "x" * 300])
)
TEXTS = st.one_of(
    st.text(),
    LINES.map("\n".join),
    LINES.map(lambda lines: "\n".join(lines) + "\n"),
    st.sampled_from(
        ["yes", "null", "~", "1", "0x1F", "1e3", "1:30", "2024-01-01", "<<", "=", "%a", "@b", "a: b", "a #b", "-"]
    ),
    st.text("\n \t", max_size=5),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=25,
)


def read(text: bytes) -> Any:
    (document,) = read_documents(File("x.yaml", text), KUBERNETES)
    assert isinstance(document, YamlDocument), document
    assert document.notes == ()
    return document.value


@settings(max_examples=400)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_what_is_written_is_read_back(value: dict[str, Any]):
    assert read(as_yaml(value)) == value


@given(st.dictionaries(st.text("ab", min_size=1), LINES.map("\n".join), min_size=1))
def test_another_reader_reads_the_same(value: dict[str, Any]):
    assert yaml.safe_load(as_yaml(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            {"a": {"b": [{"c": 1, "d": []}, "e", [1, [2]], {}]}},
            "a:\n  b:\n  - c: 1\n    d: []\n  - e\n  - - 1\n    - - 2\n  - {}\n",
        ),
        ({"a": "x=1\ny=2\n"}, "a: |\n  x=1\n  y=2\n"),
        ({"a": ["  x\ny"]}, "a:\n- |2-\n    x\n  y\n"),
        ({"a": "x\n\n", "yes": "no"}, 'a: |+\n  x\n\n"yes": "no"\n'),
        ({"a": "x\r\ny"}, 'a: "x\\r\\ny"\n'),
    ],
)
def test_the_text_is_as_people_write_it(value: dict[str, Any], text: str):
    assert as_yaml(value).decode() == text
    assert read(text.encode()) == value


def test_what_is_nested_too_deeply_is_text_all_the_same():
    value: dict[str, Any] = {"a": 1}
    for _ in range(YAML_DEPTH + 5):
        value = {"a": value}
    assert as_yaml(value).startswith(b"{")
