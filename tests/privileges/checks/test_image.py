"""Ways to more rights in the image: PRV015."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    dockerfile,
    fails,
    passes,
    silent,
)

CASES = (
    fails(
        "PRV015",
        dockerfile("FROM debian:13\nRUN apt-get update && apt-get install -y sudo curl\nUSER 10001\n"),
        at="install -y sudo",
        severity="high",
        says="sudo is installed",
    ),
    fails("PRV015", dockerfile("FROM debian:13\nCOPY web /web\nRUN chmod u+s /web\n"), at="chmod", says="u+s"),
    fails("PRV015", dockerfile("FROM debian:13\nRUN chmod 4755 /web\n"), at="chmod", severity="high"),
    fails("PRV015", dockerfile("FROM debian:13\nRUN sudo make install\n"), at="sudo make", severity="medium"),
    passes("PRV015", dockerfile("FROM debian:13\nRUN apt-get purge -y sudo && chmod 755 /web\n")),
    passes(
        "PRV015",
        dockerfile("FROM debian:13 AS build\nRUN apt-get install -y sudo\nFROM debian:13\nRUN chmod a-s /bin/su\n"),
    ),
    silent("PRV015", dockerfile("FROM debian:13\nCOPY web /web\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
