"""Maven: `pom.xml`. Only what stands in the file itself: parents and imported lists of versions are not fetched."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.formats.lockfiles.lock import Lock, Scope
from batten.formats.lockfiles.xml import Element, parse
from batten.model.source import Pointer
from batten.pattern import pattern

_PROPERTY: Final = pattern(r"\$\{([^${}]+)\}")
_SCOPES: Final[dict[str, Scope]] = {"compile": "runtime", "runtime": "runtime", "test": "development", "provided": ""}
_STEPS: Final = 8  # properties that stand for one another
_OWN: Final = ("project.", "pom.")


class _Version(Struct):
    text: str
    place: Pointer
    shared: str = ""
    """The property that it is written in."""


class _Project:
    """A project and what its names stand for."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.properties: dict[str, Element] = {}
        properties = root.child("properties")
        for one in properties.children if properties is not None else ():
            self.properties[one.name] = one
        parent = root.child("parent")
        for name in ("version", "groupId"):
            own = root.child(name) or (parent.child(name) if parent is not None else None)
            if own is not None:
                self.properties.setdefault(f"project.{name}", own)
                self.properties.setdefault(f"pom.{name}", own)
        self.uses: dict[str, int] = {}

    def version(self, element: Element | None) -> _Version | None:
        """What a version stands for; None where that is not told here, or is a range."""
        name = ""
        for _ in range(_STEPS):
            if element is None:
                return None
            text = element.text.strip()
            found = _PROPERTY.fullmatch(text)
            if found is None:
                plain = text and not set(text) & set("[](),${}")
                return _Version(text, element.place, name) if plain else None
            name = found[1]
            element = self.properties.get(name)
        return None

    def plain(self, text: str) -> str:
        """A group or name with its properties filled in."""
        found = _PROPERTY.fullmatch(text)
        value = self.properties.get(found[1]) if found else None
        return value.text.strip() if value is not None else text


def read(lock: Lock) -> None:
    """Dependencies of the project and its profiles; those that are only managed give versions to the others."""
    root = parse(lock.text)
    if root.name != "project":
        return
    lock.writes("mvn versions:use-dep-version -Dincludes={name} -DdepVersion={version}", editable=True)
    project = _Project(root)
    managed: dict[tuple[str, str], Element] = {}
    asked: list[Element] = []
    for holder in [
        root,
        *(one for profiles in root.children if profiles.name == "profiles" for one in profiles.children),
    ]:
        management = holder.child("dependencyManagement")
        for one in _dependencies(management) if management is not None else ():
            managed.setdefault(_key(project, one), one)
        asked += _dependencies(holder)
    told = []
    for one in asked:
        group, name = _key(project, one)
        kept = managed.get((group, name))
        version = project.version(one.child("version") or (kept.child("version") if kept is not None else None))
        if version is None or not group or "$" in group or "$" in name:
            continue
        if version.shared.startswith(_OWN) and group == project.plain("${project.groupId}"):
            continue  # a module of the same project
        project.uses[version.shared] = project.uses.get(version.shared, 0) + 1
        scope = one.of("scope") or (kept.of("scope") if kept is not None else "") or "compile"
        told.append((group, name, version, "optional" if one.of("optional") == "true" else scope))
    for group, name, version, scope in told:
        lock.add(
            "maven",
            name,
            version.text,
            version.place,
            namespace=group,
            direct=True,
            scope="optional" if scope == "optional" else _SCOPES.get(scope, ""),
            confidence="low",
            evidence="as written; parents and imported lists of versions were not read",
            refused=_refused(project, version, lock.text),
            shown=f"{group}:{name}",
        )


def _refused(project: _Project, version: _Version, text: str) -> str:
    start, end = version.place
    if text[int(start) : int(end)] != version.text:
        return "the version is written with references to characters"
    if version.shared.startswith(_OWN):
        return "it is the version of the project itself"
    if version.shared and project.uses.get(version.shared, 0) > 1:
        return f"the property {version.shared} is the version of other packages as well"
    return ""


def _dependencies(holder: Element) -> list[Element]:
    found = holder.child("dependencies")
    return [one for one in found.children if one.name == "dependency"] if found is not None else []


def _key(project: _Project, dependency: Element) -> tuple[str, str]:
    return project.plain(dependency.of("groupId")), project.plain(dependency.of("artifactId"))
