"""The table `[helm]` of the configuration: folders of charts, and what holds for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from batten.model.settings import ChartSettings, HelmSettings

if TYPE_CHECKING:
    from batten.engine.config_file import Table

_TEXTS = ("release", "namespace")
_LISTS = ("values", "set")


def read_helm(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    """`[helm."charts/web"]`; folders and files are relative to the configuration. Raises `ConfigError`."""
    from batten.formats.helm import strvals

    base = reader.path.resolve().parent
    charts: dict[str, ChartSettings] = {}
    if not isinstance(table[key], dict):
        raise reader.error(key, f'expected tables such as [helm."charts/web"], found {str(table[key])[:60]!r}')
    for folder, given in table[key].items():
        within = (key, folder)
        inner = reader.only(given, folder, (*_TEXTS, *_LISTS), within)
        for name in _TEXTS:
            if not isinstance(inner.get(name, ""), str):
                raise reader.error(
                    name, f"expected a string for {name}, found {str(inner[name])[:60]!r}", within=within
                )
        sets = reader.strings(inner, "set", within)
        for text in sets:
            try:
                strvals.parse(text)
            except strvals.MalformedSet as error:
                raise reader.error("set", str(error), within=within) from None
        settings = ChartSettings(
            release=inner.get("release", ""),
            namespace=inner.get("namespace", ""),
            values=tuple(str(base / name) for name in reader.strings(inner, "values", within)),
            sets=sets,
        )
        where = (base / Path(folder)).resolve()
        if not (where / "Chart.yaml").is_file():
            raise reader.error(folder, f"expected the folder of a chart, found no {folder}/Chart.yaml", within=(key,))
        for name, path in zip(reader.strings(inner, "values", within), settings.values, strict=True):
            if not Path(path).is_file():
                message = f"expected a file of values, relative to this file, found nothing at {name!r}"
                raise reader.error("values", message, within=within)
        if settings != ChartSettings():
            charts[str(where)] = settings
    return {"helm": HelmSettings(charts=charts)}
