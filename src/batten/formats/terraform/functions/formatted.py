"""`format` and `formatlist`: the verbs of go-cty's `format_fsm.rl`, laid out as Go's `fmt` does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from msgspec import Struct

from batten.formats.terraform.functions.convert import Number, Refused, boolean, number, text
from batten.formats.terraform.functions.strings import bounded, letters
from batten.formats.terraform.values import json_text
from batten.limits import TERRAFORM_ITEMS
from batten.pattern import pattern

_VERB: Final = pattern(
    r"%(?:(?P<percent>%)|(?P<flags>[0#+ -]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<argument>[1-9][0-9]*)\])?(?P<mode>[A-Za-z]))"
)
_WIDEST: Final = 10_000  # of a width or precision


class _Verb(Struct, frozen=True):
    flags: str
    width: int
    precision: int | None
    mode: str


def formatted(form: str, *values: Any) -> str:
    """Raises `Refused`."""
    texts: list[str] = []
    at = size = 0
    following = highest = 0
    while at < len(form):
        start = form.find("%", at)
        if start < 0:
            texts.append(form[at:])
            break
        texts.append(form[at:start])
        found = _VERB.match(form, start)
        if found is None:
            raise Refused
        at = found.end()
        if found["percent"]:
            texts.append("%")
            continue
        following = int(found["argument"]) if found["argument"] else following + 1
        highest = max(highest, following)
        if following > len(values):
            raise Refused
        texts.append(_laid_out(_verb(found), values[following - 1]))
        size += len(texts[-1])
        bounded(size)
    if highest < len(values):
        raise Refused
    return "".join(texts)


def _verb(found: Any) -> _Verb:
    width = int(found["width"] or -1)
    precision = None if found["precision"] is None else int(found["precision"] or 0)
    if width > _WIDEST or (precision or 0) > _WIDEST:
        raise Refused
    return _Verb(found["flags"], width, precision, found["mode"])


def _laid_out(verb: _Verb, value: Any) -> str:
    if value is None and verb.mode != "v":
        raise Refused
    how = _MODES.get(verb.mode)
    if how is None:
        raise Refused
    return how(verb, value)


def _as_is(verb: _Verb, value: Any) -> str:
    if "#" not in verb.flags and isinstance(value, str):
        return _padded(verb, value)
    if "#" not in verb.flags and isinstance(value, int | float) and not isinstance(value, bool):
        return _padded(verb, _general(Decimal(text(value)), None, "e"))
    return _padded(verb, json_text(value))


def _truth(verb: _Verb, value: Any) -> str:
    return "true" if boolean(value) else "false"


def _string(verb: _Verb, value: Any) -> str:
    written = text(value)
    if verb.precision:
        written = letters(written)[: verb.precision]
    return _padded(verb, json_text(written) if verb.mode == "q" else written)


def _padded(verb: _Verb, written: str) -> str:
    if verb.width < 0:
        return written
    filler = ("0" if "0" in verb.flags else " ") * (verb.width - len(letters(written)))
    return written + filler if "-" in verb.flags else filler + written


def _integer(verb: _Verb, value: Any) -> str:
    found = number(value)
    if not isinstance(found, int):
        raise Refused
    base = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}[verb.mode]
    digits = format(abs(found), base)
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb.mode, "") if "#" in verb.flags else ""
    if verb.precision is not None:
        digits = "" if verb.precision == 0 and found == 0 else digits.rjust(verb.precision, "0")
    sign = _sign(verb, found < 0)
    zeros = "0" in verb.flags and "-" not in verb.flags and verb.precision is None
    return _number(verb, sign + prefix, digits, zeros=zeros)


def _sign(verb: _Verb, negative: bool) -> str:
    return "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""


def _number(verb: _Verb, sign: str, digits: str, *, zeros: bool) -> str:
    missing = max(verb.width - len(sign) - len(digits), 0)
    if zeros:
        return sign + "0" * missing + digits
    return sign + digits + " " * missing if "-" in verb.flags else " " * missing + sign + digits


def _float(verb: _Verb, value: Any) -> str:
    found = _exactly(number(value))
    letter = "E" if verb.mode in ("E", "G") else "e"
    size = abs(found)
    if verb.mode in ("g", "G"):
        digits = _general(size, verb.precision, letter)
    else:
        precision = 6 if verb.precision is None else verb.precision
        digits = _fixed(size, precision) if verb.mode == "f" else _scientific(size, precision, letter)
    return _number(verb, _sign(verb, found < 0), digits, zeros="0" in verb.flags)


def _exactly(value: Number) -> Decimal:
    return Decimal(text(value))


def _rounded(value: Decimal, digits: Decimal) -> Decimal:
    """To that place. Raises `Refused` half way between two, where the last of Terraform's 512 bits decides."""
    context = Context(prec=500)
    found = value.quantize(digits, ROUND_HALF_EVEN, context)
    half = value.quantize(digits, ROUND_DOWN, context) + digits / 2
    exact = value == value.to_integral_value() or (value * 2**20) == (value * 2**20).to_integral_value()
    if value == half and not exact:
        raise Refused
    return found


def _fixed(value: Decimal, precision: int) -> str:
    return format(_rounded(value, Decimal(1).scaleb(-precision)), "f")


def _scientific(value: Decimal, precision: int, letter: str) -> str:
    if value == 0:
        return _with_exponent("0" * (precision + 1), 0, letter)
    exponent = value.adjusted()
    found = _rounded(value, Decimal(1).scaleb(exponent - precision))
    exponent = found.adjusted()
    return _with_exponent(_digits(found)[: precision + 1].ljust(precision + 1, "0"), exponent, letter)


def _digits(value: Decimal) -> str:
    return "".join(map(str, value.as_tuple().digits))


def _with_exponent(digits: str, exponent: int, letter: str) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(value: Decimal, precision: int | None, letter: str) -> str:
    """`%g`: with an exponent where it is below -4, or not below the digits asked for (21 for the shortest)."""
    sign = "-" if value < 0 else ""
    value = abs(value)
    if value == 0:
        return sign + "0"
    if precision is not None:
        value = _rounded(value, Decimal(1).scaleb(value.adjusted() - max(precision, 1) + 1))
    digits = _digits(value).rstrip("0")
    exponent = value.adjusted()
    most = _SHORTEST if precision is None else max(precision, 1)
    if precision is not None and most > len(digits) >= exponent + 1:
        most = len(digits)
    if exponent < -4 or exponent >= most:
        return sign + _with_exponent(digits, exponent, letter)
    return sign + format(value.normalize(), "f")


_SHORTEST: Final = 6  # of `%g` without a precision: big.Float's own, not the 21 of `fmt`
_MODES: Final[dict[str, Callable[[_Verb, Any], str]]] = {
    "v": _as_is,
    "t": _truth,
    "s": _string,
    "q": _string,
    **dict.fromkeys("bdoxX", _integer),
    **dict.fromkeys("eEfgG", _float),
}


def _each(form: str, *values: Any) -> list[str]:
    """`formatlist`: lists go on together, what is none is repeated."""
    sizes = {len(one) for one in values if isinstance(one, list)}
    if len(sizes) > 1:
        raise Refused
    if not values:
        return [formatted(form)]
    count = sizes.pop() if sizes else 1
    if count > TERRAFORM_ITEMS:
        raise Refused
    found = []
    size = 0
    for n in range(count):
        found.append(formatted(form, *(one[n] if isinstance(one, list) else one for one in values)))
        size += len(found[-1])
        bounded(size)
    return found


FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "format": ("text *any", formatted),
    "formatlist": ("text *any", _each),
}
