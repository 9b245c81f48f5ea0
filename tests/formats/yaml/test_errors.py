"""Broken documents: one line that says what was expected, what was found, and where."""

from __future__ import annotations

import pytest

from batten.formats.yaml import YamlDocument
from batten.limits import YAML_DEPTH, YAML_NODES
from batten.model.source import Problem
from formats.yaml.reading import problem, read


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a:\n\tb: 1", 2, "expected spaces as indentation, found a tab; replace it by spaces"),
        ("a: @x", 1, "expected a value, found `@x`, which cannot begin one; quote it"),
        ("a: `x`", 1, "expected a value, found ``x``, which cannot begin one; quote it"),
        ("a: {b: 1\nc: 2\n", 2, "expected `,` or `}` in the mapping opened on line 1, found `: 2`"),
        ("a: 1\nb: [1, 2\n", 2, "expected `,` or `]` in the list opened on line 2, found the end of the document"),
        ("a: [1\n  2: x]", 2, "expected `,` or `]` in the list opened on line 1, found"),
        ('a: 1\nb: "x\nc: 2\n', 2, "expected the closing quote of the string that begins here, found the end of"),
        ("a: 'x\n---\nb: 1\n", 1, "expected the closing quote of the string that begins here, found the end of"),
        ("a: 1\n b: 2\n", 2, "expected one `key: value` on a line, found a second colon; quote the value, or check"),
        ("a: 1\nb\nc: 2\n", 2, "expected `key: value`, found a line without a colon"),
        ("a:\n  b: 1\n c: 2\n", 3, "expected a key of the mapping that begins on line 1, found `c: 2`; check the"),
        ("a:\n  - b\n c\n", 3, "expected"),
        ("a:\n  - b\n  c: 1\n", 3, "expected the next `-` of the list that begins on line 2, found `c: 1`; check the"),
        ("a: - b", 1, "expected a value on this line, found a list item; put the `-` on a line of its own"),
        ('a: "\\q"', 1, 'expected an escape that YAML knows after `\\` in double quotes, found `\\q"`; write'),
        ('a: "\\xzz"', 1, "expected hexadecimal digits after the escape, found"),
        ("a: *", 1, "expected a name after `&` or `*`, found the end of the document; quote a value that begins"),
        ("- *.example.org", 1, "expected a name after `&` or `*`, found `.example.org`; quote a value that begins"),
        ("a: *b", 1, "expected an anchor `&b` above its alias, found none"),
        ("a: &b [1, *b]", 1, "expected `*b` to stand outside of what it repeats"),
        ("a: |x\n  b", 1, "expected the end of the line after `|` or `>`, found `x`"),
        ("a: !e!x b", 1, "expected a tag whose prefix is declared, found `!e!x b`"),
        ("a: %b", 1, "expected a value, found `%b`, which cannot begin one; quote it"),
        ("%YAML 3.0\n---\na", 1, "expected YAML 1.1 or 1.2, found another version in the %YAML line"),
        ("? {a: 1}\n: 2", 1, "expected text as a key, found a mapping or a list"),
        ("a: 1\nb: x\x00y", 2, "expected text, found the control character U+0000; is this a binary file?"),
        (b"a: 1\nb: \xff", 2, "expected UTF-8 text, found byte 0xff; save the file as UTF-8"),
        ("a: 1\n" + "b: " + "x" * 2**20, 2, "expected lines of at most 1048576 characters, found one of 1048579"),
        ("%TAG !a! x:\n" * 100 + "---\na", 1, "expected at most 64 directives, found more"),
        ("a: 1\r--- \rb: 1", 1, "expected"),
    ],
)
def test_a_broken_document_gives_one_clear_line(text: str | bytes, line: int, message: str) -> None:
    found = problem(text)
    assert (found.line, found.message[: len(message)]) == (line, message)
    assert found.severe


def test_a_line_counts_in_the_file_and_not_in_the_document() -> None:
    found = read("a: 1\n---\nb: [\n---\nc: 3\n")
    assert [type(one) for one in found] == [YamlDocument, Problem, YamlDocument]
    assert [one.line for one in found if isinstance(one, Problem)] == [3]
    assert [one.index for one in found if isinstance(one, YamlDocument)] == [0, 2]


def test_a_template_is_told_as_one() -> None:
    found = problem("kind: Pod\nimage: {{ .Values.image }}:1\n")
    assert found.message.startswith("template: expected")
    assert not problem("run: ${{ x }}: {\n").message.startswith("template:")


def test_a_template_in_quotes_is_no_obstacle() -> None:
    assert read('a: "{{ b }}"')[0].value == {"a": "{{ b }}"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "[" * (YAML_DEPTH + 1) + "]" * (YAML_DEPTH + 1),
        "- " * (YAML_DEPTH + 1) + "a",
        "\n".join(" " * n + "a:" for n in range(YAML_DEPTH + 1)) + " {}",
        '{"a": ' * (YAML_DEPTH + 1) + "1" + "}" * (YAML_DEPTH + 1),
        "[" * 100_000,
        "- " * 100_000,
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert problem(text).message.startswith(("expected at most 200 nested levels", "expected a document of sane depth"))


@pytest.mark.parametrize("kind", ["list", "merge"])
def test_an_alias_bomb_is_refused_before_it_explodes(kind: str) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] if kind == "list" else ["a0: &a0 {x: 1}"]
    for n in range(1, 30):
        nine = ", ".join([f"*a{n - 1}"] * 9)
        lines.append(f"a{n}: &a{n} [{nine}]" if kind == "list" else f"a{n}: &a{n} {{<<: [{nine}], b{n}: 1}}")
    assert problem("\n".join(lines)).message == f"expected at most {YAML_NODES} values in one document, found more"


def test_wide_and_repeated_is_read() -> None:
    text = "a: &a [1, 2, 3]\nb:\n" + "- *a\n" * 1000
    assert len(read(text)[0].value["b"]) == 1000  # type: ignore[union-attr]
