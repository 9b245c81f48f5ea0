"""`podman pod inspect`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.support import scan

POD: dict[str, Any] = {
    "Id": "64f3a1c6b6",
    "Name": "web",
    "CreateCommand": ["podman", "pod", "create", "--network", "host"],
    "State": "Running",
    "CreateInfra": True,
    "InfraContainerID": "aa",
    "InfraConfig": {"PortBindings": None, "HostNetwork": False, "Networks": ["podman"], "pid_ns": "private"},
    "SharedNamespaces": ["ipc", "net", "uts"],
    "NumContainers": 1,
    "Containers": [{"Id": "aa", "Name": "infra", "State": "running"}],
}


def found(root: Path, record: Any) -> set[tuple[str, str]]:
    """What is said, with the place of it."""
    done = scan(root, {"pod.json": json.dumps(record, indent=1)})
    assert not done.report.targets[0].problems
    assert all(one.resource.kind == "Pod" and one.resource.platform == "podman" for one in done.report.findings)
    return {(one.check, one.location.pointer) for one in done.report.findings}


def test_a_closed_pod_is_not_blamed(tmp_path: Path) -> None:
    assert found(tmp_path, [POD]) == set()
    assert found(tmp_path, POD) == set()


def test_what_the_containers_of_a_pod_share_is_judged(tmp_path: Path) -> None:
    infra = {
        "PortBindings": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
        "HostNetwork": True,
        "Networks": None,
        "pid_ns": "host",
    }
    mounts = [{"Type": "bind", "Source": "/", "Destination": "/host", "RW": True}]
    devices = [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda", "CgroupPermissions": "rwm"}]
    more = {"InfraConfig": infra, "mounts": mounts, "devices": devices, "security_opt": ["seccomp=unconfined"]}
    assert found(tmp_path, [{**POD, **more}]) == {
        ("NET001", "/0/InfraConfig/HostNetwork"),
        ("PRV009", "/0/mounts/0"),
        ("PRV011", "/0/InfraConfig/pid_ns"),
        ("RUN001", "/0/security_opt/0"),
        ("RUN008", "/0/devices/0"),
    }


def test_the_ports_that_a_pod_publishes_are_judged_where_it_has_a_network_of_its_own(tmp_path: Path) -> None:
    infra = {**POD["InfraConfig"], "PortBindings": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}}
    assert found(tmp_path, [{**POD, "InfraConfig": infra}]) == {("NET002", "/0/InfraConfig/PortBindings/80~1tcp/0")}


def test_a_pod_without_infra_container_shares_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, [{**POD, "InfraContainerID": "", "InfraConfig": None}]) == set()
