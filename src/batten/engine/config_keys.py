"""The keys of a configuration: what each may hold, and what it sets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from batten.engine.config import guess
from batten.engine.gate import FAIL_ON, OF_VULNERABILITIES, is_gate
from batten.model.settings import PERSONAS

if TYPE_CHECKING:
    from batten.engine.config_file import Table

_CONFIDENCES = ("high", "medium", "low")


def shown_value(value: Any) -> str:
    """A value as messages show it."""
    return repr(value)[:60]


Read = Callable[["Table", dict[str, Any], str], dict[str, Any]]


def _list(name: str) -> Read:
    return lambda reader, table, key: {name: reader.strings(table, key)}


def _checks(name: str) -> Read:
    def read(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
        words = reader.strings(table, key)
        for word in words:
            reader.known_check(key, word, whole=False)
        return {name: words}

    return read


def _frameworks(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
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


def _strategies(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(item, int) and 1 <= item <= 10 for item in value):
        raise reader.error(key, f"expected a list of numbers from 1 to 10 for {key}, found {shown_value(value)}")
    return {"strategies": tuple(value)}


def _severities(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    values = reader.map(table, key)
    for identifier, word in values.items():
        reader.known_check(identifier, identifier, whole=True, within=(key,))
        if word not in FAIL_ON[:-1]:
            expected = f"expected one of {', '.join(FAIL_ON[:-1])} for {identifier}"
            raise reader.error(identifier, f"{expected}, found {word!r}{guess(word, FAIL_ON[:-1])}", within=(key,))
    return {"severities": values}


def _images(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    texts, lists = ("platform", "database"), ("vex", "plain-http")
    switches = ("offline", "ignore-unfixed", "only-fixed", "cache")
    allowed = ("allowed-registries", "allowed-base-images")
    inner = reader.only(table[key], key, (*allowed, *texts, *switches, *lists))
    said: dict[str, Any] = {}
    for name in inner:
        if name in texts and not isinstance(inner[name], str):
            raise reader.error(name, f"expected a string for {name}, found {shown_value(inner[name])}", within=(key,))
        if name in switches and not isinstance(inner[name], bool):
            raise reader.error(
                name, f"expected true or false for {name}, found {shown_value(inner[name])}", within=(key,)
            )
        if name not in allowed:
            said[name.replace("-", "_")] = reader.strings(inner, name, (key,)) if name in lists else inner[name]
    return {
        "allowed_registries": reader.strings(inner, "allowed-registries", (key,)),
        "allowed_base_images": reader.strings(inner, "allowed-base-images", (key,)),
        "images": said,
    }


def _gate(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, str) or not is_gate(value):
        words = (*FAIL_ON, *OF_VULNERABILITIES)
        raise reader.error(
            key, f"expected one of {', '.join(words)} for {key}, found {shown_value(value)}{guess(value, words)}"
        )
    return {"fail_on": value}


def _kubernetes(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    inner = reader.only(table[key], key, ("pod-templates",))
    return {"pod_template_kinds": reader.map(inner, "pod-templates", (key,))}


def _helm(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.engine.config_helm import read_helm

    return read_helm(reader, table, key)


def _terraform(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.engine.config_terraform import read_terraform

    return read_terraform(reader, table, key)


def _engine(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    inner = reader.only(table[key], key, ("stopped",))
    stopped = inner.get("stopped", False)
    if not isinstance(stopped, bool):
        message = f"expected true or false for stopped, found {shown_value(stopped)}"
        raise reader.error("stopped", message, within=(key,))
    return {"stopped": stopped}


def _rules(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    from batten.engine.config_rules import read_rules_table

    return {"rules": read_rules_table(reader, table, key)}


def _pss_version(reader: Table, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, str) or not re.fullmatch(r"v?1\.\d{2}|latest", value):
        raise reader.error(key, f'expected a version such as "1.36" for {key}, found {shown_value(value)}')
    from batten.frameworks.pss import VERSIONS

    version = "" if value == "latest" else value.removeprefix("v")
    if version and version not in VERSIONS:
        raise reader.error(
            key, f"expected a version from {VERSIONS[0]} to {VERSIONS[-1]} for {key}, found {shown_value(value)}"
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
    "terraform": _terraform,
    "engine": _engine,
    "rules": _rules,
    "waiver": lambda reader, table, key: {"waivers": reader.waivers(table, key)},
}
