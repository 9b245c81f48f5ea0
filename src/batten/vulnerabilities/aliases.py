"""Which identifiers are one flaw: the connected parts of the graph of aliases.

An advisory that mends several flaws names them as `upstream`; it joins none of them with another.
"""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Union-find over identifiers."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def join(self, identifiers: Iterable[str]) -> None:
        """All of these are the same flaw."""
        names = iter(identifiers)
        root = self.root(next(names))
        for other in names:
            if (found := self.root(other)) != root:
                self._parent[found] = root

    def root(self, identifier: str) -> str:
        """The one that stands for the group of `identifier`; any member gives the same."""
        parent = self._parent.setdefault(identifier, identifier)
        while parent != (above := self._parent[parent]):
            self._parent[identifier] = parent = above
        return parent

    def members(self) -> dict[str, list[str]]:
        """root -> everything joined to it, sorted."""
        found: dict[str, list[str]] = {}
        for identifier in self._parent:
            found.setdefault(self.root(identifier), []).append(identifier)
        return {root: sorted(group) for root, group in found.items()}


def shown(identifiers: Iterable[str]) -> str:
    """The identifier that a flaw is known by: its oldest CVE, else a GHSA, else the first of the alphabet."""
    return min(identifiers, key=_rank)


def _rank(identifier: str) -> tuple[int, int, int, str]:
    if identifier.startswith("CVE-"):
        year, _, number = identifier[4:].partition("-")
        return (0, int(year) if year.isdecimal() else 9999, int(number) if number.isdecimal() else 0, identifier)
    return (1 if identifier.startswith("GHSA-") else 2, 0, 0, identifier)
