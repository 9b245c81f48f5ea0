"""Where comments stand in YAML, and what only looks like one."""

import pytest
import yaml

from batten.formats.yaml.comments import comments


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in comments(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# c\na: 1 # d\n", ["# c", "# d"]),
        ("\ufeff# c\na: 1\n", ["# c"]),
        ("a: b#no\n", []),
        ("a: 'x # no' # c\n", ["# c"]),
        ('a: "x \\" # no" # c\n', ["# c"]),
        ("a: 'it''s # no'\n", []),
        ("a: it's # c\nb: isn't # d\n", ["# c", "# d"]),
        ('a: "x\n  # no\n  y"\n# c\n', ["# c"]),
        ('a: x\n  "y # c\n', ["# c"]),
        ('"a # no": 1 # c\n', ["# c"]),
        ("a: | # c\n  # no\n\n  # no\n# d\nb: 1\n", ["# c", "# d"]),
        ("a: |\n    x\n  # c\nb: 1\n", ["# c"]),
        ("a: >2-\n    # no\n  # no\n", []),
        ("- |\n # no\n- - >\n   # no\n  # c\n", ["# c"]),
        ("- a: |\n    # no\n  b: 1 # c\n", ["# c"]),
        ("a:\n  !!str |\n  # no\nb: 1 # c\n", ["# c"]),
        ("--- |\n # no\n--- # c\na: 1\n", ["# c"]),
        ("a: &x 'y # no' # c\nb: *x # d\n", ["# c", "# d"]),
        ("a: [x, # c\n  'y # no', it's] # d\n", ["# c", "# d"]),
        ('{"a":"# no", "b": {c: "d # no"}} # c\n', ["# c"]),
        ("a: {b: 'x\n  # no'}\n", []),
        ("? |\n  # no\n: - 'x # no' # c\n", ["# c"]),
        ("a: 'open\n# no\n---\n# c\n", ["# c"]),
        ("a: b\r\n# c\r\n", ["# c\r"]),
        ("a: |\n\t# no\n# c\n", ["# c"]),
        ("a: |\n    {{ x }}\n    # no\n  # no\nb: 1 # c\n", ["# c"]),
    ],
)
def test_only_comments_are_found(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {{ .x | quote }} # c\n", ["# c"]),
        ('{{- if .x }}\na: "y # no"\n{{- end }}\n# c\n', ["# c"]),
        ("{{/* # c */}}\na: 1\n", ["{{/* # c */}}"]),
        ("a: |\n  b\n{{- if .x }}\n  # no\n{{- end }}\nc: 1 # c\n", ["# c"]),
    ],
)
def test_a_template_has_comments_too(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", ["a: [", 'a: "', "a: |", "{" * 9, "a: {{", "? ", "&", "'", "#", "", "---", "a: {{/*"])
def test_what_is_cut_off_ends(text: str) -> None:
    assert found(text) == (["#"] if text == "#" else [])


@pytest.mark.parametrize("piece", ["{{", "{{/*", "[", '"', "'", '- "\n', "a: |\n", "# ", "{{ '", "&a "])
def test_no_text_takes_long(piece: str) -> None:
    found(piece * (400_000 // len(piece)))


def test_what_parsers_take_for_text_is_no_comment() -> None:
    text = "a: 'x # y'\nb: |\n  # z\nc: [\"# v\", w # d\n]\n"
    values = list(yaml.safe_load(text).values())
    assert values == ["x # y", "# z\n", ["# v", "w"]]
    assert found(text) == ["# d"]
