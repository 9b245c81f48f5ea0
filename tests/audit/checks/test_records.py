"""Logs and waivers: AUD001 to AUD003."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    compose,
    docker,
    fails,
    passes,
    podman,
    quadlet,
    stack,
    task,
)

BOTH = {"checks": ("AUD001", "AUD003", "PRV001")}


def waived(value: str, until: str) -> Input:
    """A service with a waiver for PRV001."""
    return compose(f"privileged: {value}  # batten: ignore[PRV001] the driver needs it by platform until {until}")


CASES = (
    # AUD002: logs that go nowhere
    fails("AUD002", compose("logging:\n  driver: none"), at="driver: none", severity="medium", fix="safe"),
    passes("AUD002", compose("logging: {driver: journald}")),
    passes("AUD002", compose()),
    fails("AUD002", stack("logging: {driver: none}"), at="driver: none", fix="safe"),
    passes("AUD002", stack()),
    fails("AUD002", task(), at='"name": "web"', says="what it prints stays on the host"),
    fails("AUD002", task(launch="FARGATE"), at='"name": "web"', says="what it prints is lost on Fargate"),
    fails("AUD002", task(launch='EC2", "FARGATE'), at='"name": "web"', says="stays on the host and is lost on Fargate"),
    passes("AUD002", task('"logConfiguration": {"logDriver": "awslogs"}')),
    fails("AUD002", docker('"LogConfig": {"Type": "none"}'), at="LogConfig"),
    passes("AUD002", docker('"LogConfig": {"Type": "json-file"}')),
    fails("AUD002", podman('"LogConfig": {"Type": "none"}'), at="LogConfig"),
    passes("AUD002", podman('"LogConfig": {"Type": "journald"}')),
    fails("AUD002", quadlet("LogDriver=none"), at="LogDriver", fix="safe"),
    passes("AUD002", quadlet("LogDriver=journald")),
    # AUD001: waivers that hold no more
    fails(
        "AUD001",
        waived("true", "2026-10-31"),
        at="privileged",
        severity="high",
        says="expired on 2026-10-31",
        **BOTH,
    ),
    fails(
        "AUD001", compose("privileged: true  # batten: ignore[PRV001]"), at="privileged", says="not honoured", **BOTH
    ),
    passes("AUD001", waived("true", "2027-03-01"), **BOTH),
    # AUD003: waivers that match nothing
    fails("AUD003", waived("false", "2027-03-01"), at="privileged", severity="low", **BOTH),
    passes("AUD003", waived("true", "2027-03-01"), **BOTH),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
