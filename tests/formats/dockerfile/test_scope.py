"""Which ARG and ENV values an instruction sees."""

from __future__ import annotations

import time

import pytest

from batten.formats.dockerfile import resolve
from formats.dockerfile.helpers import read


def seen(text: str, word: str, index: int = -1) -> tuple[str, bool]:
    dockerfile = read(text)
    return resolve(dockerfile, word, range(len(dockerfile.instructions))[index])


@pytest.mark.parametrize(
    ("text", "word", "result"),
    [
        # an ARG before FROM is seen by FROM lines, and by a stage that declares it
        ("ARG V=1\nFROM a:$V\n", "$V", ("1", True)),
        ("ARG V=1\nFROM scratch\nUSER x\n", "$V", ("", True)),
        ("ARG V=1\nFROM a\nARG V\nUSER x\n", "$V", ("1", True)),
        ("ARG V=1\nFROM a\nARG V=2\nUSER x\n", "$V", ("2", True)),
        ("ARG V=1 W=$V\nFROM a\n", "$W", ("1", True)),
        ("FROM a\nARG V=1 W=$V\nUSER x\n", "$W", ("1", True)),
        # without a default, and with what only the base image knows
        ("ARG V\nFROM a\n", "$V", ("$V", False)),
        ("ARG V\nFROM a\n", "${V:-3}", ("3", True)),
        ("FROM a\nARG V\nUSER x\n", "${V}", ("${V}", False)),
        ("FROM a\nUSER x\n", "$PATH", ("$PATH", False)),
        ("FROM scratch\nUSER x\n", "$PATH", ("", True)),
        ("FROM a\n", "$UNDECLARED", ("", True)),
        ("FROM a\n", "$TARGETPLATFORM", ("$TARGETPLATFORM", False)),
        ("FROM a\nARG TARGETARCH\nUSER x\n", "$TARGETARCH", ("$TARGETARCH", False)),
        # the last one before the instruction wins; one instruction sees what was before it
        ("FROM a\nENV V=1\nENV V=2 W=$V\nUSER x\n", "$V$W", ("21", True)),
        ("FROM a\nARG V=1\nENV V=2\nUSER x\n", "$V", ("2", True)),
        ("FROM a\nENV V=2\nARG V\nUSER x\n", "$V", ("2", True)),
        ("FROM a\nUSER x\nENV V=1\n", "$V", ("$V", False)),
        ("FROM a\nARG N\nENV V=$N\nUSER x\n", "$V", ("$V", False)),
        # stages on stages inherit, others do not
        ("FROM a AS one\nENV V=1\nARG W=2\nFROM one\nUSER x\n", "$V$W", ("12", True)),
        ("FROM a AS one\nENV V=1\nFROM scratch\nUSER x\n", "$V", ("", True)),
        ("FROM a\nENV V='$x y'\nUSER z\n", "$V", ("$x y", True)),
    ],
)  # fmt: skip
def test_scopes(text: str, word: str, result: tuple[str, bool]) -> None:
    assert seen(text, word) == result


def test_an_instruction_does_not_see_itself() -> None:
    text = "FROM a\nENV V=1\nENV V=$V/2\n"
    assert seen(text, "$V", 1) == ("$V", False)
    assert seen(text, "$V", 2) == ("1", True)


def test_a_word_that_cannot_be_read_is_not_known() -> None:
    assert seen("FROM a\nUSER x\n", "${A^^}") == ("${A^^}", False)


def test_values_that_double_stop_at_the_limit() -> None:
    text = "FROM scratch\nENV A=xxxxxxxx\n" + "ENV A=$A$A\n" * 60 + "USER x\n"
    assert seen(text, "$A") == ("$A", False)


def test_a_long_chain_of_stages_ends() -> None:
    stages = "".join(f"FROM s{number} AS s{number + 1}\n" for number in range(2_000))
    assert seen("FROM scratch AS s0\n" + stages + "USER x\n", "$A") == ("$A", False)


@pytest.mark.parametrize("word", ["$A", "${A##*b*c}", "${A//a*b/c}"])
def test_many_costly_expansions_end(word: str) -> None:
    started = time.process_time()
    text = "FROM scratch\nENV A=" + "a" * 50_000 + "\n" + f"ENV B={word}\n" * 2_000 + "USER x\n"
    seen(text, "$B")
    assert time.process_time() - started < 5


def test_long_values_are_known_as_long_as_they_are_cheap() -> None:
    assert seen("FROM scratch\nENV A=" + "a" * 50_000 + "\nUSER x\n", "$A") == ("a" * 50_000, True)


@pytest.mark.parametrize(
    ("base", "value"),
    [
        ("mcr.microsoft.com/dotnet/aspnet:10.0", ("1654", True)),
        ("mcr.microsoft.com/dotnet/runtime-deps:8.0-alpine", ("1654", True)),
        ("mcr.microsoft.com/dotnet/aspnet:6.0", ("$APP_UID", False)),
        ("mcr.microsoft.com/dotnet/aspnet:10.0-nanoserver-ltsc2022", ("$APP_UID", False)),
        ("registry.example/base:1", ("$APP_UID", False)),
    ],
)
def test_the_user_that_images_of_net_name_in_a_variable_is_known(base: str, value: tuple[str, bool]) -> None:
    dockerfile = read(f"FROM {base} AS base\nFROM base\nUSER $APP_UID\nENV APP_UID=5\nUSER $APP_UID\n")
    assert resolve(dockerfile, "$APP_UID", 2) == value
    assert resolve(dockerfile, "$APP_UID", 4) == ("5", True)
