"""The table `[rules]` of the configuration: where rules of the user's own are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from batten.engine.config import RULES

if TYPE_CHECKING:
    from batten.engine.config_file import Table

_SUFFIXES = (".yaml", ".yml")


def default_rules(configuration: Path) -> tuple[str, ...]:
    """The files (absolute) of the folder beside a configuration, which are rules where `[rules]` names no others; none
    where it is not there."""
    return _in_folder(configuration.resolve().parent / RULES)


def read_rules_table(reader: Table, table: dict[str, Any], key: str) -> tuple[str, ...]:
    """`[rules] paths`: files, folders and globs, relative to the configuration. Raises `ConfigError`."""
    if key not in table:
        return ()
    inner = reader.only(table[key], key, ("paths",))
    base = reader.path.resolve().parent
    found: dict[str, None] = {}
    for text in reader.strings(inner, "paths", (key,)):
        matched = files_of(base, text)
        if not matched:
            message = f"expected files of rules (*.yaml) at {text!r}, found none below {base}"
            raise reader.error("paths", message, within=(key,))
        found.update(dict.fromkeys(matched))
    return tuple(found)


def files_of(base: Path, text: str) -> tuple[str, ...]:
    """The files that a path or glob names, in the order of their names; none where there is nothing."""
    path = base / text
    if path.is_dir():
        return _in_folder(path)
    if path.is_file():
        return (str(path.resolve()),)
    if Path(text).is_absolute() or not any(mark in text for mark in "*?["):
        return ()
    return tuple(sorted(str(one.resolve()) for one in base.glob(text) if one.is_file() and one.suffix in _SUFFIXES))


def _in_folder(folder: Path) -> tuple[str, ...]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return ()
    return tuple(str(one) for one in found if one.suffix in _SUFFIXES and one.name[0] != "." and one.is_file())
