"""rpm versions: `[epoch:]version[-release]`.

Source: rpm-version(7), rpmvercmp. Judge: rpm's Python module (`labelCompare`).
"""

from __future__ import annotations

import re

from batten.versions.interface import InvalidVersion, Key, checked

# What may stand at one place, lowest first. A number beats letters, `^` beats the end alone, `~` nothing.
_TILDE, _END, _CARET, _LETTERS, _NUMBER = range(5)
_SEGMENTS = re.compile(r"[0-9]+|[A-Za-z]+|[~^]").findall


def _part(text: str) -> list[str | int]:
    """rpmvercmp's segments, each behind its rank; separators do not count."""
    part: list[str | int] = []
    for segment in _SEGMENTS(text):
        if segment[0] <= "9":
            part += (_NUMBER, int(segment))
        elif segment == "~":
            part.append(_TILDE)
        elif segment == "^":
            part.append(_CARET)
        else:
            part += (_LETTERS, segment)
    part.append(_END)
    return part


def split(text: str) -> tuple[str, str, str | None]:
    """(epoch, version, release); the release is None where there is none; raises InvalidVersion."""
    text = checked("rpm", text)
    if any(sign.isspace() for sign in text):
        raise InvalidVersion("rpm", text, "blanks in it")
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and (epoch.isdigit() or not epoch)):
        epoch, rest = "", text  # `a:1` has no epoch: only digits make one
    version, hyphen, release = rest.rpartition("-")
    if not hyphen:
        return epoch or "0", rest, None
    return epoch or "0", version, release


def key(text: str) -> Key:
    """(epoch, version, release); a missing release is lower than any, as rpm sorts. Raises InvalidVersion."""
    epoch, version, release = split(text)
    if not any(sign.isascii() and sign.isalnum() for sign in version):
        raise InvalidVersion("rpm", text)
    return int(epoch), _part(version), [] if release is None else _part(release)


def compare_bound(version: str, bound: str) -> int:
    """-1, 0 or 1, where a bound without a release speaks of every release (as in a dependency `= 1.2`)."""
    left, right = key(version), key(bound)
    if not right[2] or not left[2]:
        left, right = left[:2], right[:2]
    return int(left > right) - int(left < right)
