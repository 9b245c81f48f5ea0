"""Instructions, their words and their places; forms and corners that BuildKit taught."""

from __future__ import annotations

import time

import pytest

from batten.formats.dockerfile import READER, parse
from batten.formats.interface import ReadContext
from batten.limits import DOCKERFILE_BYTES, DOCKERFILE_INSTRUCTIONS
from batten.model.source import File, Unreadable
from batten.sources.interface import NoFiles
from formats.dockerfile.helpers import messages, only, read


def test_a_word_knows_its_place_across_continued_lines() -> None:
    dockerfile = read("FROM a\nCOPY --chown=me \\\n  # why\n  one \\\n\n  two /to/\n")
    copy = dockerfile.instructions[1]
    assert [dockerfile.text[slice(*word.span)] for word in copy.args] == ["one", "two", "/to/"]
    assert dockerfile.text[slice(*copy.flags[0].span)] == "--chown=me"
    assert dockerfile.text[slice(*copy.flags[0].value_span)] == "me"
    assert (copy.line, copy.end_line) == (2, 6)
    assert copy.raw == dockerfile.text[slice(*copy.span)] == "COPY --chown=me \\\n  # why\n  one \\\n\n  two /to/"


def test_a_word_cut_by_a_continuation_is_one_word() -> None:
    copy = only("COPY on\\\ne /to\n")
    assert [word.raw for word in copy.args] == ["one", "/to"]
    assert copy.args[0].span == (12, 17)


def test_keywords_and_as_have_no_case() -> None:
    dockerfile = read("from a As Build\nuser me\n")
    assert [item.keyword for item in dockerfile.instructions] == ["FROM", "USER"]
    assert dockerfile.stages[0].name == "Build"


@pytest.mark.parametrize(
    ("text", "argv", "json"),
    [
        ('CMD ["a", "b c"]', ("a", "b c"), True),
        ('CMD [ "\\u0041\\n" ]', ("A\n",), True),
        ("CMD []", (), True),
        ("CMD ['a', 'b']", ("['a', 'b']",), False),
        ('CMD ["a",]', ('["a",]',), False),
        ('CMD ["a"] b', ('["a"] b',), False),
        ('CMD "quoted" $X', ('"quoted" $X',), False),
        ('COPY ["a b", "/c"]', ("a b", "/c"), True),
        ("COPY [a, /c]", ("[a,", "/c]"), False),
        ("VOLUME /a /b", ("/a", "/b"), False),
        ('HEALTHCHECK CMD ["a"]', ("CMD", "a"), True),
        ("HEALTHCHECK CMD a  b", ("CMD", "a  b"), False),
        ('USER "1000"', ("1000",), False),
    ],
)
def test_json_and_shell_form(text: str, argv: tuple[str, ...], json: bool) -> None:
    found = only(text + "\n")
    assert (found.argv, found.json) == (argv, json)


def test_a_json_array_with_other_values_is_a_problem_and_read_as_shell() -> None:
    assert only('CMD ["a", 1]\n').argv == ('["a", 1]',)
    assert messages('FROM a\nCMD ["a", 1]\n')[0][0] == 2


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ENV A=1 B=\"x y\" C='$z'", [("A", "1"), ("B", "x y"), ("C", "$z")]),
        ("ENV A=x\\ y", [("A", "x y")]),
        ("ENV A some  text = here", [("A", "some  text = here")]),
        ("ENV A=", [("A", "")]),
        ("ENV A=a=b", [("A", "a=b")]),
        ('LABEL "com.example.a"="b c"', [("com.example.a", "b c")]),
        ("ARG A B=2", [("A", None), ("B", "2")]),
        ("ENV A=1 \\\n    B=2", [("A", "1"), ("B", "2")]),
    ],
)
def test_pairs(text: str, pairs: list[tuple[str, str | None]]) -> None:
    assert [(pair.key, pair.value) for pair in only(text + "\n").pairs] == pairs


def test_pair_spans_are_those_of_the_source() -> None:
    dockerfile = read('FROM a\nENV A=1 \\\n    LONG="x \\\ny" E=\n')
    pairs = dockerfile.instructions[1].pairs
    cut = [dockerfile.text[slice(*pair.value_span)] for pair in pairs]
    assert cut == ["1", '"x \\\ny"', ""]
    assert [dockerfile.text[slice(*pair.key_span)] for pair in pairs] == ["A", "LONG", "E"]


@pytest.mark.parametrize(
    ("text", "flags", "rest"),
    [
        ("RUN --mount=type=tmpfs --network=none make", [("mount", "type=tmpfs"), ("network", "none")], "make"),
        ("COPY --link --from=b a /c", [("link", None), ("from", "b")], "a /c"),
        ('RUN --mount=type=bind,source="a b",target=/x make', [("mount", "type=bind,source=a b,target=/x")], "make"),
        ("RUN -- --help", [], "--help"),
        ("RUN a --b", [], "a --b"),
    ],
)  # fmt: skip
def test_flags(text: str, flags: list[tuple[str, str | None]], rest: str) -> None:
    found = only(text + "\n")
    assert [(flag.name, flag.value) for flag in found.flags] == flags
    assert found.text == rest


def test_a_secret_mount_is_taken_apart() -> None:
    (mount,) = only("RUN --mount=type=secret,id=npm,dst=/root/.npmrc,required,mode=0400,uid=7 npm ci\n").mounts
    assert (mount.type, mount.id, mount.target, mount.required) == ("secret", "npm", "/root/.npmrc", True)
    assert (mount.mode, mount.uid, mount.read_only) == ("0400", "7", True)


@pytest.mark.parametrize(
    ("options", "read_only"),
    [("target=/x", True), ("target=/x,rw", False), ("type=cache,target=/x", False), ("type=cache,target=/x,ro", True)],
)
def test_mounts_are_read_only_by_their_type(options: str, read_only: bool) -> None:
    assert only(f"RUN --mount={options} make\n").mounts[0].read_only is read_only


def test_copy_and_add() -> None:
    copy = only("COPY --from=b --chown=1:2 --chmod=0644 --link --parents --exclude=x --exclude=y a b /c/\n")
    assert [word.value for word in copy.sources] == ["a", "b"]
    assert copy.destination is not None
    assert (copy.destination.value, copy.from_, copy.chown, copy.chmod) == ("/c/", "b", "1:2", "0644")
    assert (copy.link, copy.parents, copy.exclude) == (True, True, ("x", "y"))
    add = only("ADD --checksum=sha256:1 --keep-git-dir=true --link=false https://e/x /c\n")
    assert (add.checksum, add.keep_git_dir, add.link) == ("sha256:1", True, False)


def test_onbuild_holds_its_trigger_with_places() -> None:
    dockerfile = read("FROM a\nONBUILD run <<EOF\nmake\nEOF\nONBUILD COPY --from=x a b\n")
    outer, copy = dockerfile.instructions[1:]
    assert outer.onbuild is not None
    assert (outer.keyword, outer.onbuild.keyword, outer.onbuild.heredocs[0].body) == ("ONBUILD", "RUN", "make\n")
    assert outer.onbuild.index == outer.index == 1
    assert copy.onbuild is not None
    assert [dockerfile.text[slice(*word.span)] for word in copy.onbuild.args] == ["a", "b"]


def test_a_chain_of_onbuild_is_refused_and_not_followed() -> None:
    found = messages("FROM a\n" + "ONBUILD " * 8000 + "RUN x\n")
    assert found == [(2, "expected an instruction that ONBUILD can trigger, found ONBUILD")]


def test_healthcheck_none() -> None:
    assert only("HEALTHCHECK none\n").disabled
    assert not only("HEALTHCHECK CMD none\n").disabled


def test_stages_name_their_base_without_case() -> None:
    dockerfile = read("ARG B=two\nFROM x AS One\nFROM one AS two\nFROM ${B}\nFROM three\nFROM x AS three\n")
    assert [stage.base_stage for stage in dockerfile.stages] == [None, 0, 1, None, None]
    assert [item.stage for item in dockerfile.instructions] == [None, 0, 1, 2, 3, 4]
    assert dockerfile.global_args == dockerfile.instructions[:1]


def test_the_rest_goes_on_after_an_unknown_instruction() -> None:
    dockerfile = read("FROM a\nRUM x\nUSER me\n")
    assert [item.keyword for item in dockerfile.instructions] == ["FROM", "RUM", "USER"]
    assert [(problem.line, problem.severe) for problem in dockerfile.problems] == [(2, True)]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a note\n", b"hello world\n", b"a: b\nc: d\n"])
def test_what_has_no_instruction_is_no_dockerfile(data: bytes) -> None:
    with pytest.raises(Unreadable, match="expected a Dockerfile"):
        parse(File("Dockerfile", data))


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    for data in (b"FROM a\nRUN \xff\n", b"FROM a\nRUN \0\n"):
        with pytest.raises(Unreadable) as caught:
            parse(File("Dockerfile", data))
        assert caught.value.line == 2


def test_a_file_larger_than_any_real_one_is_refused() -> None:
    with pytest.raises(Unreadable, match="expected a Dockerfile of at most 262,144 bytes, found"):
        read("FROM a\n" + "RUN echo hello\n" * (DOCKERFILE_BYTES // 15))


def test_too_many_instructions_are_refused() -> None:
    with pytest.raises(Unreadable, match="instructions"):
        read("FROM a\n" * (DOCKERFILE_INSTRUCTIONS + 1))


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nENV " + "a=b " * 49_000,
        "FROM a\nRUN " + "x \\\n" * 60_000 + "y\n",
        "FROM a\nRUN " + "'" * 60_001 + "<<E\n",
        "FROM a\nRUN " + "<<E " * 16_000 + "\n",
        "FROM a\nRUN " + "${A:-" * 50_000 + "<<E\n",
        "FROM a\nCOPY " + '\\"' * 100_000 + "\n",
        'FROM a\nCMD ["' + '","' * 80_000 + "\n",
        "FROM a\nCMD " + "[" * 250_000 + "\n",
        'FROM a\nCMD ["' + "\\ud800" * 40_000 + '"]\n',
        "#" + " \t" * 100_000 + "=\nFROM a\n",
        "FROM a\nRUN --" + '"' * 250_001 + "\n",
        "FROM a\nHEALTHCHECK --interval=" + "1h" * 100_000 + " CMD x\n",
        "FROM a\nHEALTHCHECK --retries=" + "1" * 250_000 + " CMD x\n",
        "FROM a\n" + "BAD x\n" * 2_490,
        "FROM a\n" + "\n" * 120_000,
    ],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "x \\\n" * 140_000,
        "FROM a\nRUN x" + " " * 300_000,
        "FROM a\n" + ("EXPOSE " + "8 " * 50_000 + "\n") * 5,
        "FROM a\n" + "#\n" * 500_001,
    ],
)
def test_more_than_any_real_file_has_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="at most"):
        read(text)


def test_buildkits_longest_line_is_told() -> None:
    dockerfile = read("FROM a\nRUN " + "x" * 70_000 + "\n")
    assert [(problem.line, problem.severe) for problem in dockerfile.problems] == [(2, False)]


@pytest.mark.parametrize("text", ["ARG V=1\n", "# syntax=docker/dockerfile:1\nARG V\n", "ARG V=1\nARG W=$V\n"])
def test_a_file_without_a_stage_is_a_problem_and_no_crash(text: str) -> None:
    reading = READER.read(File("Dockerfile", text.encode()), ReadContext(NoFiles()))
    assert reading.nouns == []
    assert any("FROM" in problem.message for problem in reading.problems)
