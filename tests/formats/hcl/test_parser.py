"""Text of HCL becomes attributes, blocks and expressions, or says on which line it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.hcl.nodes import (
    Access,
    Body,
    Call,
    Conditional,
    Directive,
    Expression,
    For,
    Interpolation,
    List,
    Literal,
    Object,
    Operation,
    Parentheses,
    Reference,
    Splat,
    Template,
    Text,
)
from batten.formats.hcl.parser import parse
from batten.limits import HCL_DEPTH
from batten.model.source import Unreadable


def value(text: str) -> Expression:
    return parse(f"a = {text}\n").attributes["a"].value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", Literal),
        ("1.5e3", Literal),
        ("null", Literal),
        ('"x"', Template),
        ("var.x", Access),
        ("var.x[0].y", Access),
        ("list.0.name", Access),
        ("aws_a.b[*].id", Splat),
        ("aws_a.b.*.id", Splat),
        ("f(1, 2)", Call),
        ("f(a...)", Call),
        ("provider::aws::arn_parse(x)", Call),
        ("[1, 2,]", List),
        ("[for x in y : x]", For),
        ("{for k, v in y : k => v... if v}", For),
        ("{a = 1, b : 2}", Object),
        ("{for = 1}", Object),
        ('{\n  a = 1 # one\n  (b) = 2\n  "c d" = 3\n}', Object),
        ("(1)", Parentheses),
        ("a ? b : c", Conditional),
        ("a\n  ? b\n  : c", Literal),
        ("1 + 2 * 3 == 7 && !x", Operation),
        ("-1", Operation),
        ("/* b */ 1 // c", Literal),
    ],
)
def test_every_kind_of_expression(text: str, kind: type) -> None:
    if kind is Literal and "?" in text:  # outside of brackets a new line ends the attribute
        with pytest.raises(Unreadable):
            value(text)
        return
    assert type(value(text)) is kind


def test_operators_bind_as_the_specification_has_it() -> None:
    found = value("1 + 2 * 3 == 7 || false")
    assert isinstance(found, Operation)
    assert found.operator == "||"
    equal = found.left
    assert isinstance(equal, Operation)
    assert equal.operator == "=="
    assert isinstance(equal.left, Operation)
    assert (equal.left.operator, getattr(equal.left.right, "operator", "")) == ("+", "*")


def test_a_text_in_its_parts() -> None:
    found = value(r'"a\n\u00e9 ${b} $${c} %{ if d }x%{ endif }"')
    assert isinstance(found, Template)
    assert "".join(part.value for part in found.parts if isinstance(part, Text)) == "a\né   ${c} x".replace("   ", "  ")
    assert [type(part) for part in found.parts if not isinstance(part, Text)] == [Interpolation, Directive, Directive]


def test_heredocs_end_at_their_mark() -> None:
    body = parse("a = <<-EOT\n  x ${y}\n  EOTX\n  EOT\nb = 1\n")
    found = body.attributes["a"].value
    assert isinstance(found, Template)
    assert (found.heredoc, found.indented) == (True, True)
    assert "b" in body.attributes


def test_blocks_have_labels_and_bodies() -> None:
    body = parse('resource "aws_x" "y" {\n  a = 1\n  b {}\n  dynamic "c" { }\n}\nlocals { x = 1 }\n')
    [resource, local] = body.blocks
    assert (resource.type, resource.labels, list(resource.body.attributes)) == ("resource", ["aws_x", "y"], ["a"])
    assert [(one.type, one.labels) for one in resource.body.blocks] == [("b", []), ("dynamic", ["c"])]
    assert list(local.body.attributes) == ["x"]


def test_a_byte_order_mark_and_windows_line_ends_are_nothing() -> None:
    assert list(parse("\ufeffa = 1\r\nb = <<X\r\nt\r\nX\r\nc = 2\r\n").attributes) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = \n", 2, "a value"),
        ("a = 1 2\n", 1, "a new line"),
        ('a = "x\n"\n', 1, "closing quote"),
        ("a = <<X\ny\n", 1, "the end X"),
        ("b {\n  a = 1\n", 3, "closing brace"),
        ("b c = 1\n", 1, "label"),
        ("}\n", 1, "an attribute or a block"),
        ('a = "\\q"\n', 1, "an escape"),
        ('a = "\\ud800"\n', 1, "an escape"),
        ("a = f(1 2)\n", 1, "`,` or `)`"),
        ("a = {b 1}\n", 1, "`=`"),
        ("a = [for x : y]\n", 1, "for"),
        ("a = " + "9" * 50 + "\n", 1, "a number"),
    ],
)
def test_what_is_no_hcl_says_where(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable) as told:
        parse(text)
    assert told.value.line == line
    assert words in told.value.message


@pytest.mark.parametrize("form", ["{n}1{m}", "[{n}1{m}]", "f(({n}1{m}))"])
@pytest.mark.parametrize(
    ("open_", "close"), [("[", "]"), ("(", ")"), ("{a=", "}"), ('"${', '}"'), ("!", ""), ("-", "")]
)
def test_nesting_is_bounded(form: str, open_: str, close: str) -> None:
    with pytest.raises(Unreadable, match="levels"):
        parse("a = " + form.format(n=open_ * (HCL_DEPTH * 30), m=close * (HCL_DEPTH * 30)) + "\n")


def test_the_parts_of_a_text_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.formats.hcl.lex.HCL_PARTS", 20)
    body = parse('a = "' + "$ %% $$ " * 1_000 + '"\n')
    template = body.attributes["a"].value
    assert isinstance(template, Template)
    assert len(template.parts) == 1
    with pytest.raises(Unreadable, match="expected at most 20 expressions, found more"):
        parse('a = "' + "\\n" * 30 + '"\n')


def test_blocks_in_blocks_are_bounded() -> None:
    with pytest.raises(Unreadable, match="levels"):
        parse("a {\n" * 5000)


PIECES = st.sampled_from(
    ["a", " = ", "1", '"', "${", "}", "{", "\n", "[", "]", "(", ")", ".", "*", "for ", " in ", ":", "=>", ",", "?", "!",
     "-", "<<X\n", "X\n", "<<-", "\\", "%{", "#", "/*", "*/", "//", "b ", "...", "if ", "é", "\r\n", "0", "&&", "=="]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    line = 1
    try:
        inside(parse(text), len(text))
    except Unreadable as error:
        line = error.line or 0
    assert 1 <= line <= text.count("\n") + 1


def inside(body: Body, end: int) -> None:
    """Every part stands within the text, and within what it is a part of."""
    assert 0 <= body.start <= body.end <= end
    for attribute in body.attributes.values():
        assert attribute.start < attribute.end <= attribute.value.start <= attribute.value.end <= end
    for block in body.blocks:
        assert block.start < block.head <= block.body.start
        inside(block.body, end)


NAMES = st.text("abcxyz_", min_size=1, max_size=6)
VALUES = st.recursive(
    st.integers(0, 99).map(str) | st.booleans().map(lambda one: str(one).lower()) | NAMES.map(lambda one: f'"{one}"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(NAMES, inner, max_size=3).map(
            lambda items: "{" + "\n".join(f"{key} = {one}" for key, one in items.items()) + "}"
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_written_is_found_where_it_was_written(attributes: dict[str, str]) -> None:
    text = "".join(f"{name} = {one}\n" for name, one in attributes.items())
    body = parse(text)
    assert {name: text[one.value.start : one.value.end] for name, one in body.attributes.items()} == attributes
    assert all(text[one.start : one.end] == name for name, one in body.attributes.items())


def test_a_name_alone_is_a_reference() -> None:
    assert isinstance(value("x"), Reference)
