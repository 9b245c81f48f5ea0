"""Controllers and what they made: one workload for a Deployment, its ReplicaSets and their pods.

Who owns an object is what the object says, and anybody who may create a pod may say it. So nothing disappears behind
its owner unless it is what the owner's template says; what differs is judged, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from batten.pattern import pattern
from batten.sources.cluster.kinds import Kind
from batten.sources.cluster.marks import (
    CONTAINER_FIELDS,
    CONTAINER_LISTS,
    POD_FIELDS,
    Mark,
    mark,
    templates,
    volumes,
)
from batten.sources.cluster.trim import dicts, trimmed

Json = dict[str, Any]

_ENDED: Final = ("Succeeded", "Failed")
_RUNS: Final = frozenset({"TaskRun", "PipelineRun", "Workflow"})
"""Kinds whose objects are single runs, which stay when they have ended."""
_DIGEST: Final = pattern(r"sha256:[0-9a-f]{64}\Z")
_DIGESTS: Final = 8  # of one container that are told apart
_HASH: Final = "pod-template-hash"
_NODE: Final = "Node"


class Held(Struct):
    """A workload until all was read: as text, because there may be many."""

    kind: Kind
    namespace: str
    name: str
    data: bytes
    marks: tuple[Mark, ...]
    idle: bool = False
    """It is to have no pods: those that say they are its own are somebody else's."""
    running: dict[str, set[str]] = field(default_factory=dict)
    """Container -> digests of the images that its pods run."""
    plain: bool = False
    """One of its pods is what its template says."""
    variants: dict[bytes, Held] = field(default_factory=dict)
    """Pods that are not, by their mark: one for all that are alike."""
    count: int = 0
    """Of such a pod: how many are."""
    current: bool = False
    """Of such a pod: it is of the generation that the template describes, which is to run at all."""


class _Known(Struct):
    """What others may name as their owner."""

    root: Held
    namespace: str
    marks: tuple[Mark, ...]
    current: bool
    """It says what its root says now."""


class Owners:
    """Takes every workload, controllers first, and gives those that are to be judged."""

    def __init__(self, own: dict[str, str], *, ended: bool) -> None:
        """`own`: the user's table of pod templates. `ended`: also pods and runs that are over."""
        self._own = own
        self._with_ended = ended
        self._roots: list[Held] = []
        self._known: dict[str, _Known] = {}
        self._by_name: dict[tuple[str, str], Held] = {}
        self._strays: dict[tuple[str, str, bytes], Held] = {}
        self.ended = 0
        """Pods without an owner and runs that were left out because they are over."""
        self.changed: list[str] = []
        """Workloads whose pods run otherwise than the template says, with what was added to them."""
        self.apart: list[str] = []
        """Pods and generations that are not what their owner says."""

    def add(self, item: Json, kind: Kind) -> None:
        """An object of a kind that has pod templates; `item` is used up."""
        metadata = _mapping(item.get("metadata"))
        namespace, uid = _text(metadata.get("namespace")), _text(metadata.get("uid"))
        owner = _owner(metadata)
        marks = tuple(mark(spec) for spec in templates(item, kind, self._own))
        if kind.kind == "Pod" and not kind.group:
            self._pod(item, kind, namespace, owner, marks)
            return
        if kind.kind in _RUNS and _is_over(item) and not self._with_ended:
            self.ended += 1
            return
        known = self._known.get(_text(owner.get("uid"))) if owner else None
        if known is not None and known.namespace == namespace:
            shapes = {one.shape for one in known.marks}
            if marks and (all(one.shape in shapes for one in marks) or _is_idle(item, kind)):
                self._keep(uid, known.root, namespace, marks)
                return
        held = self._held(item, kind, namespace, marks)
        if known is not None and known.namespace == namespace:
            self.apart.append(_address(held))
        self._roots.append(held)
        if not kind.group or kind.kind in ("Deployment", "Rollout"):
            self._by_name.setdefault((namespace, held.name), held)
        self._keep(uid, held, namespace, marks)

    def _keep(self, uid: str, root: Held, namespace: str, marks: tuple[Mark, ...]) -> None:
        if uid and marks:
            current = {one.full for one in marks} <= {one.full for one in root.marks}
            self._known.setdefault(uid, _Known(root, namespace, marks, current))

    def _held(self, item: Json, kind: Kind, namespace: str, marks: tuple[Mark, ...]) -> Held:
        held = Held(kind, namespace, _text(_mapping(item.get("metadata")).get("name")), b"", marks)
        if kind.kind == "Pod" and not kind.group:
            _note_images(held, item)
        held.idle = _mapping(item.get("spec")).get("replicas") == 0
        held.data = msgspec.json.encode(trimmed(item, kind))
        return held

    def _pod(self, item: Json, kind: Kind, namespace: str, owner: Json, marks: tuple[Mark, ...]) -> None:
        over = _mapping(item.get("status")).get("phase") in _ENDED
        known = self._known.get(_text(owner.get("uid"))) or self._unread_owner(item, owner, namespace)
        if over and (known is not None or not self._with_ended):
            self.ended += not owner
            return
        full = marks[0].full if marks else b""
        if known is not None and known.namespace == namespace and known.current:
            _note_images(known.root, item)
        if known is not None and known.namespace == namespace:
            if full in {one.full for one in known.marks}:
                known.root.plain = known.root.plain or known.current
                return
            if not known.current:
                shape = marks[0].shape if marks else b""
                if shape in {one.shape for one in known.marks}:
                    return  # of an earlier generation, its image named otherwise
            variants = known.root.variants
            if full not in variants:
                variants[full] = self._held(item, kind, namespace, marks)
                variants[full].current = known.current and not known.root.idle
            variants[full].count += 1
            return
        if not owner or owner.get("kind") == _NODE:
            self._roots.append(self._held(item, kind, namespace, marks))
            return
        key = (namespace, _text(owner.get("uid")), full)
        if key not in self._strays:
            metadata = _mapping(item.get("metadata"))
            shown = _text(metadata.get("name"))
            if metadata.get("generateName"):
                metadata.pop("name", None)  # one stands for all, under the name that they have in common
            held = self._held(item, kind, namespace, marks)
            held.name = shown
            self._strays[key] = held
            self._roots.append(held)

    def _unread_owner(self, item: Json, owner: Json, namespace: str) -> _Known | None:
        """The Deployment of a pod whose ReplicaSet could not be read: their names say it."""
        hashed = _text(_mapping(_mapping(item.get("metadata")).get("labels")).get(_HASH))
        name = _text(owner.get("name"))
        if owner.get("kind") != "ReplicaSet" or not hashed or not name.endswith(f"-{hashed}"):
            return None
        root = self._by_name.get((namespace, name.removesuffix(f"-{hashed}")))
        return _Known(root, namespace, root.marks, True) if root is not None else None

    def workloads(self) -> Iterator[Held]:
        """Those that are to be judged, in the order read."""
        for root in self._roots:
            apart = list(root.variants.values())
            if apart and not root.plain and len(root.marks) == 1:
                most = max(apart, key=lambda one: one.count)
                if most.current:
                    added = self._as_it_runs(root, most)
                    shown = f"{_address(root)} (with {', '.join(added)})" if added else _address(root)
                    self.changed.append(shown)
                    apart = [one for one in apart if one is not most]
            yield root
            for pod in apart:
                self.apart.append(_address(pod))
                yield pod

    def _as_it_runs(self, root: Held, pod: Held) -> list[str]:
        """Puts into the template what the pod says otherwise; the names of containers that were added."""
        item, running = msgspec.json.decode(root.data), msgspec.json.decode(pod.data)["spec"]
        (spec,) = templates(item, root.kind, self._own)
        for key in (*POD_FIELDS, "serviceAccountName"):
            if key in running:
                spec[key] = running[key]
            else:
                spec.pop(key, None)
        # the template of a custom resource may hold anything
        names = {_text(one.get("name")) for one in volumes(spec)}
        known = {_text(one.get("name")): one for one in volumes(running)}
        kept = [known.pop(_text(one.get("name")), one) for one in dicts(spec.get("volumes"))]
        kept += [one for name, one in known.items() if name not in names]
        if kept:
            spec["volumes"] = kept
        added: list[str] = []
        for key in CONTAINER_LISTS:
            declared = {_text(one.get("name")): one for one in dicts(spec.get(key))}
            containers = []
            for one in dicts(running.get(key)):
                name = _text(one.get("name"))
                own = declared.get(name)
                if own is None:
                    added.append(name[:63])
                    containers.append(one)
                    continue
                fields = [each for each in CONTAINER_FIELDS if each != "ports" or not running.get("hostNetwork")]
                left = {each: value for each, value in own.items() if each not in fields}
                containers.append({**left, **{each: one[each] for each in fields if each in one}})
            if containers:
                spec[key] = containers
            else:
                spec.pop(key, None)
        root.data = msgspec.json.encode(item)
        return added


def _note_images(held: Held, pod: Json) -> None:
    """`imageID` of the runtime: `registry.example/app@sha256:…`; without a name it is of no registry."""
    status = _mapping(pod.get("status"))
    for key in ("initContainerStatuses", "containerStatuses"):
        found = status.get(key)
        for one in found if isinstance(found, list) else ():
            name, image = _text(_mapping(one).get("name")), _text(_mapping(one).get("imageID"))
            digest = image.rpartition("@")[2]
            if name and "@" in image and _DIGEST.match(digest):
                digests = held.running.setdefault(name, set())
                if len(digests) < _DIGESTS:
                    digests.add(digest)


def _address(held: Held) -> str:
    return f"{held.kind.name}/{held.namespace}/{held.name}"


def _owner(metadata: Json) -> Json:
    """What controls an object, as it says itself."""
    found = metadata.get("ownerReferences")
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and one.get("controller") is True:
            return one
    return {}


def _is_idle(item: Json, kind: Kind) -> bool:
    """An earlier generation that is kept so that one can go back to it, or a job that is over."""
    if kind.kind == "ReplicaSet":
        return _mapping(item.get("spec")).get("replicas") == 0 and not _mapping(item.get("status")).get("replicas")
    return kind.kind == "Job" and _is_over(item)


def _is_over(item: Json) -> bool:
    status = _mapping(item.get("status"))
    if status.get("completionTime") or status.get("finishedAt"):
        return True
    conditions = status.get("conditions")
    return any(
        isinstance(one, dict) and one.get("type") in ("Complete", "Failed") and one.get("status") == "True"
        for one in (conditions if isinstance(conditions, list) else ())
    )


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
