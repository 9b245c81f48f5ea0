"""Expressions come to what Terraform makes of them, or are not known; nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from batten.formats.terraform.values import TooMuch, Unknown
from formats.terraform.reading import local, plain

MORE = """
variable "name" { default = "shop" }
variable "none" {}
variable "port" {
  type    = number
  default = 8080
}
locals {
  a = { x = 1, y = "two" }
  b = [1, 2, 3]
  loop_1 = local.loop_2
  loop_2 = local.loop_1
}
resource "aws_ecr_repository" "web" {
  name = "web"
}
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("var.name", "shop"),
        ('"${var.name}-${var.port}"', "shop-8080"),
        ('"${true} ${null == null} ${1.50}"', "true true 1.5"),
        ('"$${x}"', "${x}"),
        ("local.a.x", 1),
        ('local.a["y"]', "two"),
        ("local.b[1]", 2),
        ("aws_ecr_repository.web.name", "web"),
        ("true ? 1 : var.none", 1),
        ("var.none ? 1 : 1", 1),
        ("false && var.none", False),
        ("true || var.none", True),
        ("!true", False),
        ("var.port > 80 && var.port != 443", True),
        ("(1 + 2) * 3 - 4 / 2", 7),
        ("-var.port", -8080),
        ("[for k, v in local.a : k]", ["x", "y"]),
        ("[for v in local.b : v * 2 if v > 1]", [4, 6]),
        ("{for k, v in local.a : v => k}", {"1": "x", "two": "y"}),
        ('{for v in ["a", "b", "a"] : v => 1...}', {"a": [1, 1], "b": [1]}),
        ("local.b[*]", [1, 2, 3]),
        ("[{n = 1}, {n = 2}][*].n", [1, 2]),
        ("[{n = 1}, {n = 2}].*.n", [1, 2]),
        ('jsondecode(jsonencode({a = [1]}))', {"a": [1]}),
        ('jsonencode({a = "é"})', '{"a":"é"}'),
        ("jsondecode(<<X\n{\"a\": [true, null, 1.5]}\nX\n)", {"a": [True, None, 1.5]}),
        ("yamldecode(<<X\na:\n  - yes\nX\n)", {"a": [True]}),
        ("merge({a = 1}, {a = 2, b = 3}, null)", {"a": 2, "b": 3}),
        ("concat([1], [2])", [1, 2]),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ('lookup({a = 1}, "b", 2)', 2),
        ("element([1, 2, 3], 4)", 2),
        ("one([])", None),
        ("values({b = 2, a = 1})", [1, 2]),
        ("length([1, 2])", 2),
        ('contains(["a"], "a")', True),
        ('compact(["a", "", null])', ["a"]),
        ('distinct(["a", "b", "a"])', ["a", "b"]),
        ('coalesce(null, "", "x")', "x"),
        ('try(coalesce(null, ""), coalesce(null, null), "y")', "y"),
        ("try(local.a.x, 2)", 1),
        ("try(local.a.missing, 2)", 2),
        ("try(local.a.missing.more, local.a.x)", 1),
        ("[for v in [{p = 1}, {}] : try(v.p, 0)]", [1, 0]),
        ("try([1][0], 2)", 1),
        ('format("%s:%d%%", "a", 5)', "a:5%"),
        ('join(",", ["a", 1])', "a,1"),
        ('join("/", ["", "a", ""])', "/a/"),
        ('substr("hello", -3, 3)', "llo"),
        ('substr("hello", -3, -1)', "llo"),
        ('substr("hello", 1, 2)', "el"),
        ('sort(["b", "a"])', ["a", "b"]),
        ('split(",", "a,b")', ["a", "b"]),
        ('replace("a-b", "-", "_")', "a_b"),
        ('tonumber("5")', 5),
        ("tostring(5)", "5"),
        ('tobool("true")', True),
        ('startswith("abc", "ab")', True),
        ('base64decode("aGk=")', "hi"),
        ("path.root", "."),
        ("max(1, 2)", 2),
    ],
)  # fmt: skip
def test_what_is_known(expression: str, value: Any) -> None:
    assert plain(expression, MORE) == value


@pytest.mark.parametrize(
    "expression",
    [
        "var.none",
        "var.missing",
        "local.missing",
        "local.loop_1",
        "aws_ecr_repository.web.arn",
        "aws_ecr_repository.other.name",
        "data.aws_region.current.name",
        "module.other.value",
        "terraform.workspace",
        "each.value",
        "count.index",
        "timestamp()",
        'templatefile("x.tpl", {})',
        'file("missing.json")',
        'file("/etc/passwd")',
        'file("../../etc/passwd")',
        "var.none ? 1 : 2",
        "var.none && true",
        "var.none == 1",
        "1 / 0",
        'replace("aaa", "/(?=a)/", "b")',
        "merge({a = 1}, var.none)",
        "[for v in var.none : v]",
        "[for v in [1] : v if var.none]",
        "length(var.none)",
        "try(var.none, 1)",
        "try(var.none.x, 1)",
        "try(data.aws_region.here.name, 1)",
        "[for v in [{(var.none) = 1}] : try(v.p, 0)][0]",
        "coalesce(var.none, 1)",
        "try(coalesce(var.none, null), 1)",
        '"%{ if var.none }x%{ else }x%{ endif }"',
        '"%{ for a in var.none }x%{ endfor }"',
        '"%{ if true }x"',
        '"%{ endfor }"',
        "9999999999999999999 * 9999999999999999999",
    ],
)
def test_what_is_not_known_is_not_guessed(expression: str) -> None:
    found = local(expression, MORE).plain
    assert isinstance(found, Unknown)
    assert found.startswith("${")


def test_a_text_of_which_a_part_is_not_known_says_so() -> None:
    assert local('"repo/app:${var.none}"', MORE).plain == "repo/app:${var.none}"


def test_values_that_grow_without_end_are_bounded() -> None:
    doubled = "\n".join(f"  x{n} = [local.x{n - 1}, local.x{n - 1}]" for n in range(1, 60))
    with pytest.raises(TooMuch):
        plain("jsonencode(local.x22)", f"locals {{\n  x0 = [1]\n{doubled}\n}}\n")


def test_texts_that_grow_without_end_are_not_known() -> None:
    doubled = "\n".join(f'  x{n} = "${{local.x{n - 1}}}${{local.x{n - 1}}}"' for n in range(1, 60))
    assert isinstance(local("local.x59", f'locals {{\n  x0 = "word"\n{doubled}\n}}\n').plain, Unknown)


def test_a_file_is_read_where_terraform_finds_it() -> None:
    text = '{"a": 1}'
    assert plain('jsondecode(file("${path.module}/data/x.json"))', data_S_x__json=text) == {"a": 1}


def test_what_a_file_holds_stands_in_that_file() -> None:
    found = local('jsondecode(file("x.json"))', x__json='{\n  "a": 1\n}')
    location = found.fields["a"].place.location()
    assert (location.path, location.line) == ("x.json", 2)


def test_what_a_heredoc_holds_has_its_own_lines() -> None:
    found = local('jsondecode(<<X\n[\n  {"image": "${var.name}:1",\n   "port": ${var.port}}\n]\nX\n)', MORE)
    [one] = found.items
    assert one.value() == {"image": "shop:1", "port": 8080}
    # where a variable is all of a value, that is where it stands
    places = [one.fields[name].place.location() for name in ("image", "port")]
    assert [(place.line, place.pointer) for place in places] == [
        (4, "/locals/x/0/image"),
        (places[1].line, "/variable/port/default"),
    ]


def test_optional_attributes_have_their_defaults() -> None:
    more = """
variable "x" {
  type = object({
    a = optional(bool, true)
    b = optional(list(string), [])
    c = optional(object({ d = optional(number, 5) }), {})
    e = optional(string)
  })
  default = { b = ["x"] }
}
"""
    assert plain("var.x", more) == {"a": True, "b": ["x"], "c": {"d": 5}, "e": None}
