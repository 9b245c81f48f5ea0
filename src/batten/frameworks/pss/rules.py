"""What each control of the Pod Security Standards forbids, on the model's fields.

A rule looks at a workload under policy version 1.`minor` and tells everything it blames. Fields that the
platform cannot express, or that nobody can know before a template is rendered, are not blamed.

Source: kubernetes.io/docs/concepts/security/pod-security-standards, and the behaviour of
k8s.io/pod-security-admission, which decides where the page is silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from batten.model.source import Place
from batten.model.values import Absent, Capabilities, Profile, SELinux
from batten.model.workload import Container, Volume, Workload


class Blame(Struct, frozen=True, eq=False):
    """One thing that a control forbids. `container` is "" where the pod (the workload) itself is blamed."""

    what: str
    place: Place
    container: str = ""
    value: str = ""


WINDOWS_EXEMPT = 25
"""From 1.25 what only Linux can express is not asked of pods whose `spec.os.name` is `windows`."""
USER_NAMESPACES = 35
"""From 1.35 pods in a user namespace of their own may be root in it."""

# what a container may add to the runtime's default set, which all versions agree on
DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
SELINUX_ENGINE = 31  # container_engine_t came with 1.31
# sysctl -> the minor version that first allowed it
SYSCTLS = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
}
# Volume sources of the Kubernetes API that `restricted` refuses. Any other key is either allowed or
# unknown to the API server, which drops it and makes the volume an emptyDir.
REFUSED_VOLUMES = frozenset(
    {
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "fc",
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "gitRepo",
        "glusterfs",
        "hostPath",
        "iscsi",
        "nfs",
        "photonPersistentDisk",
        "portworxVolume",
        "quobyte",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
    }
)
APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def host_process(workload: Workload, minor: int) -> Iterator[Blame]:
    what = "runs as a process of the Windows host"
    if workload.pod_host_process is True:
        yield Blame(what, workload.where("pod_host_process"))
    for container in workload.containers:
        if container.host_process is True and container.is_set("host_process"):
            yield Blame(what, container.where("host_process"), container.name)


def host_namespaces(workload: Workload, minor: int) -> Iterator[Blame]:
    for field, word in (("host_network", "network"), ("host_pid", "process ids"), ("host_ipc", "IPC")):
        if getattr(workload, field) is True:
            yield Blame("shares namespaces with the host", workload.where(field), value=word)


def privileged(workload: Workload, minor: int) -> Iterator[Blame]:
    for container in workload.containers:
        if container.privileged is True:
            yield Blame("is privileged", container.where("privileged"), container.name)


def capabilities_baseline(workload: Workload, minor: int) -> Iterator[Blame]:
    what = "adds capabilities beyond the default set"
    for container, _, added in _capabilities(workload):
        for name in added:
            if name not in DEFAULT_CAPABILITIES:
                yield Blame(what, _part(container, "add"), container.name, name)


def capabilities_restricted(workload: Workload, minor: int) -> Iterator[Blame]:
    if _is_windows(workload, minor):
        return
    for container, dropped, added in _capabilities(workload):
        if "ALL" not in dropped:
            yield Blame("does not drop all capabilities", _part(container, "drop"), container.name)
        for name in added:
            if name != "NET_BIND_SERVICE":
                what = "adds capabilities other than NET_BIND_SERVICE"
                yield Blame(what, _part(container, "add"), container.name, name)


def host_path_volumes(workload: Workload, minor: int) -> Iterator[Blame]:
    for volume in workload.volumes:
        if volume.kind == "host":
            yield Blame("mounts paths of the host", workload.at(volume), value=volume.name or volume.source)


def restricted_volumes(workload: Workload, minor: int) -> Iterator[Blame]:
    # two entries with one pointer are one volume with two sources: the API server refuses those, but the
    # admission check, which looks for an allowed source first, does not
    allowed = {volume.pointer for volume in workload.volumes if volume.pointer and not _is_refused(workload, volume)}
    for volume in workload.volumes:
        if _is_refused(workload, volume) and volume.pointer not in allowed:
            value = f"{volume.name or volume.source} ({volume.type})"
            yield Blame("uses volumes of a type that is not allowed", workload.at(volume), value=value)


def host_ports(workload: Workload, minor: int) -> Iterator[Blame]:
    for container in workload.containers:
        for port in container.ports:
            if port.host != 0:
                value = "random" if port.host < 0 else str(port.host)
                yield Blame("takes ports of the host", container.at(port), container.name, value)


def host_probes(workload: Workload, minor: int) -> Iterator[Blame]:
    what = "names another host in a probe or lifecycle hook"
    for container in workload.containers:
        for probe in container.probe_hosts:
            if probe.host:
                yield Blame(what, container.at(probe), container.name, probe.host)


def apparmor(workload: Workload, minor: int) -> Iterator[Blame]:
    what = "sets an AppArmor profile other than the runtime's or a local one"
    yield from _profiles(workload, "apparmor", what)
    templated = {container.name for container in workload.containers if isinstance(container.apparmor, Absent)}
    for key, value in sorted(workload.pod_annotations.items()):
        name = key.removeprefix(APPARMOR_ANNOTATION)
        if name == key or name in templated or value in ("", "runtime/default") or value.startswith("localhost/"):
            continue
        place = workload.where("annotations")
        yield Blame(what, place / key if workload.is_set("annotations") else place, name, value)


def selinux(workload: Workload, minor: int) -> Iterator[Blame]:
    what = "sets SELinux options that are not allowed"
    types = SELINUX_TYPES | {"container_engine_t"} if minor >= SELINUX_ENGINE else SELINUX_TYPES
    if workload.pod_selinux is not None:
        for value in _selinux_faults(workload.pod_selinux, types):
            yield Blame(what, workload.where("pod_selinux"), value=value)
    for container in workload.containers:
        if isinstance(container.selinux, SELinux) and container.is_set("selinux"):
            for value in _selinux_faults(container.selinux, types):
                yield Blame(what, container.where("selinux"), container.name, value)


def proc_mount(workload: Workload, minor: int) -> Iterator[Blame]:
    for container in workload.containers:
        if isinstance(container.proc_mount, str) and container.proc_mount != "default":
            what = "takes the masks off /proc"
            yield Blame(what, container.where("proc_mount"), container.name, container.proc_mount)


def proc_mount_baseline(workload: Workload, minor: int) -> Iterator[Blame]:
    if not _in_user_namespace(workload, minor):
        yield from proc_mount(workload, minor)


def seccomp_baseline(workload: Workload, minor: int) -> Iterator[Blame]:
    yield from _profiles(workload, "seccomp", "sets a seccomp profile other than the runtime's or a local one")


def seccomp_restricted(workload: Workload, minor: int) -> Iterator[Blame]:
    if _is_windows(workload, minor):
        return
    yield from seccomp_baseline(workload, minor)
    pod_is_bad = workload.pod_seccomp is not None and not _allowed(workload.pod_seccomp)
    for container in workload.containers:
        profile = container.seccomp
        if (
            isinstance(profile, Profile)
            and not _allowed(profile)
            and not container.is_set("seccomp")
            and not pod_is_bad
        ):
            yield Blame("has no seccomp profile", container.where("seccomp"), container.name)


def sysctls(workload: Workload, minor: int) -> Iterator[Blame]:
    if isinstance(workload.sysctls, Absent):
        return
    for sysctl in workload.sysctls:
        if SYSCTLS.get(sysctl.name, minor + 1) > minor:
            yield Blame("sets sysctls that are not allowed", workload.at(sysctl), value=sysctl.name)


def privilege_escalation(workload: Workload, minor: int) -> Iterator[Blame]:
    if _is_windows(workload, minor):
        return
    for container in workload.containers:
        if container.privilege_escalation is True:
            yield Blame("may gain privileges", container.where("privilege_escalation"), container.name)


def run_as_non_root(workload: Workload, minor: int) -> Iterator[Blame]:
    if _in_user_namespace(workload, minor):
        return
    named = workload.platform == "kubernetes"
    what = "may run as root (runAsNonRoot is not true)" if named else "may run as root"
    if workload.pod_run_as_non_root is False:
        yield Blame(what, workload.where("pod_run_as_non_root"))
    for container in workload.containers:
        user = container.user
        if isinstance(user, Absent):
            continue
        # Kubernetes has a word for it, and admission wants to see that; elsewhere the user decides
        if not user.must_not_be_root if named else user.may_be_root:
            yield Blame(what, container.where("user"), container.name)


def run_as_user(workload: Workload, minor: int) -> Iterator[Blame]:
    if _in_user_namespace(workload, minor):
        return
    what = "runs as uid 0"
    if workload.pod_user is not None and workload.pod_user.is_root:
        yield Blame(what, workload.where("pod_user"))
    for container in workload.containers:
        user = container.user
        if not isinstance(user, Absent) and user.is_root and user.decided_by == "manifest":
            yield Blame(what, container.where("user"), container.name)


def _capabilities(workload: Workload) -> Iterator[tuple[Container, tuple[str, ...], tuple[str, ...]]]:
    """Each container with the words that it drops and adds, as they are written."""
    for container in workload.containers:
        found = container.capabilities
        if isinstance(found, Capabilities):
            dropped = found.drop if found.drop_written is None else found.drop_written
            added = found.add if found.add_written is None else found.add_written
            yield container, dropped, added


def _part(container: Container, part: str) -> Place:
    """The place of the list of capabilities that are added or dropped."""
    field = f"capabilities.{part}"
    return container.where(field if container.is_set(field) else "capabilities")


def _profiles(workload: Workload, field: str, what: str) -> Iterator[Blame]:
    """Profiles that are written and neither the runtime's own nor a local one."""
    above: Profile | None = getattr(workload, "pod_" + field)
    if above is not None and not _allowed(above):
        yield Blame(what, workload.where("pod_" + field), value=above.name or above.kind)
    for container in workload.containers:
        profile = getattr(container, field)
        if isinstance(profile, Profile) and container.is_set(field) and not _allowed(profile):
            yield Blame(what, container.where(field), container.name, profile.name or profile.kind)


def _allowed(profile: Profile) -> bool:
    return profile.kind in ("runtime-default", "localhost")


def _selinux_faults(options: SELinux, types: frozenset[str]) -> Iterator[str]:
    if options.disabled:
        yield "labels disabled"
    if options.type not in types:
        yield f"type {options.type}"
    if options.user:
        yield f"user {options.user}"
    if options.role:
        yield f"role {options.role}"


def _is_refused(workload: Workload, volume: Volume) -> bool:
    return volume.kind == "host" or (workload.platform == "kubernetes" and volume.type in REFUSED_VOLUMES)


def _is_windows(workload: Workload, minor: int) -> bool:
    # the admission controller looks at the pod's own word, at no node selector
    return minor >= WINDOWS_EXEMPT and workload.os == "windows" and "os-by" not in workload.facts


def _in_user_namespace(workload: Workload, minor: int) -> bool:
    return minor >= USER_NAMESPACES and workload.user_namespace is True
