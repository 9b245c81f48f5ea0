"""Scripts as simple commands, with places, pipelines and what they stand inside of."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from batten.detect.shell import Command, commands, exec_commands, read_script
from batten.limits import SHELL_COMMANDS, SHELL_TEXT


def brief(text: str) -> list[tuple[str | None, ...]]:
    return [command.values for command in commands(text)]


def test_lists_and_their_operators() -> None:
    found = commands("a; b && c || d & e\nf")
    assert [(item.name, item.connector) for item in found] == [
        ("a", ""),
        ("b", ";"),
        ("c", "&&"),
        ("d", "||"),
        ("e", "&"),
        ("f", ";"),
    ]


def test_places_are_those_of_the_text() -> None:
    text = "é=1 && sudo apt-get  install 'ü x' # note"
    found = commands(text)
    assert [text[item.start : item.end] for item in found] == ["é=1", "sudo apt-get  install 'ü x'"]
    assert [text[word.start : word.end] for word in found[1].argv] == ["apt-get", "install", "'ü x'"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("plain", "plain"),
        ("a\\ b", "a b"),
        ("'a $b'", "a $b"),
        ('"a \\"b\\" \\x"', 'a "b" \\x'),
        ("$'a\\tb\\x41'", "a\tbA"),
        ("a'b'\"c\"", "abc"),
        ("*.txt", "*.txt"),
        ("12", "12"),
        ("$x", None),
        ('"a$x"', None),
        ("a${x}", None),
        ("$(a)", None),
        ("`a`", None),
    ],
)
def test_values_of_words(word: str, value: str | None) -> None:
    assert commands(f"echo {word}")[0].argv[1].value == value


def test_pipelines_have_positions_also_through_subshells() -> None:
    a, b, c, d = commands("( a | b ) | sudo c && d")
    assert a.pipes[0] == b.pipes[0]
    assert (a.pipes[0][1], c.pipes[0][1]) == (0, 1)
    assert (a.pipes[1][0], a.pipes[1][1], b.pipes[1][1]) == (b.pipes[1][0], 0, 1)
    assert d.pipes == ()


@pytest.mark.parametrize(
    ("text", "prefixes", "argv"),
    [
        ("sudo -u root -E apt-get update", ("sudo",), ("apt-get", "update")),
        ("sudo --user=root -- a", ("sudo",), ("a",)),
        ("env -i A=1 B=2 cmd x", ("env",), ("cmd", "x")),
        ("exec nice -n 5 /usr/bin/make all", ("exec", "nice"), ("/usr/bin/make", "all")),
        ("timeout -k 5 10 curl x", ("timeout",), ("curl", "x")),
        ("find . | xargs -n 1 rm -rf", ("xargs",), ("rm", "-rf")),
        ("gosu user id", ("gosu",), ("id",)),
        ("command -v curl", (), ("command", "-v", "curl")),
        ("sudo", (), ("sudo",)),
    ],
)
def test_prefixes_are_looked_through(text: str, prefixes: tuple[str, ...], argv: tuple[str, ...]) -> None:
    last = commands(text)[-1]
    assert (last.prefixes, last.values) == (prefixes, argv)


def test_substitutions_know_where_they_stand() -> None:
    echo, inner, deeper = commands("echo x $(a `b` c)")
    assert (inner.context, inner.parent, inner.slot) == ("substitution", echo.index, 2)
    assert (deeper.values, deeper.parent, deeper.slot) == (("b",), inner.index, 1)


@pytest.mark.parametrize("text", ["a && b >> f", "a | b >> f", "a || c && b >> f", "a; b >> f"])
def test_the_last_command_is_redirected(text: str) -> None:
    found = {one.name: [(item.operator, item.target and item.target.value) for item in one.redirections]
             for one in commands(text)}  # fmt: skip
    assert found.pop("b") == [(">>", "f")]
    assert not any(found.values())


@pytest.mark.parametrize("text", ["(a; b) >> f", "{ a; b; } >> f"])
def test_a_group_is_redirected_as_a_whole(text: str) -> None:
    assert not any(one.redirections for one in commands(text))


def test_redirections_and_assignments() -> None:
    (command,) = commands("A=1 B=$x cmd < in >> out 2>&1")
    assert [(item.name, item.value) for item in command.assignments] == [("A", "1"), ("B", None)]
    assert [(item.operator, item.target and item.target.value) for item in command.redirections] == [
        ("<", "in"),
        (">>", "out"),
        (">&", "1"),
    ]


def inside(text: str, context: str) -> list[Command]:
    return [item for item in commands(text) if item.context == context]


@pytest.mark.parametrize(
    "text",
    [
        "sh -c 'a && b \"c\"'",
        'bash -lc "a && b \\"c\\""',
        "/bin/sh -ec 'a && b \"c\"' x",
        "bash -o pipefail -c 'a && b \"c\"'",
        "su - me -c 'a && b \"c\"'",
        "eval 'a && b \"c\"'",
        "sudo sh -c 'a && b \"c\"'",
    ],
)
def test_scripts_in_words_are_read_with_their_places(text: str) -> None:
    found = inside(text, "script")
    assert [item.values for item in found] == [("a",), ("b", "c")]
    assert [text[item.start] for item in found] == ["a", "b"]


def test_scripts_in_scripts() -> None:
    text = "sh -c \"bash -c 'make all'\""
    sh, bash, make = commands(text)
    assert (bash.parent, make.parent) == (sh.index, bash.index)
    assert text[make.start : make.end] == "make all"


@pytest.mark.parametrize("text", ["sh script.sh -c 'a'", "python -c 'import os'", "echo -c 'a'", 'sh -c "$x"'])
def test_what_is_no_script_of_a_shell(text: str) -> None:
    assert [item.name for item in inside(text, "script") if item.name] == []


def test_heredocs_of_shells_are_scripts_and_of_others_are_text() -> None:
    text = "cat <<A > /f && sudo bash -e <<'B' | tee log; last\na text\nA\nmake é\nB\nend"
    found = commands(text)
    assert [item.name for item in found] == ["cat", "bash", "tee", "last", "end", "make"]
    assert [item.heredocs for item in found[:2]] == [("a text\n",), ("make é\n",)]
    assert (found[5].context, found[5].parent) == ("heredoc", 1)
    assert text[found[5].start : found[5].end] == "make é"


def test_a_lone_heredoc_is_the_script() -> None:
    text = "<<EOF\napt-get update\n\tmake\nEOF"
    assert [text[item.start : item.end] for item in commands(text)] == ["apt-get update", "make"]
    assert brief("<<EOF\n#!/bin/bash -e\nmake\nEOF") == [("make",)]
    assert brief("<<EOF\n#!/usr/bin/env -S sh -e\nmake\nEOF") == [("make",)]
    assert brief("<<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF") == []
    assert brief("<<EOF\n#!/usr/bin/fish\nmake\nEOF") == []


@pytest.mark.parametrize("text", ["cat <<<word", "echo '<<A'", 'echo "<<A"', "echo $((1<<2))", "x # <<A"])
def test_what_is_no_heredoc(text: str) -> None:
    assert [item.name for item in commands(text + "\nnext")][-1] == "next"


def test_control_structures_are_walked() -> None:
    text = (
        "if a; then b; else c; fi; for i in 1 2; do d $i; done; f() { e; }; case $x in y) g;; esac; while h; do i; done"
    )
    assert [item.name for item in commands(text)] == list("abcdeghi")


def test_other_shells_give_nothing() -> None:
    assert commands("Remove-Item x; a", ["powershell", "-Command"]) == []
    assert commands("make", ["/bin/bash", "-o", "pipefail", "-c"])[0].name == "make"
    assert commands("  \n") == []


@pytest.mark.parametrize(
    ("text", "shell", "reason"),
    [
        ("make", ["pwsh"], "pwsh is no POSIX shell"),
        ("x" * (SHELL_TEXT + 1), ["sh"], "longer"),
        ("a=(" * 20_000, ["sh"], "more than 0.5 s"),
        ("make; (( ; )", ["sh"], "no shell syntax"),
        ("make all && sh -c 'x'", ["sh"], ""),
    ],
)
def test_what_was_not_read_is_told(text: str, shell: list[str], reason: str) -> None:
    unread = read_script(text, shell).unread
    assert reason in unread
    assert bool(unread) == bool(reason)


def test_what_cannot_be_read_does_not_hide_the_rest() -> None:
    assert "make" in [item.name for item in commands("make all; (( ; )")]
    commands("'")
    commands("$(")


@pytest.mark.parametrize(
    "text",
    [
        "a=(" * 20_000,
        "a=(" * 190,
        "$(" * 30_000,
        "(" * 60_000,
        "<<A " * 15_000,
        "a | " * 15_000 + "b",
        "sh -c '" * 9_000,
        "sh -c \"sh -c '" * 4_000,
        "a && " * 12_000 + "b",
        "a\n" * 30_000,
        "x" * (SHELL_TEXT + 1),
        "cat <<A\n" * 8_000,
        '"' + "\\" * 60_000,
        "echo " + "a'b'" * 15_000,
        "echo " + '"$(' * 20_000,
    ],
)
def test_hostile_scripts_end(text: str) -> None:
    started = time.process_time()
    assert len(commands(text)) <= SHELL_COMMANDS
    assert time.process_time() - started < 8


def test_the_grammar_is_imported_only_when_a_script_is_read() -> None:
    program = "import sys, batten.detect.shell, batten.formats.dockerfile; print('tree_sitter' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_an_argument_vector_is_one_command_of_literal_words() -> None:
    text = 'sh -c "$x; <<EOF" `a` \\'
    words = [(one, list(range(100 * at, 100 * at + len(one)))) for at, one in enumerate(("echo", text, "", "a\nb"), 1)]
    [command] = exec_commands(words)
    assert command.values == ("echo", text, "", "a\nb")
    assert [(word.start, word.end) for word in command.argv[:2]] == [(100, 104), (200, 200 + len(text))]


def test_a_script_in_an_argument_vector_is_read_in_its_place() -> None:
    script = 'a "$HOME" && b'
    words = [("/bin/sh", [1] * 7), ("-ec", [9, 10, 11]), (script, list(range(20, 20 + len(script))))]
    assert [(one.name, one.start, one.end) for one in exec_commands(words)[1:]] == [("a", 20, 29), ("b", 33, 34)]


def test_an_empty_argument_vector_is_no_command() -> None:
    assert exec_commands([]) == []
