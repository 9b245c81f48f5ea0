"""Which fields of which kinds a transformer of kustomize changes (its built-in configuration, version 5.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten.formats.nodes import Node


class Spec(Struct, frozen=True):
    """Fields of the kinds of a group; "" is any. `create`: also where they are not there yet."""

    path: tuple[str, ...]
    kind: str = ""
    group: str = ""
    create: bool = False
    version: str = ""

    def meets(self, group: str, version: str, kind: str) -> bool:
        return (
            (not self.kind or self.kind == kind)
            and (not self.group or self.group == group)
            and (not self.version or self.version == version)
        )


def _spec(path: str, kind: str = "", group: str = "", *, create: bool = False, version: str = "") -> Spec:
    return Spec(tuple(path.split("/")), kind, group, create, version)


_TEMPLATES: Final = (
    ("spec/template/", "ReplicationController", "", "v1"),
    ("spec/template/", "Deployment", "", ""),
    ("spec/template/", "ReplicaSet", "", ""),
    ("spec/template/", "DaemonSet", "", ""),
    ("spec/template/", "StatefulSet", "apps", ""),
    ("spec/template/", "Job", "batch", ""),
    ("spec/jobTemplate/", "CronJob", "batch", ""),
    ("spec/jobTemplate/spec/template/", "CronJob", "batch", ""),
)
NAMES: Final = (_spec("metadata/name"),)
METADATA_LABELS: Final = (_spec("metadata/labels", create=True),)
TEMPLATE_LABELS: Final = (
    *METADATA_LABELS,
    *(
        _spec(f"{where}metadata/labels", kind, group, create=True, version=version)
        for where, kind, group, version in _TEMPLATES
    ),
    _spec("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", "apps", create=True),
)
ANNOTATIONS: Final = (
    _spec("metadata/annotations", create=True),
    *(
        _spec(
            f"{where}metadata/annotations", kind, "" if kind == "StatefulSet" else group, create=True, version=version
        )
        for where, kind, group, version in _TEMPLATES
    ),
)
_AFFINITY: Final = tuple(
    f"spec/template/spec/{where}/matchLabels"
    for where in (
        *(
            f"affinity/{which}/{how}"
            for which in ("podAffinity", "podAntiAffinity")
            for how in (
                "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector",
                "requiredDuringSchedulingIgnoredDuringExecution/labelSelector",
            )
        ),
        "topologySpreadConstraints/labelSelector",
    )
)
COMMON_LABELS: Final = (
    _spec("spec/selector", "Service", create=True, version="v1"),
    _spec("spec/selector", "ReplicationController", create=True, version="v1"),
    _spec("spec/selector/matchLabels", "Deployment", create=True),
    *(_spec(path, kind, "apps") for kind in ("Deployment", "StatefulSet") for path in _AFFINITY),
    _spec("spec/selector/matchLabels", "ReplicaSet", create=True),
    _spec("spec/selector/matchLabels", "DaemonSet", create=True),
    _spec("spec/selector/matchLabels", "StatefulSet", "apps", create=True),
    _spec("spec/selector/matchLabels", "Job", "batch"),
    _spec("spec/jobTemplate/spec/selector/matchLabels", "CronJob", "batch"),
    _spec("spec/selector/matchLabels", "PodDisruptionBudget", "policy"),
    *(
        _spec(f"spec/{where}podSelector/matchLabels", "NetworkPolicy", "networking.k8s.io")
        for where in ("", "ingress/from/", "egress/to/")
    ),
    *TEMPLATE_LABELS,
)
REPLICAS: Final = tuple(
    _spec("spec/replicas", kind, create=True)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)
NAMESPACE: Final = (
    _spec("metadata/name", "Namespace", create=True, version="v1"),
    _spec("spec/service/namespace", "APIService", "apiregistration.k8s.io", create=True),
    _spec("spec/conversion/webhook/clientConfig/service/namespace", "CustomResourceDefinition", "apiextensions.k8s.io"),
)
UNPREFIXED: Final = frozenset(("CustomResourceDefinition", "APIService", "Namespace"))
"""Kinds whose names neither a prefix nor a suffix changes."""


def fields(node: Node, path: tuple[str, ...], create: Node | None = None) -> Iterator[Node]:
    """The nodes at a path, lists gone through; with `create`, what is missing at the end is made a copy of it and
    mappings on the way are made where they are missing."""
    if node.is_list:
        for item in node.items:
            yield from fields(item, path, create)
        return
    if not path:
        yield node
        return
    if not node.is_map:
        return
    name = path[0].removesuffix("[]")
    child = node.get(name)
    if (child is None or child.plain is None) and create is not None and not path[0].endswith("[]"):
        made = create.copy() if len(path) == 1 else Node({}, create.place)
        if child is None:
            node.fields[name] = child = made
        else:
            child.become(made)
    if child is not None:
        yield from fields(child, path[1:], create)
