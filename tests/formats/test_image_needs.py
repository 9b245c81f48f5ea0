"""What well-known images cannot do without is not taken away by a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import Proposal
from batten.model.settings import Settings
from engine.support import write

SOCKET = "    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n"


def proposals(root: Path, image: str, more: str = "") -> dict[str, Proposal]:
    text = f"services:\n  web:\n    image: {image}\n{more}"
    plan = api.fix([str(write(root, {"compose.yaml": text}))], Settings(as_of="2026-11-01"), review=True)
    return {one.finding.check: one for one in plan.proposals}


@pytest.mark.parametrize(
    ("image", "more"),
    [
        ("portainer/portainer-ce:2.21.4", SOCKET),
        ("containrrr/watchtower", SOCKET),
        ("traefik:3.2", "    command: --providers.docker --providers.docker.exposedbydefault=false\n" + SOCKET),
    ],
)
def test_who_works_through_the_engines_socket_keeps_it(tmp_path: Path, image: str, more: str) -> None:
    found = proposals(tmp_path, image, more)["PRV008"]
    assert not found.applied
    assert found.reason.startswith("web does its work through it")


@pytest.mark.parametrize("image", ["traefik:3.2", "registry.example/portainer/portainer-ce:2"])
def test_from_others_the_socket_is_taken(tmp_path: Path, image: str) -> None:
    assert proposals(tmp_path, image, SOCKET)["PRV008"].applied


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        ("lscr.io/linuxserver/wireguard:1.0", True),
        ("pihole/pihole:2025.11.0", True),
        ("gitea/gitea:1.24", True),
        ("gitea/gitea:1.24-rootless", False),
        ("registry.example/web:1", False),
    ],
)
def test_who_must_start_as_root_does(tmp_path: Path, image: str, kept: bool) -> None:
    found = proposals(tmp_path, image)
    told = {check: "starts as root and gives it up" in one.reason for check, one in found.items()}
    assert {check for check in ("PRV002", "PRV007", "RUN009") if told.get(check)} == (
        {"PRV002", "PRV007", "RUN009"} if kept else set()
    )
    assert found["PRV004"].applied
    assert found["RUN010"].applied


@pytest.mark.parametrize(
    ("image", "name", "kept"),
    [
        ("lscr.io/linuxserver/wireguard:1.0", "NET_ADMIN", True),
        ("qmcgaw/gluetun:v3", "NET_ADMIN", True),
        ("qmcgaw/gluetun:v3", "SYS_ADMIN", False),
        ("registry.example/web:1", "NET_ADMIN", False),
    ],
)
def test_who_sets_up_networks_keeps_the_capability_for_that(tmp_path: Path, image: str, name: str, kept: bool) -> None:
    found = proposals(tmp_path, image, f"    cap_add: [{name}]\n")
    one = found.get("PRV005") or found["PRV006"]
    assert one.applied != kept
    assert ("sets up networks" in one.reason) == kept


def test_docker_in_docker_stays_privileged(tmp_path: Path) -> None:
    assert not proposals(tmp_path, "docker:28-dind", "    privileged: true\n")["PRV001"].applied
    assert proposals(tmp_path, "docker:28-cli", "    privileged: true\n")["PRV001"].applied


def test_who_watches_the_node_goes_on_doing_so(tmp_path: Path) -> None:
    more = "    privileged: true\n    pid: host\n    network_mode: host\n    volumes: ['/:/host', '/proc:/host/proc']\n"
    found = proposals(tmp_path, "newrelic/infrastructure:1.50", more)
    kept = {check for check, one in found.items() if one.reason.startswith("it watches the node")}
    assert kept == {"PRV001", "PRV002", "PRV009", "PRV011", "NET001", "RUN009"}
    assert found["RUN010"].applied


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ('["sh", "-c", "chown -R 999 /data && exec web"]', {"PRV002", "PRV007"}),
        ('["sh", "-c", "apk add curl && exec web"]', {"PRV002", "PRV007", "RUN009"}),
        ("sysctl -w vm.max_map_count=262144", {"PRV002", "PRV005", "PRV007"}),
        ("sysctl -a", set()),
        ("echo chown", set()),
    ],
)
def test_what_the_command_can_only_do_as_root_it_may_do(tmp_path: Path, command: str, kept: set[str]) -> None:
    found = proposals(tmp_path, "registry.example/web:1", f"    command: {command}\n    cap_add: [SYS_ADMIN]\n")
    assert {check for check, one in found.items() if "its command runs" in one.reason} == kept


@pytest.mark.parametrize(
    ("image", "limit"),
    [("mcr.microsoft.com/mssql/server:2022-latest", "2g"), ("mysql:8.4", "1g"), ("registry.example/mysql:8", "512m")],
)
def test_a_limit_of_memory_is_not_below_what_the_program_needs(tmp_path: Path, image: str, limit: str) -> None:
    (_, edit), *_ = proposals(tmp_path, image)["RUN010"].edits
    assert getattr(edit, "value", None) == limit


DRIVER = """\
apiVersion: v1
kind: Pod
metadata: {name: driver}
spec:
  containers:
  - name: driver
    image: registry.example/csi:1
    securityContext: {privileged: true}
    volumeMounts: [{name: pods, mountPath: /var/lib/kubelet/pods, mountPropagation: %s}]
  volumes: [{name: pods, hostPath: {path: /var/lib/kubelet/pods}}]
"""


@pytest.mark.parametrize(("propagation", "kept"), [("Bidirectional", True), ("HostToContainer", False)])
def test_who_mounts_for_others_stays_privileged(tmp_path: Path, propagation: str, kept: bool) -> None:
    plan = api.fix([str(write(tmp_path, {"a.yaml": DRIVER % propagation}))], Settings(), review=True)
    found = {one.finding.check: one for one in plan.proposals}
    assert found["PRV001"].applied != kept
    assert ("Bidirectional" in found["PRV001"].reason) == kept
    assert ("Bidirectional" in found["PRV002"].reason) == kept
