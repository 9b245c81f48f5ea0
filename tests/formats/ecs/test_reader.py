"""ECS task definitions and services become workloads."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import batten.formats.ecs
from batten.formats.ecs import READER
from batten.formats.interface import Reading
from batten.limits import ECS_PROBLEMS
from batten.model.source import File
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Device, EnvSource, Sysctl, Ulimit, Workload
from formats.ecs.reading import FARGATE, WINDOWS, container, read, task

DATA = Path(__file__).parents[2] / "data" / "ecs"


@pytest.fixture(scope="module")
def shop() -> Workload:
    [noun] = read((DATA / "shop.json").read_text("utf-8")).nouns
    return noun


# --------------------------------------------------------------------------- a real definition


def test_a_task_on_instances_is_read_field_by_field(shop: Workload):
    assert (shop.kind, shop.name, shop.platform, shop.os) == ("TaskDefinition", "shop", "ecs", "linux")
    assert (shop.host_network, shop.host_pid, shop.host_ipc) == (True, True, True)
    assert (shop.task_role.rpartition("/")[2], shop.execution_role.rpartition("/")[2]) == (
        "shop-task",
        "shop-execution",
    )
    assert shop.sysctls == (Sysctl("net.core.somaxconn", "1024", ("containerDefinitions", 0, "systemControls", 0)),)


def test_a_container_is_read_field_by_field(shop: Workload):
    web = shop.containers[0]
    assert (web.name, web.image.registry, web.image.tag) == (
        "web",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "1.4",
    )
    assert (web.command, web.args) == (("/bin/web",), ("--port", "80"))
    assert web.user == User(uid=0, group="0")
    assert (web.privileged, web.privilege_escalation, web.read_only_root) == (True, True, False)
    assert web.capabilities == Capabilities(("SYS_ADMIN", "NET_BIND_SERVICE"), ("MKNOD",))
    assert (web.apparmor, web.selinux, web.seccomp) == (
        Profile("unconfined"),
        SELinux(type="spc_t"),
        Profile("runtime-default"),
    )
    assert (web.memory_limit, web.memory_request, web.cpu_limit, web.cpu_request) == (512 << 20, 256 << 20, None, 0.25)
    assert (web.healthcheck, web.log_driver, web.restart) == (True, "awslogs", "enabled")
    assert web.ulimits == (Ulimit("nofile", 1024, -1, ("containerDefinitions", 0, "ulimits", 0)),)
    [device] = web.devices
    assert (device.path, device.target, device.permissions) == ("/dev/fuse", "/dev/fuse", "rw")


def test_variables_say_where_they_come_from(shop: Workload):
    web = shop.containers[0]
    assert [(one.name, one.value, one.source) for one in web.environment] == [
        ("MODE", "live", "literal"),
        ("REGION", None, "unknown"),
        ("DB", None, "secret"),
    ]
    assert [(one.kind, one.reference) for one in web.environment_from] == [("file", "arn:aws:s3:::shop/web.env")]
    assert isinstance(web.environment_from[0], EnvSource)


def test_volumes_of_every_kind_are_read(shop: Workload):
    assert [(one.name, one.kind, one.type, one.source) for one in shop.volumes] == [
        ("sock", "host", "host", "/var/run/docker.sock"),
        ("scratch", "volume", "host", "scratch"),
        ("files", "other", "efsVolumeConfiguration", "fs-1"),
        ("open", "other", "efsVolumeConfiguration", "fs-2"),
        ("named", "volume", "dockerVolumeConfiguration", "named"),
        ("bound", "host", "dockerVolumeConfiguration", "/etc"),
        ("tmpfs:web:/run", "memory", "tmpfs", ""),
    ]
    assert [(one.volume, one.target, one.read_only) for one in shop.containers[0].mounts] == [
        ("sock", "/var/run/docker.sock", False),
        ("files", "/files", True),
        ("tmpfs:web:/run", "/run", True),
    ]


def test_mounts_of_another_container_are_had_through_volumes_from(shop: Workload):
    migrate = shop.containers[1]
    assert [(one.volume, one.read_only) for one in migrate.mounts][:2] == [("sock", True), ("files", True)]
    assert migrate.at(migrate.mounts[0]).location().line == 49


def test_containers_know_their_part(shop: Workload):
    assert [(one.name, one.kind) for one in shop.containers] == [
        ("web", "main"),
        ("migrate", "init"),
        ("logs", "sidecar"),
    ]


def test_facts_tell_how_volumes_are_encrypted(shop: Workload):
    assert {name: value for name, value in shop.facts.items() if name.startswith("efs")} == {
        "efs-encryption:files": "true",
        "efs-iam:files": "true",
        "efs-encryption:open": "false",
        "efs-iam:open": "false",
    }
    assert shop.places["fact:efs-encryption:files"][-1] == "transitEncryption"
    assert shop.places["fact:efs-encryption:open"] == ("volumes", 3, "efsVolumeConfiguration")


def test_places_lead_to_the_written_value(shop: Workload):
    place = shop.containers[0].where("privileged").location()
    assert (place.line, place.column, place.end_column) == (16, 21, 25)
    assert shop.where("host_pid").location().line == 6


def test_a_definition_in_yaml_is_read_with_its_places():
    [web] = read((DATA / "fargate.yaml").read_text("utf-8"), "fargate.yaml").nouns
    [app] = web.containers
    assert app.user == User(uid=101)
    assert app.capabilities.drops_all
    assert (app.memory_limit, app.cpu_limit) == (1 << 30, 0.5)
    assert app.where("memory_limit").location().line == 6
    assert app.where("user").location().line == 10


# ---------------------------------------------------------------------------- defaults, absent, set


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", User(decided_by="default")),
        ("privileged", False),
        ("privilege_escalation", True),
        ("capabilities", Capabilities()),
        ("seccomp", Profile("runtime-default")),
        ("apparmor", Profile("runtime-default")),
        ("selinux", SELinux()),
        ("read_only_root", False),
        ("memory_limit", None),
        ("cpu_limit", None),
        ("healthcheck", False),
        ("log_driver", ""),
        ("restart", ""),
        ("devices", ()),
        ("ulimits", ()),
        ("pids_limit", NOT_EXPRESSIBLE),
        ("proc_mount", NOT_EXPRESSIBLE),
    ],
)
def test_a_silent_container_has_the_engines_defaults_without_a_place(field: str, value: object):
    silent = container()
    assert getattr(silent, field) == value
    assert not silent.is_set(field)


FARGATE_LACKS = ("privileged", "privilege_escalation", "apparmor", "selinux", "devices")
WINDOWS_LACKS = (*FARGATE_LACKS, "user", "capabilities", "seccomp", "read_only_root", "ulimits")


@pytest.mark.parametrize(("fields", "lacking"), [(FARGATE, FARGATE_LACKS), (WINDOWS, WINDOWS_LACKS)])
def test_what_the_platform_lacks_is_not_expressible(fields: dict[str, Any], lacking: tuple[str, ...]):
    one = container({"privileged": True, "dockerSecurityOptions": ["apparmor:unconfined"]}, **fields)
    for name in lacking:
        assert getattr(one, name) is NOT_EXPRESSIBLE
        assert not one.is_set(name)


@pytest.mark.parametrize("fields", [FARGATE, WINDOWS])
def test_namespaces_of_the_host_are_not_expressible_there(fields: dict[str, Any]):
    one = task(pidMode="host", **fields)
    assert (one.host_network, one.host_pid, one.host_ipc) == (NOT_EXPRESSIBLE,) * 3


def test_a_definition_for_instances_and_fargate_is_judged_as_on_instances():
    one = container({"privileged": True}, requiresCompatibilities=["EC2", "FARGATE"])
    assert (one.privileged, one.privilege_escalation) == (True, True)


def test_a_definition_without_launch_type_is_for_instances():
    assert task().facts["launch-type"] == "EC2"
    assert task(requiresCompatibilities=["EC2", "EXTERNAL"]).facts["launch-type"] == "EC2,EXTERNAL"


@pytest.mark.parametrize(
    ("definition", "field", "value"),
    [
        ({"user": "app"}, "user", User(name="app")),
        ({"user": ""}, "user", User(decided_by="default")),
        ({"user": "${uid}"}, "user", UNKNOWN),
        ({"image": "<IMAGE1_NAME>"}, "image", UNKNOWN),
        ({"image": ""}, "image", UNKNOWN),
        ({"privileged": None}, "privileged", False),
        ({"privileged": "${privileged}"}, "privileged", UNKNOWN),
        ({"dockerSecurityOptions": ["no-new-privileges"]}, "privilege_escalation", False),
        ({"dockerSecurityOptions": ["no-new-privileges:false"]}, "privilege_escalation", True),
        ({"memory": "256"}, "memory_limit", 256 << 20),
        ({"memory": "${memory}"}, "memory_limit", UNKNOWN),
        ({"cpu": 0}, "cpu_request", None),
        ({"healthCheck": {"command": ["NONE"]}}, "healthcheck", False),
        ({"restartPolicy": {"enabled": False}}, "restart", ""),
        ({"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}, "capabilities", Capabilities((), ("ALL",))),
        ({"linuxParameters": {"devices": [{"hostPath": "/dev/a", "containerPath": "/dev/b"}]}}, "devices",
         (Device("/dev/a", "/dev/b", "rwm", ("containerDefinitions", 0, "linuxParameters", "devices", 0)),)),
    ],
)  # fmt: skip
def test_what_is_written_is_read(definition: dict[str, Any], field: str, value: object):
    assert getattr(container(definition), field) == value


@pytest.mark.parametrize(
    ("memory", "read_as"),
    [
        ("512", 512 << 20),
        (1024, 1 << 30),
        ("0.5GB", 512 << 20),
        ("1 GB", 1 << 30),
        ("${m}", UNKNOWN),
        ("lots", UNKNOWN),
    ],
)
def test_the_tasks_memory_bounds_every_container(memory: object, read_as: object):
    one = container(memory=memory)
    assert one.memory_limit == read_as
    assert one.places["memory_limit"] == ("memory",)


def test_a_containers_own_memory_comes_before_the_tasks():
    one = container({"memory": 128}, memory="512")
    assert (one.memory_limit, one.places["memory_limit"]) == (128 << 20, ("containerDefinitions", 0, "memory"))


def test_on_instances_of_windows_the_tasks_memory_is_ignored_and_cpu_is_a_limit():
    one = container({"cpu": 512}, memory="512", cpu="1024", **WINDOWS)
    assert (one.memory_limit, one.cpu_limit) == (None, 0.5)


def test_on_fargate_the_size_of_a_task_of_windows_bounds_its_containers():
    one = container(**FARGATE, **WINDOWS)
    assert (one.memory_limit, one.cpu_limit) == (512 << 20, 0.25)
    assert one.places["memory_limit"] == ("memory",)
    assert container({"cpu": 128, "memory": 64}, **FARGATE, **WINDOWS).cpu_limit == 0.125
    both = {"requiresCompatibilities": ["EC2", "FARGATE"]}
    assert container(**(FARGATE | both), **WINDOWS).memory_limit is None


@pytest.mark.parametrize(
    ("mode", "mapping", "host"),
    [
        ("awsvpc", {"containerPort": 80, "hostPort": 80}, 0),
        ("host", {"containerPort": 80}, 0),
        ("host", {"containerPort": 80, "hostPort": 80}, 80),
        ("bridge", {"containerPort": 80, "hostPort": 8080}, 8080),
        ("bridge", {"containerPort": 80, "hostPort": 0}, -1),
        ("bridge", {"containerPort": 80}, -1),
        ("bridge", {"containerPortRange": "80-90"}, -1),
        ("", {"containerPort": 80, "hostPort": "${port}"}, -1),
        ("none", {"containerPort": 80}, 0),
    ],
)
def test_a_port_is_published_as_the_network_mode_says(mode: str, mapping: dict[str, Any], host: int):
    [port] = container({"portMappings": [mapping]}, networkMode=mode).ports
    assert (port.container, port.host) == (80, host)


def test_a_port_whose_number_a_template_fills_in_is_left_out():
    assert container({"portMappings": [{"containerPort": "${port}"}]}).ports == ()


def test_processes_shared_in_the_task_are_told():
    assert task(pidMode="task").share_process_namespace is True
    assert task().share_process_namespace is False


def test_empty_texts_are_not_written():
    one = task(pidMode="", ipcMode="", networkMode="")
    assert (one.host_pid, one.is_set("host_pid"), one.network_mode) == (False, False, "")


# ------------------------------------------------------------------------------------- shapes


def names(value: Any, path: str = "task.json") -> list[tuple[str, str]]:
    return [(noun.kind, noun.name) for noun in read(json.dumps(value), path).nouns]


DEFINITION = {"family": "web", "containerDefinitions": [{"name": "a", "image": "a:1", "essential": True}]}


def test_what_describe_prints_is_read():
    described = {"taskDefinition": {**DEFINITION, "revision": 3, "registeredBy": "x"}, "tags": []}
    assert names(described) == [("TaskDefinition", "web")]


def test_the_family_is_read_from_the_arn_where_it_is_missing():
    arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/shop:8"
    described = {"taskDefinition": {"taskDefinitionArn": arn, "containerDefinitions": []}}
    assert names(described) == [("TaskDefinition", "shop")]


def test_several_definitions_in_one_file_are_read():
    assert names([DEFINITION, {"taskDefinition": {**DEFINITION, "family": "api"}}]) == [
        ("TaskDefinition", "web"),
        ("TaskDefinition", "api"),
    ]


def test_a_bare_list_of_containers_takes_the_files_name():
    bare = [{"name": "a", "image": "a:1", "portMappings": [], "user": "7"}]
    [noun] = read(json.dumps(bare), "web.task.json").nouns
    assert (noun.name, noun.containers[0].user, noun.containers[0].pointer) == ("web", User(uid=7), (0,))


SERVICE = {
    "serviceName": "web",
    "taskDefinition": "web:3",
    "launchType": "FARGATE",
    "enableExecuteCommand": True,
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": "ENABLED"}},
}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (SERVICE, ()),
        ({"service": SERVICE}, ("service",)),
        ({"services": [SERVICE], "failures": []}, ("services", 0)),
        ({**SERVICE, "service": "web", "serviceName": ""}, ()),
    ],
)
def test_a_service_gives_facts_with_their_places(value: dict[str, Any], pointer: tuple[str | int, ...]):
    [service] = read(json.dumps(value)).nouns
    assert (service.kind, service.name, service.containers) == ("Service", "web", ())
    assert (service.facts["exec"], service.facts["public-ip"]) == ("true", "true")
    assert (service.facts["launch-type"], service.facts["task-definition"]) == ("FARGATE", "web:3")
    assert service.places["fact:exec"] == (*pointer, "enableExecuteCommand")
    assert service.places["fact:public-ip"][-2:] == ("awsvpcConfiguration", "assignPublicIp")


def test_a_silent_service_has_the_defaults_of_the_api():
    silent = {
        "serviceName": "web",
        "taskDefinition": "web",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}},
    }
    [service] = read(json.dumps(silent)).nouns
    assert (service.facts["exec"], service.facts["public-ip"]) == ("false", "false")
    assert service.places["fact:public-ip"] == ("networkConfiguration", "awsvpcConfiguration")


def test_what_a_template_decides_is_a_problem_and_no_fact():
    network = {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": "${public}"}}
    service = {
        **SERVICE,
        "taskDefinition": "${task}",
        "enableExecuteCommand": "{{ exec }}",
        "networkConfiguration": network,
    }
    reading = read(json.dumps(service))
    assert reading.nouns[0].facts == {"launch-type": "FARGATE"}
    [told] = reading.problems
    assert told.message.startswith("enableExecuteCommand, assignPublicIp of web")
    volumes = [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs", "transitEncryption": "${t}"}}]
    reading = read(json.dumps({**DEFINITION, "volumes": volumes}))
    assert "efs-encryption:v" not in reading.nouns[0].facts
    assert reading.problems[0].message.startswith("transitEncryption of web")


def test_a_network_mode_that_a_template_decides_is_unknown():
    one = task({"portMappings": [{"containerPort": 80}]}, networkMode="${mode}", pidMode="{{ pid }}")
    assert (one.host_network, one.host_pid, one.network_mode) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert one.containers[0].ports[0].host == 0


def test_a_launch_type_that_a_template_decides_is_told():
    value = {**DEFINITION, "requiresCompatibilities": ["${launch_type}"]}
    [told] = read(json.dumps(value)).problems
    assert told.message.startswith("requiresCompatibilities of web")


def test_a_service_without_its_own_network_has_no_fact_of_it():
    [service] = read(json.dumps({"serviceName": "web", "serviceArn": "arn", "desiredCount": 2})).nouns
    assert "public-ip" not in service.facts
    assert service.replicas == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": []}}}}',
        '{"kind": "TaskDefinition", "spec": {"containerDefinitions": []}}',
        '{"services": {"web": {"image": "a"}}, "x-portMappings": 1}',
        '[{"name": "a", "portMappings": []}]',
        '"containerDefinitions"',
        "{}",
    ],
)
def test_other_peoples_documents_are_not_ours(text: str):
    assert not read(text).recognised


def test_cloudformation_is_not_ours():
    file = File("stack.yaml", (DATA / "cloudformation.yaml").read_bytes())
    assert not READER.wants(file)


# ------------------------------------------------------------------------------------- bad input


def test_a_template_that_is_no_json_is_told_where_it_begins():
    reading = read((DATA / "template-is-no-json.json").read_text())
    [told] = reading.problems
    assert (reading.recognised, told.line) == (True, 1)
    assert "render the task definition" in told.message


def test_broken_json_is_told_with_its_line():
    [told] = read((DATA / "trailing-comma.json").read_text()).problems
    assert told.line == 2


def test_broken_json_of_others_is_left_to_them():
    assert not read('{"portMappings": [,]}').recognised


def test_templates_in_judged_fields_are_one_problem():
    definition = [{"name": "a", "image": "${image}"}, {"name": "b", "image": "{{ image }}", "user": "${u}"}]
    reading = read(json.dumps({"family": "web", "containerDefinitions": definition}))
    [told] = reading.problems
    assert told.severe
    assert told.message.startswith("image, user of web")


def test_a_template_in_a_variable_is_no_problem():
    assert read(json.dumps({"containerDefinitions": [{"image": "a", "environment": [{"name": "A", "value": "${b}"}]}]})
                ).problems == []  # fmt: skip


def test_what_fargate_refuses_is_told_but_not_judged():
    value = {**DEFINITION, **FARGATE, "pidMode": "host"}
    value["containerDefinitions"] = [{"name": "a", "image": "a:1", "privileged": True}]
    [told] = read(json.dumps(value)).problems
    assert not told.severe
    assert "Fargate does not support privileged, pidMode host" in told.message


@pytest.mark.parametrize(
    "containers",
    [
        "text",
        None,
        [1, None, "x", []],
        [{"name": 1, "image": {}, "portMappings": "x", "environment": [1], "linuxParameters": []}],
        [{"mountPoints": [{}], "volumesFrom": [{"sourceContainer": "a"}], "secrets": {}, "ulimits": [{"name": []}]}],
        [{"name": "a", "volumesFrom": [{"sourceContainer": "a"}]}],
    ],
)
def test_any_shape_is_read_without_a_crash(containers: object):
    value = {
        "family": ["x"],
        "containerDefinitions": containers,
        "volumes": [None, {"name": "v", "host": 1}],
        "cpu": {},
    }
    reading = read(json.dumps(value))
    assert all(problem.line == 1 and problem.severe for problem in reading.problems)
    assert not reading.nouns or "/family: expected text, found a list; the API refuses this" in told(reading)


def told(reading: Reading) -> list[str]:
    return [problem.message for problem in reading.problems]


def test_values_of_another_type_are_told_with_their_line():
    value = {
        "family": "web",
        "containerDefinitions": [5, None, {"name": 7, "image": "a:1", "linuxParameters": [], "cpu": "1.5"}],
        "volumes": 7,
    }
    reading = read(json.dumps(value, indent=1))
    assert [(problem.line, problem.severe, problem.message) for problem in reading.problems] == [
        (4, True, "/containerDefinitions/0: expected a mapping, found 5; the API refuses this"),
        (5, True, "/containerDefinitions/1: expected a mapping, found null; the API refuses this"),
        (7, True, "/containerDefinitions/2/name: expected text, found 7; the API refuses this"),
        (9, True, "/containerDefinitions/2/linuxParameters: expected a mapping, found a list; the API refuses this"),
        (10, True, "/containerDefinitions/2/cpu: expected a whole number, found '1.5'; the API refuses this"),
        (13, True, "/volumes: expected a list, found 7; the API refuses this"),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"family": "web", "containerDefinitions": {"a": {}}}, "/containerDefinitions: expected a list, found a map"),
        ({"family": "web", "containerDefinitions": "${c}"}, "/containerDefinitions: filled in by a template; render"),
        ([{"name": "a", "image": "b", "essential": "no"}], "/0/essential: expected true or false, found 'no'; the API"),
        ({**SERVICE, "networkConfiguration": []}, "/networkConfiguration: expected a mapping, found a list; the API"),
    ],
)
def test_wrong_types_are_told_of_whatever_a_file_holds(value: object, message: str):
    [problem] = told(read(json.dumps(value)))
    assert problem.startswith(message)


def test_numbers_and_flags_written_as_text_and_empty_fields_are_no_problem():
    value = {"name": "a", "image": "b", "cpu": "256", "essential": "true", "portMappings": None, "links": 1}
    value["environment"] = [{"name": "PORT", "value": 8080}, {"name": "ON", "value": True}]
    assert told(read(json.dumps({"containerDefinitions": [value], "cpu": 256, "memory": "512", "volumes": None}))) == []


def test_a_file_of_nothing_but_wrong_types_is_summed_up():
    messages = told(read(json.dumps({"containerDefinitions": [1] * 1000})))
    assert len(messages) == ECS_PROBLEMS + 1
    assert messages[-1] == "more problems of this file are not listed"


# ------------------------------------------------------------------------- the API's own names


def test_every_field_that_is_read_or_written_is_one_of_the_api():
    known = {name for fields in json.loads((DATA / "fields.json").read_text()).values() for name in fields.split()} | {
        "type",
        "o",
        "device",
    }  # options of Docker's local volume driver
    methods = {"get", "at", "part", "parts", "text", "texts", "flag", "integer", "own"}
    used: set[str] = set()
    for path in Path(batten.formats.ecs.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
                used |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}
    used -= {"no_new_privileges"}
    assert len(used) > 50
    assert used - known - {"taskDefinitions"} == set()


@pytest.mark.parametrize("size", [80, 120, 200])
def test_json_that_is_cut_off_before_the_containers_is_told(size: int):
    text = json.dumps(
        {"family": "shop", **FARGATE, "executionRoleArn": "arn:aws:iam::1:role/a", "containerDefinitions": []}
    )
    text = text[: min(size, text.index("containerDef"))]
    assert READER.wants(File("task.json", text.encode()))
    assert len(read(text).problems) == 1


@pytest.mark.parametrize("text", ["family: shop\nnetworkMode: host\n", '{"family": "shop", "networkMode": "host"}'])
def test_a_definition_without_containers_is_told(text: str):
    path = "task.json" if text.startswith("{") else "task.yaml"
    assert READER.wants(File(path, text.encode()))
    [problem] = read(text, path).problems
    assert problem.message == "expected containerDefinitions in the task definition, found none: was the file cut off?"


def test_json_of_other_tools_with_a_network_mode_is_not_ours():
    assert not read('{"name": "vm", "networkMode": "host"').recognised
    assert not read('{"name": "vm", "networkMode": "host"}').recognised


def test_a_container_without_an_image_is_told_at_its_place():
    text = '{"family": "a", "containerDefinitions": [\n{"name": "b", "image": "c"},\n{"name": "d"}]}'
    [problem] = read(text).problems
    assert (problem.line, problem.severe) == (3, True)
    assert problem.message == (
        "/containerDefinitions/1: expected an image of the container, found none: was the file cut off?"
    )
