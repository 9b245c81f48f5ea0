"""Places of tables in TOML, held against what `tomllib` reads."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.engine.toml_places import table_spans

KEY = ("tool", "batten", "waiver")


def spans(text: str) -> list[str]:
    return [text[start:end] for start, end in table_spans(text, KEY)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[[tool.batten.waiver]]\na = 1\n[[ tool . "batten".waiver ]]\n', 2),
        ('[tool."batten"]\nwaiver = [ {a = 1}, # {}\n {b = "}"},\n]\n', 2),
        ("[tool]\nbatten = {waiver = [{a = [{b = 1}]}]}\n", 1),
        ("tool.batten.waiver = [{a = 1}]\n", 1),
        ('x = """\n[[tool.batten.waiver]]\n""\\" """""\n[[tool.batten.waiver]]\n', 1),
        ("x = '''\n[[tool.batten.waiver]]\n'''''\n# [[tool.batten.waiver]]\n", 0),
        ("[[tool.batten.waiver]]\n[tool.batten.waiver.sub]\nwaiver = [{}]\n[[tool.batten.waiver]]\n", 2),
        ('[["to\\u006fl".batten.waiver]]\r\nexpires = 2027-01-01 00:00:00\r\n', 1),
    ],
)
def test_strings_comments_and_nesting_do_not_mislead(text: str, found: int) -> None:
    assert len(tomllib.loads(text).get("tool", {}).get("batten", {}).get("waiver", [])) == found
    assert len(spans(text)) == found
    assert all(one.startswith(("[[", "{")) and one.endswith(("]]", "}")) for one in spans(text))


VALUES = st.recursive(
    st.sampled_from(
        ['"[["', "'}'", '"""\n[[tool.batten.waiver]]\n"""', "'''{'''", "1", "true", "2027-01-01", '"#\\""']
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=2).map(
            lambda items: "{" + ", ".join(f"waiver{n} = {one}" for n, one in enumerate(items)) + "}"
        ),
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(VALUES, st.sampled_from(["", "# [[tool.batten.waiver]]\n", "[tool.other.x]\n"])), max_size=5))
def test_there_are_as_many_places_as_tables(rows: list[tuple[str, str]]) -> None:
    text = ""
    for number, (value, between) in enumerate(rows):
        text += between.replace("other.x", f"other{number}") + f"[[tool.batten.waiver]]\nv = {value}\n"
    read = tomllib.loads(text).get("tool", {}).get("batten", {}).get("waiver", [])
    assert len(spans(text)) == len(read)


@given(st.text(alphabet="[]{}=\"'#\n\\.,a ", max_size=60))
def test_text_that_is_no_toml_ends(text: str) -> None:
    table_spans(text, KEY)
