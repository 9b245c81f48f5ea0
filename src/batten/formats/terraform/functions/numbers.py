"""Functions of numbers (https://opentofu.org/docs/language/functions, "Numeric functions")."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from math import ceil, floor, frexp
from typing import Any, Final

from batten.formats.terraform.functions.convert import Number, Refused, number, plain_number

_RANGE: Final = 1024  # of `range`, by Terraform's own limit
_LN2_HI: Final = 6.93147180369123816490e-01
_LN2_LO: Final = 1.90821492927058770002e-10
_LOG: Final = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def _logarithm(value: float) -> float:
    """FreeBSD's `e_log.c`, which Go's `math.Log` is: of another one the last bit may differ, and `ceil(log(x, 2))`
    with it."""
    fraction, exponent = frexp(value)
    if fraction < 0.7071067811865476:
        fraction *= 2
        exponent -= 1
    f = fraction - 1
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    l1, l2, l3, l4, l5, l6, l7 = _LOG
    t1 = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)))
    t2 = s4 * (l2 + s4 * (l4 + s4 * l6))
    r = t1 + t2
    half = 0.5 * f * f
    return exponent * _LN2_HI - ((half - (s * (half + r) + exponent * _LN2_LO)) - f)


def _log(value: Number, base: Number) -> Number:
    if value <= 0 or base <= 0 or base == 1:
        raise Refused
    return plain_number(_logarithm(float(value)) / _logarithm(float(base)))


def _pow(value: Number, power: Number) -> Number:
    """Where it is exact as a double, which is what Terraform works it out as."""
    if not isinstance(value, int) or not isinstance(power, int) or not 0 <= power <= 128 or abs(value) >= 2**53:
        raise Refused
    found: int = value**power
    if abs(found) >= 2**53:
        raise Refused
    return found


def _parseint(written: str, base: int) -> int:
    """Letters count alike up to base 36, capitals come after small ones above it."""
    if not 2 <= base <= 62 or len(written) > 128:
        raise Refused
    digits = written[1:] if written[:1] in ("+", "-") else written
    found = 0
    for letter in digits:
        found = found * base + _digit(letter, base)
    if not digits or abs(found) >= 2**512:
        raise Refused
    return -found if written.startswith("-") else found


def _digit(letter: str, base: int) -> int:
    if not letter.isascii() or not letter.isalnum():
        raise Refused
    if letter.isdigit():
        value = int(letter)
    elif letter.islower() or base <= 36:
        value = ord(letter.lower()) - ord("a") + 10
    else:
        value = ord(letter) - ord("A") + 36
    if value >= base:
        raise Refused
    return value


def _range(*numbers: Number) -> list[Number]:
    if not 1 <= len(numbers) <= 3:
        raise Refused
    start, end = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else -1 if end < start else 1
    if not all(isinstance(one, int) or (one * 2**20).is_integer() for one in (start, step)):
        raise Refused  # of 0.1 and its like the last of 512 bits show after a few steps
    if step == 0 or (step < 0 and end > start) or (step > 0 and end < start):
        raise Refused
    found: list[Number] = []
    at = _decimal(start)
    while at > _decimal(end) if step < 0 else at < _decimal(end):
        if len(found) == _RANGE:
            raise Refused
        found.append(_plain(at))
        at += _decimal(step)
    return found


def _sum(values: list[Any]) -> Number:
    if not values:
        raise Refused
    with localcontext() as context:
        context.prec = 200
        return _plain(sum((_decimal(number(one)) for one in values), Decimal(0)))


def _decimal(value: Number) -> Decimal:
    """As it is written: Terraform takes what stands in the text, and no double near it."""
    return Decimal(value if isinstance(value, int) else repr(value))


def _plain(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else float(value)


def _least(*values: Number) -> Number:
    return min(values)


def _greatest(*values: Number) -> Number:
    return max(values)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "abs": ("number", abs),
    "ceil": ("number", ceil),
    "floor": ("number", floor),
    "log": ("number number", _log),
    "max": ("number *number", _greatest),
    "min": ("number *number", _least),
    "parseint": ("text whole", _parseint),
    "pow": ("number number", _pow),
    "range": ("*number", _range),
    "signum": ("whole", _sign),
    "sum": ("list", _sum),
}
