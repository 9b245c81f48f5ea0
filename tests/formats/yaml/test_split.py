"""Where documents begin and end in a stream."""

from __future__ import annotations

import pytest

from batten.formats.yaml import is_template
from batten.formats.yaml.split import split


def parts(text: str) -> list[tuple[str, int]]:
    return [(text[chunk.start : chunk.end], chunk.line) for chunk in split(text)]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        ("# nothing\n\n", []),
        ("---\n---\n# c\n---\n", []),
        ("a: 1\n", [("a: 1\n", 1)]),
        ("a: 1\n---\nb: 2\n", [("a: 1\n", 1), ("---\nb: 2\n", 2)]),
        ("---\na: 1\n---\n# only a comment\n---\nb: 2", [("---\na: 1\n", 1), ("---\nb: 2", 5)]),
        ("--- # comment\na: 1\n", [("--- # comment\na: 1\n", 1)]),
        ("--- text\n--- |\n  x\n", [("--- text\n", 1), ("--- |\n  x\n", 2)]),
        ("---#no\n", [("---#no\n", 1)]),
        ("----\na: 1\n", [("----\na: 1\n", 1)]),
        ("a: 1\n...\nb: 2\n", [("a: 1\n", 1), ("\nb: 2\n", 2)]),
        ("a: 1\n...\n# c\n", [("a: 1\n", 1)]),
        ("%YAML 1.1\n---\na: 1\n", [("%YAML 1.1\n---\na: 1\n", 1)]),
        ("a: 1\n...\n%TAG ! x:\n---\nb: 2\n", [("a: 1\n", 1), ("\n%TAG ! x:\n---\nb: 2\n", 2)]),
        ("# --- c\n%YAML 1.1\n---\n# c\n", []),
        ("a: 1\r\n---\r\nb: 2\r\n", [("a: 1\r\n", 1), ("---\r\nb: 2\r\n", 2)]),
        ("\ufeffa: 1\n", [("a: 1\n", 1)]),
        (" # c\n\ufeff---\nb: 2\n", [("---\nb: 2\n", 2)]),
        (" \ufeff", []),
        ("\ufeff---\na: 1\n\ufeff---\nb: 2\n", [("---\na: 1\n", 1), ("---\nb: 2\n", 3)]),
        ("a: |\n  ---\n  x\n  ...\n", [("a: |\n  ---\n  x\n  ...\n", 1)]),
        ("--- \n", []),
        ("---\t\n\u00a0\n", [("---\t\n\u00a0\n", 1)]),
        ("a\n---", [("a\n", 1)]),
    ],
)
def test_a_stream_is_split_at_its_markers(text: str, documents: list[tuple[str, int]]) -> None:
    assert parts(text) == documents


def test_many_markers_take_no_memory_and_linear_time() -> None:
    assert list(split("---\n" * 500_000)) == []


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("image: {{ .Values.image }}", True),
        ("{%- if x %}", True),
        ("a: <%= b %>", True),
        ("a: 1\n  %{ if x }\n", True),
        ("run: echo ${{ github.sha }}", False),
        ("a: ${{ x }} {{ y }}", True),
        ("a: {b: {c: 1}}", False),
        ("date: +%{x}", False),
        ("", False),
    ],
)
def test_markers_of_template_languages(text: str, template: bool) -> None:
    assert is_template(text) is template
