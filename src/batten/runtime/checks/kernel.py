"""Sysctls, devices, namespaces: what reaches the kernel that all containers share."""

from __future__ import annotations

from batten.engine.check import check
from batten.engine.mend import removal, review
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Container, Workload

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_DEVICES = ("compose", "ecs", "docker", "podman", "quadlet")
_USER_NAMESPACES = ("kubernetes", "compose", "docker", "podman", "quadlet")

SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
"""What Pod Security allows: namespaced, and harmless to neighbours (Kubernetes 1.32)."""


@check("RUN007", "Unsafe sysctl is set", severity=MEDIUM, platforms=_PLATFORMS)
def unsafe_sysctl(workload: Workload) -> Verdict:
    """The workload changes a kernel setting that is outside the short list known to be namespaced and harmless.
    Such a setting can weaken the isolation of other containers on the node or use up memory that they
    share.

    Fix:
        kubernetes: remove it from `securityContext.sysctls`.
        compose: remove it from `sysctls`.
        swarm: remove it from `sysctls`.
        ecs: remove it from `systemControls`.
        docker: recreate the container without that `--sysctl`.
        podman: recreate the container without that `--sysctl`.
        quadlet: remove that `Sysctl=`.
    References:
        https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    """
    if isinstance(workload.sysctls, Absent) or workload.os == "windows":
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            workload.at(sysctl),
            f"sysctl {sysctl.name} is set, which is not known to be safe",
            subject=sysctl.name,
            # the engines take only what is namespaced; what is left is the container's own network
            severity=LOW if workload.platform != "kubernetes" and sysctl.name.startswith("net") else None,
            fix=removal(workload, sysctl, f"take {sysctl.name} away"),
        )
        for sysctl in workload.sysctls
        if sysctl.name.replace("/", ".") not in SAFE_SYSCTLS
    ]
    return failures or PASS


@check("RUN008", "Device of the host is mapped", severity=HIGH, platforms=_DEVICES)
def host_device(container: Container) -> Verdict:
    """The container talks to a device of the host directly. A disk gives away every file on it, /dev/mem the
    memory, and each driver is a part of the kernel that now listens to the container.

    Fix:
        compose: remove it from `devices`; for GPUs use `deploy.resources.reservations.devices`.
        ecs: remove it from `linuxParameters.devices`.
        docker: recreate the container without that `--device`.
        podman: recreate the container without that `--device`.
        quadlet: remove that `AddDevice=`.
    References:
        https://docs.docker.com/reference/cli/docker/container/run/#device
    """
    if isinstance(container.devices, Absent):
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for device in container.devices:
        vendor = "=" in device.path and not device.path.startswith("/")  # a CDI name such as nvidia.com/gpu=all
        rule = " " in device.path and not device.path.startswith("/")  # of a control group: `c 13:*`
        failures.append(
            fail(
                container.at(device),
                f"the container may make and use every device of the host that the rule “{device.path}” allows"
                if rule
                else f"device {device.path} of the host is mapped into the container",
                subject=device.path,
                severity=LOW if vendor or device.path in ("/dev/fuse", "/dev/net/tun") else None,
                fix=removal(container, device, f"take {'the rule ' if rule else ''}{device.path} away"),
            )
        )
    return failures or PASS


@check(
    "RUN013",
    "No user namespace is used",
    severity=LOW,
    persona="auditor",
    platforms=_USER_NAMESPACES,
    masked_by=("NET001", "PRV011", "PRV012"),
)
def no_user_namespace(workload: Workload) -> Verdict:
    """In a user namespace uid 0 of the container is an ordinary, unused id of the host, which takes the edge off
    most escapes. It is stable in Kubernetes since 1.33 and needs a recent kernel and runtime.

    Fix:
        kubernetes: set `hostUsers: false` in the pod spec.
        compose: remove `userns_mode: host`, and run the daemon with `userns-remap`, or rootless.
        docker: run the daemon with `userns-remap`, or rootless.
        podman: run the container rootless, or with `--userns=auto`.
        quadlet: set `UserNS=auto`.
    References:
        https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
    """
    if isinstance(workload.user_namespace, Absent) or workload.os == "windows":
        return NOT_APPLICABLE
    if workload.user_namespace:
        return PASS
    if workload.host_network is True or workload.host_pid is True or workload.host_ipc is True:
        return NOT_APPLICABLE  # Kubernetes refuses the combination
    return fail(
        workload.where("user_namespace"),
        "uid 0 inside is uid 0 on the host",
        fix=review("use a user namespace", workload, user_namespace=True),
    )
