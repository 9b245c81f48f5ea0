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
"""In the order in which they are listed; the table of `a-b` is the module `tables.a_b`."""


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
        from difflib import get_close_matches

        near = get_close_matches(name, NAMES, 1, 0.4)
        meant = f"did you mean {near[0]}?" if near else "known are " + ", ".join(NAMES)
        raise UnknownFramework(f"no framework {name!r}: {meant}")
    table: Framework = import_module("batten.frameworks.tables." + name.replace("-", "_")).FRAMEWORK
    return table


def frameworks() -> tuple[Framework, ...]:
    """All frameworks, in the order of `NAMES`."""
    return tuple(get(name) for name in NAMES)


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
