"""What compose-go taught, as small cases: an override laid over a base."""

from __future__ import annotations

from typing import Any

import pytest

from batten import limits
from batten.model.values import Capabilities
from formats.compose.support import container, messages, project, shown, workload


def merged(base: str, over: str) -> Any:
    """The service `web` of a base and an override; both bodies in flow style."""
    return project(
        {
            "compose.yaml": f"services:\n  web: {{image: 'a:1', {base}}}\n",
            "compose.override.yaml": f"services:\n  web: {{{over}}}\n",
        }
    )


@pytest.mark.parametrize(
    ("base", "over", "field", "expected"),
    [
        ("user: a", "user: b", "user.name", "b"),
        ("user: a", "user: null", "user.name", "a"),
        ("cap_add: [A, B]", "cap_add: [B, C]", "capabilities.add", ("A", "B", "C")),
        ("command: [a, b]", "command: [c]", "args", ("c",)),
        ("command: [a, b]", "command: null", "args", None),
        ("entrypoint: a b", "entrypoint: c", "command", ("c",)),
        ("logging: {driver: a}", "logging: {options: {x: y}}", "log_driver", "a"),
        ("logging: {driver: a}", "logging: {driver: b}", "log_driver", "b"),
        ("deploy: {resources: {limits: {pids: 5}}}", "deploy: {resources: {limits: {cpus: 1}}}", "pids_limit", 5),
        ("build: ./x", "build: {target: t}", "build.context", "x"),
        ("build: ./x", "build: {target: t}", "build.target", "t"),
        ("build: {args: [A=1, B=2]}", "build: {args: {A: 3}}", "build.args", (("A", "3"), ("B", "2"))),
        ("cap_add: [A]", "cap_add: !reset []", "capabilities.add", ()),
        ("cap_add: [A]", "cap_add: !override [B]", "capabilities.add", ("B",)),
        ("user: a", "user: !reset null", "user.name", None),
        ("deploy: {resources: {limits: {pids: 5}}}", "deploy: {resources: !reset {}}", "pids_limit", None),
        ("healthcheck: {test: [CMD, a]}", "healthcheck: {test: [NONE]}", "healthcheck", False),
    ],
)
def test_scalars_mappings_and_lists(base: str, over: str, field: str, expected: object) -> None:
    value: Any = container(merged(base, over))
    for name in field.split("."):
        value = getattr(value, name)
    assert value == expected


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("environment: {A: 1, B: 2}", "environment: [A=3, C=4]", {"A": "3", "B": "2", "C": "4"}),
        ("environment: [A=1, B]", "environment: {B: 2}", {"A": "1", "B": "2"}),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", {"B": "2"}),
        ("environment: {A: 1}", "environment: !override {B: 2}", {"B": "2"}),
    ],
)
def test_environment_by_name(base: str, over: str, expected: dict[str, str]) -> None:
    assert {one.name: one.value for one in container(merged(base, over)).environment} == expected


def test_ports_are_appended_and_volumes_are_one_per_target() -> None:
    found = workload(
        merged("ports: ['80:80'], volumes: ['./a:/x', db:/y]", "ports: ['80:80', '81:81'], volumes: ['/etc:/x:ro']")
    )
    assert [port.host for port in found.containers[0].ports] == [80, 81]
    assert [(one.volume, one.target) for one in found.containers[0].mounts] == [("/etc", "/x"), ("db", "/y")]


def test_item_that_repeats_one_of_the_base_does_not_come_last() -> None:
    found = container(merged("security_opt: ['seccomp:a', 'seccomp:b']", "security_opt: ['seccomp:a']"))
    assert getattr(found.seccomp, "name", "") == "b"


def test_networks_by_name() -> None:
    found = workload(merged("networks: [a]", "networks: {b: {aliases: [x]}, a: }"))
    assert found.networks == ("a", "b")


def test_ulimits_and_sysctls() -> None:
    found = workload(
        merged("ulimits: {nofile: 5}, sysctls: [a=1]", "ulimits: {nofile: {soft: 1, hard: 2}}, sysctls: {a: 2, b: 3}")
    )
    ulimits, sysctls = found.containers[0].ulimits, found.sysctls
    assert isinstance(ulimits, tuple)
    assert isinstance(sysctls, tuple)
    assert [(one.name, one.soft, one.hard) for one in ulimits] == [("nofile", 1, 2)]
    assert [(one.name, one.value) for one in sysctls] == [("a", "2"), ("b", "3")]


def test_every_value_is_told_in_the_file_that_decides_it() -> None:
    reading = merged(
        "user: root, privileged: true, ports: ['80:80'], environment: {A: 1}",
        "user: app, read_only: true, ports: ['81:81'], environment: {B: 2}",
    )
    found = container(reading)
    assert shown(found.where()).startswith("compose.yaml:2:")
    assert shown(found.where("user")) == "compose.override.yaml:2: app"
    assert shown(found.where("read_only_root")) == "compose.override.yaml:2: true"
    assert shown(found.where("privileged")) == "compose.yaml:2: true"
    assert [shown(found.at(one)) for one in found.ports] == [
        "compose.yaml:2: '80:80'",
        "compose.override.yaml:2: '81:81'",
    ]
    assert [shown(found.at(one)) for one in found.environment] == ["compose.yaml:2: 1", "compose.override.yaml:2: 2"]
    assert reading.consumed == ["compose.override.yaml"]


def test_what_cannot_be_merged_is_told() -> None:
    reading = merged("cap_add: [A]", "cap_add: {B: c}")
    assert messages(reading) == [
        "compose.override.yaml:2: expected a list as in compose.yaml, found a mapping",
        "compose.override.yaml:2: expected a list in cap_add, found a mapping",
    ]


def test_lists_that_grow_in_a_chain_are_bounded() -> None:
    items = ", ".join(f"A{n}" for n in range(2_000))
    documents = "---\n".join(
        f"services: {{web: {{image: a, cap_add: [{items.replace('A', f'B{n}')}]}}}}\n" for n in range(60)
    )
    reading = project({"compose.yaml": documents})
    assert f"at most {limits.COMPOSE_PARTS} values" in messages(reading)[0]
    assert reading.recognised


def test_documents_of_one_file_are_laid_over_each_other() -> None:
    reading = project(
        {"compose.yaml": "services: {web: {image: a, cap_add: [A]}}\n---\nservices: {web: {cap_add: [B]}}\n"}
    )
    found = container(reading)
    assert found.capabilities == Capabilities(("A", "B"))
