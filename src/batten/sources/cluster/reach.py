"""How far is looked: the whole cluster, or what is in some namespaces and what the cluster says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from batten.sources.cluster.kinds import Kind, has_pods

_RBAC: Final = "rbac.authorization.k8s.io"
_ACCOUNTS: Final = "system:serviceaccounts"
_USER: Final = "system:serviceaccount:"
_ROLES: Final = "ClusterRole"


class Asked(Struct, frozen=True):
    """A path of the API; `single`: of one object and no list."""

    text: str
    single: bool = False


class Reach:
    """Without namespaces: everything. Remembers which roles are bound, so bindings are to be asked about first."""

    def __init__(self, namespaces: Sequence[str]) -> None:
        self._namespaces = tuple(dict.fromkeys(namespaces))
        self._bound: set[str] = set()

    def ordered(self, kinds: list[Kind]) -> list[Kind]:
        """The kinds in the order in which they are to be asked about."""
        late = [one for one in kinds if one.group == _RBAC and one.kind == _ROLES]
        return [*(one for one in kinds if one not in late), *late]

    def paths(self, kind: Kind) -> Iterator[tuple[Asked, str]]:
        """What is asked for a kind, with the namespace that it is asked of ("" for all)."""
        if not self._namespaces:
            yield Asked(kind.path()), ""
        elif kind.namespaced:
            for one in self._namespaces:
                yield Asked(kind.path(one)), one
        elif kind.kind == "Namespace" and not kind.group:
            for one in self._namespaces:
                yield Asked(f"{kind.path()}/{one}", single=True), one
        elif not has_pods(kind, {}):
            yield Asked(kind.path()), ""

    def wants(self, item: dict[str, Any], kind: Kind) -> bool:
        """Whether an object says something of the namespaces."""
        if not self._namespaces or kind.group != _RBAC:
            return True
        if kind.kind == _ROLES:
            metadata = item.get("metadata")
            return isinstance(metadata, dict) and metadata.get("name") in self._bound
        if kind.kind == "ClusterRoleBinding" and not any(map(self._is_of_them, _dicts(item.get("subjects")))):
            return False
        role = item.get("roleRef")
        if isinstance(role, dict) and role.get("kind") == _ROLES and isinstance(role.get("name"), str):
            self._bound.add(role["name"])
        return True

    def _is_of_them(self, subject: dict[str, Any]) -> bool:
        kind, name = subject.get("kind"), subject.get("name")
        if kind == "ServiceAccount":
            return subject.get("namespace") in self._namespaces
        if not isinstance(name, str):
            return False
        if kind == "User" and name.startswith(_USER):
            return name.removeprefix(_USER).partition(":")[0] in self._namespaces
        if name in (_ACCOUNTS, "system:authenticated", "system:unauthenticated", "system:anonymous"):
            return True
        return name.startswith(f"{_ACCOUNTS}:") and name.removeprefix(f"{_ACCOUNTS}:") in self._namespaces


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
