"""Secrets and config maps, disruption budgets, namespaces."""

from __future__ import annotations

from binascii import Error, a2b_base64
from typing import Final

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.selectors import read_selector
from batten.formats.kubernetes.source import Json, Source
from batten.model.objects import ConfigEntry, Configuration, DisruptionBudget, LimitRange, Namespace, config_entry
from batten.model.source import Pointer

_NO_BLANKS: Final = str.maketrans("", "", "\r\n")  # Go's decoder passes over line ends


def read_secret(src: Source, head: Head, value: Json) -> Configuration:
    """A Secret: `data` with its base64 undone, and `stringData`."""
    entries = [*_entries(src, value, "data", head.pointer, encoded=True)]
    entries += _entries(src, value, "stringData", head.pointer, encoded=False)
    kind = src.text(value, "type", head.pointer)
    return Configuration(secret=True, type=kind, entries=tuple(entries), **head.declared(src))


def read_config_map(src: Source, head: Head, value: Json) -> Configuration:
    """A ConfigMap; objects in its texts are not looked for."""
    entries = [*_entries(src, value, "data", head.pointer, encoded=False)]
    entries += _entries(src, value, "binaryData", head.pointer, encoded=True)
    return Configuration(secret=False, entries=tuple(entries), **head.declared(src))


def _entries(src: Source, value: Json, key: str, pointer: Pointer, *, encoded: bool) -> list[ConfigEntry]:
    texts = src.strings(value, key, pointer)
    return [
        config_entry(name, decoded(text) if encoded else text, (*pointer, key, name)) for name, text in texts.items()
    ]


def decoded(text: str) -> str:
    """The UTF-8 text behind base64; `text` itself where there is none (a template, binary data, a mistake)."""
    try:
        return a2b_base64(text.translate(_NO_BLANKS), strict_mode=True).decode()
    except (Error, ValueError):
        return text


def read_budget(src: Source, head: Head, value: Json) -> DisruptionBudget:
    """A PodDisruptionBudget."""
    spec = src.mapping(value, "spec", head.pointer)
    selector = read_selector(src, spec, "selector", (*head.pointer, "spec"))
    return DisruptionBudget(selector=selector, **head.declared(src))


def read_limit_range(src: Source, head: Head, value: Json) -> LimitRange:
    """A LimitRange: a container without a limit gets the `default`, which is the `max` where none is written; one
    without a request gets the `defaultRequest`, else the `default`, else the `min`."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    given: set[str] = set()
    requests = False
    for own, item in src.items(spec, "limits", at):
        if src.text(item, "type", own) == "Container":
            for key in ("default", "max"):
                amounts = src.mapping(item, key, own)
                given |= {name for name in ("memory", "cpu") if amounts.get(name)}
            requests |= any(src.mapping(item, key, own).get("cpu") for key in ("defaultRequest", "min"))
    cpu = "cpu" in given
    return LimitRange(memory="memory" in given, cpu=cpu, cpu_request=cpu or requests, **head.declared(src))


def read_namespace(src: Source, head: Head, value: Json) -> Namespace:
    """A Namespace."""
    return Namespace(**head.declared(src))
