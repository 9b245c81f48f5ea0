"""Writes an object of a Kubernetes API version that is gone for the one that replaced it, where its own text says all
that the new one asks for. Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

from __future__ import annotations

from typing import Any, Final

from batten.engine.mend import edit
from batten.model.edits import Edit, Remove, Set
from batten.model.objects import KubernetesObject
from batten.model.source import Pointer
from batten.model.verdict import Fix

_BY_HAND: Final = "fields changed with the version: kubectl convert rewrites them"
_GONE: Final = ("rollbackTo", "templateGeneration")
"""Fields of a controller's spec that apps/v1 does not have."""


def renewed(declared: KubernetesObject, newer: str, *, same_fields: bool) -> tuple[Fix | None, str]:
    """The fix that makes it an object of the version `newer`, or None and why there is none."""
    version = Set((*declared.pointer, "apiVersion"), newer)
    if same_fields:
        return edit("safe", f"use {newer}", declared.document, version), ""
    spec = _at(declared, "spec")
    if not isinstance(spec, dict):
        return None, _BY_HAND
    if newer == "policy/v1" and declared.kind == "PodDisruptionBudget":
        # an empty one selects nothing in v1beta1 and every pod in v1
        if not _selects(spec.get("selector")):
            return None, "an empty selector means every pod in policy/v1: whom it protects is for its owner to say"
        return edit("safe", f"use {newer}", declared.document, version), ""
    changes: list[Edit] | None = None
    if newer == "apps/v1":
        changes = _controller(declared, spec)
    elif newer == "networking.k8s.io/v1" and declared.kind == "Ingress":
        changes = _ingress(declared, spec)
    if changes is None:
        return None, _BY_HAND
    return edit("review", f"use {newer}", declared.document, version, *changes), ""


def _at(declared: KubernetesObject, *route: str | int) -> Any:
    value: Any = getattr(declared.document, "value", None)
    for part in (*declared.pointer, *route):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _selects(selector: Any) -> bool:
    return isinstance(selector, dict) and any(selector.get(key) for key in ("matchLabels", "matchExpressions"))


def _controller(declared: KubernetesObject, spec: dict[str, Any]) -> list[Edit] | None:
    """apps/v1 asks for the selector that older versions took from the labels of the template."""
    if any(name in spec for name in _GONE):
        return None
    if _selects(spec.get("selector")):
        return []
    labels = _at(declared, "spec", "template", "metadata", "labels")
    if spec.get("selector") or not isinstance(labels, dict) or not labels:
        return None
    if not all(isinstance(text, str) for pair in labels.items() for text in pair):
        return None
    return [Set((*declared.pointer, "spec", "selector", "matchLabels"), dict(labels))]


def _ingress(declared: KubernetesObject, spec: dict[str, Any]) -> list[Edit] | None:
    """Backends are services with a port that has a name or a number; each path says how it is compared."""
    place: Pointer = (*declared.pointer, "spec")
    changes: list[Edit] = []
    if "backend" in spec:
        service = _service(spec["backend"])
        if service is None:
            return None
        changes += [Remove((*place, "backend")), Set((*place, "defaultBackend"), service)]
    rules = spec.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        paths = _at(declared, "spec", "rules", number, "http", "paths") or ()
        for index, path in enumerate(paths if isinstance(paths, list) else ()):
            service = _service(path.get("backend")) if isinstance(rule, dict) and isinstance(path, dict) else None
            if service is None:
                return None
            at = (*place, "rules", number, "http", "paths", index)
            changes.append(Set((*at, "backend"), service))
            if path.get("pathType") is None:
                changes.append(Set((*at, "pathType"), "ImplementationSpecific"))
    return changes


def _service(backend: Any) -> dict[str, Any] | None:
    if not isinstance(backend, dict) or set(backend) != {"serviceName", "servicePort"}:
        return None
    name, port = backend["serviceName"], backend["servicePort"]
    if not isinstance(name, str) or isinstance(port, bool) or not isinstance(port, int | str):
        return None
    if isinstance(port, str) and not any(character.isalpha() for character in port):
        return None  # the name of a port has a letter
    return {"service": {"name": name, "port": {"number" if isinstance(port, int) else "name": port}}}
