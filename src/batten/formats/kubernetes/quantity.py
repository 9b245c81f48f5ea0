"""Kubernetes quantities: `128Mi`, `1.5G`, `250m`, `1e3`, read exactly.

Source: k8s.io/apimachinery, pkg/api/resource: a signed decimal number and one suffix, binary
(`Ki` … `Ei`), decimal (`n` … `E`) or an exponent (`e3`, `E-2`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from batten.pattern import pattern

_QUANTITY: Final = pattern(r"([+-]?)([0-9]{0,40})(?:\.([0-9]{0,40}))?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?\Z")
_BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_LARGEST: Final = 2**63 - 1
"""What the API server caps every quantity at."""

Ratio = tuple[int, int]
"""An exact amount, numerator and denominator (> 0): `fractions` would be loaded for nothing else in a scan."""


class MalformedQuantity(ValueError):
    """The text is no quantity."""


def parse_quantity(value: Any) -> Ratio:
    """The amount in the base unit; raises `MalformedQuantity`. Numbers are taken as their digits."""
    if type(value) is not str:
        if type(value) is not float and (type(value) is not int or value.bit_length() > 128):
            raise MalformedQuantity("no number")
        value = repr(value)
    return _parse(value)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Ratio:
    match = _QUANTITY.match(text) if len(text) < 100 else None
    if match is None or not (match[2] or match[3]):
        raise MalformedQuantity(text)
    sign, whole, part, suffix = match[1], match[2], match[3] or "", match[4] or ""
    amount, unit = int(whole + part), 10 ** len(part)
    if suffix in _BINARY:
        amount *= 1024 ** _BINARY[suffix]
    else:
        exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
        amount *= 10 ** max(exponent, 0)
        unit *= 10 ** max(-exponent, 0)
    if amount > _LARGEST * unit:
        amount, unit = _LARGEST, 1
    return (-amount if sign == "-" else amount), unit


def whole_bytes(amount: Ratio) -> int:
    """Bytes, a fraction of one counting as one, as the API server rounds."""
    return -(-amount[0] // amount[1])


def memory_text(amount: int) -> str:
    """Bytes in the largest binary unit that holds them exactly: `512Mi`."""
    for suffix, power in reversed(_BINARY.items()):
        unit = 1024**power
        if amount >= unit and amount % unit == 0:
            return f"{amount // unit}{suffix}"
    return str(amount)


def cores_text(cores: float) -> str | int:
    """Cores as `250m`, whole ones as a number; rounded up to a thousandth, the finest that there is."""
    from fractions import Fraction

    thousandths = -(-Fraction(str(cores)) * 1000 // 1)
    return int(thousandths // 1000) if thousandths % 1000 == 0 else f"{int(thousandths)}m"
