"""Workload ↔ claim ↔ persistent volume: what a pod that claims a volume has of the host.

A claim is bound to the volume that it names, or that names it. Where neither says so, the one volume of the class that
both name is bound, as far as the claim's scope has no other of that class
(https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from msgspec.structs import replace

from batten.engine.elsewhere import ELSEWHERE, Lone
from batten.model.inventory import Inventory
from batten.model.objects import PersistentVolume, VolumeClaim
from batten.model.workload import Container, Workload

Name = tuple[str, str, str]
"""Scope, namespace ("" of what has none), name."""


def with_claimed_volumes(inventory: Inventory) -> Inventory:
    """An inventory, with the same links, whose workloads know the folders of the host behind their claims."""
    if not any(one.host_path for one in inventory.of(PersistentVolume)):
        return inventory
    bound = _Bound(inventory)
    linked = Inventory()
    linked.links = inventory.links
    for kind in inventory.types():
        if kind is Container:
            continue  # workloads bring theirs
        nouns: list[Any] = inventory.of(kind)
        for noun in nouns:
            linked.add(bound.joined(noun) if kind is Workload else noun)
    return linked


class _Bound:
    def __init__(self, inventory: Inventory) -> None:
        self._lone = Lone(inventory)
        self._claims: dict[Name, VolumeClaim] = {}
        for claim in inventory.of(VolumeClaim):
            for scope in self._lone.seen_from(claim):
                self._claims[scope, claim.namespace, claim.name] = claim
        self._named: dict[Name, PersistentVolume] = {}
        self._claiming: dict[Name, PersistentVolume] = {}
        self._classes: dict[tuple[str, str], list[PersistentVolume]] = defaultdict(list)
        for volume in inventory.of(PersistentVolume):
            self._classes[volume.scope, volume.storage_class].append(volume)
            for scope in self._lone.seen_from(volume):
                self._named[scope, "", volume.name] = volume
                if volume.claim is not None:
                    self._claiming[scope, *volume.claim] = volume

    def joined(self, workload: Workload) -> Workload:
        """The workload with the folders of the host that its claims are bound to."""
        if workload.platform != "kubernetes":
            return workload
        found = []
        for one in workload.volumes:
            volume = self._volume(workload, one.source) if one.type == "persistentVolumeClaim" else None
            if volume is not None and volume.host_path:
                at = (*volume.pointer, "spec")
                found.append(replace(one, kind="host", source=volume.host_path, pointer=at, document=volume.document))
        return replace(workload, claimed=tuple(found)) if found else workload

    def _volume(self, workload: Workload, name: str) -> PersistentVolume | None:
        scope, space = workload.scope, workload.namespace
        far = self._lone.holds(workload)
        claim = self._claims.get((scope, space, name)) or (self._claims.get((ELSEWHERE, space, name)) if far else None)
        if claim is not None and claim.volume:
            own = self._named.get((claim.scope, "", claim.volume))
            return own or self._named.get((ELSEWHERE, "", claim.volume))
        claiming = self._claiming.get((scope, space, name)) or self._claiming.get((ELSEWHERE, space, name))
        if claiming is not None or claim is None or not claim.storage_class:
            return claiming
        of_class = self._classes[claim.scope, claim.storage_class]
        return of_class[0] if len(of_class) == 1 and of_class[0].claim is None else None
