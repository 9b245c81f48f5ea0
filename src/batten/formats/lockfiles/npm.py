"""npm: `package-lock.json` and `npm-shrinkwrap.json` of versions 1, 2 and 3 (package-lock.json(5))."""

from __future__ import annotations

from typing import Any

from batten.formats.lockfiles.lock import Lock, Scope, integrity, mapping, word
from batten.limits import LOCK_DEPTH
from batten.model.package_names import split_scope
from batten.model.source import Pointer, Unreadable

_COMMAND = "npm install {name}@{version}"
_ASKED = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def read(lock: Lock) -> None:
    """Version 2 has both forms: `packages`, which tells more, is read."""
    document = lock.json(_COMMAND)
    packages = document.get("packages")
    if isinstance(packages, dict):
        _packages(lock, packages)
    elif isinstance(document.get("dependencies"), dict) or "lockfileVersion" in document:
        _tree(lock, mapping(document.get("dependencies")), _asked_beside(lock))
    else:
        raise Unreadable("expected `packages` or `dependencies` of an npm lock file, found neither", 1)


def _packages(lock: Lock, packages: dict[str, Any]) -> None:
    """Keys are folders; the project and its workspaces have no `node_modules` in theirs."""
    own = {folder: mapping(entry) for folder, entry in packages.items() if "node_modules/" not in folder}
    direct = {name for entry in own.values() for asked in _ASKED for name in mapping(entry.get(asked))}
    for folder, value in packages.items():
        if lock.full:
            return
        entry = mapping(value)
        if folder in own or entry.get("link") is True:
            continue
        version = word(entry.get("version"))
        parent, _, installed = folder.rpartition("node_modules/")
        namespace, name = split_scope(word(entry.get("name")) or installed)
        if not version:
            continue  # a folder that only holds others
        place: Pointer = ("packages", folder, "version")
        lock.add(
            "npm",
            name,
            version,
            place,
            namespace=namespace,
            direct=installed in direct and (not parent or parent.rstrip("/") in own),
            scope=_scope(entry),
            depends=[*mapping(entry.get("dependencies")), *mapping(entry.get("optionalDependencies"))],
            checksums=integrity(entry.get("integrity")),
            licenses=(word(entry.get("license")),) if word(entry.get("license")) else (),
        )


def _scope(entry: dict[str, Any]) -> Scope:
    if entry.get("dev") is True:
        return "development"
    if entry.get("optional") is True or entry.get("devOptional") is True:
        return "optional"
    return "runtime"


def _asked_beside(lock: Lock) -> set[str] | None:
    """What the project asks for itself: stands in its `package.json` alone. None where that is not there."""
    from batten.formats.lockfiles.manifest import asked_for

    found = asked_for(lock)
    return None if found is None else set(found)


def _tree(lock: Lock, dependencies: dict[str, Any], direct: set[str] | None) -> None:
    """Version 1: what is installed below a package stands in its entry."""
    waiting: list[tuple[Pointer, dict[str, Any]]] = [(("dependencies",), dependencies)]
    while waiting:
        place, entries = waiting.pop()
        for installed, value in entries.items():
            if lock.full:
                return
            entry = mapping(value)
            version = word(entry.get("version"))
            here: Pointer = (*place, installed)
            name = installed
            if version.startswith("npm:"):  # `npm:other@1.0.0`, an alias
                name, _, version = version[4:].rpartition("@")
            if len(here) < LOCK_DEPTH and (below := mapping(entry.get("dependencies"))):
                waiting.append(((*here, "dependencies"), below))
            if not version or version.startswith("file:"):
                continue
            if ":" in version or "/" in version:  # an address: the version of what is there is not told
                continue
            namespace, name = split_scope(name)
            lock.add(
                "npm",
                name,
                version,
                (*here, "version"),
                namespace=namespace,
                direct=None if direct is None else installed in direct and len(here) == 2,
                scope=_scope(entry),
                depends=mapping(entry.get("requires")),
                checksums=integrity(entry.get("integrity")),
            )
