"""Edits of unit files: the change is made, everything else stays byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.quadlet.document import UnitDocument, parse
from batten.model.edits import Append, CannotEdit, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set
from batten.model.source import File


def unit(text: str, *dropins: str) -> UnitDocument:
    texts = [parse(File("web.container", text.encode()))]
    texts += [parse(File(f"web.container.d/{n}.conf", one.encode())) for n, one in enumerate(dropins)]
    return UnitDocument(texts, frozenset({"Exec"}))


def edited(text: str, *edits: Edit) -> str:
    result, end = "", 0
    for splice in unit(text).splices(edits):
        assert splice.start >= end
        result += text[end : splice.start] + splice.text
        end = splice.end
    return result + text[end:]


def test_a_value_is_replaced_and_nothing_around_it():
    assert edited("[A]\r\n X =  1 \r\n# c\r\n", Set(("A", "X"), 2)) == "[A]\r\n X =  2 \r\n# c\r\n"


def test_without_a_number_the_last_assignment_is_set():
    assert edited("[A]\nX=1\nX=2\n", Set(("A", "X"), 3)) == "[A]\nX=1\nX=3\n"


def test_an_empty_value_is_filled():
    assert edited("[A]\nX=\nY=1\n", Set(("A", "X"), True)) == "[A]\nX=true\nY=1\n"


def test_a_new_key_goes_to_the_end_of_its_section():
    text = "[A]\nX=1\n# note\n\n[B]\nY=1\n"
    assert edited(text, Set(("A", "New"), "v")) == "[A]\nX=1\nNew=v\n# note\n\n[B]\nY=1\n"


def test_a_new_assignment_goes_after_the_last_of_its_key():
    assert edited("[A]\nX=1\nY=1\n", Append(("A", "X"), "2")) == "[A]\nX=1\nX=2\nY=1\n"


def test_a_new_key_in_an_empty_section_follows_the_header():
    assert edited("[A]\n\n[B]\nY=1\n", Set(("A", "X"), 1)) == "[A]\nX=1\n\n[B]\nY=1\n"


def test_a_new_section_is_put_at_the_end():
    assert edited("[A]\nX=1\n", Set(("S", "Y"), 1), Set(("S", "Z"), 2)) == "[A]\nX=1\n\n[S]\nY=1\nZ=2\n"


def test_a_missing_final_newline_stays_missing():
    text = "[A]\r\nX=1"
    assert edited(text, Set(("A", "Y"), 2), Set(("S", "Z"), 3)) == "[A]\r\nX=1\r\nY=2\r\n\r\n[S]\r\nZ=3"


def test_what_is_there_is_not_appended_again():
    text = "[A]\nX=one two\n"
    assert edited(text, Append(("A", "X"), "two")) == text
    assert edited(text, Append(("A", "X"), "3"), Append(("A", "X"), "3")) == "[A]\nX=one two\nX=3\n"


def test_what_was_taken_back_may_be_appended_again():
    assert edited("[A]\nX=1\nX=\n", Append(("A", "X"), "1")) == "[A]\nX=1\nX=\nX=1\n"


def test_an_assignment_goes_with_its_lines_and_comments_stay():
    text = "[A]\nX=1 \\\n# why\n 2\nY=1\n"
    assert edited(text, Remove(("A", "X", 0))) == "[A]\n# why\nY=1\n"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ({0}, 'X="b c" d'),
        ({1}, "X=a d"),
        ({2}, 'X=a "b c"'),
        ({0, 2}, 'X="b c"'),
        ({1, 2}, "X=a"),
    ],
)
def test_a_word_goes_with_the_blank_beside_it(words: set[int], left: str):
    removals = [Remove(("A", "X", 0, word)) for word in words]
    assert edited('[A]\nX=a "b c" d\nY=1\n', *removals) == f"[A]\n{left}\nY=1\n"


def test_the_last_word_takes_the_assignment_with_it():
    assert edited("[A]\nX=a b\nY=1\n", Remove(("A", "X", 0, 0)), Remove(("A", "X", 0, 1))) == "[A]\nY=1\n"


def test_a_continued_line_that_is_emptied_does_not_swallow_the_next_assignment():
    text = "[A]\nX=a \\\n   b \\\n   c\nY=1\n"
    assert edited(text, Remove(("A", "X", 0, 2))) == "[A]\nX=a \\\n   b\nY=1\n"
    assert edited(text, Remove(("A", "X", 0, 1)), Remove(("A", "X", 0, 2))) == "[A]\nX=a\nY=1\n"
    assert edited(text, Remove(("A", "X", 0, 1))) == "[A]\nX=a \\\n   c\nY=1\n"


def test_lines_are_put_before_and_after_an_assignment():
    text = "[A]\nX=1 \\\n 2\nY=1\n"
    assert edited(text, InsertBefore(("A", "X", 0), "# why")) == "[A]\n# why\nX=1 \\\n 2\nY=1\n"
    assert edited(text, InsertAfter(("A", "X", 0), "Z=1")) == "[A]\nX=1 \\\n 2\nZ=1\nY=1\n"


def test_a_word_is_replaced():
    assert edited("[A]\nX=a b c\n", ReplaceText(("A", "X", 0, 1), "new")) == "[A]\nX=a new c\n"


def args(text: str, *edits: Edit) -> str:
    return edited(f"[A]\nPodmanArgs={text}\n", *edits).removeprefix("[A]\n").removesuffix("\n")


def part(word: int, number: int) -> Remove:
    return Remove(("A", "PodmanArgs", 0, word, number))


def test_parts_between_commas_go_one_by_one_or_together():
    assert args("--cap-add A,B,C -t", part(1, 1)) == "PodmanArgs=--cap-add A,C -t"
    assert args("--cap-add A,B,C -t", part(1, 0), part(1, 2)) == "PodmanArgs=--cap-add B -t"
    assert args("--cap-add=A,B -t", part(0, 0)) == "PodmanArgs=--cap-add=B -t"


def test_an_option_goes_with_the_last_of_its_parts():
    assert args("-t --cap-add A,B", part(2, 0), part(2, 1)) == "PodmanArgs=-t"
    assert args("-t --cap-add=A,B", part(1, 0), part(1, 1)) == "PodmanArgs=-t"
    assert args("--cap-add A,B", part(1, 0), part(1, 1)) == ""


def test_a_part_is_located():
    place = unit("[A]\nX=--cap-add=A,BC\n").locate(("A", "X", 0, 0, 1))
    assert (place.column, place.end_column) == (15, 17)


def test_a_list_in_quotes_is_not_taken_apart():
    assert "in quotes" in refused('[A]\nX="A,B"\n', Remove(("A", "X", 0, 0, 1)))


def test_two_texts_for_one_word_are_refused():
    one, other = (ReplaceText(("A", "X", 0, 0), text) for text in ("b", "c"))
    assert "two edits" in refused("[A]\nX=a d\n", one, other)
    assert edited("[A]\nX=a d\n", one, one) == "[A]\nX=b d\n"


def test_a_word_is_not_replaced_and_removed_at_once():
    text = "[A]\nX=a \\\n b \\\n c\n"
    assert "two edits" in refused(text, ReplaceText(("A", "X", 0, 1), "d"), Remove(("A", "X", 0, 1)))


def refused(text: str, *edits: Edit, dropins: tuple[str, ...] = ()) -> str:
    with pytest.raises(CannotEdit) as error:
        unit(text, *dropins).splices(edits)
    return str(error.value)


def test_what_a_drop_in_says_is_not_edited_through_the_unit():
    assert "drop-in web.container.d/0.conf" in refused("[A]\nX=1\n", Set(("A", "X"), 2), dropins=("[A]\nX=9\n",))
    assert "drop-in" in refused("[A]\nX=1\n", Remove(("A", "X", 1)), dropins=("[A]\nX=9\n",))


def test_a_value_over_several_lines_is_not_replaced():
    assert "several lines" in refused("[A]\nX=1 \\\n2\n", Set(("A", "X"), 2))


def test_nothing_is_added_after_a_line_that_waits_for_another():
    assert "continued line" in refused("[A]\nX=1 \\", Set(("A", "Y"), 2))
    assert "continued line" in refused("[A]\nX=1 \\\n# end\n", Set(("S", "Y"), 2))
    assert "continued line" in refused("[A]\nX=1 \\\n\n", Set(("A", "Y"), 2))


@pytest.mark.parametrize("value", ["a\nb", "a\\"])
def test_a_value_that_would_change_the_next_line_is_refused(value: str):
    assert "one line" in refused("[A]\nX=1\n", Set(("A", "X"), value))


def test_two_edits_of_one_place_are_refused():
    assert "two edits" in refused("[A]\nX=a b\n", Set(("A", "X"), "c"), Remove(("A", "X", 0)))


def test_what_is_not_there_cannot_be_removed():
    assert refused("[A]\nX=1\n", Remove(("A", "Y", 0)))
    assert refused("[A]\nX=1\n", Remove(("A", "Y")))


# --------------------------------------------------------------------- removal against a slow model

word = st.sampled_from(["a", "b1", '"c d"', "'e'", "--f=g", "é"])
gap = st.sampled_from([" ", "  ", " \\\n  ", " \\\n# note\n\t", " \\\n\n ", " \\\r\n"])


@given(
    st.lists(st.tuples(gap, word), min_size=1, max_size=7),
    st.sets(st.integers(0, 6)),
    st.sampled_from(["", " ", "\n", "\nY=1\n", "\n# c\nY=1"]),
)
def test_removing_words_leaves_the_others_and_all_else(parts: list[tuple[str, str]], gone: set[int], tail: str):
    text = "[A]\nFirst=0\nX=" + "".join((between if n else "") + one for n, (between, one) in enumerate(parts)) + tail
    before = unit(text)
    words = [one.text for one in before.words(before.last("A", "X"))]
    chosen = {number for number in gone if number < len(words)}
    after = unit(edited(text, *(Remove(("A", "X", 0, number)) for number in chosen)))
    kept = [one for number, one in enumerate(words) if number not in chosen]
    left = after.last("A", "X")
    assert ([one.text for one in after.words(left)] if left else []) == kept
    others = [(one.key, one.value) for one in before.instructions if one.key != "X"]
    assert [(one.key, one.value) for one in after.instructions if one.key != "X"] == others
    comments = [line.strip() for line in text.split("\n") if line.strip().startswith("#")]
    again = [line.strip() for line in after.texts[0].text.split("\n") if line.strip().startswith("#")]
    assert again == comments


@given(st.text(st.sampled_from("[A]\nX=1 \\#;é\r\ufeff"), max_size=40), st.sampled_from(["X", "Y"]))
def test_a_value_that_is_set_is_read_again_or_the_edit_is_refused(text: str, key: str):
    try:
        document = unit(text)
        after = unit(edited(text, Set(("A", key), "new")))
    except CannotEdit:
        return
    assert after.last("A", key).value == "new"
    same = {(one.section, one.key, one.value) for one in document.instructions if (one.section, one.key) != ("A", key)}
    assert same <= {(one.section, one.key, one.value) for one in after.instructions}
