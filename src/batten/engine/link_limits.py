"""Workload ↔ LimitRange: what gives a limit to the containers that name none themselves.

As with network policies: one of the same scope and namespace is certain, one that stands elsewhere is where both
ends name their namespace and nothing else is called so (see `batten.engine.elsewhere`). Any other that may be of
the same namespace makes a claim that there is no limit uncertain, and no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from batten.engine.elsewhere import Lone, may_be_one
from batten.model.inventory import Inventory
from batten.model.objects import LimitRange
from batten.model.workload import Workload

Name = tuple[str, str, str]
"""Kind, namespace, name."""


def link_limits(inventory: Inventory, lone: Lone) -> None:
    """Fills `links.limit_ranges` and `links.likely_limit_ranges`."""
    ranges = [one for one in inventory.of(LimitRange) if one.memory or one.cpu_request]
    if not ranges:
        return
    workloads = [one for one in inventory.of(Workload) if one.platform == "kubernetes"]
    homes = _Homes(workloads)
    far: dict[str, list[LimitRange]] = defaultdict(list)
    for one in ranges:
        if lone.holds(one):
            far[one.namespace].append(one)
    possible: dict[tuple[str, str], list[LimitRange]] = {}
    links = inventory.links
    for workload in workloads:
        scope, namespace = workload.scope, workload.namespace
        sure = inventory.within(LimitRange, scope, namespace)
        if namespace in far and lone.holds(workload):
            sure = [*sure, *(one for one in far[namespace] if one.scope != scope)]
        if sure:
            links.limit_ranges[workload.id] = sure
            if any(one.memory for one in sure) and any(one.cpu_request for one in sure):
                continue
        candidates = possible.get((scope, namespace))
        if candidates is None:
            candidates = possible[scope, namespace] = [one for one in ranges if may_be_one(workload, one)]
        likely = homes.nearest(workload, candidates)
        if likely:
            links.likely_limit_ranges[workload.id] = likely


class _Homes:
    """Where workloads of one kind, namespace and name stand: each is the same one in another environment."""

    def __init__(self, workloads: list[Workload]) -> None:
        self._scopes: set[tuple[Name, str]] = set()
        self._folders: set[tuple[Name, str]] = set()
        for one in workloads:
            self._scopes.add((_name(one), one.scope))
            self._folders.update((_name(one), folder) for folder in _folders(one.scope))

    def nearest(self, workload: Workload, ranges: list[LimitRange]) -> list[LimitRange]:
        """Those to which no other workload of this name stands nearer, which they would be of then; as many as
        give all that these can give."""
        name, mine = _name(workload), set(_folders(workload.scope))
        wanted = {(one.memory, one.cpu_request) for one in ranges}
        found = []
        for one in ranges:
            if (one.memory, one.cpu_request) not in wanted:
                continue
            there = one.scope
            if there != workload.scope:
                if (name, there) in self._scopes:
                    continue
                # the first folder on the way down to it that the workload is not in
                turn = next((folder for folder in _folders(there) if folder not in mine), None)
                if turn is not None and (name, turn) in self._folders:
                    continue
            found.append(one)
            wanted.discard((one.memory, one.cpu_request))
            if not wanted:
                break
        return found


def _name(workload: Workload) -> Name:
    return workload.kind, workload.namespace, workload.name


def _folders(scope: str) -> Iterator[str]:
    """`a`, `a/b`, `a/b/c` of `a/b/c`."""
    end = scope.find("/")
    while end >= 0:
        yield scope[:end]
        end = scope.find("/", end + 1)
    yield scope
