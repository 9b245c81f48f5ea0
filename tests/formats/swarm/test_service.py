from __future__ import annotations

import json

import pytest

from batten.formats.interface import ReadContext
from batten.formats.swarm import READER
from batten.model.source import File
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Container, Workload
from formats.compose.support import Memory, shown
from formats.swarm.test_reader import read


def named(name: str) -> tuple[Workload, Container]:
    found = next(one for one in read("services.json").nouns if one.name == name)
    return found, found.containers[0]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("user", User(uid=0), '"0"'),
        ("privilege_escalation", False, "true"),
        ("seccomp", Profile("unconfined"), '"unconfined"'),
        ("apparmor", Profile("unconfined"), '"disabled"'),
        ("selinux", SELinux(disabled=True), '{"Disable": true'),
        ("capabilities", Capabilities(("NET_ADMIN",), ("ALL",)), '["CAP_NET_ADMIN"]'),
        ("read_only_root", True, "true"),
        ("memory_limit", 64 << 20, "67108864"),
        ("memory_request", 32 << 20, "33554432"),
        ("cpu_limit", 0.5, "500000000"),
        ("pids_limit", 100, "100"),
        ("healthcheck", True, '["CMD", "true"]'),
        ("restart", "on-failure:3", '"on-failure"'),
        ("log_driver", "none", '"none"'),
        ("command", ("sh", "-c"), '["sh", "-c"]'),
        ("args", ("run",), '["run"]'),
    ],
)
def test_field_of_the_record(field: str, value: object, place: str) -> None:
    _, web = named("shop_web")
    assert getattr(web, field) == value
    assert place in shown(web.where(field))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", User(decided_by="default")),
        ("privileged", NOT_EXPRESSIBLE),
        ("privilege_escalation", True),
        ("seccomp", Profile("runtime-default")),
        ("apparmor", Profile("runtime-default")),
        ("selinux", SELinux()),
        ("capabilities", Capabilities()),
        ("read_only_root", False),
        ("memory_limit", None),
        ("pids_limit", None),
        ("healthcheck", UNKNOWN),
        ("restart", "any"),
        ("devices", NOT_EXPRESSIBLE),
        ("ulimits", ()),
        ("ports", ()),
        ("environment", ()),
        ("mounts", ()),
    ],
)
def test_default_of_a_service(field: str, value: object) -> None:
    _, plain = named("plain")
    assert getattr(plain, field) == value
    assert not plain.is_set(field)


def test_image_with_its_digest() -> None:
    image = named("shop_web")[1].image
    assert getattr(image, "tag", "") == "1.25"
    assert getattr(image, "is_pinned", False)


def test_mounts_secrets_and_configs() -> None:
    found, web = named("shop_web")
    volumes = {one.name: one for one in found.volumes}
    assert [
        (volumes[one.volume].kind, volumes[one.volume].source, one.target, one.read_only) for one in web.mounts
    ] == [
        ("host", "/var/run/docker.sock", "/var/run/docker.sock", True),
        ("volume", "shop_data", "/data", False),
        ("memory", "", "/tmp", False),
        ("secret", "shop_db", "/run/secrets/db", True),
        ("config", "shop_app", "/etc/app.conf", True),
    ]
    assert '"/var/run/docker.sock"' in shown(found.at(found.volumes[0]))


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ({"Options": {"type": "none", "o": "bind", "device": "/etc"}}, ("host", "bind", "/etc", False)),
        ({"Name": "local", "Options": {"o": "ro,rbind", "device": "/"}}, ("host", "bind", "/", True)),
        ({"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs"}}, ("memory", "tmpfs", "v", False)),
        ({"Name": "local", "Options": {"type": "nfs", "device": ":/x"}}, ("other", "nfs", "v", False)),
        ({"Name": "plugin", "Options": {"o": "bind", "device": "/etc"}}, ("volume", "volume", "v", False)),
        ({"Name": "local", "Options": None}, ("volume", "volume", "v", False)),
    ],
)
def test_a_volume_is_what_the_options_of_its_driver_say(driver: object, expected: object) -> None:
    mount = {"Type": "volume", "Source": "v", "Target": "/v", "VolumeOptions": {"DriverConfig": driver}}
    spec = {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "x:1", "Mounts": [mount]}}}
    text = json.dumps([{"ID": "1", "Version": {"Index": 1}, "Spec": spec}]).encode()
    [workload] = READER.read(File("service.json", text), ReadContext(Memory({}))).nouns
    assert isinstance(workload, Workload)
    [volume] = workload.volumes
    assert (volume.kind, volume.type, volume.source, volume.read_only) == expected


def test_environment_ports_and_ulimits() -> None:
    _, web = named("shop_web")
    assert [(one.name, one.value) for one in web.environment] == [("MODE", "prod"), ("TOKEN", "abc=d"), ("EMPTY", None)]
    assert shown(web.at(web.environment[1])).endswith('"TOKEN=abc=d"')
    assert [(one.container, one.host, one.host_ip, one.protocol) for one in web.ports] == [
        (80, 8080, "", "tcp"),
        (53, -1, "", "udp"),
    ]
    assert isinstance(web.ulimits, tuple)
    assert [(one.name, one.soft, one.hard) for one in web.ulimits] == [("nofile", 1024, 2048)]


def test_the_service_as_a_whole() -> None:
    found, _ = named("shop_web")
    assert isinstance(found.sysctls, tuple)
    assert [(one.name, one.value) for one in found.sysctls] == [("net.core.somaxconn", "1024")]
    assert (found.replicas, found.networks, found.host_network, found.os) == (2, ("net1",), False, "linux")
    assert (found.host_pid, found.host_ipc, found.user_namespace) == (NOT_EXPRESSIBLE,) * 3
    assert shown(found.where("replicas")).endswith("2")


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"Constraints": ["node.platform.os == windows"], "Platforms": [{"OS": "linux"}]}, "windows"),
        ({"Platforms": [{"OS": "windows"}]}, "windows"),
        ({"Platforms": [{"OS": "linux"}, {"OS": "windows"}]}, ""),
        ({"Constraints": ["node.role==manager"], "Platforms": [{"OS": "linux"}]}, "linux"),
    ],
)
def test_the_system_of_a_service(placement: dict[str, object], expected: str) -> None:
    record = [{"Spec": {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "web:1"}, "Placement": placement}}}]
    file = File("services.json", json.dumps(record).encode(), "")
    [found] = READER.read(file, ReadContext(Memory({}))).nouns
    assert (found.os, found.containers[0].os) == (expected, expected)
