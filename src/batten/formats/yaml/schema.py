"""What the text of a YAML scalar means, one table per platform's own reader.

KUBERNETES is what the API server and kubectl do: sigs.k8s.io/yaml, which turns YAML into JSON through
go.yaml.in/yaml/v2. Its scalars are mostly YAML 1.1: `yes`, `on` and also bare `y` are true, `0777` and
`0o777` are octal, underscores in numbers are dropped, an integer beyond 64 bits is a float, a time stamp
stays a string; base 60 was never implemented. Keys that are no strings become strings (`80:` is "80",
`on:` is "true"). A merge key is applied where it stands, so it overrides the mapping's own keys above it.

COMPOSE is what compose-go does through go.yaml.in/yaml/v4: only true and false are booleans (`yes` is the
string "yes", although compose-go turns it into true in a field that must be a boolean), numbers as above,
and a mapping's own keys always win over its merge keys. Two things differ on purpose: a time stamp stays
a string (Go makes a time of it, which no field of the specification takes), and a key that is no string
is turned into one (compose-go refuses the file).

`tests/judges/yaml` runs both Go libraries; what they answered is recorded under `tests/data/yaml`.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Final

from batten.pattern import pattern

CORE: Final = "tag:yaml.org,2002:"  # namespace of the tags that YAML itself defines
CACHED_TEXTS = 16_384  # entries per table; the scalars of the largest repository seen have 9,000
CACHED_LENGTH = 128  # longer scalars seldom come twice

# Go's strconv.ParseInt(text, 0, 64) after underscores are gone
_INTEGER = pattern(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)")
_DECIMAL_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Go's strconv.ParseFloat of what begins with a dot
_DOT_FLOAT = pattern(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
# yaml v2 reads the rest of 0b… a second time, sign and all
_SIGNED_BINARY = pattern(r"0b([-+][01]+)")

_ARTICLES: Final = {"bool": "true or false", "int": "an integer", "float": "a number", "null": "nothing"}
_NULLS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_BOOLEANS: dict[str, Any] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEANS_1_1: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NEGATIVE_ZEROS: dict[str, Any] = {"-0": -0.0, "-0.0": -0.0}
_FLOAT_WORDS: dict[str, Any] = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class Table(dict[str, Any]):
    """Text of a plain scalar -> its value. Fills itself; what it holds is bounded."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.schema = schema

    def __missing__(self, text: str) -> Any:
        value = self.resolve(text)
        if len(text) <= CACHED_LENGTH and len(self) < CACHED_TEXTS:
            self[text] = value
        return value

    def resolve(self, text: str) -> Any:
        """The value of a text that is met for the first time."""
        return self.schema.resolve(text)


class KeyTable(Table):
    """Text of a plain scalar in the place of a key -> the key."""

    def resolve(self, text: str) -> Any:
        return key_text(self.schema.plain[text])


class Schema:
    """How one platform reads scalars, keys and merge keys: as version `go_yaml` of the library, 2 or 4."""

    def __init__(self, name: str, go_yaml: int) -> None:
        self.name: Final = name
        self.own_keys_win: Final = go_yaml > 2
        """False: keys and merge keys are applied in the order they are written."""
        words: dict[str, Any] = {**_NULLS, **_BOOLEANS, **_FLOAT_WORDS}
        words.update(_BOOLEANS_1_1 if go_yaml == 2 else _NEGATIVE_ZEROS)
        self._words: Final = words
        self._first: Final = frozenset(word[0] for word in words if word) | frozenset("+-.0123456789")
        self._go_yaml: Final = go_yaml
        self.plain: Final = Table(self)
        self.keys: Final = KeyTable(self)

    def resolve(self, text: str) -> Any:
        """The value of a plain scalar without a tag."""
        if text and text[0] not in self._first:
            return text
        if text in self._words:
            return self._words[text]
        first = text[0]
        if first == ".":
            return _dot_float(text)
        if first in "+-0123456789":
            return _number(text, self._go_yaml)
        return text

    def tagged(self, tag: str, text: str, *, plain: bool) -> Any:
        """The value of a scalar with an explicit tag; `plain`: without quotes.

        Tags that are not of YAML's core (`!reset`) leave a string, and so does the lone `!`, which yaml v4
        overlooks before a plain scalar (`privileged: ! true` is true for Compose). Raises `ValueError`
        with what was expected where text and tag do not agree, as the platforms' readers refuse it.
        """
        if not tag.startswith(CORE):
            return self.plain[text] if tag == "!" and plain and self._go_yaml > 2 else text
        kind = tag[len(CORE) :]
        if kind in ("str", "timestamp"):
            return text
        if kind == "binary":
            try:
                return b64decode(text.replace("\r", "").replace("\n", ""), validate=True).decode("utf-8", "replace")
            except ValueError:
                raise ValueError("expected base64 after !!binary") from None
        if kind not in ("bool", "int", "float", "null"):
            return text
        value = self.plain[text]
        if kind == "float" and type(value) is int:
            return float(value)
        if type(value).__name__.replace("NoneType", "null") != kind:
            raise ValueError(f"expected {_ARTICLES[kind]} after !!{kind}, found {text[:40]!r}")
        return value


def _number(text: str, go_yaml: int) -> Any:
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        value = _integer(digits)
        if -(2**63) <= value < 2**63:
            return value
        if 0 < value < 2**64 and (digits[0] != "+" or go_yaml > 2):
            return value
    if _DECIMAL_FLOAT.fullmatch(digits):
        number = float(digits)
        return text if number in (float("inf"), float("-inf")) else number
    if go_yaml == 2 and (twice := _SIGNED_BINARY.fullmatch(digits)):
        value = int(twice[1], 2) if len(twice[1]) < 80 else 2**63
        return value if -(2**63) <= value < 2**63 else text
    return text


def _integer(digits: str) -> int:
    """The value of what `_INTEGER` matched; anything longer than 80 characters counts as out of range."""
    if len(digits) > 80:
        return 2**64
    body = digits.lstrip("+-")
    value = int(body, 8) if len(body) > 1 and body[0] == "0" and body[1] in "01234567" else int(body, 0)
    return -value if digits[0] == "-" else value


def _dot_float(text: str) -> Any:
    if not _DOT_FLOAT.fullmatch(text):
        return text
    number = float(text.replace("_", ""))
    return text if number == float("inf") else number


def key_text(value: Any) -> str:
    """A scalar in the place of a key, as the string that sigs.k8s.io/yaml makes of it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"  # refused by both platforms; kept so that the rest can be judged
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return _float_key(value)


def _float_key(value: float) -> str:
    """Go's strconv.FormatFloat(value, 'g', -1, 32): the shortest text that gives the same 32-bit float."""
    from struct import error, pack, unpack

    if value != value:
        return ".nan"
    try:
        packed = pack("<f", value)
    except (OverflowError, error):
        return ".inf" if value > 0 else "-.inf"
    single: float = unpack("<f", packed)[0]
    if single in (float("inf"), float("-inf")):
        return ".inf" if single > 0 else "-.inf"
    text = next(t for t in (f"{single:.{n}e}" for n in range(17)) if pack("<f", float(t)) == packed)
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    digits = mantissa.replace(".", "").lstrip("-").rstrip("0") or "0"
    sign = "-" if text.startswith("-") else ""
    if not -4 <= power < 6:
        head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{head}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole = digits[: power + 1].ljust(power + 1, "0")
    rest = digits[power + 1 :]
    return sign + whole + ("." + rest if rest else "")


KUBERNETES: Final = Schema("kubernetes", go_yaml=2)
COMPOSE: Final = Schema("compose", go_yaml=4)
