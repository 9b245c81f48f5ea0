"""What of the host the workload reaches: sockets, paths, namespaces."""

from __future__ import annotations

from typing import Final

from batten.engine.check import check
from batten.engine.mend import removal, review
from batten.engine.places import exact
from batten.formats.image_needs import engine_user, why_node_of
from batten.model.values import Absent
from batten.model.verdict import (
    CRITICAL,
    HIGH,
    LOW,
    MEDIUM,
    NOT_APPLICABLE,
    PASS,
    Failure,
    Fix,
    Severity,
    Verdict,
    fail,
)
from batten.model.workload import Container, Volume, Workload
from batten.privileges.host_paths import HARMLESS, host_path, is_runtime_socket, is_whole, sensitive, shown
from batten.privileges.mounts import CLAIMED, mounts_of, part_of_host, volume_instead

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_NAMESPACES = ("kubernetes", "compose", "ecs", "docker", "podman", "quadlet")  # a swarm shares neither of the host's


def _mounted(workload: Workload, volume: Volume) -> str:
    """How it is mounted: `writable`, `read-only`; "" where no container mounts it."""
    mounts = [mount for container in workload.containers for mount in container.mounts if mount.volume == volume.name]
    if not mounts:
        return ""
    return "read-only" if volume.read_only or all(mount.read_only for mount in mounts) else "writable"


_UNMOUNTED: Final = "is a volume here, though no container mounts it"


def _why_engine(workload: Workload, volume: Volume) -> str:
    """Why a container cannot do without the socket, "" where all can."""
    if volume in workload.claimed:
        return CLAIMED
    return next((why for one, _ in mounts_of(workload, volume) if (why := engine_user(one))), "")


def _own(summary: str, workload: Workload, **changes: bool) -> Fix | None:
    """A namespace of its own, for who is not there to watch the node's."""
    return None if why_node_of(workload) else review(summary, workload, **changes)


def _without(workload: Workload, volume: Volume) -> Fix:
    return removal(workload, volume, f"take the mount of {volume.source} away")


@check("PRV008", "Socket of the container runtime is mounted", severity=CRITICAL, platforms=_PLATFORMS)
def runtime_socket(workload: Workload) -> Verdict:
    """Whoever can write to the socket of Docker, containerd, CRI-O or Podman can start a privileged container
    with the host's file system in it: the socket is root on the node. Mounting it read-only changes
    nothing, because the protection is of the file and not of what is sent through it.

    Build images with a rootless builder (BuildKit rootless, Buildah), read container facts through the
    Kubernetes API or a filtering proxy.

    Fix:
        kubernetes: remove the `hostPath` volume and its mounts.
        compose: remove the socket from `volumes`; put a filtering proxy between if it must be.
        swarm: remove the socket from `volumes`.
        ecs: remove the volume with that `host.sourcePath` and its `mountPoints`.
        docker: recreate the container without that `-v`.
        podman: recreate the container without that `-v`.
        quadlet: remove that `Volume=`.
    References:
        https://docs.docker.com/engine/security/protect-access/
        https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
    """
    failures: list[Failure] = [
        fail(
            exact(workload, volume),
            f"the runtime's socket is reachable through {volume.source}: it is root on the node",
            subject=path,
            fix=None if (needed := _why_engine(workload, volume)) else _without(workload, volume),
            no_fix=needed,
        )
        for volume in (*workload.volumes, *workload.claimed)
        if (path := host_path(volume)) and is_runtime_socket(path)
    ]
    return failures or PASS


@check("PRV009", "Sensitive path of the host is mounted", severity=CRITICAL, platforms=_PLATFORMS)
def sensitive_host_path(workload: Workload) -> Verdict:
    """The container sees a part of the host from which the node can be taken over: its root, /etc, /proc, /sys,
    /dev, or the folders of the container runtime and the kubelet. Read-only mounts still give away
    credentials and keys. A persistent volume that is such a path, and the keys in the home of whoever starts the
    container (`~/.ssh`), count too.

    Fix:
        kubernetes: remove the `hostPath` volume and its mounts; node agents mount the one folder that
            they read, read-only.
        compose: remove the bind mount; mount the one file that is needed, read-only.
        swarm: remove the bind mount; mount the one file that is needed, read-only.
        ecs: remove the volume with that `host.sourcePath` and its `mountPoints`.
        docker: recreate the container without that `-v`.
        podman: recreate the container without that `-v`.
        quadlet: remove that `Volume=`.
    References:
        https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    failures: list[Failure] = []
    for volume in (*workload.volumes, *workload.claimed):
        path = host_path(volume)
        if not path or is_runtime_socket(path):
            continue
        reason = sensitive(path)
        if reason:
            how = _mounted(workload, volume)
            # one device is not all of them
            severity: Severity = CRITICAL if how == "writable" and not path.startswith("/dev/") else HIGH
            told = f"is mounted {how}" if how else _UNMOUNTED
            fix, no_fix = part_of_host(workload, volume, path, is_whole(path))
            failures.append(
                fail(
                    exact(workload, volume),
                    f"{shown(path)} of the host {told}: {reason}",
                    subject=path,
                    severity=severity if how else MEDIUM,
                    fix=fix,
                    no_fix=no_fix,
                )
            )
    return failures or PASS


@check("PRV010", "Path of the host is mounted", severity=HIGH, platforms=_PLATFORMS)
def other_host_path(workload: Workload) -> Verdict:
    """The container shares files with the host. It depends on that one host, what it writes outlives it, and
    a link placed there by one container leads another one astray. In production, use a volume.

    Read-only binds of files beside a Compose file are how configuration gets in and are reported low.

    Fix:
        kubernetes: use a persistent volume claim, `configMap`, `secret` or `emptyDir` instead of `hostPath`.
        compose: use a named volume, or `configs` and `secrets`; add `:ro` where it is only read.
        swarm: use a named volume, or `configs` and `secrets`.
        ecs: use a Docker volume or EFS instead of `host.sourcePath`.
        docker: recreate the container with a named volume.
        podman: recreate the container with a named volume.
        quadlet: use a named volume.
    References:
        https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    """
    failures: list[Failure] = []
    for volume in workload.volumes:
        if volume.kind != "host":
            continue
        path = host_path(volume)
        if path and (is_runtime_socket(path) or sensitive(path) or path in HARMLESS):
            continue
        how = _mounted(workload, volume)
        beside = not path and volume.source != ""  # relative: it comes with the project
        fix, no_fix = volume_instead(workload, volume)
        severity: Severity = LOW if beside or not how else MEDIUM
        if how == "writable":
            severity = MEDIUM if beside else HIGH
        failures.append(
            fail(
                exact(workload, volume),
                f"{volume.source or 'a path of the host'} {f'is mounted {how}' if how else _UNMOUNTED}",
                subject=volume.source,
                severity=severity,
                fix=fix,
                no_fix=no_fix,
            )
        )
    return failures or PASS


@check("PRV011", "Shares the host's processes", severity=HIGH, platforms=_NAMESPACES)
def host_pid(workload: Workload) -> Verdict:
    """In the host's PID namespace the container sees every process of the node, with command lines and, through
    /proc, environments and open files; as root it can send signals to them and enter them.

    Fix:
        kubernetes: remove `hostPID: true`.
        compose: remove `pid: host`.
        ecs: remove `pidMode: host`.
        docker: recreate the container without `--pid host`.
        podman: recreate the container without `--pid host`.
        quadlet: remove `--pid=host` from `PodmanArgs=`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if isinstance(workload.host_pid, Absent):
        return NOT_APPLICABLE
    if workload.host_pid:
        return fail(
            workload.where("host_pid"),
            "it shares the host's PID namespace and sees every process of the node",
            fix=_own("use a PID namespace of its own", workload, host_pid=False),
            no_fix=why_node_of(workload),
        )
    return PASS


@check("PRV012", "Shares the host's IPC", severity=HIGH, platforms=_NAMESPACES)
def host_ipc(workload: Workload) -> Verdict:
    """In the host's IPC namespace the container reads and writes the shared memory and message queues of the
    node's programs.

    Fix:
        kubernetes: remove `hostIPC: true`; containers of one pod share theirs anyway.
        compose: remove `ipc: host`; use `ipc: shareable` and `ipc: service:NAME` between two services.
        ecs: remove `ipcMode: host`.
        docker: recreate the container without `--ipc host`.
        podman: recreate the container without `--ipc host`.
        quadlet: remove `--ipc=host` from `PodmanArgs=`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if isinstance(workload.host_ipc, Absent):
        return NOT_APPLICABLE
    if workload.host_ipc:
        return fail(
            workload.where("host_ipc"),
            "it shares the host's IPC namespace",
            fix=_own("use an IPC namespace of its own", workload, host_ipc=False),
            no_fix=why_node_of(workload),
        )
    return PASS


@check("PRV013", "Windows HostProcess container", severity=CRITICAL, platforms=("kubernetes",))
def host_process(container: Container) -> Verdict:
    """A HostProcess container is no container: it runs on the Windows node itself, with the node's file system
    and network, as the user that it names.

    Fix:
        kubernetes: remove `securityContext.windowsOptions.hostProcess: true`.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
    """
    if isinstance(container.host_process, Absent):
        return NOT_APPLICABLE
    if container.host_process:
        return fail(
            container.where("host_process"),
            "it runs on the Windows node itself",
            fix=review("run it as a container", container, host_process=False),
        )
    return PASS


@check("PRV014", "Containers of the pod share their processes", severity=LOW, platforms=("kubernetes",))
def share_process_namespace(workload: Workload) -> Verdict:
    """With a shared process namespace every container of the pod sees the processes of the others and, through
    /proc/PID/root, their files, secrets included. It is meant for debugging.

    Fix:
        kubernetes: remove `shareProcessNamespace: true`.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
    """
    if isinstance(workload.share_process_namespace, Absent) or len(workload.containers) < 2:
        return NOT_APPLICABLE
    if workload.share_process_namespace:
        return fail(
            workload.where("share_process_namespace"),
            "the containers of the pod see each other's processes and files",
            fix=review("give each container its own process namespace", workload, share_process_namespace=False),
        )
    return PASS
