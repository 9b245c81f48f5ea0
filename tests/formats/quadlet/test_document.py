"""Unit files: what is read, and where it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.formats.quadlet.document import UnitDocument, UnitText, parse
from batten.model.source import File, Unreadable


def unit(text: str, *dropins: str) -> UnitDocument:
    texts = [parse(File("web.container", text.encode()))]
    texts += [parse(File(f"web.container.d/{n}.conf", one.encode())) for n, one in enumerate(dropins)]
    return UnitDocument(texts, frozenset({"Exec"}))


def values(text: str) -> list[tuple[str, str, str]]:
    return [(one.section, one.key, one.value) for one in parse(File("a", text.encode())).assignments]


def test_sections_keys_and_values_lose_their_outer_whitespace():
    assert values("[A]\n  Key  =  a value \t\n[B]\nOther=\n") == [("A", "Key", "a value"), ("B", "Other", "")]


def test_comments_begin_with_a_hash_or_a_semicolon_and_take_the_whole_line():
    assert values("[A]\n# X=1\n;Y=2\nZ=3 # not a comment\n") == [("A", "Z", "3 # not a comment")]


def test_a_backslash_continues_a_line_and_comments_between_are_skipped():
    assert values("[A]\nX=one \\\n  two \\\n# no\n\n; no\nthree\nY=1\n") == [
        ("A", "X", "one two three"),
        ("A", "Y", "1"),
    ]


def test_a_continued_line_at_the_end_of_the_file_is_kept():
    assert values("[A]\nX=one \\\n# last\n") == [("A", "X", "one")]


def test_an_empty_assignment_takes_back_those_before_it():
    document = unit("[A]\nX=1\nX=\nX=2\nX=3\n")
    assert [one.value for one in document.all("A", "X")] == ["2", "3"]


def test_the_last_assignment_counts_for_a_single_value():
    document = unit("[A]\nX=1\nX=2\n")
    assert document.last("A", "X").value == "2"
    assert document.last("A", "Y") is None


def test_sections_of_one_name_are_one_section():
    assert [one.value for one in unit("[A]\nX=1\n[B]\n[A]\nX=2\n").all("A", "X")] == ["1", "2"]


def test_drop_ins_are_read_after_the_unit():
    document = unit("[A]\nX=1\n", "[A]\nX=\nX=2\n", "[A]\nX=3\n")
    assert [one.value for one in document.all("A", "X")] == ["2", "3"]


def test_a_byte_order_mark_and_crlf_do_not_disturb():
    assert values("\ufeff[A]\r\nX=1 \\\r\n 2\r\n") == [("A", "X", "1 2")]


@pytest.mark.parametrize("line", ["nothing", "=value", "[open", "[]"])
def test_a_line_that_is_nothing_is_told_with_its_number(line: str):
    assert parse(File("a", f"[A]\n\n{line}\nX=1\n".encode())).faults == [(3, line)]


def test_a_key_before_any_section_is_a_fault():
    assert parse(File("a", b"X=1\n[A]\n")).faults == [(1, "X=1")]


def test_a_file_full_of_nonsense_is_given_up():
    with pytest.raises(Unreadable, match="expected a unit file"):
        parse(File("a", b"nonsense\n" * 200))


def test_too_large_a_file_is_refused():
    with pytest.raises(Unreadable, match="at most"):
        parse(File("a", b"#" * (limits.UNIT_BYTES + 1)))


def test_too_many_assignments_are_refused():
    with pytest.raises(Unreadable, match="assignments"):
        parse(File("a", b"[A]\n" + b"X=1\n" * (limits.UNIT_ASSIGNMENTS + 1)))


LOCATED = '# c\n[A]\nX = one \\\n  "zwei drei" \\\n# no\n  vier\nÄ=ü x\n'


def shown(text: str, pointer: tuple[str | int, ...], *, key: bool = False) -> str:
    place = unit(text).locate(pointer, key=key)
    lines = text.split("\n")
    if place.line == place.end_line:
        return lines[place.line - 1][place.column - 1 : place.end_column - 1]
    first, last = lines[place.line - 1][place.column - 1 :], lines[place.end_line - 1][: place.end_column - 1]
    return "\n".join([first, *lines[place.line : place.end_line - 1], last])


def test_a_value_is_located_over_all_its_lines():
    assert shown(LOCATED, ("A", "X", 0)) == 'one \\\n  "zwei drei" \\\n# no\n  vier'


@pytest.mark.parametrize(("word", "text"), [(0, "one"), (1, '"zwei drei"'), (2, "vier")])
def test_a_word_is_located_on_its_own_line(word: int, text: str):
    assert shown(LOCATED, ("A", "X", 0, word)) == text


def test_keys_and_sections_are_located():
    assert shown(LOCATED, ("A", "X", 0), key=True) == "X"
    assert shown(LOCATED, ("A",)) == "[A]"


def test_columns_count_characters():
    place = unit(LOCATED).locate(("A", "Ä", 0, 1))
    assert (place.line, place.column, place.end_column) == (7, 5, 6)


def test_what_is_not_there_is_located_at_its_section():
    assert shown(LOCATED, ("A", "Y", 0)) == "[A]"


def test_a_drop_in_is_located_in_its_own_file():
    place = unit("[A]\nX=1\n", "[A]\n\nX=2\n").locate(("A", "X"))
    assert (place.path, place.line) == ("web.container.d/0.conf", 3)


# ------------------------------------------------------------------------ a slow and obvious reader


def slow(text: str) -> list[tuple[str, str, str]]:
    """Joins lines first, then reads them one by one, as podman-systemd.unit(5) and systemd.syntax(7) say."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").split("\n")]
    lines = [line for line in lines if line and line[0] not in "#;"]
    joined = re.sub(r"\\\n", "", "\n".join(lines)).removesuffix("\\")
    section, found = None, []
    for line in joined.split("\n"):
        if header := re.fullmatch(r"\[([^\]]+)\][ \t]*", line):
            section = header[1]
        elif section is not None and line.find("=") > 0:
            key, _, value = line.partition("=")
            found.append((section, key.rstrip(), value.strip()))
    return found


PIECES = [
    "[A]",
    "[B]",
    "X=1",
    "Y = two words",
    "X=",
    "Z=a \\",
    "  more",
    "# comment",
    ";c\\",
    "",
    " ",
    "]",
    "W=é\\",
    "k=",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_reader_agrees_with_the_obvious_one(lines: list[str], newline: str, final: bool):
    text = newline.join(lines) + (newline if final else "")
    assert values(text) == slow(text.replace("\r", ""))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_every_place_exists(text: str):
    try:
        read: UnitText = parse(File("a", text.encode("utf-8", "replace")))
    except Unreadable:
        assert "\0" in text
        return
    document = UnitDocument([read], frozenset({"X"}))
    lines = read.text.split("\n")
    for one in document.instructions:
        for number in range(len(document.words(one))):
            place = document.locate((*one.pointer, number))
            assert 1 <= place.line <= place.end_line <= len(lines)
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1


def test_a_binary_file_is_refused_with_its_line():
    with pytest.raises(Unreadable, match="NUL byte") as raised:
        parse(File("web.container", b"[Container]\nImage=a\0b\n"))
    assert raised.value.line == 2
