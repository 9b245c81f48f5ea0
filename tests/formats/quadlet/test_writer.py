"""Neutral changes of Quadlet units: the edited unit says what was asked, and nothing else changed."""

from typing import Any

import pytest

from batten.formats.quadlet import WRITER
from batten.model.edits import CannotEdit
from batten.model.values import Capabilities, Profile, SELinux, User
from batten.model.verdict import Change
from batten.model.workload import Container, Workload
from formats.quadlet.reading import edited, workload

HEAD = "\ufeff# kept\r\n[Container]\r\nImage = docker.io/library/app:1  \r\n"


def changed(lines: str, field: str, value: Any, *, of: str = "container", **others: str) -> tuple[str, Workload]:
    """(the lines after HEAD once the change is made, the workload read again)."""
    text = HEAD + lines.replace("\n", "\r\n")
    before = workload(text, **others)
    target: Workload | Container = before.containers[0] if of == "container" else before
    if callable(value):
        value = value(target)
    result = edited(target, WRITER.edits(Change(target, field, value)))
    assert result.startswith(HEAD)
    assert result.replace("\r\n", "").count("\n") == 0
    return result.removeprefix(HEAD).replace("\r\n", "\n"), workload(result, **others)


@pytest.mark.parametrize(
    ("lines", "field", "value", "after", "read"),
    [
        ("PodmanArgs=--privileged -t\n", "privileged", False, "PodmanArgs=-t\n", False),
        ("PodmanArgs=--privileged\n", "privileged", False, "", False),
        ("# end\n", "privilege_escalation", False, "NoNewPrivileges=true\n# end\n", False),
        ("NoNewPrivileges=no\n", "privilege_escalation", False, "NoNewPrivileges=true\n", False),
        (
            "PodmanArgs=--security-opt no-new-privileges=false -t\n",
            "privilege_escalation",
            False,
            "PodmanArgs=-t\nNoNewPrivileges=true\n",
            False,
        ),
        ("", "drop_capabilities", ("ALL",), "DropCapability=ALL\n", Capabilities((), ("ALL",))),
        (
            "DropCapability=mknod\nUser=1\n",
            "drop_capabilities",
            ("MKNOD", "NET_RAW"),
            "DropCapability=mknod\nDropCapability=NET_RAW\nUser=1\n",
            Capabilities((), ("MKNOD", "NET_RAW")),
        ),
        (
            "AddCapability=CAP_SYS_ADMIN CHOWN\n",
            "remove_capabilities",
            ("SYS_ADMIN",),
            "AddCapability=CHOWN\n",
            Capabilities(("CHOWN",), ()),
        ),
        (
            "PodmanArgs=--cap-add SYS_ADMIN,CHOWN --cap-add=NET_ADMIN\n",
            "remove_capabilities",
            ("SYS_ADMIN", "NET_ADMIN"),
            "PodmanArgs=--cap-add CHOWN\n",
            Capabilities(("CHOWN",), ()),
        ),
        (
            "PodmanArgs=--cap-add=SYS_ADMIN,CHOWN\n",
            "remove_capabilities",
            ("SYS_ADMIN",),
            "PodmanArgs=--cap-add=CHOWN\n",
            Capabilities(("CHOWN",), ()),
        ),
        ("", "user", 10001, "User=10001\nGroup=10001\n", User(uid=10001, group="10001")),
        ("User=root\nGroup=7\n", "user", 10001, "User=10001\nGroup=7\n", User(uid=10001, group="7")),
        ("PodmanArgs=-u 0\n", "user", 5, "User=5\nGroup=5\n", User(uid=5, group="5")),
        ("SeccompProfile=unconfined\n", "seccomp", "runtime-default", "", Profile("runtime-default")),
        (
            "SeccompProfile=a\nSeccompProfile=unconfined\nPodmanArgs=--security-opt seccomp=unconfined\n",
            "seccomp",
            "runtime-default",
            "",
            Profile("runtime-default"),
        ),
        (
            "PodmanArgs=--security-opt apparmor=unconfined --tty\n",
            "apparmor",
            "runtime-default",
            "PodmanArgs=--tty\n",
            Profile("runtime-default"),
        ),
        ("SecurityLabelDisable=true\nSecurityLabelType=spc_t\n", "selinux", None, "", SELinux()),
        ("Unmask=ALL /proc/acpi\n", "proc_mount", "default", "Unmask=/proc/acpi\n", "default"),
        ("ReadOnly=false\n", "read_only_root", True, "ReadOnly=true\n", True),
        ("", "memory_limit", 512 << 20, "PodmanArgs=--memory=512m\n", 512 << 20),
        ("Memory=0\n", "memory_limit", 1000, "Memory=1000b\n", 1000),
        ("PodmanArgs=-m 0\n", "memory_limit", 1 << 20, "PodmanArgs=--memory=1m\n", 1 << 20),
        ("", "cpu_limit", 0.5, "PodmanArgs=--cpus=0.5\n", 0.5),
        ("PidsLimit=-1\n", "pids_limit", 100, "PidsLimit=100\n", 100),
        ("PodmanArgs=--pids-limit=-1\n", "pids_limit", 100, "PidsLimit=100\n", 100),
    ],
)
def test_a_container_is_changed(lines: str, field: str, value: Any, after: str, read: Any):
    text, again = changed(lines, field, value)
    assert text == after
    names = {"drop_capabilities": "capabilities", "remove_capabilities": "capabilities"}
    assert getattr(again.containers[0], names.get(field, field)) == read


def test_changes_of_one_list_meet_without_harm():
    before = workload(HEAD + "PodmanArgs=-t --cap-add SYS_ADMIN,NET_ADMIN,CHOWN\r\n").containers[0]
    changes = [Change(before, "remove_capabilities", (name,)) for name in ("SYS_ADMIN", "NET_ADMIN")]
    edits = [edit for change in changes for edit in WRITER.edits(change)]
    assert edited(before, edits) == HEAD + "PodmanArgs=-t --cap-add CHOWN\r\n"


def test_writable_memory_comes_where_nothing_is_mounted_yet():
    text, again = changed("Tmpfs=/run\n", "memory_mounts", ("/run", "/tmp"))
    assert text == "Tmpfs=/run\nTmpfs=/tmp\n"
    assert [mount.target for mount in again.containers[0].mounts] == ["/run", "/tmp"]


def test_the_image_is_replaced_with_its_surroundings_kept():
    before = workload(HEAD)
    change = Change(before.containers[0], "image", "docker.io/library/app:1@sha256:" + "0" * 64)
    after = edited(before.containers[0], WRITER.edits(change))
    assert after == HEAD.replace("app:1", "app:1@sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        ("PublishPort=8080:80\n", "PublishPort=127.0.0.1:8080:80\n"),
        ("PublishPort=0.0.0.0:8080:80/udp\n", "PublishPort=127.0.0.1:8080:80/udp\n"),
        ("PublishPort=[::]:8080:80\n", "PublishPort=127.0.0.1:8080:80\n"),
        ("PublishPort=80\n", "PublishPort=127.0.0.1::80\n"),
        ("PublishPort=%i:80\n", "PublishPort=127.0.0.1:%i:80\n"),
        ("PodmanArgs=-p 80:80 --publish=81:81\n", "PodmanArgs=-p 127.0.0.1:80:80 --publish=81:81\n"),
        ("PodmanArgs=--publish=81:81 -t\n", "PodmanArgs=--publish=127.0.0.1:81:81 -t\n"),
        ("PodmanArgs=-p81:81\n", "PodmanArgs=-p127.0.0.1:81:81\n"),
    ],
)
def test_a_port_is_bound_to_an_address_of_version_4(lines: str, after: str):
    text, again = changed(lines, "bind_port", lambda target: (target.ports[0], "127.0.0.1"))
    assert text == after
    assert again.containers[0].ports[0].host_ip == "127.0.0.1"


def test_a_port_is_bound_to_an_address_of_version_6():
    text, again = changed("PublishPort=[::]:80:80\n", "bind_port", lambda target: (target.ports[0], "::1"))
    assert text == "PublishPort=[::1]:80:80\n"
    assert again.containers[0].ports[0].host_ip == "::1"


@pytest.mark.parametrize(
    ("lines", "part", "after"),
    [
        ("Volume=/a:/a\nVolume=/b:/b\n", lambda c: c.mounts[0], "Volume=/b:/b\n"),
        ("PodmanArgs=-v /a:/a -t\n", lambda c: c.mounts[0], "PodmanArgs=-t\n"),
        ("AddDevice=/dev/kvm /dev/fuse\n", lambda c: c.devices[0], "AddDevice=/dev/fuse\n"),
        ("PublishPort=1\nPublishPort=2\n", lambda c: c.ports[1], "PublishPort=1\n"),
        ('Environment=A=1 "B=2 3" C=4\n', lambda c: c.environment[1], "Environment=A=1 C=4\n"),
        ("EnvironmentFile=a b\n", lambda c: c.environment_from[0], "EnvironmentFile=b\n"),
        ("Ulimit=nofile=-1\nUlimit=nproc=5\n", lambda c: c.ulimits[0], "Ulimit=nproc=5\n"),
    ],
)
def test_one_entry_is_taken_away(lines: str, part: Any, after: str):
    assert changed(lines, "remove", part)[0] == after


@pytest.mark.parametrize(
    ("lines", "field", "value", "after", "read"),
    [
        ("Network=host\nNetwork=back\n", "host_network", False, "Network=back\n", False),
        ("PodmanArgs=--pid=host\n", "host_pid", False, "", False),
        ("PodmanArgs=--ipc host -t\n", "host_ipc", False, "PodmanArgs=-t\n", False),
        ("", "user_namespace", True, "UserNS=auto\n", True),
        ("PodmanArgs=--userns=host\n", "user_namespace", True, "UserNS=auto\n", True),
    ],
)
def test_a_workload_is_changed(lines: str, field: str, value: Any, after: str, read: Any):
    text, again = changed(lines, field, value, of="workload")
    assert text == after
    assert getattr(again, field) is read


def test_a_volume_goes_with_all_its_mounts():
    lines = "Volume=/a:/x\nVolume=/b:/b\nPodmanArgs=-v /a:/y -t\n"
    text, again = changed(lines, "remove", lambda unit: unit.volumes[0], of="workload")
    assert text == "Volume=/b:/b\nPodmanArgs=-t\n"
    assert [mount.target for mount in again.containers[0].mounts] == ["/b"]


def test_a_kernel_parameter_goes_alone():
    text, _ = changed("Sysctl=a=1 b=2\n", "remove", lambda unit: unit.sysctls[0], of="workload")
    assert text == "Sysctl=b=2\n"


def test_processes_of_a_pod_are_no_longer_shared():
    pod = workload("[Pod]\nPodmanArgs=--share=net,pid,ipc\n", "shop.pod")
    after = edited(pod, WRITER.edits(Change(pod, "share_process_namespace", False)))
    assert after == "[Pod]\nPodmanArgs=--share=net,ipc\n"


@pytest.mark.parametrize(
    ("lines", "field", "value", "reason"),
    [
        ("", "host_process", False, "Windows"),
        ("", "privileged", False, "nothing in the unit"),
        ("PodmanArgs=-tv /a:/a\n", "remove", lambda c: c.mounts[0], "part them"),
        ("Tmpfs=/tmp\n", "memory_mounts", ("/tmp",), "already"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(lines: str, field: str, value: Any, reason: str):
    with pytest.raises(CannotEdit, match=reason):
        changed(lines, field, value)


def test_what_another_unit_decides_is_refused():
    target = workload("[Container]\nImage=app.image\n").containers[0]
    with pytest.raises(CannotEdit, match=r"app\.image"):
        WRITER.edits(Change(target, "image", "x"))
    with pytest.raises(CannotEdit, match=r"set it in shop\.pod"):
        WRITER.edits(Change(workload("[Container]\nImage=a\nPod=shop.pod\n"), "user_namespace", True))


def test_what_a_drop_in_decides_is_refused():
    unit = workload("[Container]\nImage=a\n", "w.container", **{"w__container__d/x__conf": "[Container]\nUser=0\n"})
    with pytest.raises(CannotEdit, match="drop-in"):
        edited(unit, WRITER.edits(Change(unit.containers[0], "user", 7)))


def test_what_a_drop_in_would_decide_behind_podman_args_is_refused_with_both_named():
    lines = "[Container]\nImage=a\nPodmanArgs=--pids-limit=0\n"
    unit = workload(lines, "w.container", **{"w__container__d/x__conf": "[Container]\nPidsLimit=0\n"})
    with pytest.raises(CannotEdit, match=r"PodmanArgs= decides, and behind it PidsLimit= of the drop-in .*x\.conf"):
        edited(unit, WRITER.edits(Change(unit.containers[0], "pids_limit", 200)))
