"""What confines the process: RUN001 to RUN006."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    compose,
    docker,
    fails,
    kube,
    mendable,
    passes,
    pod,
    podman,
    quadlet,
    service,
    silent,
    stack,
    task,
)

OTHER = Input("kubernetes", {"units/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"})

CASES = (
    # RUN001: seccomp off
    fails(
        "RUN001",
        pod("securityContext:\n  seccompProfile:\n    type: Unconfined"),
        at="Unconfined",
        severity="high",
        fix="review",
        becomes="type: RuntimeDefault",
    ),
    fails("RUN001", pod(spec="securityContext: {seccompProfile: {type: Unconfined}}"), at="Unconfined", fix="review"),
    fails(
        "RUN001",
        compose("security_opt: ['seccomp:./open.json']", **{"open.json": '{"defaultAction": "SCMP_ACT_ALLOW"}'}),
        at="open.json",
        says="the profile ./open.json filters nothing",
        fix="review",
    ),
    passes(
        "RUN001",
        compose("security_opt: ['seccomp:./own.json']", **{"own.json": '{"defaultAction": "SCMP_ACT_ERRNO"}'}),
    ),
    fails(
        "RUN001",
        docker('"SecurityOpt": ["seccomp={\\"defaultAction\\":\\"SCMP_ACT_ALLOW\\"}"]'),
        at="SecurityOpt",
    ),
    passes("RUN001", pod("securityContext: {seccompProfile: {type: Localhost, localhostProfile: web.json}}")),
    passes("RUN001", pod()),  # silence is RUN002's
    silent("RUN001", pod("securityContext: {privileged: true, seccompProfile: {type: Unconfined}}")),
    fails("RUN001", compose("security_opt:\n  - seccomp:unconfined"), at="seccomp:unconfined", fix="review"),
    passes("RUN001", compose("security_opt: ['no-new-privileges:true']")),
    silent("RUN001", stack()),
    fails("RUN001", service('"Privileges": {"Seccomp": {"Mode": "unconfined"}}'), at="unconfined"),
    passes("RUN001", service('"Privileges": {"Seccomp": {"Mode": "default"}}')),
    silent("RUN001", task()),
    fails("RUN001", docker('"SecurityOpt": ["seccomp=unconfined"]'), at="seccomp=unconfined"),
    passes("RUN001", docker('"SecurityOpt": null')),
    fails("RUN001", podman('"SecurityOpt": ["seccomp=unconfined"]'), at="seccomp=unconfined"),
    passes("RUN001", podman('"SecurityOpt": []')),
    fails("RUN001", quadlet("SeccompProfile=unconfined"), at="SeccompProfile", fix="review"),
    passes("RUN001", quadlet("SeccompProfile=/etc/web.json")),
    # RUN002: no seccomp profile
    fails("RUN002", pod(), at="- name: web", severity="medium", fix="review", becomes="type: RuntimeDefault"),
    passes("RUN002", pod(spec="securityContext: {seccompProfile: {type: RuntimeDefault}}")),
    silent("RUN002", pod() + kube()),  # Podman has a default profile
    fails("RUN002", pod() + kube("other.yaml") + OTHER, at="- name: web", fix="review", becomes="type: RuntimeDefault"),
    passes("RUN002", pod("securityContext: {seccompProfile: {type: RuntimeDefault}}")),
    passes("RUN002", pod("securityContext: {seccompProfile: {type: Unconfined}}")),  # RUN001's
    silent("RUN002", compose()),  # the engine applies its own
    # RUN003: AppArmor off
    fails(
        "RUN003",
        pod("securityContext:\n  appArmorProfile:\n    type: Unconfined"),
        at="Unconfined",
        severity="high",
        fix="review",
    ),
    passes("RUN003", pod("securityContext: {appArmorProfile: {type: RuntimeDefault}}")),
    fails("RUN003", compose("security_opt: ['apparmor:unconfined']"), at="apparmor:unconfined", fix="review"),
    passes("RUN003", compose()),
    fails("RUN003", service('"Privileges": {"AppArmor": {"Mode": "disabled"}}'), at="disabled"),
    passes("RUN003", service()),
    fails("RUN003", task('"dockerSecurityOptions": ["apparmor:unconfined"]'), at="unconfined", fix="review"),
    passes("RUN003", task()),
    silent("RUN003", task(launch="FARGATE")),
    fails("RUN003", docker(record='"AppArmorProfile": "unconfined"'), at="AppArmorProfile"),
    passes("RUN003", docker(record='"AppArmorProfile": "docker-default"')),
    fails("RUN003", podman('"SecurityOpt": ["apparmor=unconfined"]'), at="apparmor=unconfined"),
    passes("RUN003", podman(record='"AppArmorProfile": "containers-default-0.57.4"')),
    fails("RUN003", quadlet("PodmanArgs=--security-opt apparmor=unconfined"), at="apparmor", fix="review"),
    passes("RUN003", quadlet("AppArmor=web")),
    # RUN004: no AppArmor profile named
    fails("RUN004", pod(), at="- name: web", severity="low", fix="review", becomes="appArmorProfile"),
    passes("RUN004", pod("securityContext: {appArmorProfile: {type: RuntimeDefault}}")),
    silent("RUN004", pod(spec="os: {name: windows}")),
    silent("RUN004", compose()),  # the engine applies its own
    # RUN005: SELinux changed
    fails(
        "RUN005",
        pod("securityContext:\n  seLinuxOptions:\n    type: spc_t"),
        at="seLinuxOptions",
        severity="high",
        says="spc_t",
        fix="review",
    ),
    fails(
        "RUN005",
        pod("securityContext:\n  seLinuxOptions: {user: sysadm_u, role: sysadm_r}"),
        at="seLinuxOptions",
        count=2,
        fix="review",
    ),
    passes("RUN005", pod("securityContext: {seLinuxOptions: {type: container_t, level: 's0:c1,c2'}}")),
    fails("RUN005", compose("security_opt:\n  - label:disable"), at="label:disable", fix="review"),
    passes("RUN005", compose("security_opt: ['label:level:s0:c1,c2']")),
    fails("RUN005", service('"Privileges": {"SELinuxContext": {"Disable": true}}'), at="SELinuxContext"),
    passes("RUN005", service('"Privileges": {"SELinuxContext": null}')),
    fails("RUN005", task('"dockerSecurityOptions": ["label:type:web_t"]'), at="label:type", fix="review"),
    passes("RUN005", task()),
    fails("RUN005", docker('"SecurityOpt": ["label=disable"]'), at="label=disable"),
    passes("RUN005", docker('"SecurityOpt": null')),
    fails("RUN005", podman('"SecurityOpt": ["label=disable"]'), at="label=disable"),
    passes("RUN005", podman('"SecurityOpt": []')),
    fails("RUN005", quadlet("SecurityLabelDisable=true"), at="SecurityLabelDisable", fix="review"),
    passes("RUN005", quadlet("SecurityLabelLevel=s0:c1,c2")),
    # RUN006: /proc open
    fails(
        "RUN006",
        pod("securityContext:\n  procMount: Unmasked", "hostUsers: false"),
        at="procMount: Unmasked",
        severity="high",
        fix="review",
    ),
    passes("RUN006", pod("securityContext: {procMount: Default}")),
    fails("RUN006", compose("security_opt: ['systempaths=unconfined']"), at="systempaths", fix="review"),
    passes("RUN006", compose()),
    fails("RUN006", docker('"MaskedPaths": []'), at="MaskedPaths"),
    passes("RUN006", docker('"MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/kcore"]')),
    fails("RUN006", podman('"SecurityOpt": ["unmask=all"]'), at="unmask=all"),
    passes("RUN006", podman('"SecurityOpt": []')),
    fails("RUN006", quadlet("Unmask=ALL"), at="Unmask", fix="review"),
    passes("RUN006", quadlet()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
