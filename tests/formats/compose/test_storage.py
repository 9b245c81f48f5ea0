from __future__ import annotations

import pytest

from batten.model.workload import Workload
from formats.compose.support import box, compose, messages, service, shown


def mounts(found: Workload) -> list[tuple[str, str, str, str, bool]]:
    volumes = {volume.name: volume for volume in found.volumes}
    return [
        (volumes[one.volume].kind, volumes[one.volume].type, volumes[one.volume].source, one.target, one.read_only)
        for one in found.containers[-1].mounts
    ]


@pytest.mark.parametrize(
    ("body", "mount"),
    [
        (
            "volumes: [/var/run/docker.sock:/var/run/docker.sock:ro]",
            ("host", "bind", "/var/run/docker.sock", "/var/run/docker.sock", True),
        ),
        ("volumes: [./src:/app/]", ("host", "bind", "./src", "/app", False)),
        ("volumes: [~/.kube:/k]", ("host", "bind", "~/.kube", "/k", False)),
        ("volumes: ['${DATA}/x:/x']", ("host", "bind", "${DATA}/x", "/x", False)),
        ("volumes: ['${PWD}/x:/x']", ("host", "bind", "./x", "/x", False)),
        ("volumes: ['${V}:/x']", ("other", "volume", "${V}", "/x", False)),
        ("volumes: [db:/var/db]", ("volume", "volume", "db", "/var/db", False)),
        ("volumes: [/data]", ("volume", "volume", "", "/data", False)),
        ("volumes: ['C:\\x:/x:ro']", ("host", "bind", "C:\\x", "/x", True)),
        (
            "volumes:\n- {type: bind, source: /etc, target: /e, read_only: true}",
            ("host", "bind", "/etc", "/e", True),
        ),
        ("volumes:\n- {type: volume, source: db, target: /e}", ("volume", "volume", "db", "/e", False)),
        ("volumes:\n- {type: tmpfs, target: /t}", ("memory", "tmpfs", "", "/t", False)),
        ("volumes:\n- {type: npipe, source: //./pipe/d, target: /t}", ("host", "npipe", "//./pipe/d", "/t", False)),
        ("volumes:\n- {type: image, source: a:1, target: /t}", ("image", "image", "a:1", "/t", False)),
        ("volumes:\n- {type: cluster, source: c, target: /t}", ("other", "cluster", "c", "/t", False)),
        ("tmpfs: /run", ("memory", "tmpfs", "", "/run", False)),
        ("tmpfs: ['/run:size=64m']", ("memory", "tmpfs", "", "/run", False)),
        ("secrets: [db]", ("secret", "secret", "db", "/run/secrets/db", True)),
        ("secrets:\n- {source: db, target: /etc/db}", ("secret", "secret", "db", "/etc/db", True)),
        ("configs: [c]", ("config", "config", "c", "/c", True)),
        (
            "use_api_socket: true",
            ("host", "bind", "/var/run/docker.sock", "/var/run/docker.sock", False),
        ),
    ],
)
def test_mount(body: str, mount: tuple[str, str, str, str, bool]) -> None:
    found = service(body)
    assert mounts(found) == [mount]
    line = body.count("\n") + 4 if "\n" in body else 4
    assert shown(found.at(found.volumes[0])).startswith(f"compose.yaml:{line}: ")
    assert shown(found.containers[0].at(found.containers[0].mounts[0])).startswith(f"compose.yaml:{line}: ")


def test_later_mount_on_a_target_takes_the_place_of_the_first() -> None:
    assert mounts(service("volumes: [/etc:/x, ./y:/x/]")) == [("host", "bind", "./y", "/x", False)]


def test_two_mounts_of_one_source_share_the_volume() -> None:
    found = service("volumes: ['/etc:/a', '/etc:/b:ro']")
    assert [one.source for one in found.volumes] == ["/etc"]
    assert [one.volume for one in found.containers[0].mounts] == ["/etc", "/etc"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{type: none, o: bind, device: /etc}", ("host", "bind", "/etc")),
        ("{type: none, o: 'ro,bind', device: /etc}", ("host", "bind", "/etc")),
        ("{type: nfs, o: addr=10.0.0.1, device: ':/x'}", ("other", "nfs", "db")),
        ("{type: tmpfs, device: tmpfs}", ("memory", "tmpfs", "db")),
    ],
)
def test_named_volume_may_be_something_else_in_disguise(options: str, expected: tuple[str, str, str]) -> None:
    found = service("volumes: [db:/x]", top=f"volumes:\n  db:\n    driver: local\n    driver_opts: {options}\n")
    assert [(one.kind, one.type, one.source) for one in found.volumes] == [expected]
    if expected[0] == "host":
        assert shown(found.at(found.volumes[0])) == "compose.yaml:8: /etc"


def test_devices_and_rules_for_devices() -> None:
    found = box("devices: [/dev/kvm, '/dev/a:/dev/b:r']\ndevice_cgroup_rules: ['c 1:* rw']")
    assert isinstance(found.devices, tuple)
    assert [(one.path, one.target, one.permissions) for one in found.devices] == [
        ("/dev/kvm", "/dev/kvm", "rwm"),
        ("/dev/a", "/dev/b", "r"),
        ("c 1:*", "", "rw"),
    ]
    assert shown(found.at(found.devices[1])) == "compose.yaml:4: '/dev/a:/dev/b:r'"
    assert box("tty: true").devices == ()


def test_broken_mounts_are_told() -> None:
    reading = compose("services:\n  web:\n    image: a\n    volumes:\n    - :/x:ro\n    - {type: bind}\n    - [a]\n")
    assert messages(reading) == [
        "compose.yaml:5: expected [source:]target[:options], found nothing between colons in ':/x:ro'",
        "compose.yaml:6: expected a target in the volume, found none",
        "compose.yaml:7: expected a volume, found a list",
    ]
