"""The Pod Security Standards once more: slow, on the raw object, in the form of the published tables.

Each row is (check, level, from, until, fields, test). `fields` are routes into the pod as the standard
writes them (`[*]` is every item, `{}` every value, `?` keeps a missing or null end as None); the row is violated when
`test` refuses one of the values. It shares nothing with `batten.frameworks.pss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
LAST = 99
CONTAINERS = ("spec.initContainers[*]", "spec.containers[*]", "spec.ephemeralContainers[*]")
POD = "spec.securityContext"
KINDS_OF_VOLUMES = (
    "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret "
    "awsElasticBlockStore azureDisk azureFile cephfs cinder fc flexVolume flocker gcePersistentDisk gitRepo glusterfs "
    "hostPath iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
)
SAFE_SYSCTLS = {
    24: "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range "
    "net.ipv4.ip_unprivileged_port_start",
    27: "net.ipv4.ip_local_reserved_ports",
    29: "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl "
    "net.ipv4.tcp_keepalive_probes",
    32: "net.ipv4.tcp_rmem net.ipv4.tcp_wmem",
}
DEFAULT_CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
)


def everywhere(route: str) -> list[str]:
    """A field of the pod's security context and of every container's."""
    return [f"{POD}.{route}", *in_containers(route)]


def in_containers(route: str) -> list[str]:
    return [f"{place}.securityContext.{route}" for place in CONTAINERS]


def anything_but(*allowed: Any) -> Callable[[Any], bool]:
    return lambda value: value not in allowed


def words(minor: int) -> list[str]:
    return " ".join(names for since, names in SAFE_SYSCTLS.items() if since <= minor).split()


def refused_apparmor(item: tuple[str, str | None]) -> bool:
    key, value = item
    return (
        key.startswith("container.apparmor.security.beta.kubernetes.io/")
        and bool(value)
        and value != "runtime/default"
        and not str(value).startswith("localhost/")
    )


def is_true(value: Any) -> bool:
    return value is True


PROFILE = anything_but("RuntimeDefault", "Localhost")
HOSTS = [
    f"{place}.{handler}.{kind}.host"
    for place in CONTAINERS
    for handler in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
    for kind in ("httpGet", "tcpSocket")
]
SELINUX = ("", "container_t", "container_init_t", "container_kvm_t")

ROWS: list[tuple[str, str, int, int, list[str], Callable[[Any], bool]]] = [
    ("windowsHostProcess", "baseline", 0, LAST, everywhere("windowsOptions.hostProcess"), is_true),
    ("hostNamespaces", "baseline", 0, LAST, ["spec.hostNetwork", "spec.hostPID", "spec.hostIPC"], is_true),
    ("privileged", "baseline", 0, LAST, in_containers("privileged"), is_true),
    (
        "capabilities_baseline",
        "baseline",
        0,
        LAST,
        in_containers("capabilities.add[*]"),
        anything_but(*DEFAULT_CAPABILITIES.split()),
    ),
    ("hostPathVolumes", "baseline", 0, LAST, ["spec.volumes[*].hostPath"], lambda value: value is not None),
    (
        "hostPorts",
        "baseline",
        0,
        LAST,
        [f"{place}.ports[*].hostPort" for place in CONTAINERS],
        anything_but(0),
    ),
    ("hostProbesAndHostLifecycle", "baseline", 34, LAST, HOSTS, anything_but("")),
    ("appArmorProfile", "baseline", 0, LAST, ["metadata.annotations{}"], refused_apparmor),
    ("appArmorProfile", "baseline", 0, LAST, everywhere("appArmorProfile.type?"), PROFILE),
    ("seLinuxOptions", "baseline", 0, 30, everywhere("seLinuxOptions.type"), anything_but(*SELINUX)),
    (
        "seLinuxOptions",
        "baseline",
        31,
        LAST,
        everywhere("seLinuxOptions.type"),
        anything_but(*SELINUX, "container_engine_t"),
    ),
    ("seLinuxOptions", "baseline", 0, LAST, everywhere("seLinuxOptions.user"), anything_but("")),
    ("seLinuxOptions", "baseline", 0, LAST, everywhere("seLinuxOptions.role"), anything_but("")),
    ("procMount", "baseline", 0, LAST, in_containers("procMount"), anything_but("Default")),
    ("seccompProfile_baseline", "baseline", 0, LAST, everywhere("seccompProfile.type?"), PROFILE),
    ("procMount_restricted", "restricted", 35, LAST, in_containers("procMount"), anything_but("Default")),
    ("seccompProfile_restricted", "restricted", 0, LAST, everywhere("seccompProfile.type?"), PROFILE),
    ("runAsNonRoot", "restricted", 0, LAST, everywhere("runAsNonRoot"), anything_but(True)),
    ("runAsUser", "restricted", 0, LAST, everywhere("runAsUser"), anything_but(*range(1, 70000))),
    ("allowPrivilegeEscalation", "restricted", 0, LAST, in_containers("allowPrivilegeEscalation"), anything_but(False)),
    (
        "capabilities_restricted",
        "restricted",
        0,
        LAST,
        in_containers("capabilities.add[*]"),
        anything_but("NET_BIND_SERVICE"),
    ),
]
REPLACED = {
    "capabilities_baseline": ("capabilities_restricted", 0),
    "hostPathVolumes": ("restrictedVolumes", 0),
    "seccompProfile_baseline": ("seccompProfile_restricted", 0),
    "procMount": ("procMount_restricted", 35),
}
NOT_FOR_WINDOWS = ("allowPrivilegeEscalation", "capabilities_restricted", "seccompProfile_restricted")
NOT_IN_USER_NAMESPACES = ("runAsNonRoot", "runAsUser", "procMount")


def failed(thing: Json, level: str, version: str) -> set[str]:
    """The checks that a pod, or the pod inside a controller, fails."""
    minor = int(version.split(".")[1])
    pod = pod_of(thing)
    found = {
        check
        for check, at, since, until, fields, refused in ROWS
        if since <= minor <= until and at in ("baseline", level)
        for field in fields
        for value in values(pod, field)
        if refused(value)
    }
    if any(name not in words(minor) for name in values(pod, f"{POD}.sysctls[*].name?", empty="")):
        found.add("sysctls")
    if level == "restricted":
        found |= must_be_set(pod) | volumes(pod)
        found -= {weak for weak, (_, since) in REPLACED.items() if minor >= since}
    if minor >= 25 and values(pod, "spec.os.name") == ["windows"]:
        found -= set(NOT_FOR_WINDOWS)
    if minor >= 35 and values(pod, "spec.hostUsers") == [False]:
        found -= set(NOT_IN_USER_NAMESPACES)
    return found


def must_be_set(pod: Json) -> set[str]:
    """What `restricted` wants to see written, in each container or (for some) in the pod."""
    found = set()
    for place in CONTAINERS:
        for container in values(pod, place, empty={}):
            if not values(container, "securityContext.allowPrivilegeEscalation"):
                found.add("allowPrivilegeEscalation")
            if "ALL" not in values(container, "securityContext.capabilities.drop[*]"):
                found.add("capabilities_restricted")
            if not values(container, "securityContext.runAsNonRoot") and not values(pod, f"{POD}.runAsNonRoot"):
                found.add("runAsNonRoot")
            if not values(container, "securityContext.seccompProfile") and not values(pod, f"{POD}.seccompProfile"):
                found.add("seccompProfile_restricted")
    return found


def volumes(pod: Json) -> set[str]:
    allowed, other = KINDS_OF_VOLUMES.split()[:9], KINDS_OF_VOLUMES.split()[9:]
    for volume in values(pod, "spec.volumes[*]"):
        kinds = [kind for kind, source in volume.items() if source is not None]
        if any(kind in other for kind in kinds) and not any(kind in allowed for kind in kinds):
            return {"restrictedVolumes"}
    return set()


def pod_of(thing: Json) -> Json:
    """The object's pod: itself or its template."""
    routes = {"Pod": None, "PodTemplate": "template", "CronJob": "spec.jobTemplate.spec.template"}
    route = routes.get(thing["kind"], "spec.template")
    found: list[Json] = [thing] if route is None else values(thing, route)
    return found[0] if found else {}


def values(thing: Any, route: str, empty: Any = None) -> list[Any]:
    """What a route leads to. What is missing or null on the way leads nowhere; `empty` stands for a null
    item of a list and, after `?`, for a missing or null end."""
    if not route:
        return [thing]
    step, _, rest = route.partition(".")
    name = step.rstrip("?").removesuffix("[*]").removesuffix("{}")
    value = (thing or {}).get(name)
    if step.endswith("?"):
        return [empty if value is None else value]
    if step.endswith("{}"):
        return list((value or {}).items())
    if step.endswith("[*]"):
        items = ["" if item is None and not rest and empty is None else item for item in value or []]
        return [found for item in items for found in values({} if item is None else item, rest, empty)]
    return [] if value is None else values(value, rest, empty)
