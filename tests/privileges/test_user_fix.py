"""The user that a fix names, where a Dockerfile and a manifest both may."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from engine.support import write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      image: %s\n"
MADE = "FROM debian:13\nRUN useradd --uid 888 app\n"


def fixed(root: Path, files: dict[str, str]) -> dict[str, str]:
    """The lines that fixes of PRV002 and PRV003 add and take away, by path."""
    plan = api.fix([str(write(root, files))], Settings(checks=("PRV002", "PRV003")), review=True)
    changes = {}
    for patch in plan.patches:
        old, new = patch.before.data.decode().splitlines(), patch.after.data.decode().splitlines()
        changes[patch.path] = " ".join(
            [
                *(f"+{one.strip()}" for one in new if one not in old),
                *(f"-{one.strip()}" for one in old if one not in new),
            ]
        )
    return changes


BUILD = "services:\n  web:\n    build: .\n"


@pytest.mark.parametrize(
    ("dockerfile", "service", "changes"),
    [
        # the Dockerfile is at fault: it alone is mended
        ("FROM node:24\nCMD x\n", "", {"Dockerfile": "+USER 1000"}),
        (MADE, "", {"Dockerfile": "+USER 888"}),
        # the service is: what overrides the Dockerfile's user goes away
        (MADE + "USER app\n", '    user: "root"\n', {"compose.yaml": '-user: "root"'}),
        ("FROM debian:13\nUSER 777\n", "    user: 0:0\n", {"compose.yaml": "-user: 0:0"}),
        # both are: with one id
        (MADE, "    user: root\n", {"Dockerfile": "+USER 888", "compose.yaml": '+user: "888:888" -user: root'}),
    ],
)
def test_dockerfile_and_service_name_one_user(
    tmp_path: Path, dockerfile: str, service: str, changes: dict[str, str]
) -> None:
    assert fixed(tmp_path, {"Dockerfile": dockerfile, "compose.yaml": BUILD + service}) == changes


def test_an_argument_that_makes_root_of_it_is_overridden_with_the_dockerfiles_user(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM debian:13\nARG U=1000\nUSER $U\n",
        "compose.yaml": "services:\n  web:\n    build: {context: ., args: {U: root}}\n",
    }
    assert fixed(tmp_path, files) == {"compose.yaml": '+user: "1000:1000"'}


def test_a_service_of_another_stage_gets_the_same_user(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM node:24 AS dev\nFROM dev AS prod\nCMD x\n",
        "compose.yaml": "services:\n  web:\n    build: {context: ., target: dev}\n",
    }
    changes = fixed(tmp_path, files)
    assert changes == {"Dockerfile": "+USER 1000", "compose.yaml": '+user: "1000:1000"'}


@pytest.mark.parametrize("compose", [True, False])
def test_a_manifest_takes_the_user_of_the_dockerfile(tmp_path: Path, compose: bool) -> None:
    files = {"web/Dockerfile": MADE, "k8s/p.yaml": POD % "registry.example/web:1"}
    if compose:
        files["web/compose.yaml"] = BUILD + "    image: registry.example/web:1\n"
    changes = fixed(tmp_path, files)
    assert changes["web/Dockerfile"] == "+USER 888"
    assert "+runAsUser: 888" in changes["k8s/p.yaml"]


def test_a_platform_that_wants_a_number_gets_none_where_the_dockerfile_has_a_name(tmp_path: Path) -> None:
    files = {
        "web/Dockerfile": "FROM debian:13\nRUN useradd app\n",
        "web/compose.yaml": BUILD + "    image: registry.example/web:1\n",
        "k8s/p.yaml": POD % "registry.example/web:1",
    }
    assert fixed(tmp_path, files) == {"web/Dockerfile": "+USER app"}


@pytest.mark.parametrize(
    ("image", "summary"),
    [
        ("nginx:1.29", "run as uid 101"),
        ("registry.example/web:1", "run as uid 10001 (a guess: no user of the image is known)"),
    ],
)
def test_a_guess_is_called_one(tmp_path: Path, image: str, summary: str) -> None:
    report = api.scan([str(write(tmp_path, {"p.yaml": POD % image}))], Settings(checks=("PRV002",))).report
    assert [one.fix.summary for one in report.findings if one.fix] == [summary]


OPENED = "  securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: '0'}]}\n"


@pytest.mark.parametrize(
    ("more", "opened"),
    [
        ("      ports: [{containerPort: 80}, {containerPort: 443}]\n", True),
        ("      ports: [{containerPort: 8080}]\n", False),
        ("      ports: [{containerPort: 80}]\n  hostNetwork: true\n", False),
        ("      ports: [{containerPort: 80}]\n" + OPENED, False),
    ],
)
def test_who_is_no_longer_root_may_listen_where_root_did(tmp_path: Path, more: str, opened: bool) -> None:
    changes = fixed(tmp_path, {"pod.yaml": POD % "nginx:1.29" + more})["pod.yaml"]
    assert "+runAsUser: 101" in changes
    assert ("ip_unprivileged_port_start" in changes) == opened
    assert ('+value: "80"' in changes) == opened


CLAIM = "  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}, {name: tmp, emptyDir: {}}]\n"
SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers:
      - name: db
        image: postgres:16
        volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumeClaimTemplates:
  - metadata: {name: data}
"""


@pytest.mark.parametrize(
    ("text", "group"),
    [
        (POD % "postgres:16" + "      volumeMounts: [{name: data, mountPath: /data}]\n" + CLAIM, True),
        (POD % "postgres:16" + "      volumeMounts: [{name: data, mountPath: /data, readOnly: true}]\n" + CLAIM, False),
        (POD % "postgres:16" + "      volumeMounts: [{name: tmp, mountPath: /tmp}]\n" + CLAIM, False),
        (
            POD % "postgres:16"
            + "      volumeMounts: [{name: data, mountPath: /data}]\n"
            + CLAIM
            + "  securityContext: {fsGroup: 5}\n",
            False,
        ),
        (SET, True),
    ],
)
def test_who_is_no_longer_root_may_write_to_the_volumes_that_it_has(tmp_path: Path, text: str, group: bool) -> None:
    changes = fixed(tmp_path, {"pod.yaml": text})["pod.yaml"]
    assert "+runAsUser: 999" in changes
    assert ("+fsGroup: 999" in changes) == group


@pytest.mark.parametrize(
    ("dockerfile", "changes"),
    [
        ("FROM nginx:1.29\nCMD x\n", "+RUN chown -R 101:101 /run /var/cache/nginx +USER 101"),
        ("FROM httpd:2.4\n", "+RUN chown -R 33:33 /usr/local/apache2/logs +USER 33"),
        ("FROM nginx:1.29\nRUN chown 101 /run /var/cache/nginx\nCMD x\n", "+USER 101"),
        ("FROM registry.example/nginx:1.29\n", "+USER 10001"),
    ],
)
def test_a_dockerfile_gives_the_user_what_its_program_writes_to(tmp_path: Path, dockerfile: str, changes: str) -> None:
    assert fixed(tmp_path, {"Dockerfile": dockerfile}) == {"Dockerfile": changes}
