"""Edits change what they name and nothing else."""

from __future__ import annotations

import pytest

from batten.formats.dockerfile import Dockerfile
from batten.model.edits import Append, CannotEdit, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set
from batten.model.source import Pointer
from formats.dockerfile.helpers import edited, read


def at(index: int, *route: str | int) -> Pointer:
    return ("instruction", index, *route)


RUN = "FROM a\nRUN apt-get update \\\n # note\n && apt-get install curl \\\n    git\n"
START = read(RUN).instructions[1].text.index("install")


@pytest.mark.parametrize(
    ("text", "edit", "result"),
    [
        # whole instructions
        ("FROM a\nADD x /y\nRUN z\n", Set(at(1), "COPY x /y"), "FROM a\nCOPY x /y\nRUN z\n"),
        ("FROM a\n  RUN <<E\nx\nE\nRUN z", ReplaceText(at(1), "RUN x"), "FROM a\n  RUN x\nRUN z"),
        ("FROM a\n# why\nUSER root\nRUN z\n", Remove(at(1)), "FROM a\n# why\nRUN z\n"),
        ("FROM a\nRUN a \\\n  b\n\nRUN z\n", Remove(at(1)), "FROM a\n\nRUN z\n"),
        ("FROM a\nRUN <<E\nx\nE\nRUN z\n", Remove(at(1)), "FROM a\nRUN z\n"),
        ("FROM a\r\nUSER root", Remove(at(1)), "FROM a"),
        # insertions
        ("FROM a\nCMD x\n", InsertBefore(at(1), "USER 1"), "FROM a\nUSER 1\nCMD x\n"),
        ("FROM a\n\n# start\n# it\nCMD x\n", InsertBefore(at(1), "USER 1"), "FROM a\n\nUSER 1\n# start\n# it\nCMD x\n"),
        ("# syntax=x\n# head\nFROM a\n", InsertBefore(at(0), "ARG A=1"), "# syntax=x\n# head\nARG A=1\nFROM a\n"),
        ("\ufeffFROM a\r\n", InsertBefore(at(0), "ARG A"), "\ufeffARG A\r\nFROM a\r\n"),
        ("FROM a\nRUN <<E\nx\nE\nCMD x\n", InsertAfter(at(1), "USER 1"), "FROM a\nRUN <<E\nx\nE\nUSER 1\nCMD x\n"),
        ("FROM a\r\nCMD x\r\n", InsertAfter(at(0), "ARG A\nUSER 1"), "FROM a\r\nARG A\r\nUSER 1\r\nCMD x\r\n"),
        ("FROM a\nCMD x", InsertAfter(at(1), "USER 1"), "FROM a\nCMD x\nUSER 1"),
        ("FROM a\nRUN x\n\nFROM c\n", InsertBefore(("end", 0), "USER 1"), "FROM a\nRUN x\nUSER 1\n\nFROM c\n"),
        # arguments
        ("FROM a:1 AS b\n", Set(at(0, "arg", 0), "a:1@sha256:0"), "FROM a:1@sha256:0 AS b\n"),
        ('FROM a\nCMD ["x", "y"]\n', Set(at(1, "arg", 1), 'z "q"'), 'FROM a\nCMD ["x", "z \\"q\\""]\n'),
        ("FROM a\nUSER root\n", Set(at(1, "arg", 0), "10001"), "FROM a\nUSER 10001\n"),
        ("FROM a\nONBUILD USER root\n", Set(at(1, "arg", 0), "10001"), "FROM a\nONBUILD USER 10001\n"),
        ("FROM a\nEXPOSE 22 80\n", Remove(at(1, "arg", 0)), "FROM a\nEXPOSE 80\n"),
        ("FROM a\nCOPY x \\\n  y \\\n  /z\n", Remove(at(1, "arg", 1)), "FROM a\nCOPY x \\\n  /z\n"),
        ('FROM a\nCMD ["x", "y"]\n', Remove(at(1, "arg", 0)), 'FROM a\nCMD ["y"]\n'),
        ('FROM a\nCMD ["x", "y"]\n', Remove(at(1, "arg", 1)), 'FROM a\nCMD ["x"]\n'),
        ("FROM a\nVOLUME C:\\x\n", Set(at(1, "arg", 0), "D:\\y"), "FROM a\nVOLUME D:\\\\y\n"),
        # flags
        ("FROM a\nCOPY x y\n", Set(at(1, "flag", "chown"), "1:1"), "FROM a\nCOPY --chown=1:1 x y\n"),
        ("FROM a\nCOPY --chown=0 x y\n", Set(at(1, "flag", "chown"), "1"), "FROM a\nCOPY --chown=1 x y\n"),
        ("FROM a\nCOPY --from=b x y\n", Set(at(1, "flag", "link"), True), "FROM a\nCOPY --link --from=b x y\n"),
        ("FROM a\nRUN --network=host --mount=x m\n", Remove(at(1, "flag", "network")), "FROM a\nRUN --mount=x m\n"),
        ("FROM a\nRUN --mount=x --mount=y make\n", Remove(at(1, "flag", 1)), "FROM a\nRUN --mount=x make\n"),
        # values
        ("FROM a\nENV A=1 B=2\n", Set(at(1, "value", "A"), "x y"), 'FROM a\nENV A="x y" B=2\n'),
        ("FROM a\nENV A=\"1\" B=2\n", Set(at(1, "value", "A"), 'q"$x'), 'FROM a\nENV A="q\\"\\$x" B=2\n'),
        ("FROM a\nENV A 1\n", Set(at(1, "value", "A"), "2"), "FROM a\nENV A 2\n"),
        ("FROM a\nENV A=1\n", Set(at(1, "value", "A"), ""), 'FROM a\nENV A=""\n'),
        ("ARG A\nFROM a\n", Set(at(0, "value", "A"), "2"), "ARG A=2\nFROM a\n"),
        ("FROM a\nENV A=1 \\\n  B=2\n", Set(at(1, "value", "C"), "3"), "FROM a\nENV A=1 \\\n  B=2 \\\n  C=3\n"),
        ("FROM a\nENV A=1 \\\n  B=2 \\\n  C=3\n", Remove(at(1, "value", "B")), "FROM a\nENV A=1 \\\n  C=3\n"),
        ("FROM a\nENV A=1 B=2\n", Remove(at(1, "value", "A")), "FROM a\nENV B=2\n"),
        # ranges of the command
        (RUN, ReplaceText(at(1, "text", START, START + 7), "install -y"), RUN.replace("install", "install -y")),
        (RUN, ReplaceText(at(1, "text", START + 7, START + 7), " -y"), RUN.replace("install", "install -y")),
        (RUN, Remove(at(1, "text", START + 7, START + 12)), RUN.replace(" curl", "")),
        ("FROM a\nRUN <<E\ncurl -k x\nE\n", ReplaceText(at(1, "text", 9, 11), "-s"), "FROM a\nRUN <<E\ncurl -s x\nE\n"),
        ("FROM a\nRUN <<E\nab c\nE\n", ReplaceText(at(1, "heredoc", 0, 0, 2), "d"), "FROM a\nRUN <<E\nd c\nE\n"),
        ("FROM a\r\nRUN <<E\r\nx\r\nE\r\n", Set(at(1, "heredoc", 0), "y\nz\n"), "FROM a\r\nRUN <<E\r\ny\r\nz\r\nE\r\n"),
        ("FROM a\nrun x\n", ReplaceText(at(1, "keyword"), "RUN"), "FROM a\nRUN x\n"),
    ],
)  # fmt: skip
def test_edits(text: str, edit: Edit, result: str) -> None:
    assert edited(text, edit) == result


@pytest.mark.parametrize(
    ("text", "edit", "reason"),
    [
        ("FROM a\nEXPOSE 1\n", Append(at(1), "2"), "no list"),
        ("FROM a\n", Remove(at(0)), "FROM"),
        ("FROM a\nRUN a \\\n", InsertAfter(at(1), "USER 1"), "file ends"),
        ("FROM a\nRUN <<E\nx\n", InsertBefore(("end", 0), "USER 1"), "file ends"),
        ("FROM a\nRUN a \\\n # note\n b\n", Set(at(1), "RUN c"), "comment on line 3"),
        (RUN, ReplaceText(at(1, "text", 0, START), "x"), "comment on line 3"),
        ("FROM a\nCMD x\n", InsertAfter(at(0), "RUN a \\"), "middle"),
        ("FROM a\nCMD x\n", InsertAfter(at(0), "RUN <<E\nx"), "middle"),
        ("FROM a\nCMD x\n", Set(at(1), ""), "text of an instruction"),
        ("FROM a\nCMD x\n", Set(at(1), ["x"]), "text of an instruction"),
        ("FROM a\nRUN x\n", ReplaceText(at(1, "text", 0, 1), "a\nb"), "line break"),
        ("FROM a\nRUN x\n", ReplaceText(at(1, "text", 0, 1), "a \\"), "continuation"),
        ("FROM a\nRUN <<E\nx\nE\n", Set(at(1, "heredoc", 0), "y"), "line break"),
        ("FROM a\nRUN <<E\nx\nE\n", Set(at(1, "heredoc", 0), "y\nE\nz\n"), "ends the heredoc"),
        ("FROM a\nCOPY <<E /x\ny\nE\n", ReplaceText(at(1, "arg", 0), "x"), "one whole"),
        ("FROM a\nRUN x\n", ReplaceText(at(1, "text", 1, 1), " <<E"), "one whole"),
        ("FROM a\nUSER x\n", ReplaceText(at(1, "keyword"), "#"), "one whole"),
        ("FROM a\nRUN y <<E\nx\nE\n", ReplaceText(at(1, "text", 0, 0), "'"), "one whole"),
        ("FROM a\nRUN y <<E\nx\nA\nE\n", ReplaceText(at(1, "text", 0, 4), "y <<A"), "one whole"),
        ("FROM a\nCOPY x y\n", Set(at(1, "arg", 0), "a b"), "JSON"),
        ("FROM a\nUSER x\n", Set(at(1, "arg", 0), ""), "empty"),
        ("FROM a\nRUN x\n", Remove(at(1, "arg", 0)), "needs"),
        ("FROM a\nEXPOSE 1\n", Remove(at(1, "arg", 0)), "only argument"),
        ("FROM a\nENV A=1\n", Remove(at(1, "value", "A")), "only value"),
        ("FROM a\nENV A 1\n", Set(at(1, "value", "B"), "2"), "one value"),
        ("FROM a\nENV A=1\n", Set(at(1, "value", "B C"), "2"), "name"),
        ("FROM a\nRUN x\n", Set(at(1, "value", "B"), "2"), "named values"),
        ("FROM a\nRUN x\n", Set(at(1, "flag", "no such"), "2"), "flag"),
        ("FROM a\nCOPY --link x y\n", Set(at(1, "flag", "link"), 3), "text or True"),
        ("FROM a\nRUN x\n", Set(at(7), "x"), "no instruction"),
        ("FROM a\nRUN x\n", ReplaceText(at(1, "arg", 3), "x"), "nothing stands"),
        ("FROM a\nRUN x\n", Remove(at(1, "flag", "mount")), "nothing that can be removed"),
        ("FROM a\nRUN x\n", InsertBefore(("end", 4), "x"), "no stage"),
        ("FROM a\nRUN x\n", Remove(("end", 0)), "insertions only"),
        ("FROM a\nRUN x\n", InsertAfter(at(1, "arg", 0), "x"), "whole instructions"),
        ("FROM a\nRUN x\n", Remove(("spec",)), "no instruction"),
        ("ARG a=1\n# escape=`\nFROM a\n", Remove(at(0)), "would be a parser directive"),
        ("ARG a=1\n\ufeff# x\nFROM a\n", Remove(at(0)), "byte order mark below it"),
    ],
)
def test_refused_edits(text: str, edit: Edit, reason: str) -> None:
    with pytest.raises(CannotEdit, match=reason):
        edited(text, edit)


def test_several_edits_at_once() -> None:
    text = "FROM a\nADD x y\nCMD z\n"
    edits = [
        InsertBefore(at(2), "USER 1"),
        Set(at(1), "COPY x y"),
        InsertBefore(at(2), "USER 2"),
        InsertBefore(at(1), "RUN q"),
    ]
    assert edited(text, *edits) == "FROM a\nRUN q\nCOPY x y\nUSER 1\nUSER 2\nCMD z\n"


def test_edits_of_the_same_text_are_refused() -> None:
    with pytest.raises(CannotEdit, match="same text"):
        edited("FROM a\nCOPY x y\n", Set(at(1), "RUN z"), Set(at(1, "arg", 0), "q"))


def shown(dockerfile: Dockerfile, pointer: Pointer, *, key: bool = False) -> tuple[int, int, str]:
    place = dockerfile.locate(pointer, key=key)
    lines = dockerfile.text.removeprefix("\ufeff").split("\n")[place.line - 1 : place.end_line]
    if len(lines) > 1:
        return place.line, place.column, f"to {place.end_line}:{place.end_column}"
    return place.line, place.column, lines[0][place.column - 1 : place.end_column - 1]


def test_places() -> None:
    dockerfile = read("\ufeffFROM é:1 AS b\nENV A=1 \\\n  B='x y'\nONBUILD COPY --from=q  m n\nRUN <<E\nfoo bar\nE\n")
    assert shown(dockerfile, at(0)) == (1, 1, "FROM é:1 AS b")
    assert shown(dockerfile, at(0, "arg", 0)) == (1, 6, "é:1")
    assert shown(dockerfile, at(1)) == (2, 1, "to 3:10")
    assert shown(dockerfile, at(1, "value", "B")) == (3, 5, "'x y'")
    assert shown(dockerfile, at(1, "value", "B"), key=True) == (3, 3, "B")
    assert shown(dockerfile, at(2, "flag", "from")) == (4, 14, "--from=q")
    assert shown(dockerfile, at(2, "flag", "from"), key=True) == (4, 14, "--from")
    assert shown(dockerfile, at(2, "arg", 1)) == (4, 26, "n")
    assert shown(dockerfile, at(2, "keyword")) == (4, 1, "ONBUILD")
    assert shown(dockerfile, at(3, "text", 8, 11)) == (6, 5, "bar")
    assert shown(dockerfile, ("end", 0)) == (7, 2, "")


def test_a_pointer_to_nothing_gives_its_nearest_parent() -> None:
    dockerfile = read("FROM a\nRUN x\n")
    assert shown(dockerfile, at(1, "value", "A")) == (2, 1, "RUN x")
    assert shown(dockerfile, at(9, "arg", 0)) == (1, 1, "")
    assert dockerfile.locate(at(1, "arg", 0)).pointer == "/instruction/1/arg/0"
