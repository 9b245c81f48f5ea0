"""An object of the API as a manifest: without what the server keeps for itself or fills in for everybody.

Applied and read back, a manifest must say what it said: what is left out here is read as written nowhere.
"""

from __future__ import annotations

from typing import Any, Final

from batten.sources.cluster.kinds import Kind

Json = dict[str, Any]

_METADATA: Final = ("name", "generateName", "namespace", "labels", "annotations")
_NOISE: Final = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",  # all of the object a second time, secrets and all
        "deployment.kubernetes.io/revision",
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "control-plane.alpha.kubernetes.io/leader",
        "autoscaling.alpha.kubernetes.io/conditions",
        "autoscaling.alpha.kubernetes.io/current-metrics",
    }
)
TOKEN_MOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a path
_TOKEN_VOLUME: Final = "kube-api-access-"  # noqa: S105 - the beginning of a name
_OF_EVERY_NAMESPACE: Final = frozenset(
    {
        "istio-ca-root-cert",
        "kube-apiserver-legacy-service-account-token-tracking",
        "kube-root-ca.crt",
        "openshift-service-ca.crt",
    }
)
"""Config maps that the cluster puts there itself."""
_MASTERS: Final = "system:masters"
_DEFAULTS: Final = "kubernetes.io/bootstrapping"
_BUILTIN_ROLES: Final = frozenset({"cluster-admin", "admin", "edit", "view"})
_OTHER_ROLES: Final = frozenset({"extension-apiserver-authentication-reader"})
_PUBLIC: Final = frozenset(
    {
        "system:basic-user",
        "system:cluster-trust-bundle-discovery",
        "system:discovery",
        "system:public-info-viewer",
        "system:service-account-issuer-discovery",
    }
)
"""What the API server grants to everybody itself."""
_EVERYBODY: Final = ("system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts")


def trimmed(item: Json, kind: Kind) -> Json:
    """What is kept of an object, in the order in which people write it; `item` is used up."""
    metadata = item.pop("metadata", None)
    item.pop("status", None)
    kept = {key: value for key in _METADATA if (value := _mapping(metadata).get(key))}
    if "name" in kept:
        kept.pop("generateName", None)
    if annotations := _mapping(kept.pop("annotations", None)):
        left = {key: value for key, value in annotations.items() if key not in _NOISE}
        if left:
            kept["annotations"] = left
    item.pop("apiVersion", None)
    item.pop("kind", None)
    if kind.kind == "ConfigMap" and not kind.group:
        item.pop("binaryData", None)
    spec = item.get("spec")
    if kind.kind == "Pod" and not kind.group and isinstance(spec, dict):
        without_token(spec)
        if spec.get("hostNetwork") is True:
            _without_host_ports(spec)
    if kind.kind == "Service" and not kind.group and isinstance(spec, dict):
        for key in ("clusterIP", "clusterIPs"):
            if spec.get(key) not in ("None", ["None"]):
                spec.pop(key, None)
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": kept, **item}


def without_token(spec: Json) -> None:
    """Takes out the token of the service account that admission mounts where nothing says not to."""
    volumes = spec.get("volumes")
    if not isinstance(volumes, list):
        return
    names = {one["name"] for one in volumes if is_token(one)}
    if not names:
        return
    left = [one for one in volumes if not is_token(one)]
    if left:
        spec["volumes"] = left
    else:
        del spec["volumes"]
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for container in dicts(spec.get(key)):
            mounts = container.get("volumeMounts")
            if isinstance(mounts, list):
                container["volumeMounts"] = [one for one in mounts if not _is_token_mount(one, names)]
                if not container["volumeMounts"]:
                    del container["volumeMounts"]


def _without_host_ports(spec: Json) -> None:
    """In the network of the host the server writes into every port what it is there."""
    for key in ("initContainers", "containers"):
        for container in dicts(spec.get(key)):
            for port in dicts(container.get("ports")):
                if port.get("hostPort") == port.get("containerPort"):
                    port.pop("hostPort", None)


def is_token(volume: Any) -> bool:
    """Whether a volume is the one that admission adds (projected: token, authority, namespace)."""
    return (
        isinstance(volume, dict)
        and isinstance(volume.get("name"), str)
        and volume["name"].startswith(_TOKEN_VOLUME)
        and isinstance(volume.get("projected"), dict)
    )


def _is_token_mount(mount: Any, names: set[str]) -> bool:
    return isinstance(mount, dict) and mount.get("name") in names and mount.get("mountPath") == TOKEN_MOUNT


def is_default(item: Json, kind: Kind) -> bool:
    """Whether the cluster made an object by itself, as it makes it everywhere: nobody declared it, and nothing in it
    is for anybody to change."""
    metadata = _mapping(item.get("metadata"))
    name = metadata.get("name")
    if kind.kind == "ConfigMap" and not kind.group:
        return name in _OF_EVERY_NAMESPACE
    if kind.kind == "Service" and not kind.group:
        return name == "kubernetes" and metadata.get("namespace") == "default"
    if kind.kind == "ServiceAccount" and not kind.group:
        return name == "default" and item.get("automountServiceAccountToken") is None
    if kind.group != "rbac.authorization.k8s.io" or _DEFAULTS not in _mapping(metadata.get("labels")):
        return False
    named = isinstance(name, str) and (name.startswith("system:") or name in _BUILTIN_ROLES | _OTHER_ROLES)
    if kind.kind in ("ClusterRole", "Role"):
        return named
    role = _mapping(item.get("roleRef")).get("name")
    return named and all(_is_default_subject(one, role) for one in dicts(item.get("subjects")))


def _is_default_subject(subject: Json, role: Any) -> bool:
    """Whether the API server binds a role to this subject by itself: who is added to one of its bindings is not."""
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "ServiceAccount":
        return subject.get("namespace") == "kube-system" and isinstance(role, str) and role.startswith("system:")
    if not isinstance(name, str) or not name.startswith("system:"):
        return False
    if name.startswith(_EVERYBODY):
        return role in _PUBLIC
    return name == _MASTERS if role == "cluster-admin" else role not in _BUILTIN_ROLES


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def dicts(value: Any) -> list[Json]:
    """The mappings in a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
