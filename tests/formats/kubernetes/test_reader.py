"""Pods and controllers become workloads; each field is set, a default, or absent for a reason."""

import pytest

from batten.model.image import ImageReference
from batten.model.source import pointer_text
from batten.model.values import NOT_EXPRESSIBLE, Capabilities, Profile, SELinux, User
from batten.model.workload import (
    Container,
    EnvSource,
    EnvVar,
    Mount,
    Port,
    ProbeHost,
    Resource,
    Sysctl,
    Volume,
    Workload,
)
from formats.kubernetes.reading import app, of, pod, read, read_data, workload

POD = ("spec", "template", "spec")
APP = (*POD, "containers", 0)


@pytest.fixture(scope="module")
def web() -> Workload:
    (found,) = of(read_data("loose.yaml"), Workload)
    return found


@pytest.fixture(scope="module")
def loose(web: Workload) -> Container:
    return next(container for container in web.containers if container.name == "app")


@pytest.fixture(scope="module")
def silent() -> Workload:
    (found,) = of(read_data("silent.yaml"), Workload)
    return found


# ---------------------------------------------------------------------------- the workload


def test_a_deployment_is_read_field_by_field(web: Workload):
    assert (web.kind, web.name, web.namespace, web.platform) == ("Deployment", "web", "shop", "kubernetes")
    assert (web.host_network, web.host_pid, web.host_ipc) == (True, True, True)
    assert web.user_namespace is False
    assert (web.share_process_namespace, web.automount_token, web.service_account) == (True, True, "web")
    assert web.replicas == 3
    assert web.labels == {"app": "web", "tier": "front"}
    assert web.facts == {"runtime-class": "runc", "node-os": "linux"}
    assert web.sysctls == (
        Sysctl("kernel.msgmax", "65536", (*POD, "securityContext", "sysctls", 0)),
        Sysctl("net.core.somaxconn", "1024", (*POD, "securityContext", "sysctls", 1)),
    )


def test_annotations_of_the_object_and_the_template_are_told_apart(web: Workload):
    assert set(web.annotations) == {"team", "container.apparmor.security.beta.kubernetes.io/agent"}
    assert set(web.pod_annotations) == {"container.apparmor.security.beta.kubernetes.io/agent"}


def test_what_the_pod_says_itself_is_kept(web: Workload):
    assert web.pod_user == User(0, None, "0", False, "manifest")
    assert web.pod_run_as_non_root is False
    assert web.pod_seccomp == Profile("unconfined")
    assert web.pod_selinux == SELinux(type="spc_t", level="s0:c1,c2")
    assert web.pod_apparmor is None
    assert web.pod_host_process is None


def test_every_set_field_of_a_workload_has_its_place(web: Workload):
    places = {name: pointer_text(place).removeprefix("/spec/template/spec/") for name, place in web.places.items()}
    assert places == {
        "annotations": "/spec/template/metadata/annotations",
        "replicas": "/spec/replicas",
        "host_network": "hostNetwork",
        "host_pid": "hostPID",
        "host_ipc": "hostIPC",
        "user_namespace": "hostUsers",
        "share_process_namespace": "shareProcessNamespace",
        "automount_token": "automountServiceAccountToken",
        "service_account": "serviceAccountName",
        "sysctls": "securityContext/sysctls",
        "pod_user": "securityContext/runAsUser",
        "pod_run_as_non_root": "securityContext/runAsNonRoot",
        "pod_seccomp": "securityContext/seccompProfile/type",
        "pod_selinux": "securityContext/seLinuxOptions",
    }


def test_places_become_lines_and_columns(web: Workload, loose: Container):
    assert web.where("host_pid").location().line == 23
    location = loose.where("privileged").location()
    assert (location.line, location.column) == (93, 23)


def test_pointers_lead_to_the_object_its_metadata_and_the_template(web: Workload, silent: Workload):
    assert (web.object_pointer, web.metadata_pointer, web.pointer) == ((), ("metadata",), POD)
    assert web.template_pointer == ("spec", "template", "metadata")
    assert silent.template_pointer == ()


def test_volumes_keep_the_platforms_word_and_what_is_behind(web: Workload):
    at = (*POD, "volumes")
    assert web.volumes == (
        Volume("socket", "host", "hostPath", "/var/run/docker.sock", (*at, 0)),
        Volume("cache", "memory", "emptyDir", "", (*at, 1)),
        Volume("scratch", "volume", "emptyDir", "", (*at, 2)),
        Volume("data", "volume", "persistentVolumeClaim", "data", (*at, 3)),
        Volume("keys", "secret", "secret", "keys", (*at, 4)),
        Volume("look", "config", "configMap", "look", (*at, 5)),
        Volume("nothing", "volume", "", "", (*at, 6)),
    )


def test_a_silent_pod_has_the_platforms_defaults(silent: Workload):
    assert silent.places == {}
    assert (silent.host_network, silent.host_pid, silent.host_ipc, silent.share_process_namespace) == (False,) * 4
    assert silent.user_namespace is False
    assert silent.automount_token is None
    assert silent.service_account == "default"
    assert silent.sysctls == ()
    assert (silent.pod_user, silent.pod_seccomp, silent.pod_run_as_non_root) == (None, None, None)
    assert silent.replicas is None
    assert silent.network_mode is NOT_EXPRESSIBLE


def test_host_users_false_is_a_user_namespace():
    assert pod("hostUsers: false").user_namespace is True


def test_the_old_name_of_the_service_account_counts_where_the_new_one_is_empty():
    old = pod("serviceAccount: old")
    assert (old.service_account, old.places["service_account"]) == ("old", ("spec", "serviceAccount"))
    assert pod("serviceAccount: old, serviceAccountName: new").service_account == "new"


@pytest.mark.parametrize(("name", "read_as"), [("windows", "windows"), ("linux", "linux"), ("Windows", "")])
def test_the_system_is_the_one_that_the_manifest_names(name: str, read_as: str):
    found = pod(f"os: {{name: {name}}}")
    assert (found.os, found.containers[0].os) == (read_as, read_as)


def test_workloads_of_one_name_in_a_file_have_identifiers_of_their_own():
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"
    found = of(read(f"{text}---\n{text}", "k8s/pods.yaml"), Workload)
    assert [one.id for one in found] == ["k8s/kubernetes//Pod/p", "k8s/kubernetes//Pod/p#2"]
    assert [one.containers[0].workload for one in found] == [one.id for one in found]
    assert {one.scope for one in found} == {"k8s"}


# ---------------------------------------------------------------------------- containers


def test_containers_come_in_the_order_in_which_they_start(web: Workload):
    kinds = [(container.name, container.kind) for container in web.containers]
    assert kinds == [("migrate", "init"), ("proxy", "sidecar"), ("app", "main"), ("agent", "main")]


def test_ephemeral_containers_are_read():
    found = pod("ephemeralContainers: [{name: debug, image: busybox, securityContext: {privileged: true}}]")
    debug = found.containers[1]
    assert (debug.kind, debug.privileged, debug.memory_limit) == ("ephemeral", True, NOT_EXPRESSIBLE)


def test_a_container_is_read_field_by_field(loose: Container):
    assert loose.resource == Resource("kubernetes", "Deployment", "web", "shop", "app")
    assert loose.image == ImageReference("nginx", "docker.io", "library/nginx")
    assert (loose.command, loose.args) == (("/bin/sh", "-c"), ("exec nginx",))
    assert (loose.privileged, loose.privilege_escalation, loose.read_only_root) == (True, True, False)
    assert (loose.proc_mount, loose.host_process) == ("unmasked", True)
    assert loose.capabilities == Capabilities(
        ("NET_ADMIN", "SYS_TIME", "CHOWN"), ("MKNOD",), ("NET_ADMIN", "CAP_SYS_TIME", "chown"), None
    )
    assert loose.seccomp == Profile("localhost", "profiles/app.json")
    assert loose.apparmor == Profile("unconfined")
    assert loose.selinux == SELinux(type="spc_t", level="s0:c1,c2")
    assert (loose.memory_limit, loose.memory_request) == (1024**3, 512 * 1024**2)
    assert (loose.cpu_limit, loose.cpu_request) == (1.5, 0.5)
    assert loose.healthcheck is True
    for field in ("pids_limit", "ulimits", "devices", "log_driver"):
        assert getattr(loose, field) is NOT_EXPRESSIBLE


def test_every_set_field_of_a_container_has_its_place(loose: Container):
    places = {name: pointer_text(place[len(APP) :]) for name, place in loose.places.items() if place[:5] == APP}
    assert places == {
        "image": "/image",
        "command": "/command",
        "args": "/args",
        "privileged": "/securityContext/privileged",
        "privilege_escalation": "/securityContext/allowPrivilegeEscalation",
        "read_only_root": "/securityContext/readOnlyRootFilesystem",
        "proc_mount": "/securityContext/procMount",
        "host_process": "/securityContext/windowsOptions/hostProcess",
        "capabilities": "/securityContext/capabilities",
        "capabilities.add": "/securityContext/capabilities/add",
        "capabilities.drop": "/securityContext/capabilities/drop",
        "seccomp": "/securityContext/seccompProfile/type",
        "apparmor": "/securityContext/appArmorProfile/type",
        "memory_limit": "/resources/limits/memory",
        "memory_request": "/resources/requests/memory",
        "cpu_limit": "/resources/limits/cpu",
        "cpu_request": "/resources/requests/cpu",
        "healthcheck": "/readinessProbe",
    }


def test_a_field_that_the_pod_decides_stands_in_the_pod(loose: Container):
    assert loose.user == User(0, None, "0", False, "manifest")
    assert loose.places["user"] == (*POD, "securityContext", "runAsUser")
    assert loose.places["selinux"] == (*POD, "securityContext", "seLinuxOptions")


def test_lists_of_a_container_are_read_with_their_pointers(loose: Container):
    assert loose.ports == (
        Port(80, 8080, "10.0.0.5", "tcp", pointer=(*APP, "ports", 0)),
        Port(53, 0, "", "udp", pointer=(*APP, "ports", 1)),
    )
    assert loose.environment == (
        EnvVar("MODE", "production", pointer=(*APP, "env", 0)),
        EnvVar("PASSWORD", None, "secret", "db/password", (*APP, "env", 1)),
        EnvVar("COLOUR", None, "config", "look/colour", (*APP, "env", 2)),
        EnvVar("NODE", None, "field", "spec.nodeName", (*APP, "env", 3)),
    )
    assert loose.environment_from == (
        EnvSource("secret", "everything", (*APP, "envFrom", 0)),
        EnvSource("config", "look", (*APP, "envFrom", 1)),
    )
    assert loose.mounts[0] == Mount("socket", "/var/run/docker.sock", False, (*APP, "volumeMounts", 0))
    assert loose.mounts[2].read_only
    assert loose.probe_hosts == (
        ProbeHost("readinessProbe.httpGet", "probe.example", (*APP, "readinessProbe", "httpGet", "host")),
        ProbeHost("lifecycle.preStop.tcpSocket", "stop.example", (*APP, "lifecycle", "preStop", "tcpSocket", "host")),
    )


def test_a_silent_container_has_the_platforms_defaults(silent: Workload):
    (container,) = silent.containers
    assert set(container.places) == {"image"}
    assert container.user == User(decided_by="default")
    assert container.user.may_be_root
    assert (container.privileged, container.privilege_escalation, container.read_only_root) == (False, True, False)
    assert container.capabilities == Capabilities()
    assert (container.seccomp, container.apparmor) == (Profile("unconfined"), Profile("runtime-default"))
    assert (container.selinux, container.proc_mount, container.host_process) == (SELinux(), "default", False)
    assert (container.memory_limit, container.cpu_limit) == (None, None)
    assert container.healthcheck is False
    assert container.restart == ""


def test_init_containers_cannot_be_probed(web: Workload):
    assert [container.healthcheck for container in web.containers[:2]] == [NOT_EXPRESSIBLE, False]


def test_the_containers_user_comes_before_the_pods():
    container = app("securityContext: {runAsUser: 0, runAsGroup: 7}", "securityContext: {runAsUser: 1000}")
    assert container.user == User(1000, None, "7")
    assert container.places["user"] == ("spec", "containers", 0, "securityContext", "runAsUser")


def test_a_written_false_of_the_container_overrides_the_pods_run_as_non_root():
    container = app("securityContext: {runAsNonRoot: true}", "securityContext: {runAsNonRoot: false}")
    assert isinstance(container.user, User)
    assert not container.user.must_not_be_root
    assert container.places["user"] == ("spec", "containers", 0, "securityContext", "runAsNonRoot")


def test_run_as_non_root_of_the_pod_holds_for_a_container_with_a_context_of_its_own():
    container = app("securityContext: {runAsNonRoot: true}", "securityContext: {privileged: false}")
    assert container.user == User(must_not_be_root=True)
    assert container.places["user"] == ("spec", "securityContext", "runAsNonRoot")


@pytest.mark.parametrize(
    ("written", "profile"),
    [
        ("{type: RuntimeDefault}", Profile("runtime-default")),
        ("{type: Unconfined}", Profile("unconfined")),
        ("{type: Localhost, localhostProfile: a.json}", Profile("localhost", "a.json")),
        ("{type: runtimeDefault}", Profile("other", "runtimeDefault")),
        ("{}", Profile("other", "")),
    ],
)
def test_words_of_a_seccomp_profile_are_taken_exactly(written: str, profile: Profile):
    container = app("", f"securityContext: {{seccompProfile: {written}}}")
    assert container.seccomp == profile
    assert container.is_set("seccomp")


def test_names_of_fields_are_taken_exactly():
    container = app("hostnetwork: true", "securitycontext: {privileged: true}")
    assert container.privileged is False


def test_a_written_null_is_not_written():
    container = app("securityContext: null", "securityContext: {privileged: null, seccompProfile: null}")
    assert set(container.places) == {"image"}


@pytest.mark.parametrize(
    ("word", "neutral"),
    [("Default", "default"), ("Unmasked", "unmasked"), ("default", '"default"'), ("", ""), ("Other", "Other")],
)
def test_unknown_words_of_proc_mount_are_not_taken_for_known_ones(word: str, neutral: str):
    assert app("", f"securityContext: {{procMount: '{word}'}}").proc_mount == neutral


# ---------------------------------------------------------------------------- AppArmor


ANNOTATED = "annotations: {{container.apparmor.security.beta.kubernetes.io/app: '{}'}}"


@pytest.mark.parametrize(
    ("word", "profile"),
    [
        ("unconfined", Profile("unconfined")),
        ("runtime/default", Profile("runtime-default")),
        ("localhost/app", Profile("localhost", "app")),
        ("nonsense", Profile("other", "nonsense")),
    ],
)
def test_the_deprecated_apparmor_annotation_counts(word: str, profile: Profile):
    container = app(metadata=ANNOTATED.format(word))
    assert container.apparmor == profile
    place = container.places["apparmor"]
    assert place == ("metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/app")


def test_the_apparmor_annotation_stands_in_the_template_of_a_controller(web: Workload):
    agent = web.containers[-1]
    assert agent.apparmor == Profile("unconfined")
    assert agent.places["apparmor"][:4] == ("spec", "template", "metadata", "annotations")


def test_the_apparmor_field_of_the_container_comes_before_the_annotation_and_that_before_the_pod():
    pod_field = "securityContext: {appArmorProfile: {type: Unconfined}}"
    own = "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: x}}"
    annotation = ANNOTATED.format("runtime/default")
    assert app(pod_field, own, annotation).apparmor == Profile("localhost", "x")
    assert app(pod_field, "", annotation).apparmor == Profile("runtime-default")
    assert app(pod_field).apparmor == Profile("unconfined")


def test_an_empty_apparmor_annotation_says_nothing():
    assert "apparmor" not in app(metadata=ANNOTATED.format("")).places


# ---------------------------------------------------------------------------- resources


def test_a_request_that_is_not_written_is_as_high_as_the_limit():
    container = app("", "resources: {limits: {memory: 64Mi, cpu: 250m}}")
    assert (container.memory_request, container.cpu_request) == (64 * 1024**2, 0.25)
    assert not container.is_set("memory_request")


def test_the_pods_own_resources_hold_its_containers():
    found = pod("resources: {limits: {memory: 1Gi}}", "resources: {requests: {memory: 10Mi}}")
    (container,) = found.containers
    assert container.memory_limit == 1024**3
    assert container.places["memory_limit"] == ("spec", "resources", "limits", "memory")
    assert container.memory_request == 10 * 1024**2


def test_a_volume_with_two_sources_is_told_and_gives_both():
    text = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}], volumes: [%s]}}"
    reading = read(text % "{name: v, emptyDir: {}, hostPath: {path: /}}")
    (found,) = of(reading, Workload)
    assert [(volume.type, volume.pointer) for volume in found.volumes] == [
        ("emptyDir", ("spec", "volumes", 0)),
        ("hostPath", ("spec", "volumes", 0)),
    ]
    assert "expected one source for volume 'v', found emptyDir, hostPath" in reading.problems[0].message


def test_a_sources_name_in_the_wrong_case_is_no_source():
    (volume,) = pod("volumes: [{name: v, hostpath: {path: /}}]").volumes
    assert (volume.kind, volume.type) == ("volume", "")


def test_anchors_and_merge_keys_are_followed():
    found = workload(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
        "  - name: a\n    image: app:1\n    securityContext: &hard\n      privileged: true\n"
        "  - name: b\n    image: app:1\n    securityContext:\n      <<: *hard\n      runAsUser: 0\n"
    )
    assert [container.privileged for container in found.containers] == [True, True]
