"""Ways in that nobody needs: SUR001 to SUR003."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    compose,
    docker,
    dockerfile,
    fails,
    manifest,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)

CASES = (
    # SUR001: remote shells that are offered
    fails(
        "SUR001",
        pod("ports:\n  - containerPort: 22"),
        at="containerPort: 22",
        severity="medium",
        says="SSH",
        fix="review",
    ),
    fails(
        "SUR001",
        pod("ports:\n  - {containerPort: 22, hostPort: 22}"),
        at="containerPort: 22",
        severity="high",
        fix="review",
    ),
    passes("SUR001", pod("ports: [{containerPort: 8080}]")),
    fails("SUR001", compose('ports: ["2222:22"]'), at="2222:22", severity="high", fix="review"),
    passes("SUR001", compose('ports: ["8080:80"]')),
    fails("SUR001", stack('ports: ["5900:5900"]'), at="5900", says="VNC", fix="review"),
    passes("SUR001", stack()),
    fails(
        "SUR001",
        task('"portMappings": [{"containerPort": 22}]', '"networkMode": "awsvpc"'),
        at="22",
        severity="medium",
        fix="review",
    ),
    passes("SUR001", task()),
    fails("SUR001", docker('"PortBindings": {"22/tcp": [{"HostIp": "", "HostPort": "2222"}]}'), at="22/tcp"),
    passes("SUR001", docker()),
    fails(
        "SUR001", podman('"PortBindings": {"23/tcp": [{"HostIp": "", "HostPort": "23"}]}'), at="23/tcp", says="telnet"
    ),
    passes("SUR001", podman()),
    fails("SUR001", quadlet("PublishPort=2222:22"), at="PublishPort", fix="review"),
    passes("SUR001", quadlet("PublishPort=8080:80")),
    fails(
        "SUR001",
        dockerfile("FROM debian:13\nEXPOSE 80 22\n"),
        at="EXPOSE",
        severity="medium",
        fix="review",
        becomes="EXPOSE 80\n",
    ),
    passes("SUR001", dockerfile("FROM debian:13\nEXPOSE 8080\n")),
    # SUR002: containers for debugging
    fails(
        "SUR002",
        manifest(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              containers: [{name: web, image: "registry.example/shop/web:1.4"}]
              ephemeralContainers:
                - name: debugger
                  image: busybox:1.37
            """
        ),
        at="name: debugger",
        severity="low",
    ),
    passes("SUR002", pod()),
    # SUR003: daemons for remote login
    fails(
        "SUR003",
        dockerfile("FROM debian:13\nONBUILD RUN apt-get install -y openssh-server\n"),
        at="openssh",
        says="in the builds that stand on this image",
    ),
    fails(
        "SUR003", dockerfile("FROM debian:13\nRUN apt-get install -y openssh-server\n"), at="openssh", severity="medium"
    ),
    passes("SUR003", dockerfile("FROM debian:13\nRUN apt-get install -y openssh-client\n")),
    passes(
        "SUR003", dockerfile("FROM debian:13 AS dev\nRUN apt-get install -y openssh-server\nFROM debian:13\nRUN true\n")
    ),
    silent("SUR003", dockerfile("FROM debian:13\nCMD web\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
