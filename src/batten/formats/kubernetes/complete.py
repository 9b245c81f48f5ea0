"""What an object cannot be without: tells of files that were cut off, and of kinds that do not exist.

YAML that ends early is most often valid YAML still. What the API server would refuse (a workload without containers,
a rule without verbs) cannot be judged, and silence would be a pass.

Source: the OpenAPI document of Kubernetes (`required`) and the validation of its API server (`pkg/apis`).
"""

from __future__ import annotations

from typing import Final

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

_CUT: Final = "the file was cut off, or this is a part of an object"


def absent(src: Source, what: str, pointer: Pointer) -> None:
    """Tells that `what` is missing at `pointer`."""
    src.complain(f"expected {what}, found none: {_CUT}", pointer)


def complete(src: Source, head: Head, value: Json) -> None:
    """Tells what of the object `value` is missing that it cannot be without."""
    needed = _NEEDED.get((head.group, head.kind))
    if needed is not None:
        if value.get(needed) is None:
            absent(src, f"{needed} in the {head.kind}", (*head.pointer, needed))
    elif head.group in _KINDS and head.kind not in _KINDS[head.group]:
        _slip(src, head)
    elif head.group == _RBAC:
        _rules(src, head, value)
    if not head.name and head.group in BUILTIN_GROUPS and head.kind in BUILTIN_KINDS:
        absent(src, f"metadata.name in the {head.kind}", (*head.pointer, "metadata", "name"))


def _rules(src: Source, head: Head, value: Json) -> None:
    rules = value.get("rules")
    for index, rule in enumerate(rules if type(rules) is list else ()):
        if rule is None or (type(rule) is dict and not rule.get("verbs")):
            absent(src, f"verbs in the rule of the {head.kind}", (*head.pointer, "rules", index))


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
