"""Where the characters of a scalar's value stand, in every style that YAML has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.pipelines.document import read_pipeline
from batten.formats.pipelines.scalars import offsets
from batten.model.pipeline import RANGE
from batten.model.source import File, Problem
from batten.sources.interface import NoFiles

STYLES = {
    "plain": "run: echo WORD there\n",
    "plain in two lines": "run: echo\n  WORD there\n",
    "single quotes": "run: 'it''s echo WORD'\n",
    "double quotes": 'run: "a\\tb \\"c\\" \\u00e9 WORD"\n',
    "double quotes in two lines": 'run: "a b \\\n   c\n\n   WORD"\n',
    "literal": "run: |\n  echo a\n\n    WORD b\n",
    "literal with a number": "run: |2-\n     echo a\n  WORD\n",
    "folded": "run: >-\n  echo a\n  b WORD\n\n  c\n",
    "with carriage returns": "run: |\r\n  echo a\r\n\r\n  WORD\r\n",
    "anchored": "run: &x |\n  echo WORD\n",
}


def _document(text: str):  # type: ignore[no-untyped-def]
    [document] = read_pipeline(File("a.yml", text.encode()), NoFiles())
    assert not isinstance(document, Problem), document
    return document


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_a_word_is_found_where_it_is_written(text: str) -> None:
    document = _document(text)
    at = document.value["run"].index("WORD")
    start, end = document.range_of(("run", RANGE, at, at + 4))
    assert text[start:end] == "WORD"
    location = document.locate(("run", RANGE, at, at + 4))
    line = text.splitlines()[location.line - 1]
    assert line[location.column - 1 : location.end_column - 1] == "WORD"


LINES = st.lists(st.text(st.sampled_from("ab $\"'#:-{}|>\\é"), max_size=12), min_size=1, max_size=6)


@given(LINES, st.sampled_from("|>"), st.sampled_from(["", "-", "+"]), st.integers(1, 4))
def test_every_character_of_a_block_scalar_stands_where_it_is_said(
    lines: list[str], style: str, chomping: str, indent: int
) -> None:
    body = ["x" + lines[0], *lines[1:]]  # the first line says how deep the block is
    text = f"run: {style}{chomping}\n" + "".join(f"{' ' * indent}{line}\n" for line in body)
    document = _document(text)
    value = document.value["run"]
    start, stop = document.span(("run",), key=False)
    places = offsets(text, start, stop, value)
    assert len(places) == len(value)
    for char, place in zip(value, places, strict=True):
        assert text[place] == char or (char in " \n" and text[place] in " \n")
    assert places == sorted(places)


@given(st.text(st.sampled_from("ab '\"\\é\t$"), max_size=20))
def test_every_character_of_a_quoted_scalar_stands_where_it_is_said(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    for text in (f'run: "{escaped}"\n', "run: '" + value.replace("'", "''") + "'\n"):
        document = _document(text)
        start, stop = document.span(("run",), key=False)
        places = offsets(text, start, stop, document.value["run"])
        assert len(places) == len(document.value["run"])
        for char, place in zip(document.value["run"], places, strict=True):
            assert text[place] == char or text[place] == "\\"
