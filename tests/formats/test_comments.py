"""Where comments stand in the other formats."""

import pytest

from batten.formats.comments import behind, comments
from batten.model.source import File

TOML = 'a = \'\'\'\n# no\n\'\'\'\nb = """\n# no \\"""\n# no"""\nc = "# no" # c\n# d\n'
HCL = 'a = "x # no ${f("y # no")} # no" # c\nb = <<-EOF\n  # no\n  EOF\n/* d */ c = "http://no" // e\n'
GROOVY = '// c\na = \'x // no\' + """\n// no ${b(\'// no\')}\n""" /* d */\nb = /x \\/\\/ no/ // e\n'


@pytest.mark.parametrize(
    ("path", "reader", "text", "expected"),
    [
        ("a.json", "", '{"a": "# no"} // no\n', []),
        ("-", "ecs", '{"a": "# no",\n "b": "x\\" # no"}\n', []),
        ("a.jsonc", "", '{"a": "// no"} // c\n/* d */\n', ["// c", "/* d */"]),
        ("pyproject.toml", "", TOML, ["# c", "# d"]),
        ("main.tf", "", HCL, ["# c", "/* d */", "// e"]),
        ("main.tf", "", '# c\na = "open\n# no\n', ["# c"]),
        ("main.tf", "", "# c\na = <<EOF\n# no\n", ["# c"]),
        ("Jenkinsfile", "", GROOVY, ["// c", "/* d */", "// e"]),
        ("ci/deploy", "pipelines", "#!/bin/x // no\n// c\n", ["// c"]),
        ("Jenkinsfile", "", "a = '''\n// no\n", []),
        ("pom.xml", "", "<a><!-- # c --><![CDATA[<!-- # no -->]]></a>\n<!-- open", ["<!-- # c -->"]),
        ("web.container", "", "; c\n# d\nLabel=a # no\nExec=a \\\n  # e\n  b\n", ["; c", "# d", "# e"]),
        ("Dockerfile", "", "FROM a\n# c\nRUN b # no\nRUN <<E\n# no\nE\n", ["# c"]),
        ("web.txt", "dockerfile", "# escape=`\nFROM a\nRUN b `\n# c\n c\n", ["# escape=`", "# c"]),
        ("Dockerfile", "", "no\n# no\n", []),
        (".env", "", "A='x\n# no'\nB=\"y\n# no\" # c\n# d\nC=it's # e\nD=a#no\n", ["# c", "# d", "# e"]),
        ("requirements.txt", "", "a==1 # c\n# d\nb @ https://x/#no\n", ["# c", "# d"]),
        ("a.spdx", "", "# c\nComment: <text>\n# no\n</text>\n# d\n", ["# c", "# d"]),
        ("-", "kubernetes", "a: '# no' # c\n", ["# c"]),
    ],
)
def test_only_comments_are_found(path: str, reader: str, text: str, expected: list[str]) -> None:
    file = File(path, text.encode())
    assert [text[start:end] for start, end in comments(file, text, reader)] == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Dockerfile", 'FROM a\n# c\nRUN b # d\nRUN "x # no"\nRUN <<E\nx # no\nE\n', ["# d"]),
        ("web.container", "# c\nLabel=a # d\nLabel='x # no'\n", ["# d"]),
        ("a.yaml", "a: b # c\n", []),
    ],
)
def test_what_looks_like_a_comment_behind_a_line_is_told_apart(path: str, text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in behind(File(path, text.encode()), text)] == expected


@pytest.mark.parametrize("path", ["a.toml", "a.tf", "a.xml", ".env", "a.conf", "a.spdx", "a.jsonc"])
@pytest.mark.parametrize("piece", ["'", '"', '="', "<!--", "<text>", "/*", "${", '"${', "<<A\n", '"""', "# ", " ;"])
def test_no_text_takes_long(path: str, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    list(comments(File(path, text.encode()), text))
