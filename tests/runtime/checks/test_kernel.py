"""What reaches the shared kernel: RUN007, RUN008, RUN013."""

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

CASES = (
    # RUN007: sysctls
    fails(
        "RUN007",
        pod(spec="securityContext:\n  sysctls:\n    - name: kernel.msgmax\n      value: '65536'"),
        at="kernel.msgmax",
        severity="medium",
        fix="review",
    ),
    passes("RUN007", pod(spec="securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}")),
    passes("RUN007", pod(spec="securityContext: {sysctls: [{name: net/ipv4/tcp_syncookies, value: '1'}]}")),
    fails("RUN007", compose("sysctls:\n  net.core.somaxconn: 1024"), at="somaxconn", severity="low", fix="review"),
    passes("RUN007", compose("sysctls: ['net.ipv4.tcp_syncookies=1']")),
    fails("RUN007", stack("sysctls:\n  - net.core.somaxconn=1024"), at="somaxconn", fix="review"),
    passes("RUN007", stack()),
    fails(
        "RUN007",
        task('"systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}]'),
        at="somaxconn",
        fix="review",
    ),
    passes("RUN007", task()),
    fails("RUN007", docker('"Sysctls": {"net.core.somaxconn": "1024"}'), at="somaxconn"),
    passes("RUN007", docker('"Sysctls": {}')),
    fails("RUN007", podman(config='"CreateCommand": ["podman", "run", "--sysctl=kernel.sem=1", "web"]'), at="kernel"),
    passes("RUN007", podman()),
    fails("RUN007", quadlet("Sysctl=net.core.somaxconn=1024"), at="somaxconn", fix="review"),
    passes("RUN007", quadlet("Sysctl=net.ipv4.tcp_fin_timeout=30")),
    # RUN008: devices
    fails("RUN008", compose("devices:\n  - /dev/sda:/dev/xvda:rwm"), at="/dev/sda", severity="high", fix="review"),
    fails("RUN008", compose("devices: ['nvidia.com/gpu=all']"), at="nvidia", severity="low", fix="review"),
    passes("RUN008", compose()),
    fails("RUN008", task('"linuxParameters": {"devices": [{"hostPath": "/dev/mem"}]}'), at="/dev/mem", fix="review"),
    passes("RUN008", task()),
    silent("RUN008", task(launch="FARGATE")),
    fails("RUN008", docker('"Devices": [{"PathOnHost": "/dev/kvm", "PathInContainer": "/dev/kvm"}]'), at="/dev/kvm"),
    passes("RUN008", docker('"Devices": []')),
    fails("RUN008", podman('"Devices": [{"PathOnHost": "/dev/fuse"}]'), at="/dev/fuse", severity="low"),
    passes("RUN008", podman('"Devices": []')),
    fails("RUN008", quadlet("AddDevice=/dev/dri"), at="/dev/dri", severity="high", fix="review"),
    passes("RUN008", quadlet()),
    # RUN013: user namespaces
    fails("RUN013", pod(), at="    spec:", severity="low", fix="review", becomes="hostUsers: false"),
    passes("RUN013", pod(spec="hostUsers: false")),
    silent("RUN013", pod(spec="hostNetwork: true")),
    silent("RUN013", compose()),  # the daemon decides
    fails("RUN013", compose("userns_mode: host"), at="userns_mode", fix="review"),
    fails("RUN013", docker('"UsernsMode": ""'), at="UsernsMode"),
    passes("RUN013", docker(record='"LogPath": "/var/lib/docker/165536.165536/containers/4f66/4f66-json.log"')),
    fails("RUN013", podman('"UsernsMode": ""'), at="UsernsMode"),
    passes("RUN013", podman('"UsernsMode": "auto"')),
    silent("RUN013", quadlet()),
    fails("RUN013", quadlet("UserNS=host"), at="UserNS", fix="review"),
    passes("RUN013", quadlet("UserNS=auto")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
