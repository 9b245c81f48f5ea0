"""Pods for the Pod Security tests: every restricted field with the values that matter, and random mixes.

Used by the property tests, by the judge's test and by `scripts/record_pss.py`. All values are of the
types that the API server can decode; many would be refused later by its validation (an unknown seccomp
type, say), and still have a verdict.
"""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

from frameworks.pss_values import (
    ABSENT,
    ANNOTATIONS,
    APPARMOR,
    CONTAINER_SECURITY,
    CONTROLLERS,
    FLAG,
    GRPC,
    HANDLERS,
    HOOKS,
    KINDS,
    LISTS,
    POD,
    POD_SECURITY,
    PORTS,
    PROBES,
    SELINUX,
    VOLUMES,
    Json,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name: str, security: Json | None = None, kind: str = "main") -> Json:
    """A container of `kind`; with `security` None it has no security context."""
    made: Json = {"name": name, "image": "registry.example/app:1"}
    if kind == "sidecar":
        made["restartPolicy"] = "Always"
    if security is not None:
        made["securityContext"] = copy.deepcopy(security)
    return made


def pod(spec: Json, annotations: Json | None = None) -> Json:
    metadata: Json = {"name": "p"}
    if annotations is not None:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def put(target: Json, key: str, value: Any) -> None:
    """Set `key`, or take it away where `value` is `ABSENT`."""
    if value is ABSENT:
        target.pop(key, None)
    else:
        target[key] = copy.deepcopy(value)


def hardened_spec(kind: str = "main") -> Json:
    """A pod spec that passes `restricted`, whose container of `kind` comes last in its list."""
    spec: Json = {"containers": [container("main", HARDENED)]}
    if kind != "main":
        spec[LISTS[kind]] = [container("main" + "-" + kind, HARDENED, kind)]
    return spec


def systematic() -> Iterator[Json]:
    """Every value of every field, in a hardened pod and in a bare one."""
    for kind in KINDS:
        for spec, target in _bases(kind):
            for key, values in CONTAINER_SECURITY.items():
                for value in values:
                    put(target, "securityContext", HARDENED if spec.get("hardened") else {})
                    put(target["securityContext"], key, value)
                    yield _finish(spec)
            for value in (ABSENT, None, {}):
                put(target, "securityContext", value)
                yield _finish(spec)
        yield from _runtime_fields(kind)
    yield from _pod_fields()
    yield from _inheritance()
    yield from _user_namespaces()
    yield from controllers()


def _bases(kind: str) -> Iterator[tuple[Json, Json]]:
    for hardened in (True, False):
        spec = hardened_spec(kind) if hardened else {"containers": [container("main")]}
        if not hardened and kind != "main":
            spec[LISTS[kind]] = [container("other", None, kind)]
        spec["hardened"] = hardened
        yield spec, spec[LISTS[kind]][-1]


def _finish(spec: Json, annotations: Json | None = None) -> Json:
    made = copy.deepcopy(spec)
    made.pop("hardened", None)
    return pod(made, annotations)


def _runtime_fields(kind: str) -> Iterator[Json]:
    spec = hardened_spec(kind)
    target = spec[LISTS[kind]][-1]
    for ports in PORTS:
        target["ports"] = ports
        yield _finish(spec)
    target.pop("ports")
    for probe in PROBES:
        for handler in (*HANDLERS, GRPC):
            target[probe] = handler
            yield _finish(spec)
        target.pop(probe)
    for hook in HOOKS:
        for handler in (*HANDLERS, {"sleep": {"seconds": 1}}):
            target["lifecycle"] = {hook: handler}
            yield _finish(spec)
    target["lifecycle"] = None
    yield _finish(spec)


def _pod_fields() -> Iterator[Json]:
    for hardened in (True, False):
        base = hardened_spec() if hardened else {"containers": [container("main")]}
        for key, values in POD.items():
            for value in values:
                spec = copy.deepcopy(base)
                put(spec, key, value)
                yield pod(spec)
        for key, values in POD_SECURITY.items():
            for value in values:
                spec = copy.deepcopy(base)
                spec["securityContext"] = {}
                put(spec["securityContext"], key, value)
                yield pod(spec)
        for volumes in VOLUMES:
            yield pod({**copy.deepcopy(base), "volumes": volumes})
        for marks in ANNOTATIONS:
            yield pod(copy.deepcopy(base), marks)
    for containers in (ABSENT, None, [], [None], [{}]):
        spec = {}
        put(spec, "containers", containers)
        yield pod(spec)


def _inheritance() -> Iterator[Json]:
    """Pod level against container level, two containers, one of them silent."""
    for key in ("runAsNonRoot", "runAsUser", "seccompProfile", "appArmorProfile", "windowsOptions"):
        for above, below in itertools.product(POD_SECURITY[key], CONTAINER_SECURITY[key]):
            security = dict(HARDENED)
            security.pop(key, None)
            silent = container("silent", security)
            put(security, key, below)
            spec: Json = {"securityContext": {}, "containers": [container("main", security), silent]}
            put(spec["securityContext"], key, above)
            yield pod(spec)
    for above, below in itertools.product(SELINUX[3::3], SELINUX[4::3]):
        security = {**HARDENED, "seLinuxOptions": below}
        yield pod({"securityContext": {"seLinuxOptions": above}, "containers": [container("main", security)]})


def _user_namespaces() -> Iterator[Json]:
    """What is relaxed for pods in a user namespace or on Windows, together."""
    for users, name in itertools.product(FLAG, (ABSENT, {"name": "windows"}, {"name": "linux"})):
        for change in (
            {"procMount": "Unmasked"},
            {"runAsUser": 0},
            {"runAsNonRoot": False},
            {"runAsNonRoot": None},
            {"allowPrivilegeEscalation": None},
            {"capabilities": None},
            {"seccompProfile": None},
            {"seccompProfile": {"type": "Unconfined"}},
            {"windowsOptions": {"hostProcess": True}},
        ):
            spec: Json = {"containers": [container("main", {**HARDENED, **change})]}
            put(spec, "hostUsers", users)
            put(spec, "os", name)
            yield pod(spec)


def controllers() -> Iterator[Json]:
    """Each kind that carries a pod, with a pod that passes, one that fails, and annotations of its own."""
    bad = {APPARMOR + "main": "unconfined"}
    for spec, marks in ((hardened_spec(), None), ({"hostPID": True, "containers": [container("main")]}, bad)):
        for kind in CONTROLLERS:
            yield controller(kind, spec, marks)
    for kind in CONTROLLERS:
        outer = controller(kind, hardened_spec(), None)
        outer["metadata"]["annotations"] = bad
        yield outer


def controller(kind: str, spec: Json, annotations: Json | None) -> Json:
    """A controller of `kind` around a pod."""
    template: Json = {"metadata": {"labels": {"app": "w"}}, "spec": copy.deepcopy(spec)}
    if annotations is not None:
        template["metadata"]["annotations"] = dict(annotations)
    made: Json = {"apiVersion": CONTROLLERS[kind], "kind": kind, "metadata": {"name": "w"}}
    if kind == "PodTemplate":
        made["template"] = template
    elif kind == "CronJob":
        made["spec"] = {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}
    else:
        made["spec"] = {"template": template}
    return made


def random_pod(source: random.Random) -> Json:
    """A pod or controller whose fields are drawn at random, often starting from hardened
    containers, so that passes stay likely."""
    spec: Json = {}
    hardened = source.random() < 0.6
    dirt = source.choice((0.05, 0.15, 0.5))
    for key, values in POD.items():
        if source.random() < dirt:
            put(spec, key, source.choice(values))
    if source.random() < 0.5:
        security = spec["securityContext"] = {}
        for key, values in POD_SECURITY.items():
            if source.random() < dirt * 2:
                put(security, key, source.choice(values))
    for kind in [*source.sample(KINDS, source.randint(0, 4)), "main"]:
        spec.setdefault(LISTS[kind], []).append(_random_container(source, kind, hardened, dirt))
    if source.random() < dirt * 2:
        drawn = [source.choice(VOLUMES) or [] for _ in range(source.randint(1, 3))]
        spec["volumes"] = [copy.deepcopy(volume) for volumes in drawn for volume in volumes]
    annotations = source.choice(ANNOTATIONS) if source.random() < dirt else None
    if source.random() < 0.2:
        return controller(source.choice(list(CONTROLLERS)), spec, annotations)
    return pod(spec, copy.deepcopy(annotations))


def _random_container(source: random.Random, kind: str, hardened: bool, dirt: float) -> Json:
    made = container(source.choice(("main", "a", "b")), HARDENED if hardened else None, kind)
    if source.random() < 0.5:
        security = made.setdefault("securityContext", {})
        for key, values in CONTAINER_SECURITY.items():
            if source.random() < dirt:
                put(security, key, source.choice(values))
    if source.random() < dirt:
        made["ports"] = copy.deepcopy(source.choice(PORTS))
    if source.random() < dirt:
        made[source.choice(PROBES)] = copy.deepcopy(source.choice(HANDLERS))
    if source.random() < dirt:
        made["lifecycle"] = {source.choice(HOOKS): copy.deepcopy(source.choice(HANDLERS))}
    return made
