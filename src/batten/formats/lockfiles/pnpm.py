"""pnpm: `pnpm-lock.yaml` of versions 5 to 9 (github.com/pnpm/spec, `lockfile`)."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.lockfiles.lock import Lock, Scope, integrity, mapping, word
from batten.formats.lockfiles.reach import scopes
from batten.formats.yaml import COMPOSE, YamlDocument, read_documents
from batten.model.package_names import split_scope
from batten.pattern import pattern

_KEY: Final = pattern(r"/?((?:@[^/@(]+/)?[^/@(]+)[@/](\d[^/(_]*)(?:[(_/].*)?")
_GROUPS: Final[tuple[tuple[str, Scope], ...]] = (
    ("dependencies", "runtime"),
    ("optionalDependencies", "optional"),
    ("devDependencies", "development"),
)


def read(lock: Lock) -> None:
    """Since pnpm 11 the file may have two documents: what pnpm itself needs comes first."""
    for document in read_documents(lock.file, COMPOSE):
        if not isinstance(document, YamlDocument):
            lock.notes.append(document)
        else:
            lock.writes("pnpm update {name}@{version}", document)
            _document(lock, mapping(document.value))


def _document(lock: Lock, value: dict[str, Any]) -> None:
    importers = mapping(value.get("importers")) or {".": value}
    packages = mapping(value.get("packages"))
    snapshots = mapping(value.get("snapshots"))
    asked = {group: _asked(importers, group) for group, _ in _GROUPS}
    needs: dict[str, list[str]] = {}
    for key, entry in (snapshots or packages).items():
        needs[key.lstrip("/")] = [f"{name}@{at}".lstrip("/") for name, at in _needs(mapping(entry)).items()]
    scope = _scopes(needs, asked) if snapshots else {}
    direct = {_plain(one) for group in asked.values() for one in group}
    for key, one in packages.items():
        if lock.full:
            return
        entry = mapping(one)
        found = _KEY.fullmatch(key)
        name = word(entry.get("name")) or (found[1] if found else "")
        version = word(entry.get("version")) or (found[2] if found else "")
        if not name or not version:
            continue  # a folder, or an address of which the version is not told
        namespace, name = split_scope(name)
        label = f"{namespace}/{name}@{version}" if namespace else f"{name}@{version}"
        snapshot = mapping(snapshots.get(key))
        lock.add(
            "npm",
            name,
            version,
            ("packages", key),
            namespace=namespace,
            direct=label in direct,
            scope=scope.get(label, "") if snapshots else _told(entry),
            depends=_needs(snapshot or entry),
            checksums=integrity(mapping(entry.get("resolution")).get("integrity")),
        )


def _told(entry: dict[str, Any]) -> Scope:
    """Before version 9: `dev: true` for what nothing else needs; what both need has no `dev` at all."""
    if entry.get("dev") is True:
        return "development"
    return "optional" if entry.get("optional") is True else "runtime"


def _needs(entry: dict[str, Any]) -> dict[str, str]:
    return {
        name: word(at)
        for group in ("dependencies", "optionalDependencies")
        for name, at in mapping(entry.get(group)).items()
    }


def _asked(importers: dict[str, Any], group: str) -> list[str]:
    """`name@version(peers)` of what the project and its workspaces ask for; an alias has its name in the version."""
    found = []
    for importer in importers.values():
        for name, value in mapping(mapping(importer).get(group)).items():
            version = word(value.get("version")) if isinstance(value, dict) else word(value)
            found.append(_label(name, version))
    return found


def _label(name: str, version: str) -> str:
    aliased = _KEY.fullmatch(version)
    return version.lstrip("/") if aliased else f"{name}@{version}"


def _plain(label: str) -> str:
    """Without the peers: `a@1.0.0(b@2)` and `a@1.0.0_b@2` -> `a@1.0.0`."""
    found = _KEY.fullmatch(label)
    return f"{found[1]}@{found[2]}" if found else label


def _scopes(needs: dict[str, list[str]], asked: dict[str, list[str]]) -> dict[str, Scope]:
    """By name and version without peers."""
    plain: dict[str, list[str]] = {}
    for key, names in needs.items():
        plain.setdefault(_plain(key), []).extend(_plain(_label(*_parted(one))) for one in names)
    groups = [[_plain(one) for one in asked[group]] for group, _ in _GROUPS]
    return scopes(plain, *groups)


def _parted(label: str) -> tuple[str, str]:
    name, _, version = label[1:].partition("@")
    return label[:1] + name, version
