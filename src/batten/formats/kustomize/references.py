"""Names in other objects that follow when an object gets another name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from batten.formats.kustomize.objects import Object
from batten.formats.kustomize.specs import fields
from batten.formats.nodes import Node

_RBAC: Final = "rbac.authorization.k8s.io"
_HOOKS: Final = "admissionregistration.k8s.io"
_PODS: Final = {
    "Pod": "spec/",
    "PodTemplate": "template/spec/",
    **dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"), "spec/template/spec/"),
    "CronJob": "spec/jobTemplate/spec/template/spec/",
}
_ACCOUNTS: Final = {
    **{kind: path for kind, path in _PODS.items() if kind not in ("ReplicaSet", "PodTemplate")},
    "ReplicationController": "spec/template/spec/",
}
_CONFIG_MAP: Final = tuple(
    f"{where}/{what}"
    for where in ("containers", "initContainers")
    for what in ("env/valueFrom/configMapKeyRef/name", "envFrom/configMapRef/name")
)
_SECRET: Final = tuple(
    f"{where}/{what}"
    for where in ("containers", "initContainers")
    for what in ("env/valueFrom/secretKeyRef/name", "envFrom/secretRef/name")
)


class Reference(Struct, frozen=True):
    """Where objects of one kind ("" is any) name an object of another."""

    to: str
    kind: str
    path: tuple[str, ...]
    to_group: str = ""
    group: str = ""


def _of(to: str, to_group: str, kind: str, *paths: str, group: str = "") -> tuple[Reference, ...]:
    return tuple(
        Reference(to, kind, tuple(part.replace("\0", "/") for part in path.split("/")), to_group, group)
        for path in paths
    )


# kustomize's nameReference configuration, version 5.8
_REFERENCES: Final[tuple[Reference, ...]] = (
    *(
        one
        for to in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
        for one in _of(to, "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name")
    ),
    *(
        one
        for kind, pod in _PODS.items()
        for one in (
            *_of(
                "ConfigMap",
                "",
                kind,
                *(
                    pod + path
                    for path in (*_CONFIG_MAP, "volumes/configMap/name", "volumes/projected/sources/configMap/name")
                ),
            ),
            *_of(
                "Secret",
                "",
                kind,
                *(
                    pod + path
                    for path in (
                        *_SECRET,
                        "volumes/secret/secretName",
                        "volumes/projected/sources/secret/name",
                        "imagePullSecrets/name",
                    )
                ),
            ),
        )
    ),
    *_of("ConfigMap", "", "Node", "spec/configSource/configMap"),
    *_of("ConfigMap", "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\0fastcgi-params-configmap"),
    *(
        one
        for to in ("ConfigMap", "Secret")
        for kind in ("Role", "ClusterRole")
        for one in _of(to, "", kind, "rules/resourceNames")
    ),
    *_of(
        "Secret",
        "",
        "Ingress",
        "spec/tls/secretName",
        "metadata/annotations/ingress.kubernetes.io\0auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\0auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\0auth-tls-secret",
    ),
    *_of("Secret", "", "ServiceAccount", "imagePullSecrets/name"),
    *_of(
        "Secret",
        "",
        "StorageClass",
        *(f"parameters/{name}" for name in ("secretName", "adminSecretName", "userSecretName", "secretRef")),
    ),
    *_of(
        "Secret",
        "",
        "Service",
        "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
        group="serving.knative.dev",
    ),
    *_of("Secret", "", "PersistentVolume", "spec/azureFile/secretName"),
    *_of("Service", "", "StatefulSet", "spec/serviceName", group="apps"),
    *_of(
        "Service",
        "",
        "Ingress",
        "spec/rules/http/paths/backend/serviceName",
        "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name",
        "spec/defaultBackend/service/name",
    ),
    *_of("Service", "", "APIService", "spec/service/name", group="apiregistration.k8s.io"),
    *(
        one
        for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
        for one in _of("Service", "", kind, "webhooks/clientConfig/service", group=_HOOKS)
    ),
    *_of("Role", _RBAC, "RoleBinding", "roleRef/name", group=_RBAC),
    *_of("ClusterRole", _RBAC, "RoleBinding", "roleRef/name", group=_RBAC),
    *_of("ClusterRole", _RBAC, "ClusterRoleBinding", "roleRef/name", group=_RBAC),
    *(
        one
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for one in _of("ServiceAccount", "", kind, "subjects", group=_RBAC)
    ),
    *(
        one
        for kind, pod in _ACCOUNTS.items()
        for one in (
            *_of("ServiceAccount", "", kind, f"{pod}serviceAccountName"),
            *_of("PersistentVolumeClaim", "", kind, f"{pod}volumes/persistentVolumeClaim/claimName"),
            *_of("PriorityClass", "scheduling.k8s.io", kind, f"{pod}priorityClassName"),
        )
    ),
    *_of("PersistentVolume", "", "PersistentVolumeClaim", "spec/volumeName"),
    *_of("PersistentVolume", "", "ClusterRole", "rules/resourceNames"),
    *(
        one
        for kind in ("PersistentVolume", "PersistentVolumeClaim")
        for one in _of("StorageClass", "storage.k8s.io", kind, "spec/storageClassName")
    ),
    *_of("StorageClass", "storage.k8s.io", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    *_of("ValidatingAdmissionPolicy", _HOOKS, "ValidatingAdmissionPolicyBinding", "spec/policyName", group=_HOOKS),
)
_REFERENCES_OF: Final = {
    kind: [one for one in _REFERENCES if one.kind == kind] for kind in {one.kind for one in _REFERENCES}
}
_CORE: Final = frozenset(
    ("ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "PersistentVolume")
)


def follow_names(objects: Sequence[Object], more: Sequence[Reference] = ()) -> None:
    """Puts the present names where objects are called by earlier ones; `more`: of `configurations`."""
    renamed: dict[str, list[Object]] = {}
    for one in objects:
        now = one.id
        if any((known.name, known.namespace) != (now.name, now.namespace) for known in one.earlier):
            renamed.setdefault(one.original.kind, []).append(one)
    if not renamed:
        return
    candidates_of: dict[tuple[str, str], list[Object]] = {}
    for other in objects:
        if other.original.kind in renamed and (other.original.kind not in _CORE or not other.original.group):
            for group in {"", other.original.group}:
                candidates_of.setdefault((other.original.kind, group), []).append(other)
    for one in objects:
        known = one.original
        for reference in (*_REFERENCES_OF.get(known.kind, ()), *(m for m in more if m.kind in ("", known.kind))):
            candidates = candidates_of.get((reference.to, reference.to_group))
            if candidates is None or (reference.group and reference.group != known.group):
                continue
            for node in fields(one.node, reference.path):
                _follow(one, reference, node, candidates)


def _follow(referrer: Object, reference: Reference, node: Node, candidates: Sequence[Object]) -> None:
    if node.is_map:  # names a namespace beside the name
        named = node.get("name")
        if named is None:
            return
        namespace = node.text("namespace")
        some = [
            one for one in candidates if not namespace or namespace in {known.effective_namespace for known in one.ids}
        ]
        found = _referral(referrer, reference, str(named.plain), some)
        if found is None:
            return
        now = found.id
        if now.name != named.plain:
            node.fields["name"] = _name_of(found)
        metadata = found.node.get("metadata")
        where = metadata.get("namespace") if metadata is not None else None
        if where is not None and now.namespace:
            node.fields["namespace"] = where.copy()
        return
    if isinstance(node.plain, str):
        found = _referral(referrer, reference, node.plain, candidates)
        if found is not None and found.id.name != node.plain:
            node.become(Node(found.id.name, node.place))


def _name_of(one: Object) -> Node:
    metadata = one.node.get("metadata")
    name = metadata.get("name") if metadata is not None else None
    assert name is not None  # an object without a name is none
    return name.copy()


def _referral(referrer: Object, reference: Reference, name: str, candidates: Sequence[Object]) -> Object | None:
    """The object that is meant: it was called so, is of the kind that is named, and lies where it can be reached.
    Of several, the one that got the same prefixes and suffixes."""
    found = [one for one in candidates if any(known.name == name for known in one.earlier)]
    if reference.path == ("roleRef", "name"):
        role = referrer.node.get("roleRef")
        kind = role.text("kind") if role is not None else ""
        found = [one for one in found if one.original.kind == kind]
    now = referrer.id
    if not now.cluster:
        found = [
            one
            for one in found
            if one.id.cluster
            or one.id.kind == "ServiceAccount"
            or one.id.effective_namespace == now.effective_namespace
        ]
    for keep in _sieves(referrer):
        if len(found) < 2:
            break
        found = [one for one in found if keep(one)]
    if len({(one.id.name, one.id.namespace) for one in found}) == 1:
        return found[0]
    return None


def _sieves(referrer: Object) -> Iterator[Callable[[Object], bool]]:
    def ends(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
        length = min(len(mine), len(theirs))
        return length == 0 or mine[-length:] == theirs[-length:]

    yield lambda one: all(ends(mine, theirs) for mine, theirs in zip(one.affixes, referrer.affixes, strict=True))
    yield lambda one: one.affixes == referrer.affixes
