"""The neutral model in the words of the Kubernetes API: what a policy reads of the object that is admitted.

A text has `{0}` for the object that it is a field of: a container, a mount, the pod template or the object as a whole.
Defaults are those of the API server, as the reader of manifests has them.
"""

from __future__ import annotations

from typing import Final

POD: Final = "variables.pod"
SECURITY: Final = "{0}.securityContext"


def _flag(base: str, *path: str, otherwise: bool = False) -> str:
    """A flag that may be missing with all that it stands in."""
    steps = [f"has({'.'.join((base, *path[: count + 1]))})" for count in range(len(path))]
    whole = ".".join((base, *path))
    if otherwise:
        return "(" + " || ".join([*(f"!{step}" for step in steps), whole]) + ")"
    return "(" + " && ".join([*steps, whole]) + ")"


def _maybe(base: str, *path: str, otherwise: str = "dyn(null)") -> str:
    steps = " && ".join(f"has({'.'.join((base, *path[: count + 1]))})" for count in range(len(path)))
    return f"({steps} ? dyn({'.'.join((base, *path))}) : {otherwise})"


def _list(base: str, *path: str) -> str:
    return _maybe(base, *path, otherwise="dyn([])")


def _text(name: str) -> str:
    return f"(has({{0}}.{name}) ? {{0}}.{name} : '')"


def _limit(name: str) -> str:
    """Null where neither the container nor its pod has a limit; else something that is none."""
    found = " || ".join(
        f"(has({base}.resources) && has({base}.resources.limits) && '{name}' in {base}.resources.limits)"
        for base in ("{0}", POD)
    )
    return f"({found} ? dyn(true) : dyn(null))"


_UID: Final = _maybe("{0}", "securityContext", "runAsUser", otherwise=_maybe(POD, "securityContext", "runAsUser"))
_NON_ROOT: Final = _maybe(
    "{0}", "securityContext", "runAsNonRoot", otherwise=_flag(POD, "securityContext", "runAsNonRoot")
)
_CAPABILITY: Final = "(w.upperAscii().startsWith('CAP_') ? w.upperAscii().substring(4) : w.upperAscii())"
_ADD: Final = f"{_list('{0}', 'securityContext', 'capabilities', 'add')}.map(w, {_CAPABILITY})"
_DROP: Final = f"{_list('{0}', 'securityContext', 'capabilities', 'drop')}.map(w, {_CAPABILITY})"

# a reference in its parts, as `batten.model.image.parse_reference` takes it apart
_BARE: Final = "{0}.image.split('@')[0]"
_FIRST: Final = f"{_BARE}.split('/')[0]"
_LAST: Final = f"{_BARE}.split('/')[size({_BARE}.split('/')) - 1]"
_HAS_REGISTRY: Final = (
    f"({_BARE}.contains('/') && ({_FIRST}.contains('.') || {_FIRST}.contains(':') || {_FIRST} == 'localhost'))"
)
_TAG: Final = f"({_LAST}.contains(':') ? {_LAST}.split(':')[1] : '')"
_DIGEST: Final = "({0}.image.contains('@') ? {0}.image.split('@')[1] : '')"
_REGISTRY: Final = f"({_HAS_REGISTRY} && {_FIRST} != 'index.docker.io' ? {_FIRST} : 'docker.io')"
_PATH: Final = f"({_LAST}.contains(':') ? {_BARE}.substring(0, size({_BARE}) - size({_TAG}) - 1) : {_BARE})"
_WHOLE: Final = f"({_PATH}.contains('/') ? {_PATH} : 'library/' + {_PATH})"
_REPOSITORY: Final = f"({_HAS_REGISTRY} ? {_PATH}.substring(size({_FIRST}) + 1) : {_WHOLE})"

_KIND: Final = (
    "(has({0}.hostPath) ? 'host' : has({0}.emptyDir) ? "
    "(has({0}.emptyDir.medium) && {0}.emptyDir.medium == 'Memory' ? 'memory' : 'volume') : "
    "has({0}.secret) ? 'secret' : has({0}.configMap) || has({0}.downwardAPI) ? 'config' : "
    "has({0}.projected) ? 'projected' : has({0}.image) ? 'image' : "
    "has({0}.csi) || has({0}.nfs) || has({0}.flexVolume) || has({0}.gitRepo) ? 'other' : 'volume')"
)
_NAMED_BY: Final = (
    ("hostPath", "path"),
    ("secret", "secretName"),
    ("configMap", "name"),
    ("persistentVolumeClaim", "claimName"),
    ("csi", "driver"),
    ("nfs", "server"),
)
_SOURCE: Final = "(" + "".join(f"has({{0}}.{a}) && has({{0}}.{a}.{b}) ? {{0}}.{a}.{b} : " for a, b in _NAMED_BY) + "'')"


def _of_volume(text: str) -> str:
    mine = "v.name == {0}.name"
    found = f"{POD}.volumes.filter(v, {mine}).map(v, {text.replace('{0}', 'v')})[0]"
    return f"(has({POD}.volumes) && {POD}.volumes.exists(v, {mine}) ? dyn({found}) : dyn(null))"


PASSED_ON: Final = frozenset({("container", "image"), ("container", "user"), ("container", "capabilities")})
"""Objects of the model that the API has no object for: their fields are read of the container."""

NAMES: Final[dict[tuple[str, str], str]] = {
    ("container", "name"): _text("name"),
    ("container", "platform"): "'kubernetes'",
    ("container", "command"): _maybe("{0}", "command"),
    ("container", "args"): _maybe("{0}", "args"),
    ("container", "privileged"): _flag("{0}", "securityContext", "privileged"),
    ("container", "privilege_escalation"): _flag("{0}", "securityContext", "allowPrivilegeEscalation", otherwise=True),
    ("container", "read_only_root"): _flag("{0}", "securityContext", "readOnlyRootFilesystem"),
    ("container", "memory_limit"): _limit("memory"),
    ("container", "cpu_limit"): _limit("cpu"),
    ("container", "mounts"): _list("{0}", "volumeMounts"),
    ("container", "ports"): _list("{0}", "ports"),
    ("container", "environment"): _list("{0}", "env"),
    ("user", "uid"): _UID,
    ("user", "must_not_be_root"): _NON_ROOT,
    ("user", "is_root"): f"({_UID} == 0)",
    ("user", "may_be_root"): f"(!{_NON_ROOT} && ({_UID} == null || {_UID} == 0))",
    ("capabilities", "add"): _ADD,
    ("capabilities", "drop"): _DROP,
    ("capabilities", "drops_all"): f"('ALL' in {_DROP})",
    ("image", "raw"): "{0}.image",
    ("image", "registry"): _REGISTRY,
    ("image", "repository"): _REPOSITORY,
    ("image", "name"): f"({_REGISTRY} + '/' + {_REPOSITORY})",
    ("image", "tag"): _TAG,
    ("image", "digest"): _DIGEST,
    ("image", "is_pinned"): "{0}.image.contains('@')",
    ("image", "is_mutable_tag"): f"(!{{0}}.image.contains('@') && {_TAG} in ['', 'latest'])",
    ("mount", "volume"): _text("name"),
    ("mount", "target"): _text("mountPath"),
    ("mount", "read_only"): _flag("{0}", "readOnly"),
    ("mount", "kind"): _of_volume(_KIND),
    ("mount", "source"): _of_volume(_SOURCE),
    ("volume", "name"): _text("name"),
    ("volume", "kind"): _KIND,
    ("volume", "source"): _SOURCE,
    ("port", "container"): "(has({0}.containerPort) ? {0}.containerPort : 0)",
    ("port", "host"): "(has({0}.hostPort) ? {0}.hostPort : 0)",
    ("port", "host_ip"): _text("hostIP"),
    ("port", "protocol"): "(has({0}.protocol) ? {0}.protocol.lowerAscii() : 'tcp')",
    ("port", "container_end"): "0",
    ("port", "host_end"): "0",
    ("variable", "name"): _text("name"),
    ("variable", "value"): "(has({0}.valueFrom) ? dyn(null) : has({0}.value) ? dyn({0}.value) : dyn(''))",
    ("workload", "platform"): "'kubernetes'",
    ("workload", "kind"): "object.kind",
    ("workload", "labels"): _maybe("variables.podMetadata", "labels", otherwise="dyn({})"),
    ("workload", "containers"): "variables.containers",
    ("workload", "volumes"): _list(POD, "volumes"),
    ("workload", "replicas"): _maybe("object", "spec", "replicas"),
    ("workload", "host_network"): _flag(POD, "hostNetwork"),
    ("workload", "host_pid"): _flag(POD, "hostPID"),
    ("workload", "host_ipc"): _flag(POD, "hostIPC"),
    ("workload", "share_process_namespace"): _flag(POD, "shareProcessNamespace"),
    ("workload", "user_namespace"): f"(has({POD}.hostUsers) && !{POD}.hostUsers)",
    ("workload", "automount_token"): _maybe(POD, "automountServiceAccountToken"),
    ("workload", "pod_run_as_non_root"): _maybe(POD, "securityContext", "runAsNonRoot"),
    ("workload", "service_account"): (
        f"(has({POD}.serviceAccountName) && {POD}.serviceAccountName != '' ? {POD}.serviceAccountName : "
        f"has({POD}.serviceAccount) && {POD}.serviceAccount != '' ? {POD}.serviceAccount : 'default')"
    ),
    ("service_account", "automount_token"): _maybe("object", "automountServiceAccountToken"),
    ("service", "type"): _maybe("object", "spec", "type", otherwise="'ClusterIP'"),
    ("service", "selector"): _maybe("object", "spec", "selector"),
    ("service", "ports"): _list("object", "spec", "ports"),
    ("service", "external_ips"): _list("object", "spec", "externalIPs"),
    ("service", "source_ranges"): _list("object", "spec", "loadBalancerSourceRanges"),
    ("service_port", "port"): "(has({0}.port) ? {0}.port : 0)",
    ("service_port", "node_port"): "(has({0}.nodePort) ? {0}.nodePort : 0)",
    ("service_port", "protocol"): "(has({0}.protocol) ? {0}.protocol : 'TCP')",
    ("role", "cluster"): "(object.kind == 'ClusterRole')",
    ("role", "permissions"): "(has(object.rules) && object.rules != null ? dyn(object.rules) : dyn([]))",
    ("permission", "verbs"): _list("{0}", "verbs"),
    ("permission", "api_groups"): _list("{0}", "apiGroups"),
    ("permission", "resources"): _list("{0}", "resources"),
    ("permission", "resource_names"): _list("{0}", "resourceNames"),
    ("permission", "non_resource_urls"): _list("{0}", "nonResourceURLs"),
    ("binding", "cluster"): "(object.kind == 'ClusterRoleBinding')",
    ("binding", "role_kind"): "object.roleRef.kind",
    ("binding", "role_name"): "object.roleRef.name",
    ("binding", "subjects"): "(has(object.subjects) && object.subjects != null ? dyn(object.subjects) : dyn([]))",
    ("subject", "kind"): _text("kind"),
    ("subject", "name"): _text("name"),
    ("subject", "namespace"): _text("namespace"),
    ("object", "kind"): "object.kind",
    ("object", "api_version"): "object.apiVersion",
}

_OBJECTS: Final = ("workload", "service_account", "service", "role", "binding", "namespace", "object")
for _one in _OBJECTS:
    NAMES[_one, "name"] = "(has(object.metadata.name) ? object.metadata.name : '')"
    NAMES[_one, "namespace"] = "(has(object.metadata.namespace) ? object.metadata.namespace : '')"
    if _one != "workload":
        NAMES[_one, "labels"] = _maybe("object.metadata", "labels", otherwise="dyn({})")
        NAMES[_one, "annotations"] = _maybe("object.metadata", "annotations", otherwise="dyn({})")

ONLY_ASKED_FOR: Final = frozenset({("container", "memory_limit"), ("container", "cpu_limit")})
"""Whether they are there can be asked, not how much they are: quantities are texts in the API."""
FILLED_IN: Final = {
    (
        "workload",
        "replicas",
    ): "the API server writes 1 into replicas where nothing is written, and the policy judges that",
    (
        "port",
        "host",
    ): "with hostNetwork the API server writes each port's number into hostPort, and the policy judges that",
}
"""Defaults that are set before policies are asked, and that the model leaves unset: a file that says nothing of
`replicas` may leave them to an autoscaler. https://kubernetes.io/docs/reference/kubernetes-api/"""
NEVER: Final = frozenset(
    {
        ("container", "pids_limit"),
        ("container", "devices"),
        ("container", "ulimits"),
        ("container", "log_driver"),
        ("workload", "network_mode"),
        ("workload", "task_role"),
        ("workload", "execution_role"),
    }
)
"""What Kubernetes has no notion of: a rule that needs it never applies there."""

_APPS: Final = ("deployments", "statefulsets", "daemonsets", "replicasets")
_PODS: Final = (
    (("",), ("pods", "podtemplates", "replicationcontrollers")),
    (("apps",), _APPS),
    (("batch",), ("jobs", "cronjobs")),
)
RESOURCES: Final[dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]] = {
    **dict.fromkeys(("container", "workload", "image", "mount", "port", "variable"), _PODS),
    "service_account": ((("",), ("serviceaccounts",)),),
    "service": ((("",), ("services",)),),
    "namespace": ((("",), ("namespaces",)),),
    "role": ((("rbac.authorization.k8s.io",), ("roles", "clusterroles")),),
    "binding": ((("rbac.authorization.k8s.io",), ("rolebindings", "clusterrolebindings")),),
    "object": ((("*",), ("*",)),),
}
"""Noun -> groups and resources that hold it."""
