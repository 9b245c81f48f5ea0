"""Sizes and numbers as Compose reads them. Functions give None for what is no such number."""

from __future__ import annotations

import re
from typing import Final

from batten.pattern import pattern

_SIZE: Final = pattern(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?(?:([kmgtp])i?b?|b)?", re.IGNORECASE)
_POWERS: Final = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_INTEGER: Final = pattern(r"[+-]?[0-9]{1,18}")
_FLOAT: Final = pattern(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?")
_TRUE: Final = frozenset(("true", "y", "yes", "on"))
_FALSE: Final = frozenset(("false", "n", "no", "off"))


def size(value: object) -> int | None:
    """Bytes of `512m`, `1.5GiB`, `1048576`, -1; units are powers of 1024 (`docker/go-units`, RAMInBytes)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if abs(value) < 2**63 else None
    if not isinstance(value, str):
        return None
    if _INTEGER.fullmatch(value):
        return int(value)
    match = _SIZE.fullmatch(value)
    if match is None or len(match[1]) > 32:
        return None
    return int(float(match[1]) * _POWERS[(match[2] or "").lower()])


def size_text(number: int) -> str:
    """The shortest way to write `number` bytes: `512m`, `1g`, `1000`."""
    for suffix in "gmk":
        if number and number % _POWERS[suffix] == 0:
            return f"{number // _POWERS[suffix]}{suffix}"
    return str(number)


def integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value == value and abs(value) < 2**63 and value == int(value) else None
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None


def decimal(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 2**63 else None
    if isinstance(value, str) and _FLOAT.fullmatch(value):
        return float(value)
    return None


def boolean(value: object) -> bool | None:
    """Compose turns the words of YAML 1.1 into booleans in fields that must be one (`privileged: yes`)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None
