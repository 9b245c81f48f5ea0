"""What stands in other folders of what was read: which objects can be joined over scopes, and what may be there.

A scope is one folder (DESIGN section 2), and a deployment may be spread over several. A claim that something is
missing holds only where it is missing in all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from batten.model.inventory import Inventory
from batten.model.objects import (
    Grant,
    Identity,
    LimitRange,
    PersistentVolume,
    Role,
    Route,
    Service,
    TrafficPolicy,
    VolumeClaim,
)
from batten.model.workload import Workload

JOINED: Final = (
    Grant,
    Identity,
    LimitRange,
    PersistentVolume,
    Role,
    Route,
    Service,
    TrafficPolicy,
    VolumeClaim,
)
"""The objects that the link step joins with workloads."""
ELSEWHERE: Final = ""
"""In place of a scope: what is alone under its name."""
_OF_THE_CLUSTER: Final = frozenset({"ClusterRole", "ClusterRoleBinding", "PersistentVolume"})


class Lone:
    """Which objects are the only ones of their kind, namespace and name in all that was read."""

    def __init__(self, inventory: Inventory) -> None:
        self._counts: Counter[tuple[str, str, str]] | None = None
        nouns: list[Any] = [one for one in inventory.of(Workload) if one.platform == "kubernetes"]
        for kind in JOINED:
            nouns += inventory.of(kind)
        first = nouns[0].scope if nouns else ""
        if any(one.scope != first for one in nouns):
            self._counts = Counter(_name(one) for one in nouns)

    def holds(self, noun: Any) -> bool:
        """Whether `noun` says its namespace and nothing else is called so; False where all is one scope."""
        counts = self._counts
        if counts is None or not (noun.namespace or noun.resource.kind in _OF_THE_CLUSTER):
            return False
        return counts[_name(noun)] == 1

    def seen_from(self, noun: Any) -> tuple[str, ...]:
        """The scopes in which `noun` is found under its name."""
        return (noun.scope, ELSEWHERE) if self.holds(noun) else (noun.scope,)


def _name(noun: Any) -> tuple[str, str, str]:
    return noun.resource.kind, noun.namespace, noun.name


def may_be_one(one: Any, other: Any, *, namespace: str | None = None) -> bool:
    """Whether two objects may be deployed into one namespace: they name the same; or one of them leaves it open and
    their folders lie together (the same, one in the other, side by side). `namespace`: what `other` speaks of,
    where that is not its own."""
    theirs = other.namespace if namespace is None else namespace
    if one.namespace and theirs:
        return bool(one.namespace == theirs)
    return _lie_together(one.scope, other.scope)


def _lie_together(one: str, other: str) -> bool:
    if one == other or "." in (one, other):
        return True
    if one.startswith(other + "/") or other.startswith(one + "/"):
        return True
    return one.rpartition("/")[0] == other.rpartition("/")[0]
