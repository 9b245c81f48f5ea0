"""Neutral changes of task definitions: what is read again is what was asked, and nothing else changed."""

import json
from typing import Any

import pytest

from batten.formats.ecs import WRITER
from batten.model.edits import CannotEdit
from batten.model.values import Capabilities, Profile, SELinux, User
from batten.model.verdict import Change
from batten.model.workload import Container, Workload
from formats.ecs.reading import FARGATE, WINDOWS, container, edited, read, task


def changed(item: Container | Workload, field: str, value: Any) -> Workload:
    """The workload read again after the change; fields of the task that no edit names are the same."""
    edits = WRITER.edits(Change(item, field, value))
    text = edited(item, edits)
    touched = {edit.pointer[0] for edit in edits}
    before, after = item.document.value, json.loads(text)
    assert {key: one for key, one in after.items() if key not in touched} == {
        key: one for key, one in before.items() if key not in touched
    }
    [noun] = read(text).nouns
    return noun


@pytest.mark.parametrize(
    ("definition", "field", "value", "result"),
    [
        ({"privileged": True}, "privileged", False, {"privileged": False}),
        ({}, "privilege_escalation", False, {"dockerSecurityOptions": ["no-new-privileges"]}),
        (
            {"dockerSecurityOptions": ["label:disable", "no-new-privileges:false"]},
            "privilege_escalation",
            False,
            {"dockerSecurityOptions": ["label:disable", "no-new-privileges"]},
        ),
        ({}, "drop_capabilities", ("ALL",), {"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}),
        (
            {"linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["MKNOD"]}}},
            "drop_capabilities",
            ("MKNOD", "NET_RAW"),
            {"linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["MKNOD", "NET_RAW"]}}},
        ),
        (
            {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN", "CHOWN"], "drop": ["ALL"]}}},
            "remove_capabilities",
            ("SYS_ADMIN",),
            {"linuxParameters": {"capabilities": {"add": ["CHOWN"], "drop": ["ALL"]}}},
        ),
        (
            {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}},
            "remove_capabilities",
            ("SYS_ADMIN",),
            {"linuxParameters": {"capabilities": {"drop": ["ALL"]}}},
        ),
        ({"user": "root"}, "user", 10001, {"user": "10001:10001"}),
        ({}, "user", 10001, {"user": "10001:10001"}),
        ({"dockerSecurityOptions": ["apparmor:unconfined"]}, "apparmor", "runtime-default", {}),
        (
            {"dockerSecurityOptions": ["label:type:x", "no-new-privileges", "label:user:y"]},
            "selinux",
            None,
            {"dockerSecurityOptions": ["no-new-privileges"]},
        ),
        ({"readonlyRootFilesystem": False}, "read_only_root", True, {"readonlyRootFilesystem": True}),
        (
            {},
            "memory_mounts",
            ("/tmp", "/run"),
            {
                "linuxParameters": {
                    "tmpfs": [{"containerPath": "/tmp", "size": 64}, {"containerPath": "/run", "size": 64}]
                }
            },
        ),
        ({"memoryReservation": 64}, "memory_limit", 512 << 20, {"memoryReservation": 64, "memory": 512}),
        ({}, "memory_limit", (512 << 20) + 1, {"memory": 513}),
        ({}, "memory_limit", 1, {"memory": 6}),
        ({}, "image", "app@sha256:" + "0" * 64, {"image": "app@sha256:" + "0" * 64}),
    ],
)
def test_a_container_is_changed(definition: dict[str, Any], field: str, value: Any, result: dict[str, Any]):
    again = changed(container(definition), field, value)
    assert again.document.value["containerDefinitions"] == [{"name": "app", "image": "app:1", **result}]


@pytest.mark.parametrize(
    ("definition", "field", "value", "name", "wanted"),
    [
        ({"privileged": True}, "privileged", False, "privileged", False),
        ({}, "privilege_escalation", False, "privilege_escalation", False),
        ({}, "drop_capabilities", ("ALL",), "capabilities", Capabilities((), ("ALL",))),
        ({}, "user", 7, "user", User(uid=7, group="7")),
        ({"dockerSecurityOptions": ["apparmor:x"]}, "apparmor", "", "apparmor", Profile("runtime-default")),
        ({"dockerSecurityOptions": ["label:disable"]}, "selinux", None, "selinux", SELinux()),
        ({}, "read_only_root", True, "read_only_root", True),
        ({}, "memory_limit", 1 << 30, "memory_limit", 1 << 30),
        ({}, "cpu_limit", 0.5, "cpu_limit", 0.5),
    ],
)
def test_what_is_read_again_is_what_was_asked(definition: Any, field: str, value: Any, name: str, wanted: object):
    assert getattr(changed(container(definition), field, value).containers[0], name) == wanted


@pytest.mark.parametrize(
    ("definition", "part", "result"),
    [
        ({"mountPoints": [{"sourceVolume": "a", "containerPath": "/a"}]}, lambda c: c.mounts[0], {}),
        (
            {"linuxParameters": {"devices": [{"hostPath": "/dev/a"}, {"hostPath": "/dev/b"}]}},
            lambda c: c.devices[0],
            {"linuxParameters": {"devices": [{"hostPath": "/dev/b"}]}},
        ),
        (
            {"portMappings": [{"containerPort": 1}, {"containerPort": 2}]},
            lambda c: c.ports[1],
            {"portMappings": [{"containerPort": 1}]},
        ),
        ({"environment": [{"name": "A", "value": "1"}]}, lambda c: c.environment[0], {}),
        ({"environmentFiles": [{"value": "x", "type": "s3"}]}, lambda c: c.environment_from[0], {}),
        ({"ulimits": [{"name": "core", "softLimit": -1, "hardLimit": -1}]}, lambda c: c.ulimits[0], {}),
        ({"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 1}]}}, lambda c: c.mounts[0], {}),
    ],
)
def test_one_entry_is_taken_away(definition: dict[str, Any], part: Any, result: dict[str, Any]):
    one = container(definition)
    again = changed(one, "remove", part(one))
    assert again.document.value["containerDefinitions"] == [{"name": "app", "image": "app:1", **result}]


@pytest.mark.parametrize(
    ("fields", "field", "wanted"),
    [
        ({"networkMode": "host"}, "host_network", False),
        ({"pidMode": "host"}, "host_pid", False),
        ({"ipcMode": "host"}, "host_ipc", False),
        ({"pidMode": "task"}, "share_process_namespace", False),
    ],
)
def test_a_task_is_changed(fields: dict[str, Any], field: str, wanted: bool):
    assert getattr(changed(task(**fields), field, False), field) is wanted


def test_a_volume_goes_with_all_its_mounts():
    mounts = [{"sourceVolume": "a", "containerPath": "/a"}, {"sourceVolume": "b", "containerPath": "/b"}]
    one = task({"mountPoints": mounts}, volumes=[{"name": "a", "host": {"sourcePath": "/"}}, {"name": "b"}])
    again = changed(one, "remove", one.volumes[0])
    assert [volume.name for volume in again.volumes] == ["b"]
    assert [mount.target for mount in again.containers[0].mounts] == ["/b"]


def test_a_kernel_parameter_goes_alone():
    one = task({"systemControls": [{"namespace": "a", "value": "1"}, {"namespace": "b", "value": "2"}]})
    assert [one.name for one in changed(one, "remove", one.sysctls[0]).sysctls] == ["b"]


def test_everything_outside_the_edit_stays_byte_for_byte():
    text = (
        '\ufeff{\r\n\t"family" : "web",\r\n\t"containerDefinitions": [\r\n\t\t{"name": "ä",  "image": "a:1",\r\n'
        '\t\t "privileged": true, "user": "0" }\r\n\t]\r\n}'
    )
    [noun] = read(text).nouns
    after = edited(noun.containers[0], WRITER.edits(Change(noun.containers[0], "privileged", False)))
    assert after == text.replace("true", "false")


def test_definitions_in_yaml_keep_their_comments():
    text = (
        "# head\nfamily: web\ncontainerDefinitions:\n  - name: app # the app\n    image: a:1\n"
        "    privileged: true # why?\nvolumes: []\n"
    )
    [noun] = read(text, "task.yaml").nouns
    after = edited(noun.containers[0], WRITER.edits(Change(noun.containers[0], "privileged", False)))
    assert after == text.replace("true", "false")


def test_a_bare_list_of_containers_is_edited():
    [noun] = read(json.dumps([{"name": "a", "image": "a:1", "essential": True}])).nouns
    after = json.loads(edited(noun.containers[0], WRITER.edits(Change(noun.containers[0], "read_only_root", True))))
    assert after[0]["readonlyRootFilesystem"] is True


# ------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("definition", "fields", "field", "value", "reason"),
    [
        ({}, {}, "seccomp", "runtime-default", "no field for a seccomp"),
        ({}, {}, "proc_mount", "default", "unmask"),
        ({}, {}, "pids_limit", 100, "ECS_TASK_PIDS_LIMIT"),
        ({}, {}, "bind_port", None, "security group"),
        ({}, {}, "host_process", False, "HostProcess"),
        ({"privileged": True}, FARGATE, "privileged", False, "Fargate"),
        ({}, FARGATE, "privilege_escalation", False, "Fargate"),
        ({}, {"requiresCompatibilities": ["EC2", "FARGATE"]}, "privilege_escalation", False, "Fargate"),
        ({}, FARGATE, "cpu_limit", 0.3, "size of the task"),
        ({}, WINDOWS, "user", 7, "Windows"),
        ({}, WINDOWS, "drop_capabilities", ("ALL",), "Windows"),
        ({}, WINDOWS, "read_only_root", True, "Windows"),
        ({"memoryReservation": 600}, {}, "memory_limit", 512 << 20, "600 MiB are reserved"),
        ({}, {"memory": "256"}, "memory_limit", 512 << 20, "whole task may use 256 MiB"),
        ({"cpu": 1024}, {}, "cpu_limit", 0.5, "reserves 1024 units"),
        ({}, {}, "apparmor", "runtime-default", "nothing in the task definition"),
        (
            {"linuxParameters": {"tmpfs": [{"containerPath": "/tmp/", "size": 1}]}},
            {},
            "memory_mounts",
            ("/tmp",),
            "already",
        ),
    ],
)
def test_what_ecs_cannot_say_is_refused_with_the_reason(
    definition: dict[str, Any], fields: dict[str, Any], field: str, value: Any, reason: str
):
    change = Change(container(definition, **fields), field, value)
    with pytest.raises(CannotEdit, match=reason):
        WRITER.edits(change)


def test_containers_get_no_more_together_than_their_task_has():
    each: list[dict[str, Any]] = [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]
    target = task(containerDefinitions=each, memory="512", **WINDOWS).containers[0]
    with pytest.raises(CannotEdit, match="whole task may use 512 MiB, and its containers would have 1024 MiB together"):
        WRITER.edits(Change(target, "memory_limit", 512 << 20))
    assert WRITER.edits(Change(target, "memory_limit", 256 << 20))
    each[1]["memory"] = 300
    target = task(containerDefinitions=each, memory="512", **WINDOWS).containers[0]
    with pytest.raises(CannotEdit, match="556 MiB together"):
        WRITER.edits(Change(target, "memory_limit", 256 << 20))


def test_one_container_of_several_gets_no_limit_of_the_task():
    both = [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]
    target = task(containerDefinitions=both).containers[0]
    with pytest.raises(CannotEdit, match="whole task"):
        WRITER.edits(Change(target, "cpu_limit", 0.5))


def test_a_volume_that_another_container_has_through_volumes_from_stays():
    both = [
        {"name": "a", "image": "a:1", "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]},
        {"name": "b", "image": "b:1", "volumesFrom": [{"sourceContainer": "a"}]},
    ]
    one = task(containerDefinitions=both, volumes=[{"name": "v"}])
    with pytest.raises(CannotEdit, match="volumesFrom"):
        WRITER.edits(Change(one, "remove", one.volumes[0]))


@pytest.mark.parametrize("field", ["user_namespace", "automount_token", "host_network"])
def test_a_task_that_has_nothing_to_change_is_refused(field: str):
    with pytest.raises(CannotEdit):
        WRITER.edits(Change(task(), field, False))
