"""Templates print what HCL itself prints; the expected texts are those of hashicorp/hcl 2.24."""

from __future__ import annotations

from textwrap import dedent

import pytest

from batten.formats.terraform.values import Unknown
from batten.model.workload import Workload
from formats.terraform.reading import local, plain, read

MORE = """\
locals {
  yes   = true
  no    = false
  items = ["a", "b"]
  map   = { k = "v", j = "w" }
}
"""


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('"%{ if local.yes }x%{ endif }"', "x"),
        ('"%{ if local.no }x%{ else }y%{ endif }!"', "y!"),
        ('"%{ for i in local.items }${i},%{ endfor }"', "a,b,"),
        ('"%{ for n, i in local.items }${n}${i} %{ endfor }"', "0a 1b "),
        ('"%{ for k, v in local.map }${k}=${v};%{ endfor }"', "j=w;k=v;"),
        ('"%{ for k in [] }x%{ endfor }"', ""),
        ('"%{ for i in local.items }%{ if i == "a" }${i}%{ endif }%{ endfor }"', "a"),
        ('"%%{ if } $${x}"', "%{ if } ${x}"),
        ('"a  ${~ local.map.k ~}  b"', "avb"),
        ("<<E\n%{ for i in local.items ~}\n- ${i}\n%{ endfor ~}\nE", "- a\n- b\n"),
        ("<<E\n%{ for i in local.items }\n- ${i}\n%{ endfor }\nE", "\n- a\n\n- b\n\n"),
        (
            "<<-E\n    a:\n    %{~ for i in local.items ~}\n      - ${i}\n    %{~ endfor ~}\n    E",
            "    a:\n      - a\n      - b\n",
        ),
        ("<<-E\n    a\n\n      b $${c}\n    E", "a\n\n  b ${c}\n"),
        ('<<-E\n  b%{ if local.no }%{~ endif ~}\n\t${ "q" ~}\nE', "b\tq"),
    ],
)
def test_what_a_template_prints(template: str, text: str) -> None:
    assert plain(template, MORE) == text


def test_what_is_not_known_is_in_the_text() -> None:
    found = local('"a%{ if var.none }x%{ else }y%{ endif }b"', MORE).plain
    assert isinstance(found, Unknown)
    assert found == "a${var.none}b"


def test_definitions_may_be_printed_by_directives() -> None:
    text = dedent("""\
        resource "aws_ecs_task_definition" "web" {
          family                = "web"
          container_definitions = <<-JSON
            [%{ for n, name in ["a", "b"] }%{ if n > 0 },%{ endif }
              {"name": "${name}", "image": "nginx:1", "privileged": %{ if name == "b" }true%{ else }false%{ endif }}
            %{ endfor }]
          JSON
        }
        """)
    [task] = [one for one in read(text).nouns if isinstance(one, Workload)]
    assert [(one.name, one.privileged) for one in task.containers] == [("a", False), ("b", True)]


def test_a_template_in_a_file_may_have_directives() -> None:
    definitions = '[%{ for name in names }{"name": "${name}", "image": "nginx:1"}%{ endfor }]'
    text = """
      resource "aws_ecs_task_definition" "web" {
        family                = "web"
        container_definitions = templatefile("web.json", { names = ["a"] })
      }
    """
    [task] = [one for one in read(text, web__json=definitions).nouns if isinstance(one, Workload)]
    assert [one.name for one in task.containers] == ["a"]


@pytest.mark.parametrize("words", ["unless x", "if", "for x y", "for a, b, c in d", "if true"])
def test_what_is_no_directive_is_told_with_its_line(words: str) -> None:
    reading = read(f'locals {{\n  x = "%{{ {words} "\n}}\n')
    [problem] = reading.problems
    assert problem.line == 2


def test_loops_within_loops_are_bounded() -> None:
    loops = f"%{{ for a in {list(range(100))} }}" * 5 + "%{ endfor }" * 5
    text = f'resource "aws_ecs_task_definition" "web" {{\n  family = "{loops}"\n}}\n'
    [problem] = [one for one in read(text).problems if one.severe]
    assert "steps" in problem.message


@pytest.mark.parametrize("depth", [70, 5_000])
def test_directives_within_one_another_without_end_are_not_worked_out(depth: int) -> None:
    text = "%{ if true }" * depth + "x" + "%{ endif }" * depth
    found = local(f'"{text}"').plain
    assert isinstance(found, Unknown)


def test_what_is_gone_over_counts_as_well() -> None:
    never = "%{ if false }" + "a$${b}" * 2_000 + "%{ endif }"
    loops = f"%{{ for a in {list(range(100))} }}" * 3 + never + "%{ endfor }" * 3
    [problem] = [
        one
        for one in read(f'resource "aws_ecs_task_definition" "web" {{\n  family = "{loops}"\n}}\n').problems
        if one.severe
    ]
    assert "steps" in problem.message
