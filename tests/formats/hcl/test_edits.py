"""Edits change what they say, in the style of the text around them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.hcl.document import HclDocument
from batten.formats.hcl.parser import parse
from batten.formats.splicing import apply
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import File

TASK = """\
resource "aws_x" "web" {
  name    = "web" # its name
  network = "host"

  volume {
    name = "a"
  }
  volume {
    name = "b" // the second
  }
  one { a = 1 }
  none {}
  definitions = jsonencode([
    {
      name       = "web"
      privileged = true
      drop       = ["A"]
      args = [
        "a",
        "b"
      ]
    },
    { name = "other", "image" : "b" },
  ])
}
"""
WEB = ("resource", "aws_x", "web")
FIRST = (*WEB, "definitions", 0)


def edited(text: str, *edits: Edit) -> str:
    file = File("main.tf", text.encode())
    return apply(text, HclDocument(file, parse(text)).splices(edits))


def change(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set((*WEB, "network"), "bridge"), '"host"', '"bridge"'),
        (Set((*WEB, "volume", 1, "name"), "c"), '"b" //', '"c" //'),
        (Set((*FIRST, "privileged"), False), "privileged = true", "privileged = false"),
        (Set((*FIRST, "user"), "1:1"), '        "b"\n      ]\n', '        "b"\n      ]\n      user = "1:1"\n'),
        (Append((*FIRST, "drop"), "ALL"), '["A"]', '["A", "ALL"]'),
        (Append((*FIRST, "args"), "c"), '        "b"\n', '        "b",\n        "c"\n'),
        (Remove((*FIRST, "args", 0)), '        "a",\n', ""),
        (Remove((*FIRST, "privileged")), "      privileged = true\n", ""),
        (Remove((*WEB, "network")), '  network = "host"\n', ""),
        (Remove((*WEB, "volume")), '  volume {\n    name = "a"\n  }\n', ""),
        (Remove((*WEB, "volume", 1, "name")), '  volume {\n    name = "b" // the second\n  }\n', ""),
        (Set((*WEB, "one", "b"), 2), "one { a = 1 }", "one {\n    a = 1\n    b = 2\n  }"),
        (Set((*WEB, "none", "readOnly"), True), "none {}", "none {\n    read_only = true\n  }"),
        (
            Set((*WEB, "volume", "emptyDir"), {"medium": "Memory"}),
            '    name = "a"\n',
            '    name = "a"\n    empty_dir {\n      medium = "Memory"\n    }\n',
        ),
        (
            Append((*WEB, "volume"), {"name": "c"}),
            "  ])\n}\n",
            '  ])\n  volume {\n    name = "c"\n  }\n}\n',
        ),
        (
            Set((*WEB, "hostIPC"), False),
            "  ])\n}\n",
            "  ])\n  host_ipc = false\n}\n",
        ),
        (
            Set((*WEB, "definitions", 1, "user"), "1"),
            '"image" : "b" }',
            '"image" : "b", user = "1" }',
        ),
    ],
)  # fmt: skip
def test_what_is_edited(edit: Edit, old: str, new: str) -> None:
    assert edited(TASK, edit) == change(TASK, old, new)


def test_edits_of_one_place_are_made_together() -> None:
    made = edited(
        TASK,
        Set((*WEB, "none", "securityContext", "privileged"), False),
        Set((*WEB, "none", "securityContext", "capabilities", "drop"), ["ALL"]),
        Set((*WEB, "none", "resources", "limits", "memory"), "1Mi"),
        Append((*WEB, "none", "volumeMounts"), {"name": "x"}),
        Append((*WEB, "none", "volumeMounts"), {"name": "y"}),
    )
    assert made == change(
        TASK,
        "none {}",
        """none {
    security_context {
      privileged = false
      capabilities {
        drop = ["ALL"]
      }
    }
    resources {
      limits = {
        memory = "1Mi"
      }
    }
    volume_mount {
      name = "x"
    }
    volume_mount {
      name = "y"
    }
  }""",
    )


def test_what_a_key_that_is_an_expression_leads_to_is_edited() -> None:
    text = "a = {\n  (x) = {\n    b = 1\n  }\n}\n"
    assert edited(text, Set(("a", "#0", "b"), 2)) == text.replace("1", "2")


def test_signs_stay_in_their_column() -> None:
    text = 'a {\n  name    = "x"\n  network = 1\n}\n'
    assert edited(text, Set(("a", "cpu"), 2)) == 'a {\n  name    = "x"\n  network = 1\n  cpu     = 2\n}\n'
    text = 'a = {\n  name    = "x"\n  network = 1\n}\n'
    assert edited(text, Set(("a", "cpu"), 2)) == 'a = {\n  name    = "x"\n  network = 1\n  cpu     = 2\n}\n'


def test_windows_line_ends_are_kept() -> None:
    assert edited("a {\r\n  b = 1\r\n}\r\n", Set(("a", "c"), 2)) == "a {\r\n  b = 1\r\n  c = 2\r\n}\r\n"


def test_json_in_a_heredoc_is_edited_as_json() -> None:
    text = 'a {\n  b = <<X\n[\n  {"name": "${var.x}", "privileged": true}\n]\nX\n}\n'
    assert edited(text, Set(("a", "b", 0, "privileged"), False)) == text.replace("true", "false")
    added = edited(text, Set(("a", "b", 0, "user"), "1"))
    assert added == text.replace("true}", 'true, "user": "1"}')


def test_texts_are_written_so_that_they_mean_the_same() -> None:
    assert edited('a = "x"\n', Set(("a",), '"${b}" %{c}\\\n')) == 'a = "\\"$${b}\\" %%{c}\\\\\\n"\n'


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a = var.x\n", Set(("a",), 1)),
        ('a = "x-${var.x}"\n', Set(("a",), "y")),
        ("a = merge({}, var.x)\n", Set(("a", "b"), 1)),
        ("a = [for x in y : x]\n", Append(("a",), 1)),
        ("a = x ? {} : { b = 1 }\n", Set(("a", "#2", "b"), 2)),
        ("a = x ? {} : {}\n", Set(("a", "#1", "c"), 2)),
        ("a = {\n  (x) = 1\n}\n", Set(("a", "b"), 2)),
        ('a {\n  dynamic "volume" {\n    for_each = x\n  }\n}\n', Append(("a", "volumes"), {"name": "x"})),
        ("a = 1\n", Remove(("b",))),
        ("a = 1\n", Remove(())),
        ("a = 1\n", Set(("b",), 1)),
        ("a { b { c = 1 } }\n", Remove(("a", "b", "c"))),
        ('a {\n  b = <<X\n["${var.x}y"]\nX\n}\n', Set(("a", "b", 0), "z")),
        ('a = "x"\n', Set(("a",), "\x1b")),
        ("a {\n  b = [\n    1, 2\n  ]\n}\n", Remove(("a", "b", 0))),
    ],
)
def test_what_cannot_be_edited_for_certain_is_refused(text: str, edit: Edit) -> None:
    with pytest.raises(CannotEdit):
        edited(text, edit)


def test_the_json_syntax_is_refused() -> None:
    from batten.formats.hcl.json import parse_json

    document = HclDocument(File("main.tf.json", b'{"a": 1}'), parse_json('{"a": 1}'), json=True)
    with pytest.raises(CannotEdit, match="JSON"):
        document.splices([Set(("a",), 2)])


NAMES = st.text("abcdefgh", min_size=1, max_size=4)
SCALARS: st.SearchStrategy[Any] = st.integers(0, 99) | st.booleans() | st.text('ab${%"\\\n é', max_size=8)


@given(st.dictionaries(NAMES, SCALARS, min_size=1, max_size=5), NAMES, SCALARS, st.booleans())
def test_what_is_set_is_read_again_and_the_rest_stays(
    fields: dict[str, Any], name: str, value: Any, is_block: bool
) -> None:
    from batten.formats.hcl import write

    body = "".join(f"  {key} = {write.expression(one, '', '')} # {key}\n" for key, one in fields.items())
    text = f"top {{\n{body}}}\n" if is_block else f"top = {{\n{body}}}\n"
    again = edited(text, Set(("top", name), value))
    assert values(again, is_block) == {**fields, name: value}
    kept = [line for line in text.splitlines() if line.partition("#")[2].strip() != name]
    assert all(line in again.splitlines() for line in kept)
    if name in fields and len(fields) > 1:
        left = edited(text, Remove(("top", name)))
        assert values(left, is_block) == {key: one for key, one in fields.items() if key != name}


def values(text: str, is_block: bool) -> dict[str, Any]:
    from formats.terraform.reading import plain

    if is_block:
        _, _, inside = text.partition("{\n")
        text = f"top = {{\n{inside}"
    return plain(text.removeprefix("top = ").rstrip("\n"))
