"""Ways to more rights in the image and its build: PRV015, PRV019."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    assert_mends,
    dockerfile,
    fails,
    mendable,
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
    fails(
        "PRV015",
        dockerfile("FROM debian:13\nONBUILD RUN chmod 4755 /web\n"),
        at="chmod",
        says="in the builds that stand on this image",
    ),
    fails(
        "PRV019",
        dockerfile("FROM debian:13\nONBUILD RUN --security=insecure make\n"),
        at="RUN",
        says="in the builds that stand on this image",
        fix="review",
        becomes="ONBUILD RUN make",
    ),
    fails("PRV015", dockerfile("FROM debian:13\nRUN sudo make install\n"), at="sudo make", severity="medium"),
    passes("PRV015", dockerfile("FROM debian:13\nRUN apt-get purge -y sudo && chmod 755 /web\n")),
    passes(
        "PRV015",
        dockerfile("FROM debian:13 AS build\nRUN apt-get install -y sudo\nFROM debian:13\nRUN chmod a-s /bin/su\n"),
    ),
    silent("PRV015", dockerfile("FROM debian:13\nCOPY web /web\n")),
    fails("PRV015", dockerfile("FROM debian:13\nCOPY --chmod=4755 web /web\n"), at="--chmod", severity="high"),
    fails("PRV015", dockerfile("FROM debian:13\nADD --chmod=u+s web /web\n"), at="--chmod", says="u+s"),
    passes("PRV015", dockerfile("FROM debian:13\nCOPY --chmod=755 web /web\n")),
    passes("PRV015", dockerfile("FROM debian:13\nCOPY --chmod=1777 tmp /tmp\n")),
    fails(
        "PRV015",
        dockerfile("FROM debian:13\nRUN make && setcap cap_sys_admin,cap_net_raw+ep /bin/x\n"),
        at="setcap",
        severity="high",
        says="setcap gives SYS_ADMIN",
    ),
    fails("PRV015", dockerfile("FROM debian:13\nRUN setcap 'all=ep' /bin/x\n"), at="setcap", says="gives ALL"),
    fails("PRV015", dockerfile("FROM debian:13\nRUN setcap =ep /bin/x\n"), at="setcap", says="gives ALL"),
    passes("PRV015", dockerfile("FROM debian:13\nRUN setcap 'cap_net_bind_service=+ep' /bin/x\n")),
    passes("PRV015", dockerfile("FROM debian:13\nRUN setcap -r /bin/x\n")),
    passes("PRV015", dockerfile("FROM debian:13\nRUN setcap cap_sys_admin-ep /bin/x\n")),
    fails(
        "PRV015",
        dockerfile("FROM debian:13\nRUN echo 'web ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/web\n"),
        at="echo",
        severity="high",
        says="NOPASSWD",
    ),
    fails("PRV015", dockerfile("FROM debian:13\nRUN sed -i 's/ALL$/NOPASSWD: ALL/' /etc/sudoers\n"), at="sed"),
    passes("PRV015", dockerfile("FROM debian:13\nRUN grep -q 'NOPASSWD:' /etc/sudoers; true\n")),
    fails(
        "PRV015",
        dockerfile("FROM debian:13\nRUN useradd web && usermod -aG video,sudo web\n"),
        at="usermod",
        severity="medium",
        says="group sudo",
    ),
    fails("PRV015", dockerfile("FROM alpine:3.22\nRUN adduser web wheel\n"), at="adduser", says="group wheel"),
    passes("PRV015", dockerfile("FROM debian:13\nRUN useradd -G video,docker -g root web\n")),
    fails(
        "PRV019",
        dockerfile("FROM debian:13\nRUN --security=insecure make\n"),
        at="--security",
        severity="high",
        says="all capabilities",
        fix="review",
        becomes="RUN make",
    ),
    fails(
        "PRV019",
        dockerfile("FROM debian:13\nRUN --mount=type=ssh --network=host make\n"),
        at="--network",
        severity="medium",
        fix="review",
        becomes="RUN --mount=type=ssh make",
    ),
    passes("PRV019", dockerfile("FROM debian:13\nRUN --security=sandbox --network=none make\n")),
    silent("PRV019", dockerfile("FROM debian:13\nCOPY web /web\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
