"""Directives, comments, continued lines and heredocs, as BuildKit cuts them."""

from __future__ import annotations

import pytest

from batten.limits import DOCKERFILE_INSTRUCTION
from batten.model.source import Unreadable
from formats.dockerfile.helpers import messages, only, read


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\n", {"syntax": "docker/dockerfile:1", "escape": "`"}),
        ("#check = skip=all;error=true \nFROM a\n", {"check": "skip=all;error=true"}),
        ("  # ESCAPE=`\nFROM a\n", {"escape": "`"}),
        ("# a note\n# escape=`\nFROM a\n", {}),
        ("\n# escape=`\nFROM a\n", {}),
        ("# other=1\n# escape=`\nFROM a\n", {}),
        ("FROM a\n# escape=`\n", {}),
        ("\ufeff# escape=`\r\nFROM a\r\n", {"escape": "`"}),
        ("#!/usr/bin/env docker\n# syntax=x\nFROM a\n", {"syntax": "x"}),
    ],
)
def test_directives_stand_before_everything_else(text: str, directives: dict[str, str]) -> None:
    assert read(text).directives == directives


def test_bad_directives_are_problems() -> None:
    assert messages("# escape=x\nFROM a\n")[0][0] == 1
    assert messages("# escape=`\n# escape=`\nFROM a\n")[0][0] == 2


def test_the_backtick_continues_lines_and_windows_paths_stay_whole() -> None:
    dockerfile = read("# escape=`\nFROM a\nRUN a `\n  b\nCOPY x C:\\dir\\\nUSER u\n")
    assert [item.keyword for item in dockerfile.instructions] == ["FROM", "RUN", "COPY", "USER"]
    assert dockerfile.instructions[1].text == "a   b"
    assert dockerfile.instructions[2].argv == ("x", "C:\\dir\\")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("RUN a \\\n b", "a  b"),
        ("RUN a \\ \t\n b", "a  b"),
        ("RUN a \\\r\n b\r", "a  b"),
        ("RUN a \\\n# note\n b", "a  b"),
        ("RUN a \\\n   # note \\\n b", "a  b"),
        ("RUN a \\\n\n \n b", "a  b"),
        ("RUN a \\\\", "a \\\\"),
        ("RUN a # not a comment", "a # not a comment"),
        ("\\\nRUN a", "a"),
    ],
)
def test_continued_lines(text: str, joined: str) -> None:
    assert only(text + "\n").text == joined


def test_an_empty_line_inside_a_continuation_is_told_but_read() -> None:
    (problem,) = read("FROM a\nRUN a \\\n\n b\n").problems
    assert (problem.line, problem.severe) == (3, False)


def test_a_file_that_ends_inside_a_continuation_is_read() -> None:
    dockerfile = read("FROM a\nRUN a \\\n# note")
    assert (dockerfile.instructions[1].text, dockerfile.instructions[1].open) == ("a", True)
    assert read("FROM a").instructions[0].span == (0, 6)


def test_comments_are_kept_with_their_lines() -> None:
    comments = read("# one\nFROM a\nRUN a \\\n  # two\n  b\nRUN <<E\n# three\nE\n#four\n").comments
    assert [(item.line, item.text, item.inside) for item in comments] == [
        (1, "one", False),
        (4, "two", True),
        (9, "four", False),
    ]


@pytest.mark.parametrize(
    ("opening", "name", "expand", "chomp"),
    [
        ("<<EOF", "EOF", True, False),
        ("<<-EOF", "EOF", True, True),
        ("<<'EOF'", "EOF", False, False),
        ('<<"EOF"', "EOF", False, False),
        ("<< EOF", "EOF", True, False),
        ("3<<EOF", "EOF", True, False),
        ("<<'a b'", "a b", False, False),
        ("bash <<EOF -s", "EOF", True, False),
        ("cat <<EOF >out", "EOF", True, False),
        ("cat <<EOF>out", "EOF>out", True, False),
        ("(cat <<EOF)", "EOF)", True, False),
        ("echo ${a:xb} <<EOF", "EOF", True, False),
    ],
)
def test_heredocs(opening: str, name: str, expand: bool, chomp: bool) -> None:
    (heredoc,) = only(f"RUN {opening}\n# body\nUSER x \\\n{name}\n").heredocs
    assert (heredoc.name, heredoc.expand, heredoc.chomp) == (name, expand, chomp)
    assert heredoc.body == "# body\nUSER x \\\n"


@pytest.mark.parametrize(
    "text",
    [
        "RUN cat <<<word",
        "RUN a<<EOF",
        'RUN ["cat", "<<EOF"]',
        "RUN echo \"it's <<EOF",
        "RUN echo ${a^^} <<EOF",
        "RUN x ${A:-b}<<EOF",
        "CMD cat <<EOF",
        "RUN echo $((1<<2))",
        "ENV A=<<EOF",
    ],
)
def test_what_opens_no_heredoc(text: str) -> None:
    dockerfile = read(f"FROM a\n{text}\nUSER x\n")
    assert [item.keyword for item in dockerfile.instructions][2:] == ["USER"]


def test_several_heredocs_follow_each_other() -> None:
    dockerfile = read("FROM a\nCOPY <<one <<-'two' /to/\n1\none\n\t2\n\ttwo\nUSER x\n")
    copy = dockerfile.instructions[1]
    assert [(doc.name, doc.body) for doc in copy.heredocs] == [("one", "1\n"), ("two", "\t2\n")]
    assert [dockerfile.text[slice(*doc.span)] for doc in copy.heredocs] == ["1\n", "\t2\n"]
    assert copy.sources == ()
    assert copy.end_line == 6


def test_a_heredoc_with_windows_line_ends() -> None:
    (heredoc,) = only("RUN <<EOF\r\necho\r\nEOF\r\n").heredocs
    assert heredoc.body == "echo\r\n"


def test_a_heredoc_without_end_is_a_problem_at_its_line() -> None:
    dockerfile = read("FROM a\nRUN <<EOF\necho\n")
    assert [(problem.line, problem.severe) for problem in dockerfile.problems] == [(2, True)]
    assert dockerfile.instructions[1].open


def test_a_heredoc_in_a_continued_line_begins_after_all_of_it() -> None:
    run = only("RUN <<EOF \\\n  bash\nmake\nEOF\n")
    assert (run.text, run.heredocs[0].body) == ("<<EOF   bash", "make\n")


def test_offsets_of_the_script_lead_to_the_source() -> None:
    dockerfile = read("FROM a\nRUN bash \\\n  <<A 3<<B\none\nA\ntwo\nB\n")
    run = dockerfile.instructions[1]
    for word in ("bash", "<<A", "one", "two"):
        start = run.script.index(word)
        assert dockerfile.text[slice(*run.span_in_script(start, start + len(word)))] == word


def test_a_line_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Unreadable):
        read("FROM a\nRUN " + "x" * DOCKERFILE_INSTRUCTION + "\n")


def test_a_file_that_ends_in_a_continued_line_is_a_problem() -> None:
    for text in ("FROM a\nRUN b \\", "FROM a\nRUN b \\\n", "FROM a\nRUN b \\\n# note\n"):
        (problem,) = read(text).problems
        assert problem.message == "expected the continued instruction, found the end of the file: was it cut off?"
        assert problem.severe


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('CMD ["a", "b', True),
        ('ENTRYPOINT ["a",]', True),
        ('CMD ["a", "b"]', False),
        ('RUN [ "$a" = "b" ] && c', False),
    ],
)
def test_an_array_that_is_none_is_told(line: str, told: bool) -> None:
    expected = "expected a JSON array, found one that is not closed or not well formed; a shell will run it"
    assert [message for _, message in messages(f"FROM x\n{line}\n")] == [expected] * told
