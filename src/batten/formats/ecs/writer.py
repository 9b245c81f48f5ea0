"""Neutral changes as edits of a task definition; what the launch type refuses is refused here, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from batten.formats.docker_values import capability, security_options
from batten.formats.ecs.platform import platform_of
from batten.formats.part import Part
from batten.formats.volume_edits import mounts_of
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Pointer
from batten.model.verdict import Change
from batten.model.workload import Container, Port, Volume, Workload

TMPFS_MEBIBYTES = 64  # the API wants a size; enough for sockets, pid files and small caches
MEMORY_FLOOR = 6 << 20  # Docker 20.10 starts no container with less
CPU_FLOOR = 128  # units of a task on container instances
_NOT_HERE = {
    "seccomp": "ECS has no field for a seccomp profile; the engine's default is always used",
    "proc_mount": "ECS cannot unmask /proc",
    "host_process": "ECS has no HostProcess containers",
    "pids_limit": "a task definition has no limit of processes; set ECS_TASK_PIDS_LIMIT of the container agent",
    "bind_port": "port mappings of ECS have no address; restrict the security group instead",
    "user_namespace": "ECS has no user namespaces; they are a setting of the Docker daemon",
    "automount_token": "ECS mounts no service account token",
}


class EcsWriter:
    """Turns changes into edits; raises `CannotEdit` with the reason where ECS cannot express one."""

    platforms: tuple[str, ...] = ("ecs",)

    def edits(self, change: Change) -> list[Edit]:
        if change.field in _NOT_HERE:
            raise CannotEdit(_NOT_HERE[change.field])
        document: Any = change.target.document
        method: Callable[[Any], list[Edit]] | None = getattr(_Change(document.value, change), change.field, None)
        if method is None or change.field.startswith("_"):
            raise CannotEdit(f"a task definition has no way to change {change.field}")
        edits = method(change.value)
        if not edits:
            raise CannotEdit("nothing in the task definition sets it")
        return edits


class _Change:
    """One change: a method per neutral field."""

    def __init__(self, value: Any, change: Change) -> None:
        self._target = change.target
        self._part = Part(_walk(value, change.target.pointer), change.target.pointer)
        pointer = change.target.pointer
        if isinstance(change.target, Container):
            # …/containerDefinitions/0, or /0 in a list that stands alone
            pointer = pointer[:-2] if len(pointer) > 1 and pointer[-2] == "containerDefinitions" else pointer[:-1]
        self._task = Part(_walk(value, pointer), pointer)
        self._platform = platform_of(self._task)

    # -------------------------------------------------------------------------------- container

    def privileged(self, value: bool) -> list[Edit]:
        self._require_instances("privileged")
        return [Set(self._part.at("privileged"), False)]

    def privilege_escalation(self, value: bool) -> list[Edit]:
        self._require_instances("dockerSecurityOptions")
        pointer = self._part.at("dockerSecurityOptions")
        options = self._part.texts("dockerSecurityOptions")
        for index in security_options(options).at.get("no_new_privileges", []):
            return [Set((*pointer, index), "no-new-privileges")]
        return [Append(pointer, "no-new-privileges")]

    def drop_capabilities(self, value: Iterable[str]) -> list[Edit]:
        self._require_linux("linuxParameters")
        listed = self._part.part("linuxParameters").part("capabilities")
        dropped = {capability(name) for name in listed.texts("drop")}
        return [Append(listed.at("drop"), name) for name in value if name not in dropped]

    def remove_capabilities(self, value: Iterable[str]) -> list[Edit]:
        names = set(value)
        listed = self._part.part("linuxParameters").part("capabilities")
        return self._without(listed, "add", [capability(name) in names for name in listed.texts("add")])

    def user(self, value: int) -> list[Edit]:
        self._require_linux("user")
        return [Set(self._part.at("user"), f"{value}:{value}")]

    def apparmor(self, value: str) -> list[Edit]:
        return self._without_option("apparmor")

    def selinux(self, value: None) -> list[Edit]:
        return self._without_option("selinux")

    def read_only_root(self, value: bool) -> list[Edit]:
        self._require_linux("readonlyRootFilesystem")
        return [Set(self._part.at("readonlyRootFilesystem"), True)]

    def memory_mounts(self, value: Iterable[str]) -> list[Edit]:
        self._require_linux("tmpfs")
        mounted = {mount.target.rstrip("/") for mount in getattr(self._target, "mounts", ())}
        wanted = [path for path in value if path.rstrip("/") not in mounted]
        if not wanted:
            raise CannotEdit("something is mounted there already")
        pointer = self._part.part("linuxParameters").at("tmpfs")
        return [Append(pointer, {"containerPath": path, "size": TMPFS_MEBIBYTES}) for path in wanted]

    def memory_limit(self, value: int) -> list[Edit]:
        mebibytes = -(-max(value, MEMORY_FLOOR) // (1 << 20))
        reserved = self._part.integer("memoryReservation")
        if isinstance(reserved, int) and reserved >= mebibytes:
            raise CannotEdit(f"{reserved} MiB are reserved for the container; a limit must be above that")
        whole = self._platform.task_size(self._task)
        if isinstance(whole, int) and whole < mebibytes << 20:
            raise CannotEdit(f"the whole task may use {whole >> 20} MiB; the limit of one container must be below that")
        if isinstance(whole, int) and whole >> 20 < (every := self._with_all(mebibytes)):
            raise CannotEdit(
                f"the whole task may use {whole >> 20} MiB, and its containers would have {every} MiB together; "
                "its owner has to say which of them may use how much"
            )
        return [Set(self._part.at("memory"), mebibytes)]

    def _with_all(self, mebibytes: int) -> int:
        """What all containers of the task have together, where each that has no limit gets as many mebibytes."""
        limits = (one.integer("memory") for one in self._task.parts("containerDefinitions"))
        return sum(limit if isinstance(limit, int) else mebibytes for limit in limits)

    def cpu_limit(self, value: float) -> list[Edit]:
        """On Linux only the task has a limit; a container's units are its share."""
        units = max(round(value * 1024), 1)
        if self._platform.windows:
            return [Set(self._part.at("cpu"), units)]
        if len(self._task.parts("containerDefinitions")) != 1:
            raise CannotEdit("on Linux only the whole task has a limit; set its `cpu` for all containers together")
        if self._platform.fargate:
            raise CannotEdit("on Fargate `cpu` is the size of the task; choose one of the sizes that it offers")
        own = self._part.integer("cpu")
        if isinstance(own, int) and own > max(units, CPU_FLOOR):
            raise CannotEdit(f"the container reserves {own} units; the task's `cpu` must not be below that")
        return [Set(self._task.at("cpu"), str(max(units, CPU_FLOOR)))]

    def image(self, value: str) -> list[Edit]:
        return [Set(self._part.at("image"), value)]

    def remove(self, value: Any) -> list[Edit]:
        if isinstance(value, Volume) and isinstance(self._target, Workload):
            mounts = mounts_of(self._target, value)
            pointers = [value.pointer, *(mount.pointer for mount in mounts)]
            if any("volumesFrom" in pointer for pointer in pointers):
                raise CannotEdit("another container has the volume through volumesFrom; take that away first")
            return [Remove(pointer) for pointer in dict.fromkeys(pointers)]
        if isinstance(value, Port) and "portMappings" not in value.pointer:
            raise CannotEdit("the port is published elsewhere")
        return [Remove(value.pointer)] if value.pointer else []

    # --------------------------------------------------------------------------------- workload

    def read_only_mounts(self, value: Volume) -> list[Edit]:
        mounts = mounts_of(self._target, value)
        if any("mountPoints" not in mount.pointer for mount in mounts):
            raise CannotEdit("another container has the volume through volumesFrom; change it by hand")
        return [Set((*mount.pointer, "readOnly"), True) for mount in mounts if not mount.read_only]

    def named_volume(self, value: Volume) -> list[Edit]:
        raise CannotEdit(
            f"what lies in {value.source} on the instance would be gone: move it to EFS or a Docker volume, and name "
            "that in place of host.sourcePath"
        )

    def host_network(self, value: bool) -> list[Edit]:
        return [Set(self._task.at("networkMode"), "bridge")] if self._task.text("networkMode") == "host" else []

    def host_pid(self, value: bool) -> list[Edit]:
        return [Remove(self._task.at("pidMode"))] if self._task.text("pidMode") == "host" else []

    def host_ipc(self, value: bool) -> list[Edit]:
        return [Remove(self._task.at("ipcMode"))] if self._task.text("ipcMode") == "host" else []

    def share_process_namespace(self, value: bool) -> list[Edit]:
        return [Remove(self._task.at("pidMode"))] if self._task.text("pidMode") == "task" else []

    # ---------------------------------------------------------------------------------- helpers

    def _require_instances(self, name: str) -> None:
        """Fargate and Windows know no privileges and no security options of Docker."""
        self._require_linux(name)
        if self._platform.fargate:
            raise CannotEdit(f"Fargate: {name} is not supported there")

    def _require_linux(self, name: str) -> None:
        if self._platform.windows:
            raise CannotEdit(f"Windows: {name} is not supported there")

    def _without_option(self, field: str) -> list[Edit]:
        options = self._part.texts("dockerSecurityOptions")
        gone = set(security_options(options).at.get(field, []))
        return self._without(self._part, "dockerSecurityOptions", [n in gone for n in range(len(options))])

    def _without(self, part: Part, name: str, gone: list[bool]) -> list[Edit]:
        """The marked items of a list go; the list itself where all of them do."""
        if gone and all(gone):
            return [Remove(part.at(name))]
        return [Remove((*part.at(name), n)) for n, one in enumerate(gone) if one]


def _walk(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


WRITER = EcsWriter()
