"""Gradle: `gradle.lockfile`, `buildscript-gradle.lockfile` and the older `gradle/dependency-locks/*.lockfile`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, Scope
from batten.pattern import pattern

_LINE: Final = pattern(r"^([^\s:=#]+):([^\s:=]+):([^\s:=]+)(?:=([^\s]*))?[ \t]*\r?$", 8)  # re.MULTILINE
_TOOLS: Final = (
    "annotationprocessor",
    "checkstyle",
    "pmd",
    "spotbugs",
    "jacoco",
    "ktlint",
    "detekt",
    "kapt",
    "errorprone",
)


def read(lock: Lock) -> None:
    """`group:name:version=configuration,…`; the older form has a file for each configuration."""
    lock.writes("gradle dependencies --update-locks {name}")
    for found in _LINE.finditer(lock.text):
        if lock.full:
            return
        group, name, version, configurations = found.groups()
        lock.add(
            "maven",
            name,
            version,
            found.span(3),
            namespace=group,
            scope=_scope(configurations or lock.name.removesuffix(".lockfile")),
            shown=f"{group}:{name}",
        )


def _scope(configurations: str) -> Scope:
    """By the names that Gradle's plug-ins give: what no program is run with is for development."""
    names = configurations.lower().split(",")
    if any("runtimeclasspath" in one and "test" not in one for one in names):
        return "runtime"
    if all("test" in one or one.startswith(_TOOLS) for one in names):
        return "development"
    return ""
