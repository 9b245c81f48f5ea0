"""What a stage adds up to."""

from __future__ import annotations

import pytest

from batten.formats.dockerfile import StageConfig, base_image, copied_stage, shell_at, stage_config
from formats.dockerfile.helpers import read


def config(text: str, stage: int = -1) -> StageConfig:
    return stage_config(read(text), stage)


def test_user_and_base_follow_the_chain_of_stages() -> None:
    text = "ARG V=12\nFROM debian:$V AS base\nUSER app\nFROM alpine AS other\nFROM base AS last\nRUN x\n"
    found = config(text)
    assert (found.base.value, found.base.known) == ("debian:12", True)
    assert found.user is not None
    assert (found.user.value, found.user.instruction.line) == ("app", 3)
    assert [stage.index for stage in found.chain] == [0, 2]
    assert config(text, 1).user is None


def test_the_last_user_counts_with_its_variables() -> None:
    found = config("FROM a\nUSER root\nARG U=1000\nUSER $U:$U\n").user
    assert found is not None
    assert (found.value, found.known) == ("1000:1000", True)
    unknown = config("FROM a\nARG U\nUSER $U\n").user
    assert unknown is not None
    assert not unknown.known


@pytest.mark.parametrize(
    ("user", "value"),
    [("${NOPE:-0}", "0"), ("${NOPE-root}", "root"), ("${NOPE:-1000}:${NONE:-1000}", "1000:1000")],
)
def test_a_user_that_only_the_base_could_name_is_its_default(user: str, value: str) -> None:
    found = config(f"FROM a\nUSER {user}\n").user
    assert found is not None
    assert (found.value, found.known) == (value, True)


@pytest.mark.parametrize(
    "user", ["$NOPE", "${NOPE}", "${NOPE:-0}:$GROUP", "${NOPE:-$OTHER}", "${NOPE:+0}", "${NOPE:-}"]
)
def test_a_user_that_is_not_known(user: str) -> None:
    found = config(f"FROM a\nUSER {user}\n").user
    assert found is not None
    assert not found.known


def test_a_value_that_is_set_but_not_known_keeps_the_default_out() -> None:
    found = config("FROM a\nENV U=$OF_BASE\nUSER ${U:-0}\n").user
    assert found is not None
    assert not found.known


def test_a_base_that_is_not_known() -> None:
    dockerfile = read("ARG B\nFROM $B\n")
    assert (base_image(dockerfile, 0).value, base_image(dockerfile, 0).known) == ("$B", False)
    assert config("FROM --platform=$BUILDPLATFORM a\n").platform is not None


def test_ports() -> None:
    found = config("FROM a\nARG P=90\nARG Q\nEXPOSE 80 53/UDP 8000-8010/tcp $P 127.0.0.1:1:2 $Q 0 70000 x\n")
    assert [(port.first, port.last, port.protocol) for port in found.ports] == [
        (80, 80, "tcp"),
        (53, 53, "udp"),
        (8000, 8010, "tcp"),
        (90, 90, "tcp"),
        (2, 2, "tcp"),
    ]
    assert [setting.value for setting in found.unknown_ports] == ["$Q", "0", "70000", "x"]


def test_environment_and_labels() -> None:
    found = config('FROM a AS b\nENV A=1 B="$A x"\nFROM b\nENV B=$A\nLABEL x=$B\n')
    assert {key: item.value for key, item in found.env.items()} == {"A": "1", "B": "1"}
    assert found.labels["x"].value == "1"
    assert config("FROM a\n").env == {}


def test_shell_form_commands_begin_with_the_shell() -> None:
    found = config('FROM a\nCMD one two\nSHELL ["/bin/bash", "-lc"]\nENTRYPOINT run it\nHEALTHCHECK CMD ["x"]\n')
    assert found.entrypoint is not None
    assert (found.entrypoint.argv, found.entrypoint.shell_form) == (("/bin/bash", "-lc", "run it"), True)
    assert found.cmd is not None
    assert found.cmd.argv == ("/bin/sh", "-c", "one two")
    assert found.healthcheck is not None
    assert found.healthcheck.argv == ("x",)


def test_an_entrypoint_takes_the_inherited_cmd_away() -> None:
    assert config("FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y\n").cmd is None
    assert config("FROM a\nENTRYPOINT y\n").cmd_reset
    kept = config("FROM a AS b\nFROM b\nCMD x\nENTRYPOINT y\n")
    assert kept.cmd is not None
    assert not kept.cmd_reset


def test_healthcheck_none_takes_it_away() -> None:
    found = config("FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK NONE\n")
    assert found.healthcheck is None
    assert found.healthcheck_disabled is not None


def test_a_relative_workdir_goes_on() -> None:
    found = config("FROM a\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c\n").workdir
    assert found is not None
    assert (found.value, found.known) == ("/a/c", True)
    unknown = config("FROM a\nWORKDIR b\n").workdir
    assert unknown is not None
    assert not unknown.known


def test_volumes_in_both_forms() -> None:
    assert [item.value for item in config('FROM a\nVOLUME ["/a b"]\nVOLUME /c /d\n').volumes] == ["/a b", "/c", "/d"]


def test_stages_that_copies_name() -> None:
    dockerfile = read("FROM a AS Build\nFROM b\nCOPY --from=build x y\n")
    assert copied_stage(dockerfile, "BUILD") == 0
    assert copied_stage(dockerfile, "1") == 1
    assert copied_stage(dockerfile, "7") is None
    assert copied_stage(dockerfile, "nginx:1") is None


def test_the_shell_at_an_instruction() -> None:
    dockerfile = read('FROM a AS b\nRUN 1\nSHELL ["cmd"]\nFROM b\nRUN 2\n')
    assert shell_at(dockerfile, dockerfile.instructions[1]) == ("/bin/sh", "-c")
    assert shell_at(dockerfile, dockerfile.instructions[4]) == ("cmd",)
