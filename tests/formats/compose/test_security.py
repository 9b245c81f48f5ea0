from __future__ import annotations

import pytest

from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Container, Sysctl
from formats.compose.support import box, compose, messages, service, shown

DEFAULTS = {
    "user": User(decided_by="default"),
    "privileged": False,
    "privilege_escalation": True,
    "capabilities": Capabilities(),
    "seccomp": Profile("runtime-default"),
    "apparmor": Profile("runtime-default"),
    "selinux": SELinux(),
    "proc_mount": "default",
    "read_only_root": False,
    "host_process": NOT_EXPRESSIBLE,
}


@pytest.mark.parametrize("field", DEFAULTS)
def test_default_has_a_value_and_no_place(field: str) -> None:
    found = box("tty: true")
    assert getattr(found, field) == DEFAULTS[field]
    assert not found.is_set(field)


@pytest.mark.parametrize(
    ("body", "field", "value", "place"),
    [
        ("privileged: true", "privileged", True, "true"),
        ("privileged: yes", "privileged", True, "yes"),
        ('privileged: "on"', "privileged", True, '"on"'),
        ("privileged: false", "privileged", False, "false"),
        ("privileged: ${P:-true}", "privileged", True, "${P:-true}"),
        ("privileged: ${P}", "privileged", UNKNOWN, "${P}"),
        ("read_only: true", "read_only_root", True, "true"),
        ("user: root", "user", User(name="root"), "root"),
        ("user: 0", "user", User(uid=0), "0"),
        ('user: "1000:1000"', "user", User(uid=1000, group="1000"), '"1000:1000"'),
        ("user: app:web", "user", User(name="app", group="web"), "app:web"),
        ("user: ${UID}:${GID}", "user", UNKNOWN, "${UID}:${GID}"),
        ("security_opt: [no-new-privileges:true]", "privilege_escalation", False, "no-new-privileges:true"),
        ("security_opt: [no-new-privileges]", "privilege_escalation", False, "no-new-privileges"),
        ("security_opt: ['no-new-privileges=false']", "privilege_escalation", True, "'no-new-privileges=false'"),
        ("security_opt:\n- a:b\n- seccomp:unconfined", "seccomp", Profile("unconfined"), "seccomp:unconfined"),
        ("security_opt: [seccomp=./p.json]", "seccomp", Profile("localhost", "./p.json"), "seccomp=./p.json"),
        ("security_opt: ['seccomp:${P}']", "seccomp", UNKNOWN, "'seccomp:${P}'"),
        ("security_opt: [apparmor:unconfined]", "apparmor", Profile("unconfined"), "apparmor:unconfined"),
        ("security_opt: ['label:disable']", "selinux", SELinux(disabled=True), "'label:disable'"),
        ("security_opt: [label=type:spc_t]", "selinux", SELinux(type="spc_t"), "label=type:spc_t"),
        ("security_opt: [systempaths=unconfined]", "proc_mount", "unmasked", "systempaths=unconfined"),
        ("cap_add: [net_admin, CAP_SYS_TIME]", "capabilities.add", None, "[net_admin, CAP_SYS_TIME]"),
        ("cap_drop:\n- ALL", "capabilities.drop", None, "- ALL"),
    ],
)
def test_field_that_is_set_has_its_value_and_place(body: str, field: str, value: object, place: str) -> None:
    found = box(body)
    assert value is None or getattr(found, field) == value
    assert shown(found.where(field)).endswith(f": {place}")


def test_capabilities_are_normalised() -> None:
    found = box("cap_add: [net_admin, CAP_SYS_TIME, all]\ncap_drop: [MKNOD]")
    assert found.capabilities == Capabilities(("NET_ADMIN", "SYS_TIME", "ALL"), ("MKNOD",))
    assert shown(found.where("capabilities")) == "compose.yaml:4: [net_admin, CAP_SYS_TIME, all]"


def test_last_of_several_security_options_holds() -> None:
    found = box("security_opt:\n- seccomp:unconfined\n- seccomp=p.json\n- no-new-privileges:true")
    assert found.seccomp == Profile("localhost", "p.json")
    assert found.privilege_escalation is False


def test_option_that_is_a_variable_leaves_all_of_them_open() -> None:
    found = box("security_opt: ['${OPT}', 'apparmor:unconfined']")
    assert found.seccomp is found.privilege_escalation is UNKNOWN
    assert found.apparmor == Profile("unconfined")


def test_empty_user_is_the_images() -> None:
    assert box("user: ''").user == User(decided_by="default")


def test_privileged_hook_counts_as_privileged() -> None:
    found = box("post_start:\n- command: chown x /y\n  privileged: true")
    assert found.privileged is True
    assert shown(found.where("privileged")) == "compose.yaml:6: true"


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ("pid: host", "host_pid", True),
        ("pid: service:db", "host_pid", False),
        ("pid: ${PID}", "host_pid", UNKNOWN),
        ("ipc: host", "host_ipc", True),
        ("ipc: shareable", "host_ipc", False),
        ("network_mode: host", "host_network", True),
        ("network_mode: service:db", "host_network", False),
        ("userns_mode: host", "user_namespace", False),
    ],
)
def test_namespaces(body: str, field: str, value: object) -> None:
    found = service(body)
    assert getattr(found, field) == value
    assert shown(found.where(field)) == f"compose.yaml:4: {body.partition(': ')[2]}"


def test_namespaces_are_the_containers_own_by_default() -> None:
    found = service("tty: true")
    assert (found.host_pid, found.host_ipc, found.host_network) == (False, False, False)
    assert found.user_namespace is UNKNOWN  # the daemon's setting
    assert found.network_mode == ""


def test_namespaces_without_a_field_are_facts() -> None:
    assert service("uts: host\ncgroup: host\npid: service:db").facts == {
        "uts": "host",
        "cgroup": "host",
        "pid": "service:db",
    }


@pytest.mark.parametrize("body", ["sysctls:\n  net.core.somaxconn: 1024", "sysctls: [net.core.somaxconn=1024]"])
def test_sysctls(body: str) -> None:
    found = service(body)
    assert isinstance(found.sysctls, tuple)
    assert [(one.name, one.value) for one in found.sysctls] == [("net.core.somaxconn", "1024")]
    assert "1024" in shown(found.at(found.sysctls[0]))
    assert service("tty: true").sysctls == ()
    assert isinstance(found.sysctls[0], Sysctl)


def test_wrong_type_is_a_problem_with_its_line() -> None:
    reading = compose("services:\n  web:\n    image: a\n    privileged: maybe\n    cap_add: SYS_ADMIN\n    user: [1]\n")
    assert messages(reading) == [
        "compose.yaml:6: expected a single value, found a list",
        "compose.yaml:4: expected true or false, found 'maybe'",
        "compose.yaml:5: expected a list in cap_add, found 'SYS_ADMIN'",
    ]


def test_broken_interpolation_is_a_problem_and_unknown() -> None:
    reading = compose("services:\n  web:\n    image: a\n    user: ${\n")
    found: Container = reading.nouns[-1].containers[0]
    assert found.user is UNKNOWN
    assert "compose.yaml:4: cannot interpolate '${': expected a variable's name" in messages(reading)[0]


def test_a_user_that_is_nothing_but_a_variable_without_a_value_is_that_of_the_image() -> None:
    assert box("user: ${WHO}").user == User(decided_by="default")
    assert shown(box("user: ${WHO}").where("user")) == "compose.yaml:4: ${WHO}"


def test_a_user_that_compose_demands_is_unknown() -> None:
    assert box("user: ${WHO:?set it}").user is UNKNOWN
