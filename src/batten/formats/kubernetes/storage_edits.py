"""Edits of volumes and what is mounted of them."""

from __future__ import annotations

from typing import Final

from batten.formats.kubernetes.values import value_at
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Pointer
from batten.model.workload import Container, Volume, Workload
from batten.pattern import pattern

SCRATCH: Final = {"sizeLimit": "1Gi"}
"""The `emptyDir` behind a writable path. On the node's disk, not in memory: memory would count against
the container's limit and get it killed. The kubelet evicts a pod that fills more than the limit, so that
it must be roomy for temporary files; before, the container's own layer had no limit at all."""
_LONGEST_NAME: Final = 59  # of the 63 characters of a DNS label, with room for a number
_NOT_IN_NAMES: Final = pattern(r"[^a-z0-9]+")


def memory_mounts(container: Container, paths: tuple[str, ...]) -> list[Edit]:
    """A scratch volume for every path that has none yet, each container its own."""
    owner = _pod_spec(container.pointer)
    volumes = value_at(container.document, (*owner, "volumes"))
    taken = {mount.volume for mount in container.mounts}
    taken |= {str(item.get("name")) for item in volumes or () if isinstance(item, dict)}
    edits: list[Edit] = []
    for path in paths:
        if _is_writable(container, path):
            continue
        name = _name(container, path, owner, taken)
        taken.add(name)
        edits.append(Append((*owner, "volumes"), {"name": name, "emptyDir": dict(SCRATCH)}))
        edits.append(Append((*container.pointer, "volumeMounts"), {"name": name, "mountPath": path}))
    return edits


def _pod_spec(pointer: Pointer) -> Pointer:
    """The pod spec (of an Argo Workflow: the template) that a container stands in."""
    owner = pointer[:-1] if isinstance(pointer[-1], str) else pointer[:-2]
    return owner[:-1] if owner and owner[-1] == "containerSet" else owner


def _is_writable(container: Container, path: str) -> bool:
    """A mount already makes the path writable; raises `CannotEdit` where one makes it read-only."""
    wanted = path.rstrip("/")
    for mount in container.mounts:
        target = mount.target.rstrip("/")
        if wanted == target and mount.read_only:
            raise CannotEdit(f"{path} is mounted read-only from volume {mount.volume}")
        if (wanted == target or wanted.startswith(f"{target}/")) and not mount.read_only:
            return True
    return False


def _name(container: Container, path: str, owner: Pointer, taken: set[str]) -> str:
    base = _NOT_IN_NAMES.sub("-", path.lower()).strip("-") or "scratch"
    spec = value_at(container.document, owner)
    lists = ("containers", "initContainers") if isinstance(spec, dict) else ()
    if sum(len(spec[key]) for key in lists if isinstance(spec.get(key), list)) > 1:
        base = f"{_NOT_IN_NAMES.sub('-', container.name.lower()).strip('-')}-{base}"  # not shared with the others
    base = base[:_LONGEST_NAME].strip("-")
    name, number = base, 2
    while name in taken:
        name = f"{base}-{number}"
        number += 1
    return name


def remove_volume(workload: Workload, volume: Volume) -> list[Edit]:
    """The volume and every mount of it."""
    edits: list[Edit] = [Remove(volume.pointer)]
    for container in workload.containers:
        for key in ("volumeMounts", "volumeDevices"):
            pointer: Pointer = (*container.pointer, key)
            items = value_at(container.document, pointer)
            if not isinstance(items, list):
                continue
            found = [n for n, item in enumerate(items) if isinstance(item, dict) and item.get("name") == volume.name]
            if found and container.kind == "ephemeral":
                raise CannotEdit(f"ephemeral container {container.name} mounts it, which cannot be changed")
            # item by item: another fix may add a mount to the list, which then stays
            edits += [Remove((*pointer, index)) for index in found]
    return edits


def read_only_mounts(workload: Workload, volume: Volume) -> list[Edit]:
    """Every mount of the volume read-only."""
    edits: list[Edit] = []
    for container in workload.containers:
        for mount in container.mounts:
            if mount.volume != volume.name or mount.read_only:
                continue
            if container.kind == "ephemeral":
                raise CannotEdit(f"ephemeral container {container.name} mounts it, which cannot be changed")
            edits.append(Set((*mount.pointer, "readOnly"), True))
    return edits
