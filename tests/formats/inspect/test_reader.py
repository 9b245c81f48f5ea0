"""Records of Docker 20.10 and Podman 4.3 become workloads.

The files under tests/data/inspect were printed by those engines and shortened to the keys that matter.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batten.formats.inspect import READER
from batten.formats.interface import ReadContext, Reading
from batten.formats.writers import writer_of
from batten.model.edits import CannotEdit
from batten.model.source import File, Unreadable
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Container, Workload
from batten.sources.interface import NoFiles

DATA = Path(__file__).parents[2] / "data" / "inspect"
CONTEXT = ReadContext(NoFiles())


def read(name: str, data: bytes | None = None) -> Reading:
    return READER.read(File(name, data if data is not None else (DATA / name).read_bytes()), CONTEXT)


def records(name: str) -> dict[str, Workload]:
    return {noun.name: noun for noun in read(name).nouns}


DOCKER = records("docker-containers.json")
PODMAN = records("podman-containers.json")


def of(workload: Workload) -> Container:
    return workload.containers[0]


def changed(name: str, change: Callable[[dict[str, Any]], None], *, engine: str = "docker") -> Workload:
    """A recorded container with something changed in it."""
    [record] = [
        one for one in json.loads((DATA / f"{engine}-containers.json").read_text()) if one["Name"].endswith(name)
    ]
    change(record)
    [noun] = read("x.json", json.dumps([record]).encode()).nouns
    return noun


def host(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda record: record["HostConfig"].update(fields)


# ------------------------------------------------------------------------------------- Docker


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", User(uid=1000)),
        ("privileged", False),
        ("privilege_escalation", True),
        ("capabilities", Capabilities()),
        ("seccomp", Profile("runtime-default")),
        ("apparmor", UNKNOWN),
        ("selinux", SELinux()),
        ("proc_mount", "default"),
        ("read_only_root", False),
        ("memory_limit", None),
        ("cpu_limit", None),
        ("pids_limit", None),
        ("healthcheck", False),
        ("restart", ""),
        ("log_driver", "json-file"),
        ("devices", ()),
        ("host_process", NOT_EXPRESSIBLE),
    ],
)
def test_a_container_made_without_options_has_dockers_defaults(field: str, value: object):
    assert getattr(of(DOCKER["plain"]), field) == value


def test_what_a_record_says_has_its_place_even_where_it_is_nothing():
    plain = of(DOCKER["plain"])
    for field in ("memory_limit", "pids_limit", "capabilities", "privileged", "privilege_escalation"):
        assert plain.is_set(field)
    assert plain.where("pids_limit").location().line > plain.where("").location().line


def test_an_open_container_of_docker():
    loose = DOCKER["loose"]
    assert (loose.host_network, loose.host_pid, loose.host_ipc, loose.user_namespace) == (True, True, True, False)
    assert (of(loose).privileged, of(loose).user) == (True, User(uid=0, group="0"))
    assert of(loose).selinux == SELinux(disabled=True)
    assert [(one.kind, one.source, one.read_only) for one in loose.volumes] == [
        ("host", "/var/run", True),
        ("volume", "data", False),
        ("memory", "", False),
    ]
    assert [(one.path, one.target, one.permissions) for one in of(loose).devices] == [("/dev/null", "/dev/x", "rw")]
    assert [(one.name, one.value) for one in of(loose).environment] == [("PASSWORD", "hunter2")]


def test_a_hardened_container_of_docker():
    tight = of(DOCKER["tight"])
    assert tight.capabilities == Capabilities(("NET_BIND_SERVICE",), ("ALL",))
    assert (tight.privilege_escalation, tight.read_only_root, tight.healthcheck) == (False, True, True)
    assert (tight.memory_limit, tight.cpu_limit, tight.pids_limit) == (64 << 20, 0.5, 50)
    assert (tight.restart, tight.log_driver, tight.ulimits[0].hard) == ("on-failure", "none", 200)
    assert tight.seccomp == Profile("localhost")
    assert [one.target for one in tight.mounts] == ["/tmp"]
    assert [(one.name, one.value) for one in DOCKER["tight"].sysctls] == [("net.ipv4.ip_unprivileged_port_start", "0")]


def test_confinement_that_was_switched_off_is_seen():
    loose = of(DOCKER["open"])
    assert (loose.seccomp, loose.apparmor, loose.proc_mount) == (
        Profile("unconfined"),
        Profile("unconfined"),
        "unmasked",
    )
    assert loose.capabilities.add == ("SYS_ADMIN",)
    assert loose.pids_limit is None


def test_published_ports_and_networks_are_read():
    netted = DOCKER["netted"]
    assert {(one.container, one.host, one.host_ip, one.protocol) for one in of(netted).ports} == {
        (53, -1, "", "tcp"),
        (80, 8080, "127.0.0.1", "tcp"),
        (9000, 9000, "", "udp"),
        (9001, 9001, "", "udp"),
        (9002, 9002, "", "udp"),
    }
    assert (netted.networks, netted.network_mode) == (("n1",), "n1")


@pytest.mark.parametrize("mode", ["none", "host"])
def test_a_container_without_a_network_of_its_own_joins_none(mode: str):
    def change(record: dict[str, Any]) -> None:
        record["HostConfig"]["NetworkMode"] = mode
        record["NetworkSettings"]["Networks"] = {mode: {}}

    workload = changed("netted", change)
    assert (workload.network_mode, workload.networks) == (mode, ())


def test_a_container_of_an_image_without_user_runs_as_root():
    user = of(changed("plain", lambda record: record["Config"].update(User=""))).user
    assert (user.may_be_root, user.decided_by) == (True, "image")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (lambda record: record.update(HostsPath="/var/lib/docker/165536.165536/containers/ab/hosts"), True),
        (lambda record: record.update(LogPath="/home/ann/.local/share/docker/containers/ab/ab-json.log"), True),
        (lambda record: record.update(HostsPath="/var/lib/docker/containers/ab/hosts"), False),
        (host(UsernsMode="host"), False),
    ],
)
def test_user_namespaces_of_docker_show_in_its_paths(change: Callable[[dict[str, Any]], None], value: bool):
    assert changed("plain", change).user_namespace is value


@pytest.mark.parametrize(
    ("profile", "value"),
    [("docker-default", Profile("runtime-default")), ("mine", Profile("localhost", "mine")), ("", UNKNOWN)],
)
def test_the_apparmor_profile_is_read(profile: str, value: object):
    assert of(changed("plain", lambda record: record.update(AppArmorProfile=profile))).apparmor == value


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"PidsLimit": 0}, "pids_limit", None),
        ({"PidsLimit": -1}, "pids_limit", None),
        ({"CpuQuota": 150000, "CpuPeriod": 100000}, "cpu_limit", 1.5),
        ({"CpuQuota": 50000}, "cpu_limit", 0.5),
        ({"CpuQuota": -1}, "cpu_limit", None),
        ({"RestartPolicy": {"Name": "no"}}, "restart", ""),
        ({"RestartPolicy": None}, "restart", ""),
        ({"CapAdd": ["ALL"]}, "capabilities", Capabilities(("ALL",), ())),
        ({"SecurityOpt": ["no-new-privileges=true"]}, "privilege_escalation", False),
        ({"Privileged": True, "MaskedPaths": None}, "proc_mount", "default"),
    ],
)
def test_values_of_every_form_are_read(fields: dict[str, Any], name: str, value: object):
    assert getattr(of(changed("plain", host(**fields))), name) == value


def test_binds_are_read_where_the_record_has_no_mounts():
    def change(record: dict[str, Any]) -> None:
        record.pop("Mounts")
        record["HostConfig"]["Binds"] = ["/etc:/host:ro", "data:/data", "C:\\a:C:\\b"]

    found = changed("plain", change)
    assert [(one.kind, one.source, one.read_only) for one in found.volumes] == [
        ("host", "/etc", True),
        ("volume", "data", False),
        ("host", "C:\\a", False),
    ]


def test_containers_of_a_compose_project_share_a_scope():
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    found = changed("plain", lambda record: record["Config"].update(Labels=labels))
    assert (found.scope, found.labels) == ("shop", labels)
    assert DOCKER["plain"].scope == "."


def test_a_windows_container_says_so():
    assert changed("plain", lambda record: record.update(Platform="windows")).os == "windows"
    assert DOCKER["plain"].os == "linux"


def test_an_image_that_is_named_by_its_identifier_is_unknown():
    digest = "sha256:" + "0" * 64
    assert of(changed("plain", lambda record: record["Config"].update(Image=digest))).image is UNKNOWN


# ------------------------------------------------------------------------------------- Podman


def test_podman_is_told_from_docker():
    assert {noun.platform for noun in PODMAN.values()} == {"podman"}
    assert {noun.platform for noun in DOCKER.values()} == {"docker"}


def test_an_open_container_of_podman():
    loose = PODMAN["loose"]
    assert (loose.host_network, loose.host_pid, loose.host_ipc, loose.user_namespace) == (True, True, True, False)
    # the record itself says `shareable`; the command that made the container says `host`
    assert loose.where("host_ipc").pointer[-2] == "CreateCommand"
    assert of(loose).privileged is True
    assert of(loose).capabilities == Capabilities()
    assert [one.path for one in of(loose).devices] == ["/dev/null"]
    assert of(loose).selinux == SELinux(disabled=True)
    assert [(one.kind, one.source) for one in loose.volumes] == [("volume", "data"), ("host", "/var/run")]


def test_a_hardened_container_of_podman():
    tight = of(PODMAN["tight"])
    assert tight.capabilities == Capabilities(("NET_BIND_SERVICE",), ("ALL",))
    assert (tight.privilege_escalation, tight.read_only_root) == (False, True)
    assert (tight.memory_limit, tight.cpu_limit, tight.pids_limit) == (64 << 20, 0.5, 50)
    assert tight.seccomp == Profile("localhost", "/etc/shop/seccomp.json")
    assert tight.ulimits[0].name == "nofile"
    assert {(one.container, one.host, one.host_ip) for one in tight.ports} == {
        (80, 8080, "127.0.0.1"),
        (9000, 9000, ""),
        (9001, 9001, ""),
        (9002, 9002, ""),
    }
    assert PODMAN["tight"].sysctls[0].name == "net.ipv4.ip_unprivileged_port_start"


def test_podmans_own_limit_of_processes_is_a_limit():
    assert of(PODMAN["userns2"]).pids_limit == 2048


def test_all_capabilities_are_dropped_also_where_no_command_is_recorded():
    def forget(record: dict[str, Any]) -> None:
        record["Config"].pop("CreateCommand")

    assert of(changed("tight", forget, engine="podman")).capabilities == Capabilities(("NET_BIND_SERVICE",), ("ALL",))


def test_one_dropped_capability_is_not_all():
    def change(record: dict[str, Any]) -> None:
        record["Config"].pop("CreateCommand")
        record["HostConfig"]["CapDrop"] = ["CAP_MKNOD"]

    assert of(changed("userns2", change, engine="podman")).capabilities == Capabilities((), ("MKNOD",))


def test_added_capabilities_lose_their_prefix():
    found = changed("userns2", host(CapAdd=["CAP_NET_ADMIN"]), engine="podman")
    assert of(found).capabilities.add == ("NET_ADMIN",)


def test_unmasked_paths_are_read_from_the_command():
    def change(record: dict[str, Any]) -> None:
        record["Config"]["CreateCommand"] = ["podman", "run", "--security-opt", "unmask=ALL", "app"]

    assert of(changed("userns2", change, engine="podman")).proc_mount == "unmasked"


def test_arguments_of_the_container_are_no_options():
    def change(record: dict[str, Any]) -> None:
        record["Config"]["CreateCommand"] = ["podman", "run", "-d", "app", "--ipc=host"]

    assert changed("userns2", change, engine="podman").host_ipc is False


def test_mapped_ids_and_rootless_containers_are_in_a_user_namespace():
    assert PODMAN["userns2"].user_namespace is True
    assert PODMAN["rootless"].user_namespace is True
    unknown = changed("loose", lambda record: [record.pop(key) for key in ("ConmonPidFile", "PidFile", "StaticDir")],
                      engine="podman")  # fmt: skip
    assert unknown.user_namespace is UNKNOWN


def test_the_entry_point_is_a_text_before_podman_5_and_a_list_since():
    for value in ("/bin/app -v", ["/bin/app", "-v"]):
        found = changed("tight", lambda record, value=value: record["Config"].update(Entrypoint=value), engine="podman")
        assert of(found).command == ("/bin/app", "-v")


# ------------------------------------------------------------------------- other records, bad input


@pytest.mark.parametrize(("name", "platform"), [("docker-image.json", "docker"), ("podman-image.json", "podman")])
def test_of_an_image_user_and_commands_are_known(name: str, platform: str):
    [image] = read(name).nouns
    assert (image.kind, image.name, image.platform) == ("Image", "localhost/tiny:1", platform)
    assert (of(image).user, of(image).args) == (User(uid=1000), ("/bin/true",))
    assert of(image).privileged is NOT_EXPRESSIBLE


@pytest.mark.parametrize("name", ["docker-volume", "docker-network", "podman-volume", "podman-network"])
def test_volumes_and_networks_are_recognised_and_give_nothing(name: str):
    file = File(f"{name}.json", (DATA / f"{name}.json").read_bytes())
    assert READER.wants(file)
    reading = READER.read(file, CONTEXT)
    assert (reading.recognised, reading.nouns) == (True, [])


def test_a_single_object_is_a_record_too():
    [record, *_] = json.loads((DATA / "docker-containers.json").read_text())
    [noun] = read("x.json", json.dumps(record).encode()).nouns
    assert (noun.name, noun.pointer) == ("plain", ())


def test_records_are_not_edited():
    for platform in ("docker", "podman"):
        with pytest.raises(CannotEdit, match="recreate"):
            writer_of(platform)


@pytest.mark.parametrize("text", ['[{"HostConfig": {}}]', '{"kind": "Pod", "Config": "HostConfig"}', "[1, null]", "[]"])
def test_other_json_is_not_ours(text: str):
    assert not read("x.json", text.encode()).recognised


def test_yaml_is_not_ours():
    assert not READER.wants(File("x.yaml", b'a: "HostConfig"\n'))


def test_cut_off_records_are_told():
    data = (DATA / "docker-containers.json").read_bytes()[:900]
    with pytest.raises(Unreadable) as error:
        read("cut.json", data)
    assert error.value.line


@pytest.mark.parametrize(
    "record",
    [
        {"Config": None, "HostConfig": None},
        {"Config": [], "HostConfig": "x", "Mounts": {}, "Name": 3},
        {"Config": {"Env": [1, None], "Labels": [], "Entrypoint": {}}, "HostConfig": {"PortBindings": {"x/y": [{}]}}},
        {"Config": {"User": {}}, "HostConfig": {"Memory": "x", "Ulimits": [{}], "Tmpfs": [], "Sysctls": 1}},
        {"Config": {"CreateCommand": ["podman", "run", 5]}, "HostConfig": {}, "OCIRuntime": "crun", "Mounts": [{}]},
        {"Config": {"CreateCommand": "run"}, "HostConfig": {"PortBindings": {"80/tcp": None}}, "OCIRuntime": 1},
    ],
)
def test_any_shape_is_read_without_a_crash(record: dict[str, Any]):
    assert len(read("x.json", json.dumps(record).encode()).nouns) == 1


def test_a_record_that_is_cut_off_before_its_settings_is_told() -> None:
    data = (DATA / "docker-containers.json").read_bytes()
    data = data[: data.index(b'"HostConfig"')]
    assert READER.wants(File("inspect.json", data))
    with pytest.raises(Unreadable, match="expected"):
        read("inspect.json", data)
