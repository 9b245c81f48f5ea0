from __future__ import annotations

import pytest

from batten.model.source import Unreadable
from batten.sources.oci.platforms import ALL, choose, of_this_machine, parse, text, wish


def chosen(wanted: str, *offered: str) -> str:
    (index,) = choose([parse(one) for one in offered], wanted)
    return offered[index]


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("linux/arm64", ("linux/amd64", "linux/arm64/v8"), "linux/arm64/v8"),
        ("linux/arm64/v8", ("linux/amd64", "linux/arm64"), "linux/arm64"),
        ("linux/arm", ("linux/arm/v6", "linux/arm/v7", "linux/arm/v5"), "linux/arm/v7"),
        ("linux/arm/v6", ("linux/arm/v7", "linux/arm/v5", "linux/arm/v6"), "linux/arm/v6"),
        ("linux/arm/v7", ("linux/arm/v5", "linux/arm/v6"), "linux/arm/v6"),
        ("linux/amd64", ("linux/amd64/v3", "linux/amd64"), "linux/amd64"),
        ("linux/amd64/v3", ("linux/amd64/v3", "linux/amd64"), "linux/amd64/v3"),
        ("x86_64", ("linux/arm64", "linux/amd64"), "linux/amd64"),
        ("armv7l", ("linux/arm/v6", "linux/arm/v7"), "linux/arm/v7"),
        ("windows/amd64", ("linux/amd64", "windows/amd64"), "windows/amd64"),
    ],
)
def test_the_variant_that_fits_best_is_chosen(wanted: str, offered: tuple[str, ...], expected: str) -> None:
    assert chosen(wanted, *offered) == expected


def test_a_variant_that_is_not_offered_is_an_error() -> None:
    with pytest.raises(Unreadable, match="expected the platform linux/amd64/v3, found linux/amd64; choose one with"):
        choose([parse("linux/amd64")], "linux/amd64/v3")


def test_without_a_wish_this_machines_architecture_comes_first_then_the_only_one() -> None:
    here = text(of_this_machine())
    assert chosen("", "linux/mips64le", here, "linux/riscv64") == here
    assert chosen("", "linux/mips64le") == "linux/mips64le"


def test_all_takes_every_platform() -> None:
    assert choose([parse("linux/amd64"), parse("windows/amd64")], ALL) == [0, 1]


@pytest.mark.parametrize("written", ["linux/", "/amd64", "a/b/c/d", "linux/amd 64", "Linux/ÄMD", "x" * 99, " "])
def test_what_is_no_platform_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="expected a platform such as linux/amd64"):
        parse(written)


def test_the_option_wins_over_dockers_variable() -> None:
    assert wish("arm64", {"DOCKER_DEFAULT_PLATFORM": "linux/s390x"}) == "linux/arm64"
    assert wish("", {"DOCKER_DEFAULT_PLATFORM": "linux/s390x"}) == "linux/s390x"
    assert wish("", {}) == ""
    assert wish("all", {}) == "all"
