"""The underline stands under what is meant, whatever the line is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from batten.model.report import Excerpt
from batten.model.source import Location
from batten.report import excerpt
from batten.report.excerpt import MarkedLine, around, first_line, for_terminal, marked_lines, span
from batten.report.text import printable, width
from report import sample


def underlined(text: str, start: int, end: int, room: int = 80, unicode: bool = True) -> str:
    """The columns of the shown line that are underlined, read back as text."""
    shown = for_terminal(MarkedLine(1, text, start, end), room, unicode)
    columns: list[str] = []
    for character in shown.text:
        columns += [character, *[""] * (width(character) - 1)] if width(character) else []
    return "".join(columns[shown.offset : shown.offset + shown.length])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("    privileged: true", "privileged: true"),
        ("\t\tprivileged: true", "privileged: true"),
        ("image: ログ収集:latest # x", "latest"),
        ("image: ログ収集:latest # x", "収集"),
        ("note: \x1b[31mred", "red"),
    ],
)
def test_the_underline_is_under_what_is_meant(text: str, meant: str) -> None:
    start = text.index(meant)
    assert underlined(text, start, start + len(meant)) == meant


def test_a_combining_character_moves_nothing() -> None:
    text = "name: cafe\u0301 user: root"
    start = text.index("root")
    assert underlined(text, start, start + 4) == "root"


def test_a_long_line_is_cut_around_what_is_meant() -> None:
    text = "x" * 5000 + '"privileged": true' + "y" * 5000
    shown = for_terminal(MarkedLine(1, text, 5000, 5018), 60)
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")
    assert '"privileged": true' in shown.text
    assert underlined(text, 5000, 5018, 60) == '"privileged": true'


def test_no_more_than_needed_is_cut_from_the_left() -> None:
    text = "a" * 70 + "tail"
    assert for_terminal(MarkedLine(1, text, 70, 74), 60).text == "…" + "a" * 55 + "tail"


def test_only_the_characters_near_the_place_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(excerpt, "_cell", lambda character, unicode: looked.append(character) or character)
    for_terminal(MarkedLine(1, "z" * (1 << 20), 1 << 19, (1 << 19) + 5), 100)
    assert len(looked) < 300


@given(st.text(st.sampled_from("ab \tログ\u0301\x1b\u202e"), max_size=120), st.data(), st.integers(12, 90))
def test_every_line_fits_and_its_underline_is_inside(text: str, data: st.DataObject, room: int) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text))) if text else 0
    for unicode in (True, False):
        shown = for_terminal(MarkedLine(1, text, start, max(end, start + 1)), room, unicode)
        assert width(shown.text) <= room
        assert shown.text.isprintable()
        assert shown.offset >= 0
        assert shown.length >= 1
        assert shown.offset + shown.length <= room + 1
        assert unicode or shown.text.isascii()


@given(st.text(st.sampled_from("ab \tログ"), max_size=30), st.data())
def test_a_line_that_fits_is_shown_whole(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    shown = for_terminal(MarkedLine(1, text, start, start + 1), 200)
    assert shown.text == text.replace("\t", "    ")
    assert shown.offset == width(text[:start].replace("\t", "    "))


def test_a_range_over_lines_marks_each_of_them() -> None:
    location = Location("a", 2, 5, 4, 3)
    assert span(location, 1, "abc") == (0, 0)
    assert span(location, 2, "    key:") == (4, 8)
    assert span(location, 3, "  middle") == (2, 8)
    assert span(location, 4, "ends here") == (0, 2)


def test_a_place_after_the_cut_of_a_line_is_not_marked() -> None:
    assert span(Location("a", 1, 900, 1, 905), 1, "short") == (0, 0)


def test_an_empty_range_marks_one_character() -> None:
    assert span(Location("a", 1, 3), 1, "abcdef") == (2, 6)
    assert span(Location("a", 1, 3, 1, 3), 1, "abcdef") == (2, 3)


def test_a_line_that_the_excerpt_lacks_is_not_shown() -> None:
    finding = sample.report().findings[0]
    assert first_line(replace(finding, excerpt=Excerpt(90, ["far away"]))) is None
    assert first_line(replace(finding, excerpt=None)) is None
    assert marked_lines(replace(finding, excerpt=None)) == []


@given(st.text(st.sampled_from("ab cd"), min_size=1, max_size=300), st.data())
def test_a_line_cut_for_a_page_keeps_what_is_meant(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 20)))
    line = around(MarkedLine(1, text, start, end), 60)
    assert line.text[line.start : line.end] == text[start:end]
    assert len(line.text) <= 62


def test_hostile_source_is_shown_as_escapes() -> None:
    text = "\x1b]0;owned\x07 \u202e"
    assert for_terminal(MarkedLine(1, text, 0, 1), 80).text == printable(text)
