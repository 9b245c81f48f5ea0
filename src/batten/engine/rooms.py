"""Finds what the house is made of: checks, readers, enrichers. Nobody registers anything.

Built-in modules are found by listing the folders of the package; other people's through the
`batten.plugins` entry point, whose value names a package that is laid out like a room.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from batten.engine.check import ROOMS, Check, registered
from batten.formats.interface import Reader

_PACKAGE = Path(__file__).parent.parent


def _modules_in(folder: Path, package: str) -> list[ModuleType]:
    """Every public module of a folder, imported, in the order of their names."""
    if not folder.is_dir():
        return []
    names = sorted(
        entry.name.removesuffix(".py")
        for entry in os.scandir(folder)
        if not entry.name.startswith(("_", ".")) and (entry.name.endswith(".py") or entry.is_dir())
    )
    return [import_module(f"{package}.{name}") for name in names]


def _plugin_packages() -> list[ModuleType]:
    """Packages named by the `batten.plugins` entry point.

    `importlib.metadata` costs more than a whole scan of one file, so it is only loaded where some
    installed distribution speaks of such an entry point at all.
    """
    for folder in sys.path:
        try:
            found = [
                entry.path for entry in os.scandir(folder or ".") if entry.name.endswith((".dist-info", ".egg-info"))
            ]
        except OSError:
            continue
        for info in found:
            try:
                text = Path(info, "entry_points.txt").read_text("utf-8", "replace")
            except OSError:
                continue
            if "batten.plugins" in text:
                return _load_entry_points()
    return []


def _load_entry_points() -> list[ModuleType]:
    from importlib.metadata import entry_points

    loaded = [entry.load() for entry in sorted(entry_points(group="batten.plugins"), key=lambda entry: entry.name)]
    return [module for module in loaded if isinstance(module, ModuleType)]


@cache
def plugins() -> tuple[ModuleType, ...]:
    """The packages of third parties, imported once."""
    return tuple(_plugin_packages())


@cache
def all_checks() -> dict[str, Check]:
    """Every check of every room and plug-in, by identifier, sorted."""
    for _, room in ROOMS.values():
        _modules_in(_PACKAGE / room / "checks", f"batten.{room}.checks")
    for plugin in plugins():
        for path in getattr(plugin, "__path__", ()):
            _modules_in(Path(path) / "checks", f"{plugin.__name__}.checks")
    return dict(sorted(registered().items()))


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader of a format, in the order in which they are asked."""
    modules = _modules_in(_PACKAGE / "formats", "batten.formats")
    for plugin in plugins():
        for path in getattr(plugin, "__path__", ()):
            modules += _modules_in(Path(path) / "formats", f"{plugin.__name__}.formats")
    readers = [module.READER for module in modules if hasattr(module, "READER")]
    return tuple(sorted(readers, key=lambda reader: (reader.priority, reader.name)))
