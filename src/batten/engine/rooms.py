"""Finds what the house is made of: checks, readers, enrichers. Nobody registers anything.

Built-in modules are found by listing the folders of the package, other people's by `batten.plugins`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from batten import frameworks, plugins
from batten.engine.check import ROOMS, Check, registered
from batten.formats.interface import Reader
from batten.model.settings import Settings
from batten.modules import names_in

if TYPE_CHECKING:
    from batten.engine.enrich import Enricher
    from batten.engine.fix.updates import Updates
    from batten.engine.read import TargetReader

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
_FORMATS = os.path.join(_PACKAGE, "formats")
_JUDGE_ALONE: Final = {
    "dockerfile": ("BuildFile",),
    "firewalls": ("SecurityGroup",),
    "iam": ("AccessPolicy", "PolicyAttachment"),
    "image": ("Image",),
    "pipeline": ("Pipeline", "Job", "Step"),
    "registries": ("AccessPolicy", "ImageRepository"),
}
"""First word of the name of a file of checks -> the only nouns that they judge. Where none of these was read, the file
is not loaded: a scan of a few manifests would spend more time on that than on its own checks."""


def _modules_in(folder: str, names: Iterable[str] | None = None) -> list[ModuleType]:
    """Every public module of a folder of the package (of them `names`), imported, in the order of their names."""
    package = f"batten.{folder.replace('/', '.')}"
    found = names_in(os.path.join(_PACKAGE, folder)) if names is None else names
    return [import_module(f"{package}.{name}") for name in found]


@cache
def all_checks() -> dict[str, Check]:
    """Every check of every room and plug-in, by identifier, sorted. Raises `PluginError`."""
    for _, room in ROOMS.values():
        _modules_in(f"{room}/checks")
    plugins.modules("checks")
    for identifier, check in registered().items():
        if identifier[:3] not in ROOMS or not identifier[3:].isdigit():
            _refuse(check, f"expected a check's identifier such as {next(iter(ROOMS))}901, found {identifier!r}")
    if plugins.plugins():
        _verify_frameworks()
    return dict(sorted(registered().items()))


def checks_for(settings: Settings) -> dict[str, Check]:
    """Every check, and the rules of the user's own that the settings name. Raises `PluginError`."""
    if not settings.rules:
        return all_checks()
    from batten.engine.rules.registry import rules_of

    return {**all_checks(), **rules_of(settings).checks()}


def checks_on(settings: Settings, nouns: Iterable[type]) -> dict[str, Check]:
    """`checks_for` without the files of checks that judge other nouns alone. Raises `PluginError`."""
    if settings.rules or plugins.plugins():
        return checks_for(settings)
    there = {noun.__name__ for noun in nouns}
    missing = {noun for alone in _JUDGE_ALONE.values() for noun in alone} - there
    for _, room in ROOMS.values():
        folder = f"{room}/checks"
        names = names_in(os.path.join(_PACKAGE, folder))
        _modules_in(folder, [name for name in names if not (alone := judged_alone(name)) or there.intersection(alone)])
    return {name: one for name, one in sorted(registered().items()) if one.noun.__name__ not in missing}


def judged_alone(name: str) -> tuple[str, ...]:
    """The only nouns that a file of checks of that name judges; () where it may judge any."""
    return _JUDGE_ALONE.get(name.partition("_")[0], ())


def _verify_frameworks() -> None:
    """A control whose check does not exist would never fail."""
    for plugin, framework in frameworks.brought():
        for control in framework.controls:
            for identifier in control.checks:
                if identifier not in registered():
                    plugin.refuse(
                        f"control {control.id} of {framework.name} names the check {identifier!r}: none has it"
                    )


def _refuse(check: Check, reason: str) -> None:
    for plugin in plugins.plugins():
        if f"{check.function.__module__}.".startswith(f"{plugin.package.__name__}."):
            plugin.refuse(reason)
    raise ValueError(reason)


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader of a format, in the order in which they are asked. Raises `PluginError`."""
    # each of ours is a package; the modules beside them are what they share
    packages = [name for name in names_in(_FORMATS) if os.path.isdir(os.path.join(_FORMATS, name))]
    modules = _modules_in("formats", packages)
    readers: list[Reader] = [module.READER for module in modules if hasattr(module, "READER")]
    brought = plugins.brought("formats", "READER", _is_reader, "a Reader (batten.formats.interface)")
    plugins.without_collisions(
        [(plugin, reader.name) for plugin, reader in brought], {one.name: "batten" for one in readers}, "format"
    )
    readers += [reader for _, reader in brought]
    return tuple(sorted(readers, key=lambda reader: (reader.priority, reader.name)))


def _is_reader(value: object) -> bool:
    named = isinstance(getattr(value, "name", None), str) and isinstance(getattr(value, "priority", None), int)
    return named and all(callable(getattr(value, method, None)) for method in ("wants_name", "wants", "read"))


@cache
def all_enrichers() -> tuple[Enricher, ...]:
    """Every `ENRICH` of the rooms' and plug-ins' `enrich/` folders."""
    return tuple(_of_rooms("enrich", "ENRICH"))


@cache
def all_updates() -> tuple[Updates, ...]:
    """Every `UPDATES` of the rooms' `fixes/` folders: who makes edits of the steps of a plan."""
    return tuple(_of_rooms("fixes", "UPDATES"))


@cache
def all_target_readers() -> tuple[TargetReader, ...]:
    """Every `TARGET_READER` of the rooms' `readers/` folders: what reads a target as a whole, not file by file."""
    return tuple(_of_rooms("readers", "TARGET_READER"))


def _of_rooms(folder: str, constant: str) -> list[Any]:
    found = [module for _, room in ROOMS.values() for module in _modules_in(f"{room}/{folder}")]
    found += [module for _, module in plugins.modules(folder)]
    return [getattr(module, constant) for module in found if hasattr(module, constant)]
