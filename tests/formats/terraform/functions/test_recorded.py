"""Functions come to what OpenTofu makes of the same calls, which was recorded (`tofu console`, 1.12.6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batten.formats.terraform.values import Unknown
from formats.terraform.reading import local, plain

DATA = Path(__file__).parents[3] / "data" / "terraform"
RECORDED: dict[str, list[list[Any]]] = json.loads((DATA / "functions.json").read_text("utf-8"))


@pytest.mark.parametrize("name", RECORDED)
def test_a_function_gives_what_opentofu_gives(name: str) -> None:
    found = {one[0]: local(one[0]) for one in RECORDED[name]}
    # a call without a result is one that OpenTofu refuses
    expected = {one[0]: one[1] if len(one) == 2 else "not known" for one in RECORDED[name]}
    assert {call: "not known" if type(node.plain) is Unknown else node.value() for call, node in found.items()} == (
        expected
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("core::upper(\"a\")", "A"),
        ('templatestring("$${a}-%%{ for x in b }$${x}%%{ endfor }", { a = 1, b = ["x", "y"] })', "1-xy"),
        ('slice(["a", var.none, "c"], 0, 1)', ["a"]),
        ('contains([var.none, "a"], "a")', True),
        ("[for x in toset([\"b\", \"a\", \"b\"]) : x]", ["a", "b"]),
        ('[for pair in setproduct(["a", "b"], [1]) : "${pair[0]}${pair[1]}"]', ["a1", "b1"]),
        ('jsonencode({ b = "<&>", a = 1.0 })', '{"a":1,"b":"\\u003c\\u0026\\u003e"}'),
        ("yamlencode({ a = [{ b = \"x\" }], t = \"1\\n2\" })", '"a":\n- "b": "x"\n"t": |-\n  1\n  2\n'),
        ('yamldecode(yamlencode({ a = [1] }))', {"a": [1]}),
        ('"a${1 / 4}"', "a0.25"),
        ('length(regexall("^a", "abc")) > 0 ? "yes" : "no"', "yes"),
    ],
)  # fmt: skip
def test_what_is_built_on_functions(expression: str, value: Any) -> None:
    assert plain(expression, 'variable "none" {}') == value


@pytest.mark.parametrize(
    "expression",
    [
        "timestamp()",
        "uuid()",
        'bcrypt("x")',
        'base64gzip("x")',
        'abspath("x")',
        'pathexpand("~/x")',
        "slice([var.none], 0, var.none)",
        "sort([var.none])",
        "toset([var.none])",
        'contains([var.none], "a")',
        "element(var.none, 0)",
        "setproduct([1], var.none)",
        'format("%s", var.none)',
        "upper()",
        "upper(1, 2)",
        "nothing(1)",
        'coalesce(1, true)',
        'length("e\u0301")',
        '"a${1 / 3}"',
    ],
)  # fmt: skip
def test_what_is_not_known_stays_so(expression: str) -> None:
    assert isinstance(local(expression, 'variable "none" {}').plain, Unknown)


@pytest.mark.parametrize(
    "expression",
    [
        "range(1000000000)",
        "range(0, 1, 0.0000001)",
        'setproduct(local.many, local.many, local.many)',
        'format("%999999999d", 1)',
        'format("%.999999999f", 1)',
        'format(join("", [for x in local.many : "%[1]s"]), local.long)',
        'formatlist("%s", [for x in local.many : local.long])',
        'indent(100000, local.lines)',
        'replace(local.long, "x", local.long)',
        'replace(local.long, "/x/", local.long)',
        'replace("x", "/x/", join("", [for x in local.many : "$0${local.long}"]))',
        'regex("(((a{1000}){1000}){1000})", "a")',
        'regex("((((){1000}){1000}){1000})", "a")',
        'regexall("(x*)*y", local.long)',
        'regex("(x|x)*(x|x)*(x|x)*(x|x)*y", local.long)',
        'join(local.long, local.many)',
        "pow(10, 1000000)",
        'parseint(local.long, 36)',
        'base64gunzip(base64encode(local.long))',
    ],
)  # fmt: skip
def test_calls_that_grow_without_end_are_not_known(expression: str) -> None:
    more = """
locals {
  many  = range(1000)
  long  = join("", [for x in range(1000) : join("", [for y in range(50) : "x"])])
  lines = join("\\n", local.many)
}
"""
    assert isinstance(local(expression, more).plain, Unknown)


def test_items_keep_their_places() -> None:
    found = local('sort(["b", "a"])')
    assert [one.place.pointer for one in found.items] == [("locals", "x", "#0", 1), ("locals", "x", "#0", 0)]
