"""Templates of Go as far as they are followed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.helm.expressions import Call, Constant, Field, parse_pipeline
from batten.formats.helm.marks import Marker
from batten.formats.helm.syntax import MalformedTemplate, parse, walk


def shown(text: str) -> list[tuple[str, str]]:
    """Kind, and what is left of a text or stands in an action."""
    return [
        (one.kind, text[slice(*one.shown)] if one.kind == "text" else one.inner.strip()) for one in parse(text).segments
    ]


def test_dashes_take_the_blanks_beside_them():
    assert shown("a \n {{- .b -}} \n c\n{{ .d }}\n") == [
        ("text", "a"),
        ("print", ".b"),
        ("text", "c\n"),
        ("print", ".d"),
        ("text", "\n"),
    ]


def test_a_dash_without_a_blank_is_a_minus():
    assert shown("a {{-1}}") == [("text", "a "), ("print", "-1")]


def test_braces_in_quotes_and_comments_end_nothing():
    assert shown('{{ "}}" }}{{/* }} */}}{{ `}}` }}') == [
        ("print", '"}}"'),
        ("other", "/* }} */"),
        ("print", "`}}`"),
    ]


def test_blocks_hold_what_stands_in_them():
    template = parse("{{ if .a }}x{{ else if .b }}{{ .c }}{{ else }}y{{ end }}{{ .d }}")
    block, after = template.body
    assert (block.kind, block.conditions, after.inner.strip()) == ("if", [".a", ".b", ""], ".d")
    assert [[node.kind for node in body] for body in block.bodies] == [["text"], ["print"], ["text"]]


def test_what_is_defined_is_known_by_its_name_and_prints_nothing_where_it_stands():
    template = parse('{{ define "a.b" }}{{ .x }}{{ end }}text')
    assert [node.kind for node in template.body] == ["text"]
    assert [node.kind for node in walk([template.defines["a.b"]])] == ["define", "print"]


@pytest.mark.parametrize("text", ["{{ if .a }}", "{{ end }}", "{{ else }}", "{{ .a", '{{ "a }}', "{{/* a }}"])
def test_what_does_not_close_is_no_template(text: str):
    with pytest.raises(MalformedTemplate):
        parse(text)


def test_pipelines_hand_what_they_have_to_the_last_argument():
    assert parse_pipeline('.Values.a.b | default "x" | quote').value == Call(
        "quote", (Call("default", (Constant("x"), Field(("Values", "a", "b")))),)
    )
    assert parse_pipeline("$x := (index .a 0).b").declares == ("$x",)
    assert parse_pipeline("$x := (index .a 0).b").value == Field(("b",), of=Call("index", (Field(("a",)), Constant(0))))


@pytest.mark.parametrize("text", ["", "(", "a.b", ". . )", "|", '"\\q"', "(" * 5000])
def test_what_is_no_pipeline_is_not_followed(text: str):
    assert parse_pipeline(text).value is None


PIECES = st.lists(
    st.sampled_from(
        [
            "a: 1\n",
            "  ",
            "\n",
            "{{ .x }}",
            "{{- .x -}}",
            "{{ if .x }}",
            "{{- end }}",
            "{{ else }}",
            "{{/* c */}}",
            "{{",
            "}}",
        ]
    ),
    max_size=12,
)


@given(PIECES)
def test_segments_are_the_whole_text_and_marks_leave_it_as_it_was(pieces: list[str]):
    text = "".join(pieces)
    try:
        template = parse(text)
    except MalformedTemplate:
        return
    assert "".join(text[one.start : one.end] for one in template.segments) == text
    marker = Marker({"templates/a.yaml": template}, bodies=True)
    unmarked, _ = marker.read(marker.texts["templates/a.yaml"])
    plain = "".join(
        text[slice(*one.shown)] if one.kind == "text" else f"{{{{{one.inner}}}}}"
        for one in template.segments
        if not one.inner.lstrip().startswith("/*")
    )
    assert unmarked == plain
