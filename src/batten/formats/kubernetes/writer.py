"""The writer: wanted values of neutral fields as edits of manifests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from batten.formats.kubernetes import security_edits as security
from batten.formats.kubernetes.quantity import cores_text, memory_text
from batten.formats.kubernetes.storage_edits import memory_mounts, read_only_mounts, remove_volume
from batten.formats.kubernetes.values import value_at
from batten.model.edits import CannotEdit, Edit, Remove, Set
from batten.model.source import Pointer
from batten.model.values import UNKNOWN
from batten.model.verdict import Change
from batten.model.workload import Container, EnvSource, EnvVar, Mount, Port, ProbeHost, Sysctl, Volume, Workload

_LINUX_ONLY: Final = frozenset(
    {
        "privileged",
        "privilege_escalation",
        "drop_capabilities",
        "remove_capabilities",
        "user",
        "seccomp",
        "apparmor",
        "selinux",
        "proc_mount",
        "read_only_root",
        "host_pid",
        "host_ipc",
        "user_namespace",
        "share_process_namespace",
    }
)
"""Fields that the API server refuses on a pod whose `spec.os.name` is `windows`, unless they go away."""
_READ_AS: Final = {"drop_capabilities": "capabilities", "remove_capabilities": "capabilities"}


class KubernetesWriter:
    """Edits of Kubernetes manifests (`batten.formats.interface.Writer`).

    A field is changed where it is written: in the container's own security context or the pod's. Beyond
    the interface, `user`, `seccomp`, `apparmor`, `selinux` and `host_process` can be asked of a workload,
    too, and change what its pod's security context says.
    """

    platforms = ("kubernetes",)

    def edits(self, change: Change) -> list[Edit]:
        """Edits on `change.target.document`; empty where nothing is to be done."""
        target, field = change.target, change.field
        table: dict[str, Callable[[Any, Any], list[Edit]]]
        table = _CONTAINER_FIELDS if isinstance(target, Container) else _WORKLOAD_FIELDS
        if field not in table:
            raise CannotEdit(_ELSEWHERE.get(field, f"Kubernetes has no field for {field}"))
        if isinstance(target, Container) and target.kind == "ephemeral":
            raise CannotEdit("an ephemeral container cannot be changed; delete it with its pod")
        if getattr(target, _READ_AS.get(field, field), None) is UNKNOWN:
            raise CannotEdit(f"{field} is not known here, perhaps a template decides it; change it by hand")
        if target.os == "windows" and field in _LINUX_ONLY and not target.is_set(_READ_AS.get(field, field)):
            raise CannotEdit("pods of Windows cannot say this: the API server refuses it")
        return table[field](target, change.value)


_ELSEWHERE: Final = {
    "pids_limit": "Kubernetes has no field for it; set podPidsLimit in the kubelet's configuration",
    "devices": "Kubernetes maps no devices; a device plugin does",
}


def _memory_limit(container: Container, value: int) -> list[Edit]:
    request = container.memory_request if container.is_set("memory_request") else None
    if isinstance(request, int) and request > value:
        raise CannotEdit(f"the container requests {memory_text(request)}, more than a limit of {memory_text(value)}")
    return [Set((*container.pointer, "resources", "limits", "memory"), memory_text(value))]


def _cpu_limit(container: Container, value: float) -> list[Edit]:
    request = container.cpu_request if container.is_set("cpu_request") else None
    if isinstance(request, float) and request > value:
        raise CannotEdit(f"the container requests {request:g} cores, more than a limit of {value:g}")
    return [Set((*container.pointer, "resources", "limits", "cpu"), cores_text(value))]


def _image(container: Container, value: str) -> list[Edit]:
    return [Set((*container.pointer, "image"), value)]


def _bind_port(container: Container, value: tuple[Port, str]) -> list[Edit]:
    port, address = value
    if not port.host:
        raise CannotEdit("the port is not published on the node")
    return [Set((*port.pointer, "hostIP"), address)]


def _remove_from_container(container: Container, part: Any) -> list[Edit]:
    if isinstance(part, (Mount, EnvVar, EnvSource, ProbeHost)):
        return [Remove(part.pointer)]
    if isinstance(part, Port):
        written = value_at(container.document, part.pointer)
        # the port of the container itself stays
        return [Remove((*part.pointer, key)) for key in ("hostPort", "hostIP") if key in written]
    raise CannotEdit(f"Kubernetes has no {type(part).__name__.lower()} to remove")


def _remove_from_workload(workload: Workload, part: Any) -> list[Edit]:
    if isinstance(part, Volume):
        return remove_volume(workload, part)
    if isinstance(part, Sysctl):
        return [Remove(part.pointer)]
    raise CannotEdit(f"Kubernetes has no {type(part).__name__.lower()} to remove")


def _claim(workload: Workload, volume: Volume) -> list[Edit]:
    raise CannotEdit(
        f"what lies in {volume.source} on the node would be gone: move it into a persistent volume claim, and name "
        "that in place of hostPath"
    )


def _switch(field: str) -> Callable[[Container | Workload, bool], list[Edit]]:
    """Turns a field off where it is written; where it is not, it is off."""

    def edits(target: Container | Workload, value: bool) -> list[Edit]:
        return [Set(target.places[field], value)] if field in target.places else []

    return edits


def _automount(workload: Workload, value: bool) -> list[Edit]:
    return [Set((*workload.pointer, "automountServiceAccountToken"), value)]


def _user_namespace(workload: Workload, value: bool) -> list[Edit]:
    for field, word in (("host_network", "hostNetwork"), ("host_pid", "hostPID"), ("host_ipc", "hostIPC")):
        if getattr(workload, field) is True:
            raise CannotEdit(f"a pod with {word} cannot have a user namespace of its own; turn that off first")
    pointer: Pointer = (*workload.pointer, "hostUsers")
    return [Set(pointer, not value)]


_CONTAINER_FIELDS: Final[dict[str, Callable[[Container, Any], list[Edit]]]] = {
    "privileged": _switch("privileged"),
    "privilege_escalation": security.privilege_escalation,
    "drop_capabilities": security.drop_capabilities,
    "remove_capabilities": security.remove_capabilities,
    "user": security.container_user,
    "seccomp": security.profile_setter("seccomp", "seccompProfile"),
    "apparmor": security.profile_setter("apparmor", "appArmorProfile"),
    "selinux": security.reset_selinux,
    "proc_mount": security.proc_mount,
    "host_process": _switch("host_process"),
    "read_only_root": security.read_only_root,
    "memory_mounts": memory_mounts,
    "memory_limit": _memory_limit,
    "cpu_limit": _cpu_limit,
    "image": _image,
    "bind_port": _bind_port,
    "remove": _remove_from_container,
}
_WORKLOAD_FIELDS: Final[dict[str, Callable[[Workload, Any], list[Edit]]]] = {
    "host_network": _switch("host_network"),
    "host_pid": _switch("host_pid"),
    "host_ipc": _switch("host_ipc"),
    "share_process_namespace": _switch("share_process_namespace"),
    "user_namespace": _user_namespace,
    "automount_token": _automount,
    "remove": _remove_from_workload,
    "read_only_mounts": read_only_mounts,
    "named_volume": _claim,
    "user": security.pod_user,
    "seccomp": security.profile_setter("pod_seccomp", "seccompProfile"),
    "apparmor": security.profile_setter("pod_apparmor", "appArmorProfile"),
    "selinux": security.reset_selinux,
    "host_process": _switch("pod_host_process"),
}


WRITER = KubernetesWriter()
