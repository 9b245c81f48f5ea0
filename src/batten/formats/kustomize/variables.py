"""`vars`: values of objects that `$(NAME)` stands for in some fields, put in when everything else is done.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/vars/ (replacements have taken their place, and
kustomize 5 still builds them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.objects import Object
from batten.formats.kustomize.specs import Spec, fields
from batten.formats.nodes import Node

# `$$` is a dollar, `$(NAME)` a variable; anything else behind a dollar is itself
_REFERENCE: Final = re.compile(r"\$(?:\$|\(([^)]*)\))")
_DEFAULT: Final = "metadata.name"
_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

_WORKLOADS: Final = {
    "Pod": "spec/",
    **dict.fromkeys(("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"), "spec/template/spec/"),
    "CronJob": "spec/jobTemplate/spec/template/spec/",
}
# kustomize's varReference configuration, version 5.8
_OTHERS: Final = (
    *(("spec/template/spec/volumes/nfs/server", kind) for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet")),
    ("spec/jobTemplate/spec/template/volumes/nfs/server", "CronJob"),
    ("spec/volumes/nfs/server", "Pod"),
    ("spec/volumeClaimTemplates/spec/nfs/server", "StatefulSet"),
    ("spec/nfs/server", "PersistentVolume"),
    ("spec/template/metadata/annotations", "Deployment"),
    ("spec/rules/host", "Ingress"),
    ("spec/tls/hosts", "Ingress"),
    ("spec/tls/secretName", "Ingress"),
    ("spec/ports/port", "Service"),
    ("spec/ports/targetPort", "Service"),
    ("metadata/labels", ""),
    ("metadata/annotations", ""),
)
_PLACES: Final = (
    *(
        Spec(tuple(f"{where}{which}/{what}".split("/")), kind)
        for kind, where in _WORKLOADS.items()
        for which in ("containers", "initContainers")
        for what in ("args", "command", "env/value", "volumeMounts/mountPath")
    ),
    *(Spec(tuple(path.split("/")), kind) for path, kind in _OTHERS),
)


class Variable(Struct, frozen=True, eq=False):
    """A name, and the field of an object whose value it has."""

    name: str
    path: str
    node: Node
    """Where it is declared."""


def declare(objects: Sequence[Object], node: Node) -> Variable:
    """Reads one entry of `vars` and marks the object that it means, where that is there. Raises `BuildError`."""
    name, reference = node.text("name"), node.get("objref")
    if not name or reference is None or not reference.text("kind") or not reference.text("name"):
        raise BuildError("expected a var with a name and an objref of a kind and a name", node.place)
    group, _, version = reference.text("apiVersion").rpartition("/")
    group, version = reference.text("group") or group, reference.text("version") or version
    namespace = reference.text("namespace")
    found = [
        one
        for one in objects
        if any(
            (known.kind, known.name, known.group, known.version)
            == (reference.text("kind"), reference.text("name"), group, version)
            and (not namespace or known.effective_namespace == namespace)
            for known in one.ids
        )
    ]
    if len(found) > 1:
        raise BuildError(f"expected one object for the var {name[:80]}, found {len(found)}", node.place)
    for one in found:
        one.variables = (*one.variables, name)
    return Variable(name, node.text("fieldref", "fieldPath") or node.text("fieldref", "fieldpath") or _DEFAULT, node)


def put_in(objects: Sequence[Object], variables: Sequence[Variable], more: Sequence[Spec]) -> None:
    """Puts the values in. `more`: the fields that `configurations` name. Raises `BuildError`."""
    values = {one.name: _value(objects, one) for one in variables}
    if not values:
        return
    for one in objects:
        known = one.id
        for spec in (*_PLACES, *more):
            if spec.meets(known.group, known.version, known.kind):
                for node in fields(one.node, spec.path):
                    for inner in _texts(node):
                        inner.become(_filled(inner, values))


def _texts(node: Node) -> Iterator[Node]:
    inner = list(node.fields.values()) if node.is_map else node.items if node.is_list else [node]
    yield from (one for one in inner if isinstance(one.plain, str) and "$" in one.plain)


def _value(objects: Sequence[Object], variable: Variable) -> Node:
    for one in objects:
        if variable.name in one.variables:
            node: Node | None = one.node
            for key, index in _PART.findall(variable.path):
                if node is None:
                    break
                if index:
                    node = node.items[int(index)] if int(index) < len(node.items) else None
                else:
                    node = node.get(key)
            if node is None:
                raise BuildError(
                    f"expected a value at {variable.path[:200]!r} of {one.id}, found none", variable.node.place
                )
            return node
    raise BuildError(f"expected the object of the var {variable.name[:80]}, found none", variable.node.place)


def _filled(node: Node, values: Mapping[str, Node]) -> Node:
    text: str = node.plain
    whole = _REFERENCE.fullmatch(text)
    if whole is not None and whole[1] in values and not isinstance(values[whole[1]].plain, dict | list | None):
        found = values[whole[1]]
        return Node(found.plain, found.place)  # a number stays one

    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        found: Any = values[match[1]].plain if match[1] in values else None
        if found is None or isinstance(found, dict | list):
            return match[0]
        return ("true" if found else "false") if isinstance(found, bool) else str(found)

    return Node(_REFERENCE.sub(put, text), node.place)
