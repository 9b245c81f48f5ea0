"""Resources of the Kubernetes provider as the objects that they make.

Source: the schema of hashicorp/kubernetes 2.x: blocks have the names of the API's fields in snake case, those that
may stand several times in the singular; numbers and texts are turned into each other as the schema has it.
"""

from __future__ import annotations

from typing import Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.shapes import camel_name, first
from batten.formats.terraform.values import as_text, is_null, is_unknown, listing, mapping, truth

_RBAC: Final = "rbac.authorization.k8s.io/v1"
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "deployment": ("apps/v1", "Deployment"),
    "stateful_set": ("apps/v1", "StatefulSet"),
    "daemonset": ("apps/v1", "DaemonSet"),
    "daemon_set": ("apps/v1", "DaemonSet"),
    "job": ("batch/v1", "Job"),
    "cron_job": ("batch/v1", "CronJob"),
    "pod": ("v1", "Pod"),
    "replication_controller": ("v1", "ReplicationController"),
    "service": ("v1", "Service"),
    "service_account": ("v1", "ServiceAccount"),
    "namespace": ("v1", "Namespace"),
    "secret": ("v1", "Secret"),
    "config_map": ("v1", "ConfigMap"),
    "limit_range": ("v1", "LimitRange"),
    "ingress": ("networking.k8s.io/v1", "Ingress"),
    "network_policy": ("networking.k8s.io/v1", "NetworkPolicy"),
    "pod_disruption_budget": ("policy/v1", "PodDisruptionBudget"),
    "role": (_RBAC, "Role"),
    "cluster_role": (_RBAC, "ClusterRole"),
    "role_binding": (_RBAC, "RoleBinding"),
    "cluster_role_binding": (_RBAC, "ClusterRoleBinding"),
}
_PREFIX: Final = "kubernetes_"
_MANIFESTS: Final = {"kubernetes_manifest": "manifest", "kubectl_manifest": "yaml_body"}
# blocks that are a list in the API: name of the block -> name of the field, where it is another one
_LISTS: Final = {
    "container": "containers", "initContainer": "initContainers", "env": "env", "envFrom": "envFrom", "port": "ports",
    "ports": "ports", "volume": "volumes", "volumeMount": "volumeMounts", "volumeDevice": "volumeDevices",
    "toleration": "tolerations", "imagePullSecrets": "imagePullSecrets", "imagePullSecret": "imagePullSecrets",
    "hostAliases": "hostAliases", "sysctl": "sysctls", "subject": "subjects", "rule": "rules", "ingress": "ingress",
    "egress": "egress", "from": "from", "to": "to", "path": "paths", "tls": "tls", "items": "items",
    "sources": "sources", "matchExpressions": "matchExpressions", "httpHeader": "httpHeaders", "limit": "limits",
    "volumeClaimTemplate": "volumeClaimTemplates", "topologySpreadConstraint": "topologySpreadConstraints",
    "aggregationRule": "aggregationRule", "clusterRoleSelectors": "clusterRoleSelectors", "secret": "secrets",
}  # fmt: skip
_VERBATIM: Final = frozenset(
    {"labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "binaryData", "limits", "requests",
     "default", "defaultRequest", "max", "min"}
)  # fmt: skip
_NAMES: Final = {
    "hostPid": "hostPID", "hostIpc": "hostIPC", "hostIp": "hostIP", "podIp": "podIP", "clusterIp": "clusterIP",
    "externalIps": "externalIPs", "loadBalancerIp": "loadBalancerIP", "nonResourceUrls": "nonResourceURLs",
    "procMount": "procMount",
}  # fmt: skip
_TEXTS: Final = frozenset({"value", "path", "name", "key", "mountPath", "type", "role", "user", "level"})
_PORTS: Final = frozenset({"port", "targetPort"})


def is_read(type: str) -> bool:
    return type in _MANIFESTS or _kind(type) is not None


def objects(type: str, node: Node, decode: Any) -> Node | None:
    """The object that a resource of this type makes; None where it is not known what it is."""
    if type in _MANIFESTS:
        found = node.get(_MANIFESTS[type])
        if found is None or is_null(found):
            return None
        return found if found.is_map else decode(found)
    kind = _kind(type)
    if kind is None:
        return None
    fields = {"apiVersion": Node(kind[0], node.place), "kind": Node(kind[1], node.place)}
    fields.update(_fields(node, kind[1]))
    if kind[1] == "Secret":  # the provider takes plain text and encodes it
        fields = {("stringData" if key == "data" else "data" if key == "binaryData" else key): one
                  for key, one in fields.items()}  # fmt: skip
    return mapping(fields, node.place)


def _kind(type: str) -> tuple[str, str] | None:
    if not type.startswith(_PREFIX):
        return None
    name = type.removeprefix(_PREFIX)
    for ending in ("_v1beta1", "_v1", "_v2"):
        name = name.removesuffix(ending)
    return _KINDS.get(name)


def _fields(node: Node, owner: str) -> dict[str, Node]:
    """The fields of a block, as the API has them. `owner`: the field that it stands in, or the kind."""
    fields: dict[str, Node] = {}
    for name, value in node.fields.items():
        if is_null(value) or name in ("id", "timeouts", "wait_for_rollout", "wait_for_completion"):
            continue
        key = camel_name(name)
        key = _NAMES.get(key, key)
        if key in _VERBATIM and not (value.is_list and owner == "LimitRange"):
            fields[key] = _texts(value)
        elif value.is_list and not value.items:
            continue  # a plan lists blocks that are not there
        elif value.is_list and (value.items[0].is_map or is_null(value.items[0])):
            listed = _listed(key, owner)
            if listed:
                fields[listed] = listing([_block(item, key) for item in value.items], value.place)
            else:
                fields[key] = _block(value.items[0], key)
        elif is_unknown(value) and key in _LISTS and _listed(key, owner):
            fields[_LISTS[key]] = value
        elif value.is_map:
            fields[key] = mapping(_fields(value, key), value.place)
        else:
            fields[key] = _scalar(key, value)
    return fields


def _block(node: Node, key: str) -> Node:
    if is_null(node):  # a block without anything, as plans have it
        return mapping({}, node.place)
    return mapping(_fields(node, key), node.place) if node.is_map else node


def _listed(key: str, owner: str) -> str:
    """The field of a block that may stand several times; "" of one that may not."""
    if key == "port" and owner in ("service", "tcpSocket", "httpGet", "grpc"):
        return ""  # of a backend
    if key in ("secret", "path") and owner in ("volume", "sources", "hostPath"):
        return ""
    if key == "ingress" and owner in ("status", "loadBalancer"):
        return ""
    if key == "rule" and owner == "aggregationRule":
        return ""
    return "" if key == "aggregationRule" else _LISTS.get(key, "")


def _texts(node: Node) -> Node:
    """A mapping of texts: Terraform turns numbers and booleans into them."""
    found = first(node) if node.is_list else node
    if found is None or not found.is_map:
        return node
    fields = {}
    for key, value in found.fields.items():
        text = as_text(value)
        fields[key] = value if text is None or isinstance(value.plain, str) else Node(text, value.place)
    return mapping(fields, found.place)


def _scalar(key: str, node: Node) -> Node:
    """A value of the type that the field has in the API."""
    value = node.plain
    if is_unknown(node) or node.is_list or node.is_map:
        return node
    if key in _TEXTS:
        text = as_text(node)
        return node if text is None or isinstance(value, str) else Node(text, node.place)
    if isinstance(value, str):
        flag = truth(node)
        if flag is not None and key not in ("effect", "operator"):
            return Node(flag, node.place)
        if value.isascii() and value.isdigit() and len(value) < 12 and (key in _PORTS or not key.endswith("Version")):
            return Node(int(value), node.place)
    return node
