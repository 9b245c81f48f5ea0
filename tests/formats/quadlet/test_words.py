"""Values of unit files split into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.quadlet.words import split


def texts(value: str, *, escapes: bool = True) -> list[str]:
    return [word.text for word in split(value, escapes=escapes)]


def test_words_are_parted_by_any_whitespace():
    assert texts("a  b\tc") == ["a", "b", "c"]


def test_quotes_keep_whitespace_and_go():
    assert texts("""FOO1=foo1 "FOO2=foo2 " 'a"b'""") == ["FOO1=foo1", "FOO2=foo2 ", 'a"b']


def test_quotes_inside_a_word_join():
    assert texts('--label="a b"c') == ["--label=a bc"]


def test_an_empty_quoted_word_is_a_word():
    assert texts('a "" b') == ["a", "", "b"]


def test_an_open_quote_ends_with_the_value():
    assert texts('a "b c') == ["a", "b c"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"\110ello", "Hello"), (r"\x41", "A"), (r"\u00e9", "é"), (r"a\sb", "a b"), (r"\"", '"'), (r"a\\b", r"a\b")],
)
def test_c_escapes_are_undone_in_command_lines(written: str, meant: str):
    assert texts(written) == [meant]


@pytest.mark.parametrize("written", [r"\q", r"\x4", r"\x00", r"\uD800", r"\999", "a\\"])
def test_what_is_no_escape_stays_as_written(written: str):
    assert texts(written) == [written]


def test_a_backslash_is_a_character_in_lists_of_words():
    assert texts(r"a\x41 b\ c", escapes=False) == [r"a\x41", "b\\", "c"]


def test_a_word_knows_where_it_stands_with_its_quotes():
    value = 'a "b c" d'
    assert [value[word.start : word.end] for word in split(value, escapes=True)] == ["a", '"b c"', "d"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r'), min_size=1), max_size=6))
def test_quoted_words_come_back_as_they_were(words: list[str]):
    assert texts(" ".join(f'"{word}"' for word in words), escapes=False) == words
