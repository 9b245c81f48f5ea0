"""What of a pod decides verdicts, as a mark: whether a pod is what its controller's template says.

Left out is what the scheduler, the kubelet and the controllers themselves fill in for each pod (the node, claims of a
StatefulSet, the host name, the token) and what has a link of its own in the model (limits of a LimitRange).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from batten.formats.kubernetes.kinds import CUSTOM_POD_TEMPLATES, POD_TEMPLATES
from batten.sources.cluster.kinds import Kind
from batten.sources.cluster.trim import TOKEN_MOUNT, is_token

Json = dict[str, Any]

POD_FIELDS: Final = (
    "hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace", "securityContext",
    "automountServiceAccountToken", "runtimeClassName",
)  # fmt: skip
CONTAINER_FIELDS: Final = (
    "image", "command", "args", "securityContext", "volumeMounts", "volumeDevices", "restartPolicy", "ports",
)  # fmt: skip
CONTAINER_LISTS: Final = ("initContainers", "containers", "ephemeralContainers")
_OF_A_RELEASE: Final = ("image", "command", "args")
"""What changes from one release of a program to the next."""
_encode: Final = msgspec.json.Encoder(order="sorted").encode


class Mark(msgspec.Struct, frozen=True):
    """`full` differs with everything that verdicts rest on; `shape` not with the release of a program."""

    full: bytes
    shape: bytes


def templates(item: Json, kind: Kind, own: dict[str, str]) -> list[Json]:
    """The pod specs in an object, as they are there."""
    entry = f"{kind.group}/{kind.kind}"
    paths = own.get(entry, own.get(kind.kind, CUSTOM_POD_TEMPLATES.get(entry)))
    if paths is None:
        if kind.kind not in POD_TEMPLATES or kind.group not in ("", "apps", "batch"):
            return []
        paths = POD_TEMPLATES[kind.kind]
    found = []
    for path in paths.split(","):
        nodes: list[Any] = [item]
        for part in path.strip().split(".") if path.strip() else ():
            nodes = [inner for node in nodes for inner in _below(node, part)]
        for node in nodes:
            spec = node if isinstance(node, dict) and "containers" in node else _mapping(node).get("spec")
            if isinstance(spec, dict):
                found.append(spec)
    return found


def _below(node: Any, part: str) -> list[Any]:
    if part == "*":
        return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return [node[part]] if isinstance(node, dict) and part in node else []


def mark(spec: Json) -> Mark:
    """The mark of a pod spec; of a pod and of the template that it was made from the same."""
    pod = {key: spec[key] for key in POD_FIELDS if spec.get(key)}
    if spec.get("automountServiceAccountToken") is False:
        pod["automountServiceAccountToken"] = False
    if spec.get("hostUsers") is False:
        pod["hostUsers"] = False
    pod["account"] = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    pod["volumes"] = sorted(_encode(one) for one in volumes(spec))
    shared = spec.get("hostNetwork") is True
    full = [
        (name, [container(one, shared=shared) for one in _list(spec.get(name))])
        for name in CONTAINER_LISTS
        if spec.get(name)
    ]
    shape = [(name, [_without_release(one) for one in found]) for name, found in full]
    return Mark(_digest([pod, full]), _digest([pod, shape]))


def volumes(spec: Json) -> list[Json]:
    """Those that say something of the pod: not the token, nor claims, which a StatefulSet makes for each."""
    found = [one for one in _list(spec.get("volumes")) if isinstance(one, dict)]
    return [one for one in found if "persistentVolumeClaim" not in one and not is_token(one)]


def container(value: Any, *, shared: bool) -> Json:
    """What decides verdicts of a container. `shared`: it is in the network of the host, where the server writes the
    port of the host into every port."""
    if not isinstance(value, dict):
        return {}
    found = {key: value[key] for key in CONTAINER_FIELDS if value.get(key)}
    mounts = [one for one in _list(value.get("volumeMounts")) if _mapping(one).get("mountPath") != TOKEN_MOUNT]
    if mounts:
        found["volumeMounts"] = mounts
    else:
        found.pop("volumeMounts", None)
    if shared and "ports" in found:
        found["ports"] = [{k: v for k, v in _mapping(one).items() if k != "hostPort"} for one in _list(found["ports"])]
    return {"name": value.get("name"), **found}


def _without_release(found: Json) -> Json:
    left = {key: value for key, value in found.items() if key not in _OF_A_RELEASE}
    image = found.get("image")
    if isinstance(image, str):
        bare = image.partition("@")[0]
        left["image"] = bare.rpartition(":")[0] if ":" in bare.rpartition("/")[2] else bare
    return left


def _digest(value: Any) -> bytes:
    return blake2b(_encode(value), digest_size=16).digest()


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
