"""Neutral changes of manifests: what is read again is what was asked, on the lines that had to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batten.formats.kubernetes import READER, WRITER
from batten.formats.writers import writer_of
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Pointer
from batten.model.values import Capabilities, Profile, SELinux, User
from batten.model.verdict import Change
from batten.model.workload import Container, Device, Ulimit, Workload
from formats.kubernetes.reading import app, of, pod, read, read_data

CONTEXT: Pointer = ("spec", "containers", 0, "securityContext")
UID = 10001


def edits(target: Container | Workload, field: str, value: Any) -> list[Edit]:
    return WRITER.edits(Change(target, field, value))


def changed(target: Container | Workload, field: str, value: Any) -> Workload:
    """The workload read again after the change."""
    text = target.document.file.text()
    for splice in reversed(target.document.splices(edits(target, field, value))):
        text = text[: splice.start] + splice.text + text[splice.end :]
    identifier = target.workload if isinstance(target, Container) else target.id
    reading = read(text, target.document.file.path)
    return next(workload for workload in of(reading, Workload) if workload.id == identifier)


def changed_container(container: Container, field: str, value: Any) -> Container:
    workload = changed(container, field, value)
    return next(one for one in workload.containers if one.name == container.name)


def loose() -> Workload:
    """A workload in which everything that can be changed is written."""
    (workload,) = of(read_data("loose.yaml"), Workload)
    return workload


def silent() -> Workload:
    (workload,) = of(read_data("silent.yaml"), Workload)
    return workload


def called(workload: Workload, name: str) -> Container:
    return next(container for container in workload.containers if container.name == name)


def test_the_writer_is_found_for_its_platform():
    assert writer_of("kubernetes") is WRITER
    assert READER.name in WRITER.platforms


# ---------------------------------------------------------------------------- containers


@pytest.mark.parametrize(
    ("field", "value", "read_as", "wanted"),
    [
        ("privileged", False, "privileged", False),
        ("user", UID, "user", User(UID, None, "0", must_not_be_root=True)),
        ("seccomp", "runtime-default", "seccomp", Profile("runtime-default")),
        ("apparmor", "runtime-default", "apparmor", Profile("runtime-default")),
        ("selinux", None, "selinux", SELinux(level="s0:c1,c2")),
        ("proc_mount", "default", "proc_mount", "default"),
        ("host_process", False, "host_process", False),
        ("read_only_root", True, "read_only_root", True),
        ("memory_limit", 2 * 1024**3, "memory_limit", 2 * 1024**3),
        ("cpu_limit", 0.75, "cpu_limit", 0.75),
        ("image", "nginx:1.27@sha256:" + "ab" * 32, "image", None),
        (
            "drop_capabilities",
            ("ALL",),
            "capabilities",
            Capabilities(
                ("NET_ADMIN", "SYS_TIME", "CHOWN"), ("MKNOD", "ALL"), ("NET_ADMIN", "CAP_SYS_TIME", "chown"), None
            ),
        ),
        (
            "remove_capabilities",
            ("SYS_TIME", "CHOWN"),
            "capabilities",
            Capabilities(("NET_ADMIN",), ("MKNOD",)),
        ),
    ],
)
def test_a_written_field_is_changed_where_it_stands(field: str, value: Any, read_as: str, wanted: Any):
    container = called(loose(), "app")
    after = changed_container(container, field, value)
    found = getattr(after, read_as)
    assert (found.raw if field == "image" else found) == (value if field == "image" else wanted)
    if read_as in container.places and read_as != "selinux":
        assert after.places[read_as] == container.places[read_as]


@pytest.mark.parametrize(
    ("field", "value", "read_as", "wanted"),
    [
        ("privilege_escalation", False, "privilege_escalation", False),
        ("drop_capabilities", ("ALL",), "capabilities", Capabilities((), ("ALL",))),
        ("user", UID, "user", User(UID, must_not_be_root=True)),
        ("seccomp", "runtime-default", "seccomp", Profile("runtime-default")),
        ("apparmor", "runtime-default", "apparmor", Profile("runtime-default")),
        ("read_only_root", True, "read_only_root", True),
        ("memory_limit", 256 * 1024**2, "memory_limit", 256 * 1024**2),
        ("cpu_limit", 2.0, "cpu_limit", 2.0),
    ],
)
def test_a_field_that_is_not_written_is_added_to_the_container(field: str, value: Any, read_as: str, wanted: Any):
    (container,) = silent().containers
    after = changed_container(container, field, value)
    assert getattr(after, read_as) == wanted
    assert after.places[read_as][:3] == container.pointer


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("privileged", False),
        ("selinux", None),
        ("proc_mount", "default"),
        ("host_process", False),
        ("remove_capabilities", ("SYS_ADMIN",)),
    ],
)
def test_a_safe_default_needs_no_edit(field: str, value: Any):
    (container,) = silent().containers
    assert edits(container, field, value) == []


def test_a_user_that_the_pod_decides_is_changed_in_the_pod():
    container = called(loose(), "app")
    at = ("spec", "template", "spec", "securityContext")
    assert edits(container, "user", UID) == [Set((*at, "runAsUser"), UID), Set((*at, "runAsNonRoot"), True)]


def test_a_containers_written_false_gives_way_to_the_pods_user():
    container = app("securityContext: {runAsUser: 0}", "securityContext: {runAsNonRoot: false}")
    assert edits(container, "user", UID)[-1] == Set((*CONTEXT, "runAsNonRoot"), True)
    assert changed_container(container, "user", UID).user == User(UID, must_not_be_root=True)


def test_a_user_that_the_container_decides_is_changed_there():
    container = app("securityContext: {runAsUser: 5}", "securityContext: {runAsUser: 0}")
    assert edits(container, "user", UID) == [
        Set((*CONTEXT, "runAsUser"), UID),
        Set((*CONTEXT, "runAsNonRoot"), True),
    ]


def test_a_local_profile_takes_its_name_with_it():
    container = called(loose(), "app")
    at = (*container.pointer, "securityContext", "seccompProfile")
    assert edits(container, "seccomp", "runtime-default") == [
        Set((*at, "type"), "RuntimeDefault"),
        Remove((*at, "localhostProfile")),
    ]


def test_a_profile_of_the_pod_is_changed_in_the_pod():
    container = called(loose(), "agent")
    after = changed(container, "seccomp", "runtime-default")
    assert after.pod_seccomp == Profile("runtime-default")
    assert called(after, "agent").seccomp == Profile("runtime-default")


def test_a_deprecated_apparmor_annotation_is_changed_where_it_stands():
    container = called(loose(), "agent")
    after = changed(container, "apparmor", "runtime-default")
    assert called(after, "agent").apparmor == Profile("runtime-default")
    assert after.pod_annotations == {"container.apparmor.security.beta.kubernetes.io/agent": "runtime/default"}


def test_another_profile_than_the_runtimes_is_refused():
    with pytest.raises(CannotEdit, match="has to be loaded"):
        edits(app(), "seccomp", "localhost")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("{type: spc_t}", SELinux()),
        ("{user: u, role: r, type: spc_t, level: 's0'}", SELinux(level="s0")),
        ("{user: u, type: container_t}", SELinux(type="container_t")),
    ],
)
def test_custom_selinux_options_go_and_the_others_stay(options: str, wanted: SELinux):
    container = app("", f"securityContext: {{seLinuxOptions: {options}}}")
    assert changed_container(container, "selinux", None).selinux == wanted


def test_a_capability_is_removed_however_it_is_spelt_and_an_empty_list_goes():
    container = app("", "securityContext: {capabilities: {add: [cap_sys_admin, SYS_ADMIN], drop: [ALL]}}")
    assert edits(container, "remove_capabilities", ("SYS_ADMIN",)) == [Remove((*CONTEXT, "capabilities", "add"))]
    assert changed_container(container, "remove_capabilities", ("SYS_ADMIN",)).capabilities == Capabilities(
        (), ("ALL",)
    )


def test_all_is_added_in_the_spelling_that_admission_wants():
    container = app("", "securityContext: {capabilities: {drop: [all]}}")
    assert edits(container, "drop_capabilities", ("ALL",)) == [Append((*CONTEXT, "capabilities", "drop"), "ALL")]


def test_a_privileged_container_keeps_its_escalation_until_it_is_privileged_no_more():
    with pytest.raises(CannotEdit, match="fix PRV001 first"):
        edits(called(loose(), "app"), "privilege_escalation", False)


def test_the_full_name_of_sys_admin_forbids_to_forbid_escalation():
    container = app("", "securityContext: {capabilities: {add: [CAP_SYS_ADMIN]}}")
    with pytest.raises(CannotEdit, match="CAP_SYS_ADMIN"):
        edits(container, "privilege_escalation", False)


def test_a_limit_below_the_request_is_refused():
    container = called(loose(), "app")
    with pytest.raises(CannotEdit, match="requests 512Mi, more than a limit of 64Mi"):
        edits(container, "memory_limit", 64 * 1024**2)
    with pytest.raises(CannotEdit, match=r"requests 0\.5 cores, more than a limit of 0\.1"):
        edits(container, "cpu_limit", 0.1)


@pytest.mark.parametrize(("field", "value"), [("pids_limit", 100), ("devices", ()), ("nonsense", 1)])
def test_what_kubernetes_cannot_say_is_refused(field: str, value: Any):
    with pytest.raises(CannotEdit):
        edits(app(), field, value)


@pytest.mark.parametrize("field", ["user", "privilege_escalation", "seccomp", "drop_capabilities", "read_only_root"])
def test_what_windows_cannot_say_is_refused(field: str):
    with pytest.raises(CannotEdit, match="Windows"):
        edits(app("os: {name: windows}"), field, None)


def test_what_must_not_stand_in_a_pod_of_windows_can_go():
    container = app("os: {name: windows}", "securityContext: {privileged: true}")
    assert changed_container(container, "privileged", False).privileged is False


def test_an_ephemeral_container_is_not_changed():
    debug = pod("ephemeralContainers: [{name: debug, image: b, securityContext: {privileged: true}}]").containers[1]
    with pytest.raises(CannotEdit, match="ephemeral"):
        edits(debug, "privileged", False)


def test_what_a_template_decides_is_not_changed():
    with pytest.raises(CannotEdit, match="privileged is not known here"):
        edits(app("", "securityContext: {privileged: '{{ x }}'}"), "privileged", False)


# ---------------------------------------------------------------------------- removals


def test_parts_of_a_container_are_removed():
    container = called(loose(), "app")
    after = changed_container(container, "remove", container.mounts[0])
    assert [mount.volume for mount in after.mounts] == ["cache", "data"]
    after = changed_container(container, "remove", container.environment[1])
    assert [variable.name for variable in after.environment] == ["MODE", "COLOUR", "NODE"]
    after = changed_container(container, "remove", container.environment_from[0])
    assert [source.reference for source in after.environment_from] == ["look"]
    after = changed_container(container, "remove", container.probe_hosts[0])
    assert [probe.host for probe in after.probe_hosts] == ["stop.example"]


def test_a_published_port_is_no_more_published_but_still_there():
    container = called(loose(), "app")
    port = changed_container(container, "remove", container.ports[0]).ports[0]
    assert (port.container, port.host) == (80, 0)


def test_a_port_is_bound_to_an_address():
    container = called(loose(), "app")
    after = changed_container(container, "bind_port", (container.ports[0], "127.0.0.1"))
    assert after.ports[0].host_ip == "127.0.0.1"
    with pytest.raises(CannotEdit, match="not published"):
        edits(container, "bind_port", (container.ports[1], "127.0.0.1"))


@pytest.mark.parametrize("part", [Device("/dev/kvm"), Ulimit("nofile", 1, 1)])
def test_parts_that_kubernetes_does_not_have_are_refused(part: Any):
    with pytest.raises(CannotEdit, match="Kubernetes has no"):
        edits(app(), "remove", part)


def test_a_volume_goes_with_every_mount_of_it():
    workload = loose()
    after = changed(workload, "remove", workload.volumes[0])
    assert "socket" not in {volume.name for volume in after.volumes}
    assert "socket" not in {mount.volume for container in after.containers for mount in container.mounts}
    assert [mount.volume for mount in called(after, "app").mounts] == ["cache", "data"]
    assert called(after, "agent").mounts == ()


def test_a_volume_that_an_ephemeral_container_mounts_stays():
    workload = pod(
        "volumes: [{name: v, hostPath: {path: /}}], "
        "ephemeralContainers: [{name: debug, image: b, volumeMounts: [{name: v, mountPath: /host}]}]"
    )
    with pytest.raises(CannotEdit, match="ephemeral container debug mounts it"):
        edits(workload, "remove", workload.volumes[0])


def test_a_sysctl_is_removed():
    workload = loose()
    after = changed(workload, "remove", workload.sysctls[0])  # type: ignore[index]
    assert [sysctl.name for sysctl in after.sysctls] == ["net.core.somaxconn"]  # type: ignore[union-attr]


# ---------------------------------------------------------------------------- writable places


def test_writable_places_are_scratch_volumes_with_a_bound():
    (container,) = silent().containers
    after = changed(container, "memory_mounts", ("/tmp", "/var/cache/nginx"))
    assert [(mount.volume, mount.target, mount.read_only) for mount in after.containers[0].mounts] == [
        ("tmp", "/tmp", False),
        ("var-cache-nginx", "/var/cache/nginx", False),
    ]
    assert [(volume.name, volume.type) for volume in after.volumes] == [
        ("tmp", "emptyDir"),
        ("var-cache-nginx", "emptyDir"),
    ]
    assert edits(container, "memory_mounts", ("/tmp",))[0] == Append(
        ("spec", "volumes"), {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}
    )


def test_containers_of_one_pod_do_not_share_a_scratch_volume():
    workload = loose()
    names = [edits(called(workload, name), "memory_mounts", ("/tmp",))[0].value["name"] for name in ("app", "agent")]  # type: ignore[union-attr]
    assert names == ["app-tmp", "agent-tmp"]


def test_a_place_that_is_writable_already_gets_no_volume():
    container = called(loose(), "app")
    assert edits(container, "memory_mounts", ("/cache", "/cache/deep")) == []


def test_a_place_that_is_mounted_read_only_is_refused():
    with pytest.raises(CannotEdit, match="mounted read-only from volume data"):
        edits(called(loose(), "app"), "memory_mounts", ("/data",))


def test_a_name_that_is_taken_gets_a_number():
    container = app("volumes: [{name: tmp, secret: {secretName: s}}]")
    assert edits(container, "memory_mounts", ("/tmp",))[0].value["name"] == "tmp-2"  # type: ignore[union-attr]


def test_names_of_scratch_volumes_are_dns_labels():
    container = app()
    (append, _) = edits(container, "memory_mounts", ("/Var/lib_x/" + "y" * 99,))
    name = append.value["name"]  # type: ignore[union-attr]
    assert name.startswith("var-lib-x-yyy")
    assert len(name) <= 63


def test_a_template_of_an_argo_workflow_keeps_its_own_volumes():
    (workflow,) = of(read_data("workflow.yaml"), Workload)
    report = called(workflow, "report")
    assert [edit.pointer for edit in edits(report, "memory_mounts", ("/tmp",))] == [
        ("spec", "workflowSpec", "templates", 2, "volumes"),
        ("spec", "workflowSpec", "templates", 2, "script", "volumeMounts"),
    ]


# ---------------------------------------------------------------------------- workloads


@pytest.mark.parametrize("field", ["host_network", "host_pid", "host_ipc", "share_process_namespace"])
def test_what_is_shared_with_the_host_is_shared_no_more(field: str):
    assert getattr(changed(loose(), field, False), field) is False
    assert edits(silent(), field, False) == []


def test_the_token_is_not_mounted():
    assert changed(loose(), "automount_token", False).automount_token is False
    assert changed(silent(), "automount_token", False).automount_token is False


def test_a_pod_gets_a_user_namespace_unless_it_shares_the_hosts():
    assert changed(silent(), "user_namespace", True).user_namespace is True
    with pytest.raises(CannotEdit, match="hostNetwork"):
        edits(loose(), "user_namespace", True)


@pytest.mark.parametrize(
    ("field", "value", "read_as", "wanted"),
    [
        ("user", UID, "pod_user", User(UID, None, "0", must_not_be_root=True)),
        ("seccomp", "runtime-default", "pod_seccomp", Profile("runtime-default")),
        ("selinux", None, "pod_selinux", SELinux(level="s0:c1,c2")),
        ("apparmor", "runtime-default", "pod_apparmor", Profile("runtime-default")),
    ],
)
def test_the_pods_own_context_can_be_changed(field: str, value: Any, read_as: str, wanted: Any):
    assert getattr(changed(loose(), field, value), read_as) == wanted


def test_host_process_of_a_pod_is_turned_off_in_the_pod():
    container = app("securityContext: {windowsOptions: {hostProcess: true}}")
    assert changed(container, "host_process", False).pod_host_process is False


# ---------------------------------------------------------------------------- documents


def test_items_of_a_list_are_edited_in_json():
    first = of(read_data("list.json"), Workload)[0]
    after = changed(first.containers[0], "privileged", False)
    assert after.containers[0].privileged is False


def test_the_second_document_of_a_file_is_edited_in_its_place():
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: d}]}\n---\n"
    text += "apiVersion: v1\nkind: Pod\nmetadata:\n  name: b\nspec:\n  hostPID: true  # why?\n  containers: []\n"
    second = of(read(text), Workload)[1]
    (splice,) = second.document.splices(edits(second, "host_pid", False))
    assert text[: splice.start] + splice.text + text[splice.end :] == text.replace("true  # why", "false  # why")


# ---------------------------------------------------------------------------- real manifests

_HARDENING: dict[str, tuple[Any, Callable[[Container], bool]]] = {
    "privileged": (False, lambda one: one.privileged is False),
    "privilege_escalation": (False, lambda one: one.privilege_escalation is False),
    "drop_capabilities": (
        ("ALL",),
        lambda one: isinstance(one.capabilities, Capabilities) and one.capabilities.drops_all,
    ),
    "user": (UID, lambda one: isinstance(one.user, User) and one.user.uid == UID and one.user.must_not_be_root),
    "seccomp": ("runtime-default", lambda one: one.seccomp == Profile("runtime-default")),
    "apparmor": ("runtime-default", lambda one: one.apparmor == Profile("runtime-default")),
    "read_only_root": (True, lambda one: one.read_only_root is True),
    "memory_mounts": (("/tmp",), lambda one: any("/tmp".startswith(mount.target) for mount in one.mounts)),
    "memory_limit": (2**40, lambda one: one.memory_limit == 2**40),
}


def test_real_manifests_read_back_as_asked(shared_manifests: Path):
    tried = refused = 0
    for path in sorted(shared_manifests.rglob("*.yaml"))[::4]:
        if b"containers:" not in (data := path.read_bytes()):
            continue
        for workload in of(read(data.decode()), Workload)[:1]:
            for field, (value, holds) in _HARDENING.items():
                container = workload.containers[-1] if workload.containers else app()
                try:
                    if edits(container, field, value):
                        assert holds(changed_container(container, field, value)), (path, field)
                    tried += 1
                except CannotEdit:
                    refused += 1
    assert tried > 500
    assert refused < tried / 50
