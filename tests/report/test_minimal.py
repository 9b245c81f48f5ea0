"""What images hold beside what their programs need, in words."""

from batten.model.image_content import Minimality
from batten.report.minimal import sentences


def test_what_could_go_and_what_would_do() -> None:
    found = Minimality(
        image="shop/web:1",
        program="usr/sbin/web",
        packages=1_200,
        bytes=500 << 20,
        superfluous_packages=1_100,
        superfluous_bytes=440 << 20,
        shells=("usr/bin/bash", "usr/bin/dash"),
        compilers=tuple(f"usr/bin/gcc-{number}" for number in range(9, 15)),
        base="gcr.io/distroless/cc-debian12",
        reason="the program links the C++ library",
    )
    assert sentences(found) == [
        "1,100 packages of 1,200 (440 of 500 MiB) hold programs or libraries of which the program runs and links none",
        "it has shells bash, dash; compilers gcc-9, gcc-10, gcc-11, gcc-12 and 2 more",
        "a smaller base: gcr.io/distroless/cc-debian12 (the program links the C++ library)",
    ]


def test_an_image_with_nothing_to_lose_has_no_sentence() -> None:
    assert sentences(Minimality(image="x", program="web", superfluous_packages=0, reason="there is nothing")) == []


def test_of_what_begins_no_program_nothing_is_said() -> None:
    assert sentences(Minimality(image="rootfs:/", packages=3, shells=("bin/sh",), reason="names no program")) == []


def test_of_a_program_that_could_not_be_read_only_the_other_programs_are_told() -> None:
    found = Minimality(image="x", program="web", packages=3, shells=("bin/sh",), reason="could not be read")
    assert sentences(found) == ["it has shells sh", "could not be read"]
