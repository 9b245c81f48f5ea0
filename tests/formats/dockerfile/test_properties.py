"""What holds for every text: spans, places, edits."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.dockerfile import Dockerfile, Instruction, has_dockerfile_name, parse, resolve, stage_config
from batten.model.edits import CannotEdit, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set
from batten.model.source import File, Unreadable

PIECES = st.sampled_from(
    [
        "FROM a\n",
        "FROM $B AS Two\n",
        "ARG B=1 C\n",
        "RUN <<EOF\n# x\nEOF\n",
        "COPY <<-'a' 3<<b /x\n\ta\nb\n",
        "RUN x \\\n  # note\n\n  y\n",
        'CMD ["a", "é"]\n',
        "ENV A='x y' B=$A \\\n C=3\n",
        "ENV OLD a b\n",
        "ONBUILD COPY --from=two a b\n",
        "HEALTHCHECK --retries=3 CMD x\n",
        "RUN --mount=type=cache,target=/x make\n",
        "EXPOSE 80 81\n",
        "USER me\n",
        "# note\n",
        "# escape=`\n",
        "\n",
        "  \t\n",
    ]
)
TOKENS = st.sampled_from(
    [
        "\\",
        "`",
        "\n",
        "\r\n",
        "\r",
        " ",
        "#",
        "<<E",
        "<<",
        "E\n",
        '"',
        "'",
        "$",
        "${A:-",
        "}",
        "=",
        "--x",
        "[",
        "\ufeff",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, PIECES, PIECES, TOKENS), min_size=1, max_size=8).map("".join).map("FROM a\n".__add__)


def check_spans(dockerfile: Dockerfile) -> None:
    """Every character that is no blank and no comment belongs to exactly one instruction."""
    text = dockerfile.text
    owner: list[int | None] = [None] * len(text)
    for instruction in dockerfile.instructions:
        start, end = instruction.span
        assert instruction.raw == text[start:end]
        assert owner[start:end] == [None] * (end - start)
        owner[start:end] = [instruction.index] * (end - start)
        assert instruction.line == text.count("\n", 0, start) + 1
        for word in (*instruction.args, *instruction.flags):
            assert start <= word.span[0] <= word.span[1] <= end
        for heredoc in instruction.heredocs:
            assert text[slice(*heredoc.span)] == heredoc.body
    for comment in dockerfile.comments:
        start, end = comment.span
        assert text[start] == "#"
        if not comment.inside:
            assert owner[start:end] == [None] * (end - start)
            owner[start:end] = [-1] * (end - start)
    blanks = "\ufeff \t\r\n\v\f`\\"
    assert [char for char, index in zip(text, owner, strict=True) if index is None and char not in blanks] == []


def same(one: Dockerfile, other: Dockerfile, skip: set[int], moved: int = 0, after: int = 0) -> None:
    """All instructions but those in `skip` are the same, those from `after` on `moved` further down the list."""
    for instruction in one.instructions:
        if instruction.index in skip:
            continue
        index = instruction.index + (moved if instruction.index >= after else 0)
        assert other.instructions[index].raw == instruction.raw
        assert [word.value for word in other.instructions[index].args] == [word.value for word in instruction.args]


def apply(dockerfile: Dockerfile, edit: Edit) -> Dockerfile:
    text = dockerfile.text
    for splice in reversed(dockerfile.splices([edit])):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return parse(File("Dockerfile", text.encode()))


@given(TEXTS)
def test_spans_tile_the_file(text: str) -> None:
    check_spans(parse(File("Dockerfile", text.encode())))


def chosen(text: str, number: int) -> tuple[Dockerfile, Instruction]:
    dockerfile = parse(File("Dockerfile", text.encode()))
    return dockerfile, dockerfile.instructions[number % len(dockerfile.instructions)]


@given(TEXTS, st.integers(0, 9))
def test_a_removed_instruction_is_all_that_goes(text: str, number: int) -> None:
    dockerfile, gone = chosen(text, number)
    try:
        after = apply(dockerfile, Remove(("instruction", gone.index)))
    except CannotEdit:
        assert gone.keyword == "FROM" or gone.open
        return
    assert len(after.instructions) == len(dockerfile.instructions) - 1
    same(dockerfile, after, {gone.index}, -1, gone.index)
    kept = [item for item in dockerfile.comments if not gone.line <= item.line <= gone.end_line]
    assert [item.text for item in after.comments] == [item.text for item in kept]


@given(TEXTS, st.integers(0, 9), st.booleans())
def test_an_inserted_instruction_is_all_that_comes(text: str, number: int, before: bool) -> None:
    dockerfile, neighbour = chosen(text, number)
    kind = InsertBefore if before else InsertAfter
    try:
        after = apply(dockerfile, kind(("instruction", neighbour.index), "STOPSIGNAL 9"))
    except CannotEdit:
        assert not before
        assert neighbour.open
        return
    place = neighbour.index + (not before)
    assert after.instructions[place].raw == "STOPSIGNAL 9"
    assert len(after.instructions) == len(dockerfile.instructions) + 1
    same(dockerfile, after, set(), 1, place)
    assert len(after.comments) == len(dockerfile.comments)


VALUES = st.text(alphabet="ab1./ \"'$\\`=é", max_size=6)
LINES = st.lists(
    st.sampled_from(["A=1", 'B="x y"', "C='z'", "D=", "\\\n  E=$A", "\\\n # no\n F=2", "G=a\\ b"]),
    min_size=1,
    max_size=4,
)


@given(LINES.map(" ".join), st.sampled_from("ABCDEFGH"), VALUES)
def test_a_value_that_is_set_is_what_the_build_reads(pairs: str, key: str, value: str) -> None:
    dockerfile = parse(File("Dockerfile", f"FROM scratch\nENV {pairs}\nUSER x\n".encode()))
    after = apply(dockerfile, Set(("instruction", 1, "value", key), value))
    same(dockerfile, after, {1})
    assert resolve(after, f"${{{key}}}", 2) == (value, True)
    before = [(pair.key, pair.raw) for pair in dockerfile.instructions[1].pairs if pair.key != key]
    assert [(pair.key, pair.raw) for pair in after.instructions[1].pairs if pair.key != key] == before
    assert len(after.comments) == len(dockerfile.comments)


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(0, 3), VALUES)
def test_an_argument_of_the_json_form_that_is_set_is_read_again(words: list[str], number: int, value: str) -> None:
    text = "FROM a\nCMD " + msgspec.json.encode(words).decode() + "\n"
    number %= len(words)
    after = apply(parse(File("Dockerfile", text.encode())), Set(("instruction", 1, "arg", number), value))
    assert after.instructions[1].argv == (*words[:number], value, *words[number + 1 :])


SCRIPTS = st.lists(st.sampled_from(["a", "b c", " \\\n  ", " \\\n # no\n", "é", " && ", '"x"', "\r\n"]), max_size=8)


@given(SCRIPTS.map("".join), st.integers(0, 40), st.integers(0, 40))
def test_a_range_of_the_script_is_all_that_changes(body: str, start: int, end: int) -> None:
    text = f"FROM a\nRUN x{body}x\nUSER x\n"
    dockerfile = parse(File("Dockerfile", text.encode()))
    run = dockerfile.instructions[1]
    start, end = sorted((start % (len(run.script) + 1), end % (len(run.script) + 1)))
    try:
        after = apply(dockerfile, ReplaceText(("instruction", 1, "text", start, end), "zz"))
    except CannotEdit:
        assert "#" in run.raw
        return
    same(dockerfile, after, {1})
    assert after.instructions[1].script == run.script[:start] + "zz" + run.script[end:]
    assert len(after.comments) == len(dockerfile.comments)


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        dockerfile = parse(File("Dockerfile", b"FROM a\n" + data))
    except Unreadable:
        return
    check_spans(dockerfile)
    for stage in dockerfile.stages:
        stage_config(dockerfile, stage.index)


@pytest.mark.shared
def test_every_real_dockerfile_is_read_without_a_problem(shared_manifests: Path) -> None:
    paths = [path for path in shared_manifests.rglob("*") if path.is_file() and has_dockerfile_name(path.name)]
    assert len(paths) > 90
    for path in paths:
        dockerfile = parse(File(str(path), path.read_bytes()))
        assert dockerfile.problems == ()
        check_spans(dockerfile)
        for instruction in dockerfile.instructions[1:]:
            if instruction.keyword != "FROM":
                after = apply(dockerfile, Remove(("instruction", instruction.index)))
                same(dockerfile, after, {instruction.index}, -1, instruction.index)
