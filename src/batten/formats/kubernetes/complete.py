"""What an object cannot be without: tells of files that were cut off, and of kinds that do not exist.

YAML that ends early is most often valid YAML still. What the API server would refuse (a workload without containers,
a rule without verbs) cannot be judged, and silence would be a pass.

Source: the OpenAPI document of Kubernetes (`required`) and the validation of its API server (`pkg/apis`).
"""

from __future__ import annotations

from typing import Any, Final

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.kinds import BUILTIN_GROUPS, BUILTIN_KINDS, GATEWAY_GROUP, GATEWAY_ROUTES
from batten.formats.kubernetes.source import Json, Source
from batten.model.source import Pointer

_RBAC: Final = "rbac.authorization.k8s.io"
_NEEDED: Final[dict[tuple[str, str], str]] = {
    ("", "Service"): "spec",
    ("", "LimitRange"): "spec",
    ("", "ResourceQuota"): "spec",
    ("policy", "PodDisruptionBudget"): "spec",
    ("networking.k8s.io", "Ingress"): "spec",
    ("networking.k8s.io", "NetworkPolicy"): "spec",
    ("extensions", "Ingress"): "spec",
    ("extensions", "NetworkPolicy"): "spec",
    (_RBAC, "RoleBinding"): "roleRef",
    (_RBAC, "ClusterRoleBinding"): "roleRef",
    (GATEWAY_GROUP, "Gateway"): "spec",
    **{(GATEWAY_GROUP, kind): "spec" for kind in GATEWAY_ROUTES},
}

_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "": (
        "Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node",
        "PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "ResourceQuota",
        "Secret", "Service", "ServiceAccount",
    ),
    "apps": ("ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "Scale", "StatefulSet"),
    "autoscaling": ("HorizontalPodAutoscaler", "Scale"),
    "batch": ("CronJob", "Job", "JobTemplate"),
    "networking.k8s.io": ("IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"),
    "policy": ("Eviction", "PodDisruptionBudget", "PodSecurityPolicy"),
    _RBAC: ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
}  # fmt: skip
"""Every kind of these groups; what is none of them and much like one is a slip, or was cut off."""

_NO_SLIPS: Final = frozenset({"Config", "Template", "Route", "Group", "User", "List", "Status"})
"""Kinds with the version `v1` that are not Kubernetes' own (kubeconfig, OpenShift), or no objects."""

CUT: Final = "the file was cut off, or this is a part of an object"
_DEPTH: Final = 200
_SHOWN: Final = 3
"""Missing things that are named in one line; the rest is counted."""


def absent(src: Source, what: str, pointer: Pointer) -> None:
    """Notes that `what` is missing at `pointer`."""
    src.absences.append((what, pointer))


def tell(src: Source, value: Json, pointer: Pointer, end: Pointer) -> None:
    """Tells what the object `value` at `pointer` lacks, one line for each broken place.

    All that is missing after the last thing in the object was lost by one cut and is one line; where that last thing
    is told of itself (its type is wrong, or it is `end`, a key without a value at the end of the file), none.
    """
    absences, complained = src.absences, src.complained
    src.absences, src.complained = [], []
    if not absences:
        return
    last = (*pointer, *_last(value))
    told = last in complained or last == end
    lost: list[tuple[str, Pointer]] = []
    for what, place in absences:
        if any(place[: len(one)] == one for one in complained):
            continue  # what should hold it is of a wrong type
        owner = (*pointer, *_existing(value, place[len(pointer) :]))
        if last[: len(owner)] == owner:
            lost.append((what, place))
        else:
            src.complain(f"expected {what}, found none: {CUT}", place)
    if lost and not told:
        names = [what for what, _ in lost[:_SHOWN]]
        if len(lost) > _SHOWN:
            names.append(f"{len(lost) - _SHOWN} more")
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        src.complain(f"expected {listed}, found none: {CUT}", lost[0][1])
    src.complained = []


def _last(value: Any) -> Pointer:
    """The pointer of the last thing in `value`."""
    found: list[str | int] = []
    while len(found) < _DEPTH:
        if type(value) is dict and value:
            key, value = next(reversed(value.items()))
        elif type(value) is list and value:
            key, value = len(value) - 1, value[-1]
        else:
            break
        found.append(key)
    return tuple(found)


def _existing(value: Any, pointer: Pointer) -> Pointer:
    """The part of `pointer` that leads to a mapping or list with something in it."""
    for depth, part in enumerate(pointer):
        inner = None
        if type(value) is dict:
            inner = value.get(part)
        elif type(value) is list and type(part) is int and part < len(value):
            inner = value[part]
        if not inner or type(inner) not in (dict, list):
            # an empty item stands at the end of its list
            return pointer[: depth + 1] if type(value) is list else pointer[:depth]
        value = inner
    return pointer


def complete(src: Source, head: Head, value: Json) -> None:
    """Notes what of the object `value` is missing that it cannot be without."""
    needed = _NEEDED.get((head.group, head.kind))
    if needed is not None:
        if value.get(needed) is None:
            absent(src, f"{needed} in the {head.kind}", (*head.pointer, needed))
        elif (look := _PARTS.get(head.kind)) is not None:
            look(src, head, value)
    elif head.group in _KINDS and head.kind not in _KINDS[head.group]:
        _slip(src, head)
    elif head.group == _RBAC:
        _rules(src, head, value)
    if not head.name and head.group in BUILTIN_GROUPS and head.kind in BUILTIN_KINDS:
        absent(src, f"metadata.name in the {head.kind}", (*head.pointer, "metadata", "name"))


def _rules(src: Source, head: Head, value: Json) -> None:
    for place, rule in _mappings(value, "rules", head.pointer):
        if not rule.get("verbs"):
            absent(src, f"verbs in the rule of the {head.kind}", (*place, "verbs"))


def _mappings(owner: Any, key: str, pointer: Pointer) -> list[tuple[Pointer, Json]]:
    """The items of a list that are mappings or nothing; what is of a wrong type is told where it is read."""
    value = owner.get(key) if type(owner) is dict else None
    if type(value) is not list:
        return []
    place = (*pointer, key)
    return [((*place, index), item or {}) for index, item in enumerate(value) if item is None or type(item) is dict]


def _binding(src: Source, head: Head, value: Json) -> None:
    reference, at = value.get("roleRef"), (*head.pointer, "roleRef")
    for key in ("kind", "name"):
        if type(reference) is dict and reference.get(key) is None:
            absent(src, f"{key} in the roleRef of the {head.kind}", (*at, key))
    for place, subject in _mappings(value, "subjects", head.pointer):
        for key in ("kind", "name"):
            if subject.get(key) is None:
                absent(src, f"{key} in the subject of the {head.kind}", (*place, key))


def _service(src: Source, head: Head, value: Json) -> None:
    spec, at = value.get("spec"), (*head.pointer, "spec")
    if type(spec) is not dict:
        return
    if spec.get("ports") in (None, []) and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        absent(src, "ports in the Service", (*at, "ports"))
    for place, port in _mappings(spec, "ports", at):
        if port.get("port") is None:
            absent(src, "the port's number in the Service", (*place, "port"))


def _ingress(src: Source, head: Head, value: Json) -> None:
    spec, at = value.get("spec"), (*head.pointer, "spec")
    if type(spec) is not dict:
        return
    if all(spec.get(key) in (None, []) for key in ("defaultBackend", "backend", "rules")):
        absent(src, "rules or a default backend in the Ingress", (*at, "rules"))
    for key in ("defaultBackend", "backend"):
        if type(spec.get(key)) is dict:
            _backend(src, spec[key], (*at, key))
    for place, rule in _mappings(spec, "rules", at):
        http = rule.get("http")
        if type(http) is dict and http.get("paths") in (None, []):
            absent(src, "paths in the rule of the Ingress", (*place, "http", "paths"))
        for own, path in _mappings(http, "paths", (*place, "http")):
            if type(path.get("backend")) is dict:
                _backend(src, path["backend"], (*own, "backend"))
            elif path.get("backend") is None:
                absent(src, "a backend for the path of the Ingress", (*own, "backend"))


def _backend(src: Source, backend: Json, pointer: Pointer) -> None:
    service = backend.get("service")
    if type(service) is dict:
        port = service.get("port")
        named = service.get("name") is not None
        reached = type(port) is not dict or any(port.get(key) is not None for key in ("number", "name"))
        if not named or port is None or not reached:
            what = "the port" if named else "the name"
            absent(src, f"{what} of the Service that the Ingress leads to", (*pointer, "service"))
    elif service is None and backend.get("resource") is None:
        for key in ("serviceName", "servicePort"):
            if backend.get(key) is None:
                absent(src, "a Service with its port that the Ingress leads to", (*pointer, key))
                return


_PARTS: Final = {
    "Service": _service,
    "Ingress": _ingress,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
}


def complete_pod(src: Source, spec: Json, pointer: Pointer) -> None:
    """Notes what parts of a pod spec cannot be without: a port's number, a mount's path, a path of the host."""
    for key in ("initContainers", "containers"):
        for place, container in _mappings(spec, key, pointer):
            for field, needed, what in _CONTAINER_PARTS:
                if container.get(field):
                    for own, item in _mappings(container, field, place):
                        if item.get(needed) is None:
                            absent(src, what, (*own, needed))
    for own, volume in _mappings(spec, "volumes", pointer):
        if volume.get("name") is None:
            absent(src, "a name of the volume", (*own, "name"))
        host = volume.get("hostPath")
        if type(host) is dict and host.get("path") is None:
            absent(src, "the path of the host in the volume", (*own, "hostPath", "path"))


_CONTAINER_PARTS: Final = (
    ("ports", "containerPort", "containerPort in the port"),
    ("env", "name", "a name of the variable"),
    ("volumeMounts", "name", "the name of the volume that is mounted"),
    ("volumeMounts", "mountPath", "mountPath of the volume that is mounted"),
)


def _slip(src: Source, head: Head) -> None:
    if head.kind in _NO_SLIPS:
        return
    from difflib import get_close_matches

    kinds = _KINDS[head.group]
    near = [kind for kind in kinds if kind.lower().startswith(head.kind.lower())]
    near = near or get_close_matches(head.kind, kinds, 1, 0.8)
    if near:
        message = f"expected a kind of {head.api_version}, found {head.kind}, which is none and is not judged"
        src.complain(f"{message}: {' or '.join(near)}?", (*head.pointer, "kind"))
