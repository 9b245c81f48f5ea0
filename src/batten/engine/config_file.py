"""Reads one configuration and what it extends.

Unknown keys, wrong types and unknown values are errors with path, line and a suggestion. `extends`
names other files (relative to the one that names them): lists are joined, single values overridden.
"""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from batten import limits
from batten.engine.config import ConfigError, guess
from batten.engine.gate import FAIL_ON, OF_VULNERABILITIES, is_gate
from batten.model.settings import PERSONAS, ImageSettings, Settings, Waiver
from batten.model.source import File, Place
from batten.sources.names import printable

_DEPTH = 8  # files in a chain of `extends`; more is a mistake
_CONFIDENCES = ("high", "medium", "low")


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
        return list(_Table(path, text, prefix).waivers(table, "waiver")) if "waiver" in table else []
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
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigError(f"{path}{':' + line[1] if line else ''}: expected TOML: {error}") from None
    reader = _Table(path, text, prefix)
    base = Settings()
    for other in reader.strings(table, "extends"):
        base = _merge(base, _load(path.parent / other, (*chain, resolved)))
    settings = reader.settings(table, base)
    if "rules" in table:
        return settings
    from batten.engine.config_rules import default_rules

    return replace(settings, rules=tuple(dict.fromkeys((*settings.rules, *default_rules(path)))))


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


class _Table:
    """Reads one file's tables; every message names the line."""

    def __init__(self, path: Path, text: str, prefix: tuple[str, ...] = ()) -> None:
        self.path = path
        self.prefix = prefix
        self.text = text
        self.lines = text.split("\n")
        self.table: dict[str, Any] = {}
        self.base = Settings()

    def error(self, key: str, message: str, after: int = 0) -> ConfigError:
        return ConfigError(f"{self.path}:{self.line_of(key, after)}: {message}")

    def line_of(self, key: str, after: int = 0) -> int:
        """The line on which a key is written, the first at or after line `after`."""
        wanted = re.compile(rf"""^\s*(?:\[+[\w.\s"'-]*)?["']?{re.escape(key)}["']?\s*(?:[=.\]]|$)""")
        for number, line in enumerate(self.lines[max(0, after - 1) :], max(1, after)):
            if wanted.search(line):
                return number
        return max(1, after)

    def known_check(self, key: str, word: str, *, whole: bool) -> None:
        """Raises where no check is called so, or (not `whole`) begins so."""
        from batten.engine.rooms import all_checks

        known = (*all_checks(), *self.own_rules())
        if word in known or (not whole and word and any(one.startswith(word) for one in known)):
            return
        hint = guess(word.upper(), known) or "; batten checks lists them"
        raise self.error(key, f"expected the identifier of a check, found {_shown(word)}{hint}")

    def own_rules(self) -> tuple[str, ...]:
        """Identifiers of the rules that this file, or what it extends, names."""
        from batten.engine.config_rules import default_rules, read_rules_table

        own = read_rules_table(self, self.table, "rules") if "rules" in self.table else default_rules(self.path)
        paths = (*self.base.rules, *own)
        if not paths:
            return ()
        from batten.engine.rules.registry import load as load_rules

        return tuple(one.id for one in load_rules(paths).rules)

    def strings(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"expected a list of strings for {key}, found {_shown(value)}")
        return tuple(value)

    def word(self, table: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if value not in allowed:
            raise self.error(
                key, f"expected one of {', '.join(allowed)} for {key}, found {_shown(value)}{guess(value, allowed)}"
            )
        return str(value)

    def only(self, table: Any, where: str, known: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(table, dict):
            raise self.error(where, f"expected a table for {where}, found {_shown(table)}")
        for key in table:
            if key not in known:
                inside = f" in [{where}]" if where else ""
                raise self.error(
                    key, f"unknown key {key!r}{inside}{guess(key, known) or '; known: ' + ', '.join(known)}"
                )
        return table

    def map(self, table: dict[str, Any], key: str) -> dict[str, str]:
        value = table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.error(key, f"expected a table of strings for {key}, found {_shown(value)}")
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
            raise self.error(key, f"expected [[{key}]] tables, found {_shown(rows)}")
        if not rows:
            return ()
        from batten.engine.toml_places import table_spans
        from batten.formats.text import TextDocument

        shown = shown_path(self.path)
        document = TextDocument(File(shown, self.text.encode()))
        spans = table_spans(self.text, (*self.prefix, key))
        waivers = []
        for index, row in enumerate(rows):
            place = Place(document, spans[index] if len(spans) == len(rows) else ())
            line = place.location().line
            waiver = self._waiver(row, line)
            source = self.path.resolve()
            found = replace(waiver, where=f"{shown}:{line}", place=place, source=str(source))
            waivers.append(replace(found, folder=str(source.parent)))
        return tuple(waivers)

    def _waiver(self, row: Any, line: int) -> Waiver:
        known = tuple(name for name in Waiver.__struct_fields__ if name not in ("where", "place", "source", "folder"))
        if not isinstance(row, dict):
            raise ConfigError(f"{self.path}:{line}: expected a table for [[waiver]], found {_shown(row)}")
        for key, value in row.items():
            if key not in known:
                raise self.error(key, f"unknown key {key!r} in [[waiver]]{guess(key, known)}", line)
            if key != "expires" and not isinstance(value, str):
                raise self.error(key, f"expected a string for {key}, found {_shown(value)}", line)
        for needed in ("check", "reason", "owner"):
            if not row.get(needed, "").strip():
                raise ConfigError(
                    f"{self.path}:{line}: expected {needed} in this [[waiver]]; a waiver says what, why and who"
                )
        expires = row.get("expires")
        if expires is not None:
            try:
                expires = datetime.date.fromisoformat(str(expires)).isoformat()
            except ValueError:
                raise self.error(
                    "expires", f"expected a date YYYY-MM-DD for expires, found {_shown(row['expires'])}", line
                ) from None
        return Waiver(**{**row, "expires": expires})


def shown_path(path: Path) -> str:
    """A configuration's path as reports show it: from the current directory where that is near."""
    if path.is_absolute():
        here = Path.cwd()
        folder = path.parent
        if folder == here or folder in here.parents or here in folder.parents:
            path = Path(os.path.relpath(path, here))
    return printable(path.as_posix())


def _shown(value: Any) -> str:
    return repr(value)[:60]


Read = Callable[[_Table, dict[str, Any], str], dict[str, Any]]


def _list(name: str) -> Read:
    return lambda reader, table, key: {name: reader.strings(table, key)}


def _checks(name: str) -> Read:
    def read(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
        words = reader.strings(table, key)
        for word in words:
            reader.known_check(key, word, whole=False)
        return {name: words}

    return read


def _frameworks(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.frameworks import UnknownFramework, get

    names = reader.strings(table, key)
    for name in names:
        try:
            get(name)
        except UnknownFramework as error:
            raise reader.error(key, f"expected the name of a framework for {key}: {error.args[0]}") from None
    return {"frameworks": names}


def _word(name: str, allowed: tuple[str, ...]) -> Read:
    return lambda reader, table, key: {name: reader.word(table, key, allowed)}


def _strategies(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(item, int) and 1 <= item <= 10 for item in value):
        raise reader.error(key, f"expected a list of numbers from 1 to 10 for {key}, found {_shown(value)}")
    return {"strategies": tuple(value)}


def _severities(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    values = reader.map(table, key)
    for identifier, word in values.items():
        reader.known_check(identifier, identifier, whole=True)
        if word not in FAIL_ON[:-1]:
            expected = f"expected one of {', '.join(FAIL_ON[:-1])} for {identifier}"
            raise reader.error(identifier, f"{expected}, found {word!r}{guess(word, FAIL_ON[:-1])}")
    return {"severities": values}


def _images(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    texts, lists = ("platform", "database"), ("vex", "plain-http")
    switches = ("offline", "ignore-unfixed", "only-fixed", "cache")
    allowed = ("allowed-registries", "allowed-base-images")
    inner = reader.only(table[key], key, (*allowed, *texts, *switches, *lists))
    said: dict[str, Any] = {}
    for name in inner:
        if name in texts and not isinstance(inner[name], str):
            raise reader.error(name, f"expected a string for {name}, found {_shown(inner[name])}")
        if name in switches and not isinstance(inner[name], bool):
            raise reader.error(name, f"expected true or false for {name}, found {_shown(inner[name])}")
        if name not in allowed:
            said[name.replace("-", "_")] = reader.strings(inner, name) if name in lists else inner[name]
    return {
        "allowed_registries": reader.strings(inner, "allowed-registries"),
        "allowed_base_images": reader.strings(inner, "allowed-base-images"),
        "images": said,
    }


def _over(base: ImageSettings, said: dict[str, Any]) -> ImageSettings:
    """Lists are joined, single values overridden."""
    joined = {name: (*getattr(base, name), *value) for name, value in said.items() if isinstance(value, tuple)}
    return replace(base, **{**said, **joined})


def _gate(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, str) or not is_gate(value):
        words = (*FAIL_ON, *OF_VULNERABILITIES)
        raise reader.error(
            key, f"expected one of {', '.join(words)} for {key}, found {_shown(value)}{guess(value, words)}"
        )
    return {"fail_on": value}


def _kubernetes(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    inner = reader.only(table[key], key, ("pod-templates",))
    return {"pod_template_kinds": reader.map(inner, "pod-templates")}


def _helm(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.engine.config_helm import read_helm

    return read_helm(reader, table, key)


def _rules(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.engine.config_rules import read_rules_table

    return {"rules": read_rules_table(reader, table, key)}


def _pss_version(reader: _Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, str) or not re.fullmatch(r"v?1\.\d{2}|latest", value):
        raise reader.error(key, f'expected a version such as "1.36" for {key}, found {_shown(value)}')
    from batten.frameworks.pss import VERSIONS

    version = "" if value == "latest" else value.removeprefix("v")
    if version and version not in VERSIONS:
        raise reader.error(
            key, f"expected a version from {VERSIONS[0]} to {VERSIONS[-1]} for {key}, found {_shown(value)}"
        )
    return {"pss_version": version}


KEYS: dict[str, Read] = {
    "extends": lambda reader, table, key: {},
    "fail-on": _gate,
    "persona": _word("persona", PERSONAS),
    "min-confidence": _word("min_confidence", _CONFIDENCES),
    "checks": _checks("checks"),
    "skip": _checks("skip"),
    "strategies": _strategies,
    "frameworks": _frameworks,
    "pss-version": _pss_version,
    "severity": _severities,
    "exclude": _list("exclude"),
    "non-waivable": _checks("non_waivable"),
    "images": _images,
    "kubernetes": _kubernetes,
    "helm": _helm,
    "rules": _rules,
    "waiver": lambda reader, table, key: {"waivers": reader.waivers(table, key)},
}
