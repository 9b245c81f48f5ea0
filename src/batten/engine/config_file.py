"""Reads one configuration and what it extends.

Unknown keys, wrong types and unknown values are errors with path, line and a suggestion. `extends`
names other files (relative to the one that names them): lists are joined, single values overridden.
"""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from batten import limits
from batten.engine.config import ConfigError, guess, shown_path
from batten.engine.config_keys import KEYS, shown_value
from batten.model.settings import ImageSettings, Settings, Waiver
from batten.model.source import File, Place

_WAIVER = ("waiver",)
_DEPTH = 8  # files in a chain of `extends`; more is a mistake


def load(file: str | os.PathLike[str]) -> Settings:
    """The settings of a file and of what it extends; raises `ConfigError`."""
    path = Path(file)
    settings = _load(path, ())
    root = str(path.resolve().parent)
    # what lies elsewhere is shared: a waiver in it may be meant for another repository
    below = root.rstrip(os.sep) + os.sep
    waivers = tuple(
        replace(one, folder=root if f"{one.folder}{os.sep}".startswith(below) else "") for one in settings.waivers
    )
    return replace(settings, waivers=waivers)


def waivers_at(source: str, revision: str) -> list[Waiver]:
    """The waivers that a configuration file (absolute) held at a Git revision; none where it was not there,
    or was none that can be read."""
    from batten.sources.git import text_at

    path = Path(source)
    text = text_at(source, revision)
    if text is None or len(text) > limits.MIB:
        return []
    try:
        table, prefix = _tables(path, text)
        return list(Table(path, text, prefix).waivers(table, "waiver")) if "waiver" in table else []
    except (ConfigError, tomllib.TOMLDecodeError, RecursionError):
        return []


def _load(path: Path, chain: tuple[Path, ...]) -> Settings:
    resolved = path.resolve()
    if resolved in chain or len(chain) >= _DEPTH:
        names = " extends ".join(one.name for one in (*chain, resolved))
        raise ConfigError(f"{path}: expected a chain of at most {_DEPTH} files, found a loop or more: {names}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > limits.MIB:
        raise ConfigError(f"{path}: expected at most 1 MiB of configuration, found {len(data)} bytes")
    try:
        text = data.decode("utf-8-sig")
        table, prefix = _tables(path, text)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: expected UTF-8 text; save the file as UTF-8") from None
    except RecursionError:
        raise ConfigError(f"{path}: expected TOML, found values nested deeper than any configuration is") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_not_toml(path, data.decode("utf-8-sig"), str(error))) from None
    reader = Table(path, text, prefix)
    base = Settings()
    for other in reader.strings(table, "extends"):
        if not (path.parent / other).is_file():
            raise reader.error("extends", f"expected a file, relative to this one, found nothing at {other!r}")
        base = _merge(base, _load(path.parent / other, (*chain, resolved)))
    settings = reader.settings(table, base)
    if "rules" in table:
        return settings
    from batten.engine.config_rules import default_rules

    return replace(settings, rules=tuple(dict.fromkeys((*settings.rules, *default_rules(path)))))


def _not_toml(path: Path, text: str, told: str) -> str:
    """What is wrong with text that is no TOML: where, what was expected, the line found."""
    place = re.search(r" \(at line (\d+), column (\d+)\)", told)
    if place is None:
        return f"{shown_path(path)}: expected TOML: {told}"
    found = text.split("\n")[int(place[1]) - 1].strip()
    pair = re.fullmatch(r"([A-Za-z_-]+):\s*([\w. -]+)", found)
    hint = f"; write {pair[1]} = ..." if pair else ""
    message = told.replace(place[0], "").rstrip(".")
    known = {"Invalid value": "a value after =", "Cannot overwrite a value": "each key once"}
    expected = known.get(message, f"TOML ({message[:1].lower()}{message[1:]})")
    return f"{shown_path(path)}:{place[1]}:{place[2]}: expected {expected}, found {shown_value(found)}{hint}"


def _tables(path: Path, text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Our table of a TOML file, and the key that it stands at."""
    table: Any = tomllib.loads(text)
    prefix = ("tool", "batten") if path.name == "pyproject.toml" else ()
    for key in prefix:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return (table if isinstance(table, dict) else {}), prefix


def _merge(first: Settings, second: Settings) -> Settings:
    """`second` over `first`: lists joined, other values overridden where they are not the default."""
    plain = Settings()
    changed: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        mine, other = getattr(first, name), getattr(second, name)
        if isinstance(other, tuple):
            changed[name] = tuple(dict.fromkeys((*mine, *other))) if name != "waivers" else (*mine, *other)
        elif isinstance(other, dict):
            changed[name] = {**mine, **other}
        else:
            changed[name] = other if other != getattr(plain, name) else mine
    return replace(first, **changed)


class Table:
    """Reads one file's tables; every message names the line."""

    def __init__(self, path: Path, text: str, prefix: tuple[str, ...] = ()) -> None:
        self.path = path
        self.prefix = prefix
        self.text = text
        self.table: dict[str, Any] = {}
        self.base = Settings()

    def error(self, key: str, message: str, after: int = 0, within: tuple[str, ...] = ()) -> ConfigError:
        return ConfigError(f"{shown_path(self.path)}:{self.line_of(key, after, within)}: {message}")

    def line_of(self, key: str, after: int = 0, within: tuple[str, ...] = ()) -> int:
        """The line on which a key of the table `within` is written, the first at or after line `after`; the table's
        own line where it is not found."""
        from batten.engine.toml_places import key_lines

        table = (*self.prefix, *within)
        nearest = max(1, after)
        for found, line in key_lines(self.text):
            if found[: len(table)] != table:
                continue
            if line >= after and found[len(table) : len(table) + 1] == (key,):
                return line
            if found == table:
                nearest = max(nearest, line)
        return nearest

    def known_check(self, key: str, word: str, *, whole: bool, within: tuple[str, ...] = ()) -> None:
        """Raises where no check is called so, or (not `whole`) begins so."""
        from batten.engine.rooms import all_checks

        known = (*all_checks(), *self.own_rules())
        if word in known or (not whole and word and any(one.startswith(word) for one in known)):
            return
        hint = guess(word.upper(), known) or "; batten checks lists them"
        raise self.error(key, f"expected the identifier of a check, found {shown_value(word)}{hint}", within=within)

    def own_rules(self) -> tuple[str, ...]:
        """Identifiers of the rules that this file, or what it extends, names."""
        from batten.engine.config_rules import default_rules, read_rules_table

        own = read_rules_table(self, self.table, "rules") if "rules" in self.table else default_rules(self.path)
        paths = (*self.base.rules, *own)
        if not paths:
            return ()
        from batten.engine.rules.registry import load as load_rules

        return tuple(one.id for one in load_rules(paths).rules)

    def strings(self, table: dict[str, Any], key: str, within: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            message = f"expected a list of strings for {key}, found {shown_value(value)}"
            raise self.error(key, message, within=within)
        return tuple(value)

    def word(self, table: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if value not in allowed:
            raise self.error(
                key,
                f"expected one of {', '.join(allowed)} for {key}, found {shown_value(value)}{guess(value, allowed)}",
            )
        return str(value)

    def only(
        self, table: Any, where: str, known: tuple[str, ...], within: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """`within`: the table's own key from the top, where that is not `where`."""
        within = within if within is not None else (where,) if where else ()
        if not isinstance(table, dict):
            raise self.error(where, f"expected a table for {where}, found {shown_value(table)}")
        for key in table:
            if key not in known:
                inside = f" in [{where}]" if where else ""
                hint = guess(key, known) or "; known: " + ", ".join(known)
                raise self.error(key, f"unknown key {key!r}{inside}{hint}", within=within)
        return table

    def map(self, table: dict[str, Any], key: str, within: tuple[str, ...] = ()) -> dict[str, str]:
        value = table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            message = f"expected a table of strings for {key}, found {shown_value(value)}"
            raise self.error(key, message, within=within)
        return dict(value)

    def settings(self, table: dict[str, Any], base: Settings) -> Settings:
        self.only(table, "", tuple(KEYS))
        self.table, self.base = table, base
        changed: dict[str, Any] = {}
        for key in table:
            for name, value in KEYS[key](self, table, key).items():
                if name == "images":
                    value = _over(base.images, value)
                elif isinstance(value, tuple):
                    value = (*getattr(base, name), *value)
                elif isinstance(value, dict):
                    value = {**getattr(base, name), **value}
                changed[name] = value
        return replace(base, **changed)

    def waivers(self, table: dict[str, Any], key: str) -> tuple[Waiver, ...]:
        rows = table[key]
        if not isinstance(rows, list):
            raise self.error(key, f"expected [[{key}]] tables, found {shown_value(rows)}")
        if not rows:
            return ()
        from batten.engine.toml_places import table_spans
        from batten.formats.text import TextDocument

        shown = shown_path(self.path)
        document = TextDocument(File(shown, self.text.encode()))
        spans = table_spans(self.text, (*self.prefix, key))
        waivers = []
        for index, row in enumerate(rows):
            known = len(spans) == len(rows)
            place = Place(document, spans[index] if known else ())
            line = place.location().line if known else self.line_of(key)
            waiver = self._waiver(row, line)
            source = self.path.resolve()
            found = replace(waiver, where=f"{shown}:{line}", place=place, source=str(source))
            waivers.append(replace(found, folder=str(source.parent)))
        return tuple(waivers)

    def _waiver(self, row: Any, line: int) -> Waiver:
        known = tuple(name for name in Waiver.__struct_fields__ if name not in ("where", "place", "source", "folder"))
        if not isinstance(row, dict):
            raise ConfigError(
                f"{shown_path(self.path)}:{line}: expected a table for [[waiver]], found {shown_value(row)}"
            )
        for key, value in row.items():
            if key not in known:
                raise self.error(key, f"unknown key {key!r} in [[waiver]]{guess(key, known)}", line, _WAIVER)
            if key != "expires" and not isinstance(value, str):
                raise self.error(key, f"expected a string for {key}, found {shown_value(value)}", line, _WAIVER)
        for needed in ("check", "reason", "owner"):
            if not row.get(needed, "").strip():
                place = f"{shown_path(self.path)}:{line}"
                raise ConfigError(f"{place}: expected {needed} in this [[waiver]]; a waiver says what, why and who")
        expires = row.get("expires")
        if expires is not None:
            try:
                expires = datetime.date.fromisoformat(str(expires)).isoformat()
            except ValueError:
                message = f"expected a date YYYY-MM-DD for expires, found {shown_value(row['expires'])}"
                raise self.error("expires", message, line, _WAIVER) from None
        return Waiver(**{**row, "expires": expires})


def _over(base: ImageSettings, said: dict[str, Any]) -> ImageSettings:
    """Lists are joined, single values overridden."""
    joined = {name: (*getattr(base, name), *value) for name, value in said.items() if isinstance(value, tuple)}
    return replace(base, **{**said, **joined})
