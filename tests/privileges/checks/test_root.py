"""Who the process is: PRV001 to PRV004."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    assert_mends,
    compose,
    docker,
    dockerfile,
    fails,
    findings,
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

NON_ROOT = "securityContext: {runAsNonRoot: true, runAsUser: 10001}"

SERVER = "mcr.microsoft.com/windows/servercore:ltsc2025"
ON_WINDOWS = "nodeSelector: {kubernetes.io/os: windows}"
WINDOWS = (
    (ON_WINDOWS, "x:1"),
    ("nodeSelector: {beta.kubernetes.io/os: windows}", "x:1"),
    ("", SERVER),
    ("", "golang:1.25-nanoserver"),
    ("", "mcr.microsoft.com/dotnet/framework/aspnet:4.8"),
)

MADE_USER = "FROM debian:13-slim\nRUN {made}\nCOPY --chown=app:app . .\nCMD web\n"


def mended_as(user: str, text: str) -> Case:
    last = text[text.rindex("FROM ") :].partition("\n")[0]
    return fails("PRV002", dockerfile(text), at=last, fix="review", becomes=user)


CASES = (
    # PRV001: privileged
    fails(
        "PRV001",
        pod("securityContext:\n  privileged: true  # for the driver"),
        at="privileged: true",
        severity="critical",
        fix="review",
    ),
    fails("PRV001", pod("securityContext: {privileged: yes}"), at="privileged: yes", fix="review"),
    passes("PRV001", pod("securityContext:\n  privileged: false")),
    passes("PRV001", pod()),
    fails("PRV001", compose("privileged: true"), at="privileged: true", fix="review"),
    passes("PRV001", compose()),
    silent("PRV001", stack("privileged: true")),  # a swarm cannot start one
    fails("PRV001", task('"privileged": true'), at='"privileged": true', fix="review"),
    passes("PRV001", task('"privileged": false')),
    silent("PRV001", task(launch="FARGATE")),
    fails("PRV001", docker('"Privileged": true'), at='"Privileged": true', severity="critical"),
    passes("PRV001", docker('"Privileged": false')),
    fails("PRV001", podman('"Privileged": true'), at='"Privileged": true'),
    passes("PRV001", podman('"Privileged": false')),
    fails("PRV001", quadlet("PodmanArgs=--privileged"), at="--privileged", fix="review"),
    passes("PRV001", quadlet()),
    # PRV002: nothing says that it is not root
    fails(
        "PRV002",
        pod("ports: [{containerPort: 8080}]"),
        at="- name: web",
        severity="high",
        fix="review",
        becomes="runAsUser: 10001",
    ),
    fails("PRV002", compose("user: ${WHO}"), at="user:", severity="high", says="variable that has no value here"),
    fails("PRV002", stack("user: $WHO"), at="user:", severity="high", says="variable that has no value here"),
    passes("PRV002", compose("user: ${WHO}", __env="WHO=1000\n")),
    passes("PRV002", pod(NON_ROOT)),
    passes("PRV002", pod(spec=NON_ROOT)),
    passes("PRV002", pod("securityContext: {runAsNonRoot: true}")),
    silent("PRV002", pod(spec="os: {name: windows}")),
    # in a user namespace root is nobody on the host, and a kept id is not root
    fails("PRV002", pod(spec="hostUsers: false"), at="- name: web", severity="medium", fix="review"),
    fails(
        "PRV003",
        pod("securityContext: {runAsUser: 0}", "hostUsers: false"),
        at="runAsUser",
        severity="medium",
        fix="review",
    ),
    passes("PRV002", quadlet("UserNS=keep-id")),
    passes("PRV002", quadlet("UserNS=keep-id:uid=200,gid=210")),
    fails("PRV003", quadlet("UserNS=keep-id:uid=0"), at="UserNS", severity="medium", fix="review"),
    fails("PRV003", quadlet("UserNS=keep-id\nUser=0"), at="User=0", severity="medium", fix="review"),
    fails("PRV002", quadlet("UserNS=auto"), at="[Container]", severity="medium", fix="review"),
    # Windows
    fails(
        "PRV002",
        pod(spec="os: {name: windows}", image=SERVER),
        at="- name: web",
        severity="high",
        fix="review",
        becomes="runAsUserName: ContainerUser",
    ),
    passes("PRV002", pod(spec="os: {name: windows}", image="mcr.microsoft.com/windows/nanoserver:ltsc2025")),
    passes("PRV002", pod("securityContext: {runAsNonRoot: true}", "os: {name: windows}", image=SERVER)),
    passes("PRV002", pod("securityContext: {windowsOptions: {runAsUserName: ContainerUser}}", image=SERVER)),
    *(
        fails(
            "PRV003",
            pod(spec=spec, image=image),
            at="runAsUserName",
            severity="high",
            fix="review",
            becomes="runAsUserName: ContainerUser",
        )
        for image in (SERVER, "x:1")
        for spec in (
            "os: {name: windows}\nsecurityContext:\n  windowsOptions:\n    runAsUserName: ContainerAdministrator",
            f"{ON_WINDOWS}\nsecurityContext:\n  windowsOptions:\n    runAsUserName: NT AUTHORITY\\SYSTEM",
        )
    ),
    passes(
        "PRV003",
        pod("securityContext: {windowsOptions: {runAsUserName: ContainerAdministrator}}", "os: {name: linux}"),
    ),
    fails("PRV002", dockerfile(f"FROM {SERVER}\nRUN x\n"), at="FROM", fix="review", becomes="USER ContainerUser"),
    fails(
        "PRV002",
        pod(spec="os: {name: windows}", image="mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"),
        at="- name: web",
        fix="",
    ),
    passes("PRV002", dockerfile("FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nRUN x\n")),
    fails(
        "PRV003",
        dockerfile(f"FROM {SERVER}\nUSER ContainerAdministrator\n"),
        at="USER",
        fix="review",
        becomes="USER ContainerUser",
    ),
    fails(
        "PRV003",
        dockerfile(f'FROM {SERVER}\nUSER "NT AUTHORITY\\\\SYSTEM"\n'),
        at="USER",
        fix="review",
        becomes="ContainerUser",
    ),
    passes("PRV003", dockerfile(f"FROM {SERVER}\nUSER ContainerUser\n")),
    fails(
        "PRV003",
        compose("user: ContainerAdministrator", image=SERVER),
        at="user:",
        fix="review",
        becomes="user: ContainerUser",
    ),
    *(silent("PRV004", pod(spec=spec, image=image)) for spec, image in WINDOWS),
    fails("PRV002", compose("read_only: true"), at="  web:", fix="review", becomes='user: "10001:10001"'),
    passes("PRV002", compose("user: '10001'")),
    passes("PRV002", compose("user: nobody")),
    fails("PRV002", stack(), at="  web:", fix="review"),
    passes("PRV002", stack("user: '10001'")),
    fails("PRV002", task(), at='"name": "web"', fix="review", becomes='"user": "10001:10001"'),
    passes("PRV002", task('"user": "10001"')),
    fails("PRV003", docker(config='"User": ""'), at='"User"', severity="high", says="the image runs as root"),
    passes("PRV002", docker(config='"User": ""')),  # it is root for certain, which is the other's
    passes("PRV002", docker(config='"User": "10001:10001"')),
    fails("PRV003", podman(config='"User": ""'), at='"User"', says="the image runs as root"),
    passes("PRV002", podman(config='"User": ""')),
    passes("PRV002", podman(config='"User": "10001"')),
    fails("PRV002", quadlet("ReadOnly=true"), at="[Container]", fix="review", becomes="User=10001"),
    passes("PRV002", quadlet("User=10001\nGroup=10001")),
    fails(
        "PRV002",
        dockerfile(
            """
            # the shop
            FROM debian:13-slim
            COPY web /usr/local/bin/web
            CMD ["web"]
            """
        ),
        at="FROM debian",
        severity="high",
        fix="review",
        becomes="USER 10001",
    ),
    passes("PRV002", dockerfile("FROM debian:13-slim\nUSER 10001:10001\nCMD web\n")),
    # the image is not root, those that stand on it are
    fails(
        "PRV003",
        dockerfile("FROM debian:13\nUSER 1000\nONBUILD USER app\nONBUILD USER root\n"),
        at="ONBUILD USER root",
        says="in the builds that stand on this image",
        fix="review",
        becomes="ONBUILD USER 10001",
    ),
    passes("PRV003", dockerfile("FROM debian:13\nUSER 1000\nONBUILD USER root\nONBUILD USER app\n")),
    # root by another name
    *(
        fails(
            "PRV003",
            dockerfile(f"FROM debian:13\nRUN {command}\nUSER app\n"),
            at="USER app",
            says="the user app has uid 0",
            fix="review",
            becomes="USER 10001",
        )
        for command in (
            "useradd -u 0 -o app",
            "apt-get update && useradd -ou 0 app",
            "adduser -D --uid=0 app",
            "useradd app && usermod -o -u 0 app",
            "true && echo 'app:x:0:0::/:/bin/sh' >> /etc/passwd",
        )
    ),
    fails(
        "PRV003",
        dockerfile("FROM debian:13 AS a\nRUN useradd -o -u 0 app\nFROM a\nUSER app\n"),
        at="USER",
        fix="review",
    ),
    passes("PRV003", dockerfile("FROM debian:13\nRUN useradd -u 1000 -g 0 app\nUSER app\n")),
    passes("PRV003", dockerfile("FROM debian:13 AS a\nRUN useradd -o -u 0 app\nFROM debian:13\nUSER app\n")),
    # the user that the image has for its program
    mended_as("USER 1234", MADE_USER.format(made="useradd -r -u 1234 app && useradd -u 1300 other")),
    mended_as("USER 1234", MADE_USER.format(made="adduser -D -u 1234 app")),
    mended_as("USER app", MADE_USER.format(made="useradd --system app")),
    mended_as("USER app", MADE_USER.format(made="useradd -u $APP_UID app")),
    mended_as("USER 10001", MADE_USER.format(made="useradd -o -u 0 app")),
    mended_as("USER 1200", "FROM debian:13-slim\nRUN useradd -u 1200 app\nCMD web\n"),
    mended_as("USER 10001", "FROM debian:13-slim AS build\nRUN useradd -u 1200 app\nFROM debian:12\nCMD web\n"),
    mended_as("USER 1200", "FROM debian:13-slim AS base\nRUN useradd -u 1200 app\nFROM base\nCMD web\n"),
    mended_as("USER 1300", "FROM debian:13-slim\nCOPY --chown=1300:1300 . .\nCMD web\n"),
    mended_as("USER 1000", "FROM node:24-slim\nCMD node\n"),
    mended_as("USER 70", "FROM postgres:18-alpine\n"),
    # images that are known to start as another user, on every platform; one of the name from elsewhere is not known
    *(
        passes("PRV002", given(image=image))
        for given in (pod, compose, stack, task, quadlet)
        for image in ("gcr.io/distroless/static:nonroot", "nginxinc/nginx-unprivileged", "cgr.dev/chainguard/nginx")
    ),
    fails("PRV002", pod(image="registry.example/chainguard/nginx"), at="- name: web", fix="review"),
    fails(
        "PRV003",
        compose("user: root", image="grafana/grafana:12.1.0"),
        at="user: root",
        fix="review",
        becomes='user: "472:472"',
    ),
    fails(
        "PRV003",
        dockerfile("FROM nginxinc/nginx-unprivileged\nUSER root\n"),
        at="USER",
        fix="review",
        becomes="USER 101",
    ),
    fails("PRV002", pod(image="nginx:1.29"), at="- name: web", fix="review", becomes="runAsUser: 101"),
    fails("PRV002", pod(image="registry.example/nginx:1.29"), at="- name: web", fix="review", becomes="User: 10001"),
    fails("PRV002", compose(image="postgres:18"), at="  web:", fix="review", becomes='user: "999:999"'),
    fails(
        "PRV003",
        pod(spec="securityContext:\n  runAsUser: 0", image="nginx:1.29"),
        at="runAsUser: 0",
        fix="review",
        becomes="runAsUser: 10001",  # said for the whole pod
    ),
    # PRV003: root in so many words
    fails(
        "PRV003",
        pod("securityContext:\n  runAsUser: 0"),
        at="runAsUser: 0",
        severity="high",
        fix="review",
        becomes="runAsUser: 10001",
    ),
    fails("PRV003", pod(spec="securityContext:\n  runAsUser: 0"), at="runAsUser: 0", fix="review"),
    passes("PRV003", pod("securityContext: {runAsUser: 10001}", "securityContext: {runAsUser: 0}")),
    passes("PRV003", pod()),
    fails("PRV003", compose("user: root"), at="user: root", fix="review"),
    fails("PRV003", compose('user: "0:0"'), at="0:0", fix="review"),
    passes("PRV003", compose("user: '10001'")),
    fails("PRV003", stack("user: root"), at="user: root", fix="review"),
    passes("PRV003", stack("user: '10001'")),
    fails("PRV003", task('"user": "root"'), at='"user"', fix="review"),
    passes("PRV003", task('"user": "10001"')),
    fails("PRV003", docker(config='"User": "0"'), at='"User"'),
    passes("PRV003", docker(config='"User": "10001"')),
    fails("PRV003", podman(config='"User": "root"'), at='"User"'),
    passes("PRV003", podman(config='"User": "10001"')),
    fails("PRV003", quadlet("User=0"), at="User=0", fix="review", becomes="User=10001"),
    passes("PRV003", quadlet("User=10001")),
    fails(
        "PRV003",
        dockerfile("# the shop\nFROM debian:13-slim\nUSER web\nRUN true\nUSER root\nCMD web\n"),
        at="USER root",
        severity="high",
        fix="review",
    ),
    passes("PRV003", dockerfile("FROM debian:13-slim\nUSER root\nRUN true\nUSER 10001\nCMD web\n")),
    # PRV004: no_new_privs
    fails(
        "PRV004",
        pod("securityContext:\n  allowPrivilegeEscalation: true"),
        at="allowPrivilegeEscalation: true",
        severity="high",
        fix="review",
        becomes="allowPrivilegeEscalation: false",
    ),
    fails("PRV004", pod(), at="- name: web", fix="review"),
    passes("PRV004", pod("securityContext:\n  allowPrivilegeEscalation: false")),
    silent("PRV004", pod("securityContext: {privileged: true}")),  # PRV001's
    fails("PRV004", compose(), at="  web:", fix="review", becomes="no-new-privileges:true"),
    fails("PRV004", compose("security_opt: ['no-new-privileges:false']"), at="security_opt", fix="review"),
    passes("PRV004", compose("security_opt:\n  - no-new-privileges:true")),
    silent("PRV004", stack()),  # a stack has no word for it
    fails("PRV004", service('"Privileges": {"NoNewPrivileges": false}'), at="NoNewPrivileges"),
    passes("PRV004", service('"Privileges": {"NoNewPrivileges": true}')),
    fails(
        "PRV004",
        task('"dockerSecurityOptions": ["apparmor:web"]'),
        at='"name": "web"',
        fix="review",
        becomes="no-new-privileges",
    ),
    passes("PRV004", task('"dockerSecurityOptions": ["no-new-privileges"]')),
    silent("PRV004", task(launch="FARGATE")),
    fails("PRV004", docker('"SecurityOpt": null'), at='"SecurityOpt"', severity="high"),
    passes("PRV004", docker('"SecurityOpt": ["no-new-privileges"]')),
    fails("PRV004", podman('"SecurityOpt": []'), at='"SecurityOpt"'),
    passes("PRV004", podman('"SecurityOpt": ["no-new-privileges"]')),
    fails("PRV004", quadlet(), at="[Container]", fix="review", becomes="NoNewPrivileges=true"),
    passes("PRV004", quadlet("NoNewPrivileges=true")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)


def test_what_a_variable_decides_is_told_with_low_confidence() -> None:
    [finding] = findings(compose("user: ${WHO}").files, "PRV002")
    assert (finding.confidence, finding.fix) == ("low", None)
