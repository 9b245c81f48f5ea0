"""Compliance frameworks as data: control -> our wording, how far it is covered, the checks that answer it.

The tables stand in `batten.frameworks.tables`, one module each, and are loaded when asked for. Which
checks answer a control is written there and nowhere else. Pod Security Standards are evaluated exactly,
per version, by `batten.frameworks.pss`.

    >>> get("cis-docker").controls[0].checks
    ('PRV002', 'PRV003')
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Literal

from msgspec import Struct

from batten import plugins
from batten.plugins import Plugin

Coverage = Literal["full", "partial", "manual"]

NAMES = (
    "pss-baseline",
    "pss-restricted",
    "nsa-cisa",
    "cis-kubernetes",
    "cis-docker",
    "nist-800-190",
    "mitre-containers",
    "pci-dss-4",
)
"""batten's own, in the order in which they are listed; the table of `a-b` is the module `tables.a_b`."""


class UnknownFramework(KeyError):
    """A framework was asked for that there is not; the text names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])  # without the quotes that KeyError puts around it


class Control(Struct, frozen=True):
    """One control of a framework. `title` is our wording (or the technique's name), never the document's text.

    `coverage` speaks of what batten reads (manifests, Dockerfiles, task definitions):
    `full`: it meets the control exactly if none of `checks` fails;
    `partial`: a failure of `checks` concerns the control, but their silence does not show that it is met;
    `manual`: nothing that is read can answer it.
    """

    id: str
    title: str
    coverage: Coverage
    checks: tuple[str, ...] = ()
    note: str = ""
    """What is NOT covered, and where else to look."""


class Framework(Struct, frozen=True):
    """A framework, or the section of one that is about containers (then `scope` says which)."""

    name: str
    title: str
    version: str
    url: str
    controls: tuple[Control, ...]
    scope: str = ""


@cache
def get(name: str) -> Framework:
    """The framework of that name; raises `UnknownFramework`."""
    if name not in NAMES:
        others = _brought()
        if name in others:
            return others[name]
        from difflib import get_close_matches

        known = (*NAMES, *others)
        family = [one for one in known if name and one.startswith(name.lower())]
        near = family or get_close_matches(name, known, 1, 0.4)
        meant = f"did you mean {' or '.join(near)}?" if near else "known are " + ", ".join(known)
        raise UnknownFramework(f"no framework {name!r}: {meant}")
    table: Framework = import_module("batten.frameworks.tables." + name.replace("-", "_")).FRAMEWORK
    return table


def frameworks() -> tuple[Framework, ...]:
    """All frameworks: batten's in the order of `NAMES`, then those of plug-ins. Raises `PluginError`."""
    return (*(get(name) for name in NAMES), *_brought().values())


def _brought() -> dict[str, Framework]:
    return {one.name: one for _, one in brought()}


@cache
def brought() -> tuple[tuple[Plugin, Framework], ...]:
    """The tables of plug-ins. Raises `PluginError`."""
    found = plugins.brought(
        "frameworks", "FRAMEWORK", lambda value: isinstance(value, Framework), "a batten.frameworks.Framework"
    )
    plugins.without_collisions(
        [(plugin, one.name) for plugin, one in found], dict.fromkeys(NAMES, "batten"), "framework"
    )
    for plugin, one in found:
        if one.name.startswith("pss-"):
            plugin.refuse(f"the framework {one.name!r} begins with 'pss-', which is for the Pod Security Standards")
    return tuple(found)


def controls_of(check: str) -> list[tuple[str, str]]:
    """(framework, control) of everything that a check answers, in the order of the tables."""
    return list(_index().get(check, ()))


@cache
def _index() -> dict[str, list[tuple[str, str]]]:
    index: dict[str, list[tuple[str, str]]] = {}
    for framework in frameworks():
        for control in framework.controls:
            for check in control.checks:
                index.setdefault(check, []).append((framework.name, control.id))
    return index
