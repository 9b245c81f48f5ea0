"""How the image of a service is built."""

from __future__ import annotations

import pytest

from batten.model.workload import Build
from formats.compose.support import box, container, project, shown


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("./web", ("shop/web", "shop/web/Dockerfile", "")),
        (".", ("shop", "shop/Dockerfile", "")),
        ("..", ("", "Dockerfile", "")),
        ("{context: web, dockerfile: ../d/D, target: t}", ("shop/web", "shop/d/D", "t")),
        ("{dockerfile: x.Dockerfile}", ("shop", "shop/x.Dockerfile", "")),
        ("{context: ., dockerfile_inline: FROM a}", ("shop", "shop/compose.yaml (web)", "")),
        ("https://github.com/a/b.git", ("https://github.com/a/b.git", "", "")),
        ("../..", ("../..", "", "")),
        ("'$WEB'", ("${WEB}", "", "")),
    ],
)
def test_build(build: str, expected: tuple[str, str, str]) -> None:
    reading = project({"shop/compose.yaml": f"services:\n  web:\n    build: {build}\n"}, "shop/compose.yaml")
    found = container(reading)
    assert isinstance(found.build, Build)
    assert (found.build.context, found.build.dockerfile, found.build.target) == expected
    assert found.image is None
    assert shown(found.at(found.build)) == f"shop/compose.yaml:3: {build}"


@pytest.mark.parametrize("args", ["[A=1, B, C=$NO]", "{A: 1, B: null, C: $NO}"])
def test_build_arguments(args: str) -> None:
    found = box(f"build: {{args: {args}}}")
    assert found.build is not None
    assert found.build.args == (("A", "1"), ("B", None), ("C", None))


def rights(build: str) -> list[tuple[str, bool, str]]:
    """(right, whether every step has it, where it stands) of the service web."""
    found = container(project({"compose.yaml": f"services:\n  web:\n    build: {build}\n"}))
    assert found.build is not None
    return [(one.name, one.used, shown(found.at(one)).partition(": ")[2]) for one in found.build.rights]


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("{context: ., privileged: true}", [("security.insecure", False, "true")]),
        ("{context: ., network: host}", [("network.host", True, "host")]),
        (
            "{entitlements: [security.insecure, network.host, device=vendor.example/gpu=all]}",
            [
                ("security.insecure", False, "security.insecure"),
                ("network.host", False, "network.host"),
                ("device", False, "device=vendor.example/gpu=all"),
            ],
        ),
        ("{context: ., privileged: false, network: none, entitlements: [other], ssh: [default]}", []),
        ("{context: ., privileged: '${P}', network: '${N}', entitlements: ['${E}']}", []),
        (".", []),
    ],
)
def test_rights_of_the_build(build: str, expected: list[tuple[str, bool, str]]) -> None:
    assert rights(build) == expected


def test_rights_come_from_the_file_that_gives_them() -> None:
    reading = project(
        {
            "compose.yaml": "services: {web: {build: {context: ., entitlements: [device]}}}\n",
            "compose.override.yaml": "services:\n  web:\n    build:\n      privileged: true\n",
        }
    )
    found = container(reading)
    assert found.build is not None
    assert [shown(found.at(one)) for one in found.build.rights] == [
        "compose.override.yaml:4: true",
        "compose.yaml:1: device",
    ]
    assert not found.build.only_rights
