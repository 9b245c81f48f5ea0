"""What was probably meant by a word that is no check's identifier."""

from __future__ import annotations

from collections.abc import Iterable

from batten.pattern import pattern

_SHORT = pattern(r"([A-Za-z]{3})-?(\d{1,3})\Z")


def nearest_check(word: str, known: Iterable[str]) -> str:
    """The identifier that `word` is closest to: `PRV1` is PRV001, of others what is written most alike; "" for
    none."""
    from difflib import get_close_matches  # only on the way to an error

    identifiers = tuple(known)
    if (match := _SHORT.match(word)) and (whole := f"{match[1].upper()}{int(match[2]):03}") in identifiers:
        return whole
    close = get_close_matches(word.upper(), identifiers, 1)
    return close[0] if close else ""
