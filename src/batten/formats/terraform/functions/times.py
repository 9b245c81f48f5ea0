"""Functions of timestamps in RFC 3339 ("Date and Time Functions"); what asks for the time of day is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from batten.formats.terraform.functions.convert import Refused
from batten.pattern import pattern

_STAMP: Final = pattern(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION: Final = pattern(r"(?:([0-9]{1,12})(?:\.([0-9]{1,9}))?(h|m(?!s)|s))+")
_PART: Final = pattern(r"([0-9]+(?:\.[0-9]+)?)(h|m|s)")
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}
_TOKEN: Final = pattern(r"''|'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")


def _stamp(written: str) -> datetime:
    """Raises `Refused`, `ValueError`."""
    found = _STAMP.fullmatch(written)
    if found is None or (found[3] and found[3][6:].strip("0")):
        raise Refused
    zone = UTC
    if found[4] != "Z":
        hours, minutes = int(found[4][1:3]), int(found[4][4:])
        if hours > 23 or minutes > 59:
            raise Refused
        offset = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-offset if found[4].startswith("-") else offset)
    fraction = int((found[3] or "0")[:6].ljust(6, "0"))
    return datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone, microsecond=fraction)


def _printed(stamp: datetime) -> str:
    """To the second, however it was written."""
    return stamp.replace(tzinfo=None, microsecond=0).isoformat() + _offset(stamp, ":", "Z")


def _offset(stamp: datetime, between: str, utc: str) -> str:
    seconds = int((stamp.utcoffset() or timedelta()).total_seconds())
    if seconds == 0 and utc:
        return utc
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}{between}{minutes:02d}"


def _added(stamp: str, duration: str) -> str:
    sign = -1 if duration.startswith("-") else 1
    written = duration[1:] if duration[:1] in ("+", "-") else duration
    if written == "0":
        return _printed(_stamp(stamp))
    if _DURATION.fullmatch(written) is None:
        raise Refused
    whole = 0
    for amount, unit in _PART.findall(written):
        seconds = float(amount) * _SECONDS[unit]
        if not seconds.is_integer() or seconds > 2**33:
            raise Refused
        whole += int(seconds)
    if whole > 2**33:  # 290 years are the longest duration that Go knows
        raise Refused
    return _printed(_stamp(stamp) + timedelta(seconds=sign * whole))


def _compared(one: str, other: str) -> int:
    first, second = _stamp(one), _stamp(other)
    return (first > second) - (first < second)


def _laid_out(form: str, written: str) -> str:
    stamp = _stamp(written)
    found = []
    at = 0
    while at < len(form):
        token = _TOKEN.match(form, at)
        if token is None:
            raise Refused
        at = token.end()
        piece = token[0]
        if piece.startswith("'"):
            found.append("'" if piece == "''" else piece[1:-1].replace("''", "'"))
        elif piece[0].isascii() and piece[0].isalpha():
            how = _VERBS.get(piece)
            if how is None:
                raise Refused
            found.append(how(stamp))
        else:
            found.append(piece)
    return "".join(found)


# not from the locale
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_VERBS: Final[dict[str, Callable[[datetime], str]]] = {
    "YY": lambda at: f"{at.year % 100:02d}",
    "YYYY": lambda at: f"{at.year:04d}",
    "M": lambda at: str(at.month),
    "MM": lambda at: f"{at.month:02d}",
    "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "D": lambda at: str(at.day),
    "DD": lambda at: f"{at.day:02d}",
    "EEE": lambda at: _DAYS[at.weekday()][:3],
    "EEEE": lambda at: _DAYS[at.weekday()],
    "h": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour % 12 or 12),
    "HH": lambda at: f"{at.hour % 12 or 12:02d}",
    "AA": lambda at: "AM" if at.hour < 12 else "PM",
    "aa": lambda at: "am" if at.hour < 12 else "pm",
    "m": lambda at: str(at.minute),
    "mm": lambda at: f"{at.minute:02d}",
    "s": lambda at: str(at.second),
    "ss": lambda at: f"{at.second:02d}",
    "Z": lambda at: _offset(at, ":", "Z"),
    "ZZZ": lambda at: _offset(at, "", "UTC"),
    "ZZZZ": lambda at: _offset(at, "", ""),
    "ZZZZZ": lambda at: _offset(at, ":", ""),
}
FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "formatdate": ("text text", _laid_out),
    "timeadd": ("text text", _added),
    "timecmp": ("text text", _compared),
}
