"""The values that matter, for every field that the Pod Security Standards look at, by its name."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ABSENT = object()
"""The key is not written, which is not the same as a written null everywhere."""

FLAG = (ABSENT, None, False, True)
PROFILES = (
    ABSENT,
    None,
    {},
    {"type": ""},
    {"type": "RuntimeDefault"},
    {"type": "Localhost", "localhostProfile": "app.json"},
    {"type": "Unconfined"},
    {"type": "runtimeDefault"},
)
SELINUX = (
    ABSENT,
    None,
    {},
    *({"type": word} for word in ("", "container_t", "container_init_t", "container_kvm_t")),
    *({"type": word} for word in ("container_engine_t", "spc_t", "Container_t")),
    {"level": "s0:c1,c2"},
    {"user": ""},
    {"user": "system_u"},
    {"role": ""},
    {"role": "system_r"},
    {"type": "container_t", "user": "u", "role": "r"},
)
WINDOWS = (ABSENT, None, {}, {"gmsaCredentialSpecName": "x"}, *({"hostProcess": flag} for flag in (None, False, True)))
ALLOWED_CAPABILITIES = [
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
]
OTHER_CAPABILITIES = [
    "ALL",
    "NET_RAW",
    "NET_ADMIN",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "BPF",
    "CAP_CHOWN",
    "chown",
    "net_bind_service",
    "all",
    "SYS_TIME",
]
CAPABILITIES = (
    ABSENT,
    None,
    {},
    {"add": None, "drop": None},
    {"add": [], "drop": []},
    {"add": [""]},
    {"drop": ["ALL"]},
    {"drop": ["all"]},
    {"drop": ["CAP_ALL"]},
    {"drop": ["NET_RAW", "ALL"]},
    {"drop": ["NET_RAW", "CHOWN"]},
    {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN", "SYS_TIME"]},
    *({"add": [word]} for word in ALLOWED_CAPABILITIES),
    *({"add": [word], "drop": ["ALL"]} for word in OTHER_CAPABILITIES),
)
PROC_MOUNT = (ABSENT, None, "", "Default", "Unmasked", "default", "unmasked")
RUN_AS_USER = (ABSENT, None, 0, 1, 1000, 65535)

CONTAINER_SECURITY = {
    "privileged": FLAG,
    "allowPrivilegeEscalation": FLAG,
    "runAsNonRoot": FLAG,
    "runAsUser": RUN_AS_USER,
    "capabilities": CAPABILITIES,
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "seLinuxOptions": SELINUX,
    "procMount": PROC_MOUNT,
    "windowsOptions": WINDOWS,
    "readOnlyRootFilesystem": (True, False),
}

SYSCTLS = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
    "kernel.msgmax",
    "net.core.somaxconn",
    "net/ipv4/tcp_syncookies",
    "NET.IPV4.TCP_SYNCOOKIES",
]
POD_SECURITY = {
    "runAsNonRoot": FLAG,
    "runAsUser": RUN_AS_USER,
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "seLinuxOptions": SELINUX,
    "windowsOptions": WINDOWS,
    "sysctls": (
        ABSENT,
        None,
        [],
        *([{"name": name, "value": "1"}] for name in SYSCTLS),
        [{"name": "kernel.msgmax", "value": "1"}, {"name": "net.ipv4.tcp_rmem", "value": "1"}],
        [{"value": "1"}],
    ),
}
POD = {
    "hostNetwork": FLAG,
    "hostPID": FLAG,
    "hostIPC": FLAG,
    "hostUsers": FLAG,
    "os": (ABSENT, None, {}, {"name": ""}, {"name": "linux"}, {"name": "windows"}, {"name": "Windows"}),
    "securityContext": (ABSENT, None, {}),
}

VOLUME_SOURCES: Json = {
    "awsElasticBlockStore": {"volumeID": "v"},
    "azureDisk": {"diskName": "d", "diskURI": "u"},
    "azureFile": {"secretName": "s", "shareName": "n"},
    "cephfs": {"monitors": ["m"]},
    "cinder": {"volumeID": "v"},
    "configMap": {"name": "c"},
    "csi": {"driver": "d"},
    "downwardAPI": {},
    "emptyDir": {},
    "ephemeral": {},
    "fc": {},
    "flexVolume": {"driver": "d"},
    "flocker": {},
    "gcePersistentDisk": {"pdName": "p"},
    "gitRepo": {"repository": "r"},
    "glusterfs": {"endpoints": "e", "path": "p"},
    "hostPath": {"path": "/data"},
    "image": {"reference": "r"},
    "iscsi": {"targetPortal": "t", "iqn": "i", "lun": 0},
    "nfs": {"server": "s", "path": "/p"},
    "persistentVolumeClaim": {"claimName": "c"},
    "photonPersistentDisk": {"pdID": "p"},
    "portworxVolume": {"volumeID": "v"},
    "projected": {},
    "quobyte": {"registry": "r", "volume": "v"},
    "rbd": {"monitors": ["m"], "image": "i"},
    "scaleIO": {"gateway": "g", "system": "s", "secretRef": {}},
    "secret": {"secretName": "s"},
    "storageos": {},
    "vsphereVolume": {"volumePath": "p"},
}
VOLUMES: tuple[list[Json] | None, ...] = (
    None,
    [],
    [{"name": "nothing"}],
    [{"name": "null", "hostPath": None}],
    [{"name": "null", "emptyDir": None}],
    [{"name": "empty", "hostPath": {}}],
    [{"name": "typo", "hostpath": {"path": "/"}}],
    *([{"name": kind.lower(), kind: source}] for kind, source in VOLUME_SOURCES.items()),
    [{"name": "a", "emptyDir": {}}, {"name": "b", "nfs": {"server": "s", "path": "/"}}, {"name": "c", "hostPath": {}}],
)
PORTS = (
    None,
    [],
    *([{"containerPort": 80, "hostPort": port}] for port in (None, 0, 1, 80, 65535)),
    [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81, "hostIP": "127.0.0.1"}],
    [{"hostPort": 9}],
)
HANDLERS: tuple[Json | None, ...] = (
    None,
    {},
    {"exec": {"command": ["true"]}},
    {"httpGet": None},
    *({kind: {"port": 80} | host} for kind in ("httpGet", "tcpSocket") for host in ({}, {"host": None}, {"host": ""})),
    *(
        {kind: {"port": 80, "host": host}}
        for kind in ("httpGet", "tcpSocket")
        for host in ("127.0.0.1", "evil.example")
    ),
    {"httpGet": {"port": 80, "host": "a.example"}, "tcpSocket": {"port": 80, "host": "b.example"}},
)
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")
GRPC = {"grpc": {"port": 1, "service": "s"}}

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
ANNOTATIONS: tuple[Json | None, ...] = (
    None,
    {},
    *({APPARMOR + "main": word} for word in ("", "runtime/default", "localhost/app", "localhost/", "localhost")),
    *({APPARMOR + "main": word} for word in ("unconfined", "runtime/other", "Runtime/default", None)),
    {APPARMOR + "nobody": "unconfined"},
    {APPARMOR: "unconfined"},
    {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
    {"container.seccomp.security.alpha.kubernetes.io/main": "unconfined"},
)
KINDS = ("init", "sidecar", "main", "ephemeral")
LISTS = {
    "init": "initContainers",
    "sidecar": "initContainers",
    "main": "containers",
    "ephemeral": "ephemeralContainers",
}

CONTROLLERS = {
    "ReplicationController": "v1",
    "PodTemplate": "v1",
    "ReplicaSet": "apps/v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}
