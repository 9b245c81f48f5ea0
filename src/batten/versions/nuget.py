"""NuGet versions and interval ranges.

Source: Microsoft Learn, "Package versioning" (normalised numbers, SemVer 2.0.0 labels without regard to case).
"""

from __future__ import annotations

import re

from batten.versions import interval
from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked, checked_range

_INT = 2**31  # NuGet reads numbers as 32-bit integers; a longer number in a label is text
_FORM = re.compile(
    r"v?([0-9]++)(?:\.([0-9]++))?(?:\.([0-9]++))?(?:\.([0-9]++))?"
    r"(?:-([0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+))?(?:\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?"
).fullmatch
_INTEGER = re.compile(r"-?[0-9]+").fullmatch


def key(text: str) -> Key:
    """(four numbers, 0 for a pre-release and 1 for a release, labels); raises InvalidVersion."""
    text = checked("nuget", text)
    form = _FORM(text)
    if form is None:
        raise InvalidVersion("nuget", text)
    numbers = [int(number or 0) for number in form.group(1, 2, 3, 4)]
    if max(numbers) >= _INT:
        raise InvalidVersion("nuget", text, "a number is larger than 2147483647")
    labels = form[5]
    if labels is None:
        return (*numbers, 1)
    found: list[str | int] = [*numbers, 0]
    for label in labels.split("."):
        if _INTEGER(label) and -_INT <= int(label) < _INT:
            found += (0, int(label))
        else:
            found += (1, label.upper())
    return tuple(found)


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether the range `text` takes `version`: `[1.0,2.0)`, several of them, or `1.0` for "this or newer".

    A floating `1.*` is "1.0 or newer", as the restored graph treats it. Pre-releases are never left out.
    """
    parsed = key(version)
    text = checked_range("nuget", text)
    if text[:1] in ("[", "("):
        bounds = interval.bounded("nuget", text, lambda bound: key(_floor(bound)))
        return any(bound.holds(parsed) for bound in bounds)
    if not text:
        raise InvalidRange("nuget", text, "empty")
    try:
        return bool(parsed >= key(_floor(text)))
    except InvalidVersion:
        raise InvalidRange("nuget", text) from None


def _floor(text: str) -> str:
    """The lowest version of a floating one: `1.*` -> `1.0`, `1.0.0-*` -> `1.0.0-0`, `1.0.0-rc.*` -> `1.0.0-rc.0`."""
    if not text.endswith("*"):
        return text
    text = text[:-1]
    if not text:
        return "0.0"
    if "-" in text:
        return f"{text}0"
    return f"{text}0" if text.endswith(".") else text
