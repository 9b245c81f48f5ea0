"""Other people's packages, through the entry point group `batten.plugins`.

The value of an entry point names a package that is laid out like batten itself: `checks/`, `formats/` (readers),
`sources/`, `reports/` and `frameworks/`, each with modules that are found by listing the folder. A plug-in that
cannot be loaded is an error, not a warning: a scan without the rules that it was to obey must not pass.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from msgspec import Struct

from batten.modules import names_in

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "batten.plugins"
_REASON: Final = 200  # characters of another's error that are shown


class PluginError(Exception):
    """An installed plug-in cannot be used; the message is one line and names its distribution."""


class Plugin(Struct, frozen=True):
    """One package of an installed distribution."""

    distribution: str
    """`shop-rules 1.2`, as messages name it."""
    package: ModuleType

    def refuse(self, reason: str) -> NoReturn:
        """Raises `PluginError`: `reason` is what was expected and found."""
        name = self.distribution.partition(" ")[0]
        told = f"the plug-in {self.distribution} cannot be used: {reason}; mend it, or take it away with: "
        line = " ".join(f"{told}pip uninstall {name}".split())
        raise PluginError("".join(char if char.isprintable() else "?" for char in line))


@cache
def plugins() -> tuple[Plugin, ...]:
    """Every installed plug-in, imported, in the order of the entry points' names. Raises `PluginError`."""
    if not _any_installed():
        return ()
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    return tuple(_loaded(entry) for entry in found)


@cache
def modules(folder: str) -> tuple[tuple[Plugin, ModuleType], ...]:
    """Every public module in the folder of that name of every plug-in, imported. Raises `PluginError`."""
    return tuple(
        (plugin, _guarded(plugin, f"{plugin.package.__name__}.{folder}.{name}"))
        for plugin in plugins()
        for path in getattr(plugin.package, "__path__", ())
        for name in names_in(os.path.join(path, folder))
    )


def brought(folder: str, constant: str, is_right: Callable[[Any], bool], expected: str) -> list[tuple[Plugin, Any]]:
    """What the modules of a folder define as `constant`; a module without it is a helper of the others.

    Raises `PluginError` where `is_right` says no, with `expected` in its message.
    """
    found = []
    for plugin, module in modules(folder):
        value = getattr(module, constant, None)
        if value is None:
            continue
        if not is_right(value):
            plugin.refuse(f"expected {constant} of {module.__name__} to be {expected}, found {type(value).__name__}")
        found.append((plugin, value))
    return found


def without_collisions(found: list[tuple[Plugin, str]], known: dict[str, str], what: str) -> None:
    """Raises `PluginError` where a name is taken: by one of `known` (name -> whose), or by another plug-in."""
    taken = dict(known)
    for plugin, name in found:
        if name in taken:
            plugin.refuse(f"it brings the {what} {name!r}, which {taken[name]} has already")
        taken[name] = plugin.distribution


def _any_installed() -> bool:
    """Does some installed distribution speak of the group at all?

    `importlib.metadata` costs more than the whole scan of one file, so it is only loaded where the answer is yes.
    """
    group = GROUP.encode()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(f"{folder or '.'}/{name}/entry_points.txt", "rb", buffering=0) as file:
                        if group in file.read():
                            return True
                except OSError:
                    continue
    return False


def _loaded(entry: EntryPoint) -> Plugin:
    distribution = _distribution(entry)
    plugin = Plugin(distribution, sys)  # the package is not known yet: for the message alone
    package = entry.value.strip()
    if not re.fullmatch(r"[\w.]+", package):
        plugin.refuse(f"expected its entry point in {GROUP} to name a package, found {entry.value!r}")
    return Plugin(distribution, _guarded(plugin, package))


def _distribution(entry: EntryPoint) -> str:
    """Its name and version; the name of the entry point where the distribution's metadata are damaged."""
    try:
        known = entry.dist.metadata if entry.dist is not None else None
        found = f"{known['Name']} {known['Version']}" if known is not None and known["Name"] else ""
    except Exception:  # of whatever kind: this is only for a name
        found = ""
    return found or entry.name


def _guarded(plugin: Plugin, name: str) -> ModuleType:
    """The module, imported; whatever its import raises becomes one line."""
    try:
        return import_module(name)
    except (Exception, SystemExit) as error:
        text = str(error)[:_REASON] or "no reason given"
        plugin.refuse(f"importing {name} failed ({type(error).__name__}: {text})")
