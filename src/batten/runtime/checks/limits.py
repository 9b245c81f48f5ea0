"""Resource limits and the root file system: what one container can use up or change."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from batten.engine.check import Context, check
from batten.engine.mend import edit, review
from batten.formats.image_needs import least_memory, why_writable
from batten.model.edits import Set
from batten.model.objects import LimitRange
from batten.model.values import Absent
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Verdict, fail
from batten.model.workload import Container, Mount, Workload
from batten.runtime.writes import written_folders

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_PIDS = 200
"""Processes and threads: more than nearly every service uses, far below what exhausts a node."""
_MEMORY = 512 * 1024 * 1024


def _by_limit_range(container: Container, context: Context, given: Callable[[LimitRange], bool]) -> Verdict | None:
    """What is to be said of a container that sets nothing itself: PASS where a LimitRange gives it, NOT_APPLICABLE
    where one may, in another folder."""
    links = context.inventory.links
    if any(given(one) for one in links.limit_ranges.get(container.workload, ())):
        return PASS
    return NOT_APPLICABLE if any(given(one) for one in links.likely_limit_ranges.get(container.workload, ())) else None


def _mounts_over(container: Container, path: str) -> list[Mount]:
    """The mounts at or above `path`; one of the root itself is no use here."""
    there = [(mount, mount.target.rstrip("/")) for mount in container.mounts]
    return [mount for mount, target in there if target and (path == target or path.startswith(target + "/"))]


def _read_only_fix(container: Container, written: tuple[str, ...]) -> Fix:
    """Read-only, with a writable mount wherever something is written to and no mount is there already."""
    paths = tuple(path for path in written if not _mounts_over(container, path))
    summary = "make the root file system read-only"
    if paths:
        fix = review(
            f"{summary}, with writable {', '.join(paths)}", container, read_only_root=True, memory_mounts=paths
        )
    else:
        fix = review(summary, container, read_only_root=True)
    kept = tuple(mount for path in written for mount in _mounts_over(container, path))
    return replace(fix, relies_on=kept) if kept else fix


@check("RUN009", "Root file system is writable", severity=MEDIUM, group="hardening", platforms=_PLATFORMS)
def writable_root(container: Container) -> Verdict:
    """The process can change the program, its libraries and its configuration, so an intruder can make himself at
    home in the running container. With a read-only root, only the mounts meant for writing are open.

    Fix:
        kubernetes: set `securityContext.readOnlyRootFilesystem: true` and mount an `emptyDir` where the program
            writes, such as /tmp.
        compose: set `read_only: true` and list what is written under `tmpfs`.
        swarm: set `read_only: true` and mount a tmpfs where the program writes.
        ecs: set `readonlyRootFilesystem` to true and mount a volume where the program writes.
        docker: recreate the container with `--read-only --tmpfs /tmp`.
        podman: recreate the container with `--read-only`.
        quadlet: set `ReadOnly=true`.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    if isinstance(container.read_only_root, Absent) or container.os == "windows":
        return NOT_APPLICABLE
    if container.kind == "ephemeral":
        return NOT_APPLICABLE
    if container.read_only_root:
        return PASS
    written, among = written_folders(container)
    where, message = container.where("read_only_root"), "the root file system is writable"
    writes = why_writable(container)
    if writes:
        return fail(where, message, no_fix=writes)
    if among:
        return fail(where, message, no_fix=f"it writes to {among[0]}: let it write to a mount first")
    return fail(where, message, fix=_read_only_fix(container, written))


@check("RUN010", "No memory limit", severity=MEDIUM, platforms=_PLATFORMS)
def memory_limit(container: Container, context: Context) -> Verdict:
    """Without a limit one container can take all memory of the node; the kernel then ends processes of others. A
    LimitRange of its namespace that gives a limit to those without one counts; where one stands in another folder
    and may be of that namespace, nothing is claimed. A ResourceQuota gives no limit: it refuses pods without.

    Fix:
        kubernetes: set `resources.limits.memory`.
        compose: set `mem_limit`, or `deploy.resources.limits.memory`.
        swarm: set `deploy.resources.limits.memory`.
        ecs: set `memory` on the container or the task.
        docker: recreate the container with `--memory`.
        podman: recreate the container with `--memory`.
        quadlet: set `Memory=`.
    References:
        https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """
    if isinstance(container.memory_limit, Absent) or container.kind in ("ephemeral", "init"):
        return NOT_APPLICABLE
    if container.memory_limit:
        return PASS
    elsewhere = _by_limit_range(container, context, lambda one: one.memory)
    if elsewhere is not None:
        return elsewhere
    request = container.memory_request
    size = 2 * request if isinstance(request, int) and request > 0 else max(_MEMORY, least_memory(container))
    return fail(
        container.where("memory_limit"),
        "memory is not limited: it can take all of the node's",
        fix=review(f"limit memory to {size // (1024 * 1024)} MiB", container, memory_limit=size),
    )


@check(
    "RUN011", "No limit on processes", severity=MEDIUM, platforms=("compose", "swarm", "docker", "podman", "quadlet")
)
def pids_limit(container: Container) -> Verdict:
    """A fork bomb in a container without a limit on processes uses up the process table of the host. On
    Kubernetes the kubelet sets the limit (`podPidsLimit`), not the pod; Windows has none.

    Fix:
        compose: set `pids_limit`, or `deploy.resources.limits.pids`.
        swarm: set `deploy.resources.limits.pids`.
        docker: recreate the container with `--pids-limit 200`.
        podman: recreate the container with `--pids-limit 200`.
        quadlet: set `PidsLimit=200`.
    References:
        https://docs.docker.com/reference/cli/docker/container/run/
    """
    if isinstance(container.pids_limit, Absent) or container.os == "windows":
        return NOT_APPLICABLE
    if container.pids_limit is not None and container.pids_limit > 0:
        return PASS
    return fail(
        container.where("pids_limit"),
        "the number of processes is not limited",
        fix=review(f"limit processes to {_PIDS}", container, pids_limit=_PIDS),
    )


@check("RUN012", "No CPU limit or request", severity=LOW, persona="pedantic", platforms=_PLATFORMS)
def cpu_limit(container: Container, context: Context) -> Verdict:
    """Without a request the scheduler does not know what the container needs; without either it competes with
    all others. Whether a limit is wise for latency is an opinion, which is why this is not asked by
    default. A LimitRange of its namespace that gives either counts.

    Fix:
        kubernetes: set `resources.requests.cpu`.
        compose: set `cpus`, or `deploy.resources.limits.cpus`.
        swarm: set `deploy.resources.limits.cpus`.
        ecs: set `cpu` on the container or the task.
        docker: recreate the container with `--cpus`.
        podman: recreate the container with `--cpus`.
        quadlet: set `PodmanArgs=--cpus=1`.
    References:
        https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """
    limit, request = container.cpu_limit, container.cpu_request
    if container.kind in ("ephemeral", "init") or (isinstance(limit, Absent) and isinstance(request, Absent)):
        return NOT_APPLICABLE
    if (not isinstance(limit, Absent) and limit) or (not isinstance(request, Absent) and request):
        return PASS
    elsewhere = _by_limit_range(container, context, lambda one: one.cpu_request)
    if elsewhere is not None:
        return elsewhere
    return fail(
        container.where("cpu_limit"),
        "neither a CPU limit nor a request is set",
        fix=review("limit CPU to one core", container, cpu_limit=1.0),
    )


_ENDLESS = ("always", "unless-stopped")


def _finite(container: Container) -> Fix | None:
    """Restarts after failures alone, where a word says it. systemd counts by itself: five starts in ten seconds."""
    place = container.where("restart")
    last = place.pointer[-1] if place.pointer else ""
    enough = {("compose", "restart"): "on-failure:5", ("compose", "condition"): "on-failure"}.get(
        (container.platform, str(last)), "on-failure" if container.platform == "quadlet" else ""
    )
    if not enough:
        return None
    return edit("review", "restart it after failures alone", place.document, Set(place.pointer, enough))


@check(
    "RUN014",
    "Limits are lifted or restarts never end",
    severity=LOW,
    persona="pedantic",
    platforms=("compose", "swarm", "ecs", "docker", "podman", "quadlet"),
)
def unlimited(container: Container) -> Verdict:
    """A container that restarts for ever after a crash gives an attacker as many tries as he likes; an unlimited
    ulimit lifts what the daemon's default keeps within bounds (CIS Docker 5.15 and 5.19).

    Fix:
        compose: set `restart: on-failure:5`; give `ulimits` a number.
        swarm: give `ulimits` a number.
        ecs: give `softLimit` and `hardLimit` of `ulimits` a number.
        docker: recreate the container with `--restart on-failure:5` and a number for `--ulimit`.
        podman: recreate the container with `--restart on-failure:5`.
        quadlet: set `Restart=on-failure`, and `StartLimitBurst=` in the unit where five starts are too many.
    References:
        https://docs.docker.com/engine/containers/start-containers-automatically/
    """
    failures: list[Failure] = []
    if not isinstance(container.restart, Absent) and container.restart in _ENDLESS:
        fix = _finite(container)
        failures.append(
            fail(
                container.where("restart"),
                f"it restarts for ever ({container.restart})",
                subject="restart",
                fix=fix,
                no_fix="" if fix is not None else "how often it may restart is for its owner to say",
            )
        )
    if not isinstance(container.ulimits, Absent):
        failures += [
            fail(
                container.at(limit),
                f"ulimit {limit.name} is unlimited",
                subject=limit.name,
                no_fix="which number is right is for its owner to say",
            )
            for limit in container.ulimits
            if limit.hard < 0 or limit.soft < 0
        ]
    if failures:
        return failures
    return NOT_APPLICABLE if isinstance(container.restart, Absent) and isinstance(container.ulimits, Absent) else PASS


# what Pod Security's restricted level allows as volumes
_RESTRICTED_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "image",
    }
)


@check("RUN015", "Volume type outside the restricted set", severity=LOW, persona="auditor", platforms=("kubernetes",))
def volume_types(workload: Workload) -> Verdict:
    """The restricted Pod Security level allows volumes that hold configuration, secrets, scratch space or a
    claim. Others (NFS, iSCSI, cloud disks named directly) tie the pod to infrastructure that its author
    should not have to be trusted with. Host paths are PRV008 to PRV010.

    Fix:
        kubernetes: put it behind a `persistentVolumeClaim`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if workload.os == "windows":
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            workload.at(volume),
            f"volume {volume.name} is of type {volume.type}",
            subject=volume.name,
            no_fix="moving the data behind a claim is not an edit of text",
        )
        for volume in workload.volumes
        # without a type it is an emptyDir
        if volume.type and volume.type not in _RESTRICTED_VOLUMES and volume.type != "hostPath"
    ]
    return failures or PASS
