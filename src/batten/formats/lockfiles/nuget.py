"""NuGet: `packages.lock.json`, `*.deps.json`, `packages.config`, and versions in project files."""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from batten.formats.lockfiles.lock import Lock, integrity, mapping, word
from batten.formats.lockfiles.xml import Element, parse
from batten.limits import PACKAGE_FIELD
from batten.model.source import Pointer, Unreadable
from batten.pattern import pattern

_COMMAND: Final = "dotnet add package {name} --version {version}"
_EXACT: Final = pattern(r"\[?\s*(\d[A-Za-z0-9.+-]*)\s*\]?")
_ATTRIBUTE: Final = pattern(r"\s[Vv]ersion\s*=\s*[\"']([^\"'<>]*)[\"']")


def read(lock: Lock) -> None:
    """A lock file beside a project file tells the same more exactly: that one is read."""
    if lock.name.endswith(".deps.json"):
        _deps(lock)
    elif lock.name.endswith(".json"):
        _locked(lock)
    elif lock.beside("packages.lock.json") is None or lock.name == "packages.config":
        _project(lock)


def _locked(lock: Lock) -> None:
    """By framework; a type `Project` is a project of the same solution."""
    document = lock.json(_COMMAND)
    frameworks = document.get("dependencies")
    if not isinstance(frameworks, dict):
        raise Unreadable("expected `dependencies` of a NuGet lock file, found none", 1)
    for framework, packages in frameworks.items():
        for name, value in mapping(packages).items():
            if lock.full:
                return
            entry = mapping(value)
            kind, version = word(entry.get("type")), word(entry.get("resolved"))
            if kind.lower() == "project" or not version:
                continue
            lock.add(
                "nuget",
                name,
                version,
                ("dependencies", framework, name, "resolved"),
                direct=kind.lower() == "direct",
                depends=mapping(entry.get("dependencies")),
                checksums=_sha512(entry.get("contentHash")),
            )


def _sha512(value: object) -> list[tuple[str, str]]:
    try:
        digest = b64decode(word(value), validate=True).hex()
    except ValueError:
        return []
    return [("sha512", digest)] if len(digest) == 128 else []


def _deps(lock: Lock) -> None:
    """What a build has put together; `libraries` of another type are the project and its parts."""
    document = lock.json(_COMMAND)
    libraries = mapping(document.get("libraries"))
    needs: dict[str, list[str]] = {}
    for target in mapping(document.get("targets")).values():
        for key, value in mapping(target).items():
            needs.setdefault(key, []).extend(mapping(mapping(value).get("dependencies")))
    own = [key for key, value in libraries.items() if word(mapping(value).get("type")) == "project"]
    direct = {name for key in own for name in needs.get(key, ())}
    for key, value in libraries.items():
        entry = mapping(value)
        name, _, version = key.partition("/")
        if lock.full:
            return
        if word(entry.get("type")) != "package":
            continue
        lock.add(
            "nuget",
            name,
            version,
            ("libraries", key),
            direct=name in direct if own else None,
            scope="runtime",
            depends=needs.get(key, ()),
            checksums=integrity(entry.get("sha512")),
        )


def _project(lock: Lock) -> None:
    """`PackageReference Include= Version=` (attribute or element), `PackageVersion`, and the older `package`."""
    root = parse(lock.text)
    old = lock.name == "packages.config"
    lock.writes(_COMMAND)
    for one in root.all("package") if old else (*root.all("PackageReference"), *root.all("PackageVersion")):
        name = one.attributes.get("id" if old else "Include", "") or one.attributes.get("Update", "")
        version, place = _version(lock.text, one, "version" if old else "Version")
        if not name or "$" in name or not version:
            continue
        development = one.attributes.get("developmentDependency") == "true" or (
            (one.attributes.get("PrivateAssets") or one.of("PrivateAssets")).lower() == "all"
        )
        lock.add(
            "nuget",
            name,
            version,
            place,
            direct=None if old or one.name == "PackageVersion" else True,
            scope="development" if development else "",
            confidence="high" if old else "low",
            evidence="" if old else "as written; what it resolves to was not read",
        )


def _version(text: str, element: Element, name: str) -> tuple[str, Pointer]:
    """An exact version with its place; "" for a range, a pattern or a property."""
    child = element.child(name)
    if child is not None:
        told, place = child.text, child.place
    else:
        told = element.attributes.get(name, "")
        at = _ATTRIBUTE.search(text, element.start, element.start + PACKAGE_FIELD)
        place = at.span(1) if at else (element.start, element.start + 1)
    found = _EXACT.fullmatch(told.strip())
    return (found[1], place) if found and "*" not in told else ("", place)
