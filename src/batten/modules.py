"""Modules that are found by listing their folder, and names that are loaded when they are first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def names_in(folder: str) -> list[str]:
    """The public modules and packages in a folder, sorted; none where there is no such folder."""
    try:
        found = os.listdir(folder)
    except OSError:
        return []
    stems = {name.partition(".")[0] for name in found if name.endswith(".py") or "." not in name}
    return sorted(stem for stem in stems if stem.isidentifier() and not stem.startswith("_"))


def exports(package: dict[str, Any], later: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562) whose names come from modules that few need.

    `package` are the package's `globals()`, `later` says which of its modules defines which names:

        __getattr__ = exports(globals(), {"parser": ("parse",)})
    """
    homes = {name: module for module, names in later.items() for name in names}
    whole = package["__name__"]

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {whole!r} has no attribute {name!r}")
        value = package[name] = getattr(import_module(f"{whole}.{homes[name]}"), name)
        return value

    return load
