"""The table `[terraform]` of the configuration: folders of root modules, and the variables given to each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from batten.model.settings import TerraformSettings

if TYPE_CHECKING:
    from batten.engine.config_file import Table


def read_terraform(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    """`[terraform."infra/prod"]`; folders and files are relative to the configuration. Raises `ConfigError`."""
    base = reader.path.resolve().parent
    modules: dict[str, tuple[str, ...]] = {}
    if not isinstance(table[key], dict):
        raise reader.error(key, f'expected tables such as [terraform."infra"], found {str(table[key])[:60]!r}')
    for folder, given in table[key].items():
        within = (key, folder)
        inner = reader.only(given, folder, ("var-files",), within)
        where = (base / Path(folder)).resolve()
        if not where.is_dir():
            raise reader.error(folder, f"expected the folder of a module, found no {folder}", within=(key,))
        paths = []
        for name in reader.strings(inner, "var-files", within):
            if not (base / name).is_file():
                message = f"expected a file of variables, relative to this file, found nothing at {name!r}"
                raise reader.error("var-files", message, within=within)
            paths.append(str(base / name))
        if paths:
            modules[str(where)] = tuple(paths)
    return {"terraform": TerraformSettings(modules=modules)}
