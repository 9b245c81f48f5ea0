"""Strategic merge patches: a patch is an object with the fields that change.

The lists that are merged item by item, and by which fields, are those of the OpenAPI schema of Kubernetes
(`x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys`) in the version that kustomize 5 carries; all other
lists are replaced whole, and so are those of custom resources.
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from typing import Final

from batten.formats.nodes import Node

Route = tuple[str, ...]
Keys = tuple[str, ...]

_BY_VALUE: Final[Keys] = ("",)
_DIRECTIVE: Final = "$patch"
_CONTAINER: Final[dict[str, Keys]] = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}
_POD: Final[dict[Route, Keys]] = {
    ("hostAliases",): ("ip",),
    ("imagePullSecrets",): ("name",),
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    ("volumes",): ("name",),
    **{(where,): ("name",) for where in ("containers", "initContainers", "ephemeralContainers")},
    **{
        (where, "[]", name): keys
        for where in ("containers", "initContainers", "ephemeralContainers")
        for name, keys in _CONTAINER.items()
        if where != "ephemeralContainers" or name != "ports"
    },
}
_PODS: Final[dict[tuple[str, str], Route]] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    **{
        ("apps", kind): ("spec", "template", "spec")
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    },
    ("batch", "Job"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
_OTHER: Final[dict[tuple[str, str], dict[Route, Keys]]] = {
    ("", "Service"): {("spec", "ports"): ("port", "protocol")},
    ("", "ServiceAccount"): {("secrets",): ("name",)},
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): {("webhooks",): ("name",)},
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): {("webhooks",): ("name",)},
}
_METADATA: Final[dict[Route, Keys]] = {
    ("metadata", "finalizers"): _BY_VALUE,
    ("metadata", "ownerReferences"): ("uid",),
}
# groups whose kinds are in that schema; of others nothing is known
_KNOWN: Final = frozenset(
    (
        *("", "apps", "batch", "policy", "autoscaling", "apiextensions.k8s.io", "apiregistration.k8s.io"),
        *("networking.k8s.io", "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "storage.k8s.io"),
        *("scheduling.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "node.k8s.io", "certificates.k8s.io"),
    )
)
_UNKNOWN_VERSIONS: Final = frozenset(("apps/v1beta1", "apps/v1beta2", "autoscaling/v2"))


def merge(target: Node, patch: Node) -> bool:
    """Merges `patch` into `target`, in place; False where the patch deletes the object."""
    schema = _schema(target.text("apiVersion"), target.text("kind"))
    merged = _merged(target, patch, (), schema)
    if merged is None:
        return False
    if merged is not target:
        target.become(merged)
    return True


def _schema(version: str, kind: str) -> dict[Route, Keys]:
    group = version.rpartition("/")[0]
    if group not in _KNOWN or version in _UNKNOWN_VERSIONS:
        return {}
    pod = _PODS.get((group, kind))
    found = {**_METADATA, **_OTHER.get((group, kind), {})}
    if pod is not None:
        found |= {(*pod, *route): keys for route, keys in _POD.items()}
    return found


def _merged(target: Node | None, patch: Node, route: Route, schema: dict[Route, Keys]) -> Node | None:
    """What comes of one place; None: nothing, it goes."""
    if patch.plain is None:
        return None
    if patch.is_map:
        directive = patch.text(_DIRECTIVE)
        if directive == "delete":
            return None
        if directive:
            patch = patch.copy()
            del patch.fields[_DIRECTIVE]
        if target is None or not target.is_map or directive == "replace":
            return _cleared(patch)
        for key, value in patch.fields.items():
            merged = _merged(target.get(key), value, (*route, key), schema)
            if merged is None:
                target.fields.pop(key, None)
            else:
                target.fields[key] = merged
        return target
    if patch.is_list and target is not None and target.is_list and route in schema:
        return _merged_list(target, patch, route, schema)
    return _cleared(patch) if patch.is_list else patch


def _cleared(patch: Node) -> Node | None:
    """What is new with a patch: without its directives and without the fields that it sets to null."""
    if patch.is_map:
        found = patch.copy()
        for key, value in list(found.fields.items()):
            cleared = _cleared(value) if value.plain is not None else None
            if cleared is None or key == _DIRECTIVE:
                del found.fields[key]
            else:
                found.fields[key] = cleared
        return found
    if patch.is_list and any(item.get(_DIRECTIVE) is not None for item in patch.items):
        found = patch.copy()
        found.items[:] = [item for item in found.items if item.text(_DIRECTIVE) != "delete" and len(item.fields) != 1]
        return found
    return patch


def _merged_list(target: Node, patch: Node, route: Route, schema: dict[Route, Keys]) -> Node | None:
    whole = next((item for item in patch.items if list(item.fields) == [_DIRECTIVE]), None)
    if whole is not None:
        directive = whole.text(_DIRECTIVE)
        if directive == "delete":
            return None
        patch = patch.copy()
        patch.items[:] = [item for item in patch.items if list(item.fields) != [_DIRECTIVE]]
        if directive == "replace":
            return patch
    keys = _used(schema[route], patch, target)
    taken: set[int] = set()
    first: list[Node] = []
    for item in patch.items:
        index = next(
            (index for index, one in enumerate(target.items) if index not in taken and _same(one, item, keys)), None
        )
        merged = item
        if keys != _BY_VALUE:
            known = target.items[index] if index is not None else None
            lacking = [key for key in keys if known is not None and known.get(key) is None]
            if any(item.get(key) is not None for key in lacking):
                continue  # kustomize drops an item of a patch that says more of the keys than the one it meets
            found = _merged(known, item, (*route, "[]"), schema)
            gone = found is None or (found.is_map and not found.fields)
            if index is not None:
                taken.add(index)
                if lacking and not gone:
                    taken.discard(index)  # and leaves one without all of the keys where it is
                    continue
            if found is None or gone:
                continue
            merged = found
        elif index is not None:
            taken.add(index)
        first.append(merged)
    target.items[:] = first + [one for index, one in enumerate(target.items) if index not in taken]
    return target


def _used(keys: Keys, patch: Node, target: Node) -> Keys:
    """The keys that some item has; the protocol of a port is often left out everywhere."""
    if len(keys) == 1:
        return keys
    used = tuple(key for key in keys if any(item.get(key) is not None for item in (*patch.items, *target.items)))
    return used or keys


def _same(one: Node, other: Node, keys: Keys) -> bool:
    if keys == _BY_VALUE:
        return bool(one.plain == other.plain)
    for number, key in enumerate(keys):
        mine, theirs = one.get(key), other.get(key)
        if mine is None or theirs is None:
            if number == 0:
                return False  # without its first key an item is no other's
            continue
        if mine.plain != theirs.plain:
            return False
    return True
