"""Lines of a text, against splitting it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batten.formats import lines as module
from batten.formats.lines import LineIndex, text_of
from batten.model.source import File

TEXTS = st.text(st.sampled_from("a\n\n\r\ufeffé😀"), max_size=40).map(lambda text: text * 3)


def _lines_before(text: str, offset: int) -> list[str]:
    return text[:offset].split("\n")


@given(TEXTS, st.data(), st.sampled_from([1, 3, 4096]), st.sampled_from([0, 1 << 16]))
def test_finds_the_line_of_every_offset(text: str, data: st.DataObject, block: int, short: int) -> None:
    offset = data.draw(st.integers(0, len(text)))
    before = _lines_before(text, offset)
    usual = module._BLOCK, module._SHORT
    module._BLOCK, module._SHORT = block, short  # type: ignore[misc]
    try:
        index = LineIndex(text)
        assert index.line(offset) == len(before)
        assert index.begin(offset) == offset - len(before[-1])
        assert index.offset(len(before)) == index.begin(offset)
        assert index.offset(text.count("\n") + 2) == -1
        mark = len(before) == 1 and text.startswith("\ufeff")
        assert index.place(offset) == (len(before), len(before[-1]) + 1 - mark)
    finally:
        module._BLOCK, module._SHORT = usual  # type: ignore[misc]


@given(TEXTS, st.integers(1, 30), st.integers(0, 3), st.integers(0, 5))
def test_cuts_lines_out_of_the_text(text: str, first: int, more: int, width: int) -> None:
    expected = text.removeprefix("\ufeff").split("\n")[first - 1 : first + more]
    assert LineIndex(text).slices(first, first + more, width) == [line[:width] for line in expected]


def test_a_large_file_is_kept_small_and_reads_the_same() -> None:
    data = b"kind: Pod\n" * 5_000
    file = File("a.yaml", data)
    file.pack()
    assert file.packed
    assert len(file.content.data) < len(data) / 10  # type: ignore[union-attr]
    assert file.data == data
    assert text_of(file) == data.decode()


def test_a_small_file_is_left_alone() -> None:
    file = File("a.yaml", b"kind: Pod\n")
    file.pack()
    assert not file.packed
