"""What only Linux has is not asked of containers that run on Windows, whatever their platform."""

from __future__ import annotations

import pytest

from harness import Input, assert_case, compose, pod, service, silent, stack, task

ON_WINDOWS: tuple[Input, ...] = (
    pod(spec="os: {name: windows}"),
    compose("isolation: process"),
    stack(deploy="placement: {constraints: [node.platform.os == windows]}"),
    service(template='"Placement": {"Constraints": ["node.platform.os==windows"]}'),
    service(template='"Placement": {"Platforms": [{"OS": "windows"}]}'),
    task(definition='"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}'),
    task(definition='"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_FULL"}', launch="FARGATE"),
)
OF_LINUX = (
    "PRV004",
    "PRV005",
    "PRV006",
    "PRV007",
    "RUN001",
    "RUN002",
    "RUN003",
    "RUN004",
    "RUN005",
    "RUN006",
    "RUN009",
)


@pytest.mark.parametrize("given", ON_WINDOWS, ids=lambda one: one.platform)
@pytest.mark.parametrize("check", [*OF_LINUX, "RUN011", "RUN013"])
def test_what_only_linux_has_is_not_asked(check: str, given: Input) -> None:
    assert_case(silent(check, given))
