from __future__ import annotations

import pytest

from batten.model.values import UNKNOWN
from batten.model.workload import Ulimit
from formats.compose.support import box, compose, messages, service, shown

LIMITS = "deploy:\n  resources:\n    limits:\n      {}\n"


@pytest.mark.parametrize(
    ("body", "field", "value", "place"),
    [
        ("mem_limit: 512m", "memory_limit", 512 << 20, "512m"),
        ("mem_limit: 1048576", "memory_limit", 1 << 20, "1048576"),
        ("mem_limit: ${M:-1g}", "memory_limit", 1 << 30, "${M:-1g}"),
        ("mem_limit: ${M}", "memory_limit", UNKNOWN, "${M}"),
        ("mem_limit: -1", "memory_limit", None, "-1"),
        (LIMITS.format("memory: 64M"), "memory_limit", 64 << 20, "64M"),
        ("mem_reservation: 32m", "memory_request", 32 << 20, "32m"),
        ("pids_limit: 100", "pids_limit", 100, "100"),
        ("pids_limit: -1", "pids_limit", None, "-1"),
        (LIMITS.format("pids: 50"), "pids_limit", 50, "50"),
        ("cpus: 0.5", "cpu_limit", 0.5, "0.5"),
        ("cpu_quota: 50000", "cpu_limit", 0.5, "50000"),
        ("cpu_quota: 50000\ncpu_period: 50000", "cpu_limit", 1.0, "50000"),
        (LIMITS.format("cpus: '0.25'"), "cpu_limit", 0.25, "'0.25'"),
        ("restart: always", "restart", "always", "always"),
        ("restart: no", "restart", "no", "no"),
        ("deploy:\n  restart_policy:\n    condition: any", "restart", "unless-stopped", "any"),
        ("logging:\n  driver: none", "log_driver", "none", "none"),
        ("healthcheck:\n  test: curl x", "healthcheck", True, "curl x"),
        ("healthcheck:\n  test: [CMD, x]", "healthcheck", True, "[CMD, x]"),
        ("healthcheck:\n  test: [NONE]", "healthcheck", False, "[NONE]"),
        ("healthcheck:\n  disable: true", "healthcheck", False, "true"),
    ],
)
def test_field_that_is_set_has_its_value_and_place(body: str, field: str, value: object, place: str) -> None:
    found = box(body)
    assert getattr(found, field) == value
    assert shown(found.where(field)).endswith(f": {place}")


def test_defaults_have_no_place() -> None:
    found = box("tty: true")
    for field in ("memory_limit", "memory_request", "cpu_limit", "cpu_request", "pids_limit"):
        assert getattr(found, field) is None
    assert found.restart == found.log_driver == ""
    assert found.healthcheck is UNKNOWN  # the image may bring one
    assert found.ulimits == ()
    assert not any(found.is_set(field) for field in ("memory_limit", "restart", "healthcheck", "ulimits"))


def test_deploy_wins_over_the_older_key() -> None:
    found = box("mem_limit: 1g\n" + LIMITS.format("memory: 512m"))
    assert found.memory_limit == 512 << 20


def test_times_alone_leave_the_images_health_check() -> None:
    assert box("healthcheck:\n  interval: 5s").healthcheck is UNKNOWN


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ("nofile: 1024", ("nofile", 1024, 1024)),
        ("nofile: -1", ("nofile", -1, -1)),
        ("nofile:\n      soft: 1\n      hard: 2", ("nofile", 1, 2)),
    ],
)
def test_ulimits(body: str, limit: tuple[str, int, int]) -> None:
    found = box(f"ulimits:\n  {body}")
    assert isinstance(found.ulimits, tuple)
    assert [(one.name, one.soft, one.hard) for one in found.ulimits] == [limit]
    assert isinstance(found.ulimits[0], Ulimit)
    assert shown(found.at(found.ulimits[0])).startswith("compose.yaml:5:") or "soft" in body


@pytest.mark.parametrize("body", ["scale: 3", "deploy:\n  replicas: 3", "scale: '3'"])
def test_replicas(body: str) -> None:
    assert service(body).replicas == 3


def test_size_that_is_none_is_a_problem() -> None:
    reading = compose("services:\n  web:\n    image: a\n    mem_limit: much\n    pids_limit: few\n")
    assert messages(reading) == [
        "compose.yaml:4: expected a size like 512m, found 'much'",
        "compose.yaml:5: expected a whole number, found 'few'",
    ]
    assert reading.nouns[-1].containers[0].memory_limit is UNKNOWN
