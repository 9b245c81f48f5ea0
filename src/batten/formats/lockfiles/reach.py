"""What is installed for what: by following dependencies from what the project asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from batten.formats.lockfiles.lock import Scope


def reached(needs: Mapping[str, Iterable[str]], roots: Iterable[str]) -> set[str]:
    """`roots` and whatever they need, by names that mean something to the caller."""
    found = set(roots)
    waiting = list(found)
    while waiting:
        for name in needs.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def scopes(
    needs: Mapping[str, Iterable[str]], runtime: Iterable[str], optional: Iterable[str], development: Iterable[str]
) -> dict[str, Scope]:
    """The scope of each name that is reached from one of the three."""
    found: dict[str, Scope] = dict.fromkeys(reached(needs, development), "development")
    found |= dict.fromkeys(reached(needs, optional), "optional")
    found |= dict.fromkeys(reached(needs, runtime), "runtime")
    return found
