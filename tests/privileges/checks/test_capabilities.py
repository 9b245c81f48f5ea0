"""Kernel capabilities: PRV005 to PRV007."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    assert_mends,
    compose,
    docker,
    fails,
    mendable,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)

DROPPED = '"linuxParameters": {"capabilities": {"drop": ["ALL"]}}'

CASES = (
    # PRV005: dangerous capabilities
    fails(
        "PRV005",
        pod("securityContext:\n  capabilities:\n    add: [NET_BIND_SERVICE, SYS_ADMIN]  # for mounts"),
        at="add: [",
        severity="critical",
        says="SYS_ADMIN",
        fix="review",
        becomes="[NET_BIND_SERVICE]  # for mounts",
    ),
    fails(
        "PRV005",
        pod("securityContext:\n  capabilities:\n    add:\n      - CAP_SYS_PTRACE\n      - NET_RAW"),
        at="add:",
        severity="high",
        says="SYS_PTRACE",
        fix="review",
    ),
    passes("PRV005", pod()),
    passes("PRV005", pod("securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}")),
    silent("PRV005", pod("securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}")),
    fails("PRV005", compose("cap_add:\n  - NET_ADMIN\n  - CHOWN"), at="cap_add", severity="high", fix="review"),
    fails("PRV005", compose("cap_add: [all]"), at="cap_add", severity="critical", says="ALL", fix="review"),
    passes("PRV005", compose("cap_add: [CHOWN]")),
    fails("PRV005", stack("cap_add: [CAP_SYS_MODULE]"), at="cap_add", severity="critical", fix="review"),
    passes("PRV005", stack()),
    fails(
        "PRV005",
        task('"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}}'),
        at="SYS_ADMIN",
        severity="critical",
        fix="review",
    ),
    passes("PRV005", task(DROPPED)),
    fails("PRV005", docker('"CapAdd": ["CAP_BPF"]'), at="CapAdd", severity="high"),
    passes("PRV005", docker('"CapAdd": null')),
    fails("PRV005", podman('"CapAdd": ["CAP_SYS_RAWIO"]'), at="CapAdd", severity="critical"),
    passes("PRV005", podman('"CapAdd": []')),
    fails(
        "PRV005",
        quadlet("AddCapability=SYS_TIME CHOWN"),
        at="AddCapability",
        severity="high",
        fix="review",
        becomes="AddCapability=CHOWN",
    ),
    passes("PRV005", quadlet("AddCapability=CHOWN")),
    # PRV006: others beyond the default set
    fails(
        "PRV006",
        pod("securityContext: {capabilities: {add: [IPC_LOCK, CHOWN]}}"),
        at="IPC_LOCK",
        severity="medium",
        fix="review",
    ),
    passes("PRV006", pod("securityContext: {capabilities: {add: [NET_RAW]}}")),
    passes("PRV006", pod("securityContext: {capabilities: {add: [SYS_ADMIN]}}")),  # PRV005's
    fails("PRV006", compose("cap_add:\n  - SYS_NICE"), at="cap_add", fix="review"),
    passes("PRV006", compose("cap_add: [KILL]")),
    fails("PRV006", stack("cap_add: [SYS_NICE]"), at="cap_add", fix="review"),
    passes("PRV006", stack("cap_add: [KILL]")),
    fails("PRV006", task('"linuxParameters": {"capabilities": {"add": ["IPC_LOCK"]}}'), at="IPC_LOCK", fix="review"),
    passes("PRV006", task(DROPPED)),
    fails("PRV006", docker('"CapAdd": ["IPC_LOCK"]'), at="CapAdd"),
    passes("PRV006", docker('"CapAdd": ["NET_RAW"]')),
    fails("PRV006", podman('"CapAdd": ["CAP_LEASE"]'), at="CapAdd"),
    passes("PRV006", podman('"CapAdd": []')),
    fails("PRV006", quadlet("AddCapability=CAP_IPC_LOCK"), at="AddCapability", fix="review"),
    passes("PRV006", quadlet()),
    # PRV007: what the engine gives by itself
    fails("PRV007", pod(), at="- name: web", severity="medium", fix="review", becomes="drop:"),
    fails(
        "PRV007",
        pod("securityContext:\n  capabilities:\n    drop: [NET_RAW]  # no forged packets"),
        at="drop: [NET_RAW]",
        says="13 default capabilities",
        fix="review",
        becomes="ALL",
    ),
    passes("PRV007", pod("securityContext: {capabilities: {drop: [all]}}")),
    passes("PRV007", pod("securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}")),
    silent("PRV007", pod(spec="os: {name: windows}")),
    fails("PRV007", compose(), at="  web:", fix="review", becomes="cap_drop"),
    passes("PRV007", compose("cap_drop: [ALL]")),
    fails("PRV007", stack(), at="  web:", fix="review"),
    passes("PRV007", stack("cap_drop:\n  - ALL")),
    fails("PRV007", task(), at='"name": "web"', fix="review", becomes='"drop"'),
    passes("PRV007", task(DROPPED)),
    fails("PRV007", docker('"CapDrop": null'), at="CapDrop"),
    passes("PRV007", docker('"CapDrop": ["ALL"]')),
    fails("PRV007", podman('"CapDrop": []'), at="CapDrop"),
    passes("PRV007", podman('"CapDrop": ["CAP_CHOWN"]', record='"BoundingCaps": ["CAP_NET_BIND_SERVICE"]')),
    fails("PRV007", quadlet(), at="[Container]", fix="review", becomes="DropCapability="),
    passes("PRV007", quadlet("DropCapability=all")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
