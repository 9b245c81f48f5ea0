"""Licences of packages: SPDX expressions where they are such, else the words of the metadata."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

_CHARACTERS: Final = 400  # an expression; what is longer is a text
_NO_CONTROL: Final = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


@lru_cache(maxsize=4096)
def expression(text: str) -> str:
    """The SPDX expression in its normal form, "" where `text` is none (SPDX 2.3 annex D)."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not text or len(text) > _CHARACTERS or not text.isascii():
        return ""
    try:
        found = canonicalize_license_expression(text)
    except (InvalidLicenseExpression, ValueError, SyntaxError, RecursionError, MemoryError):
        return ""
    # a reference is of another document, or nobody says what it stands for
    return "" if "LicenseRef-" in found or "DocumentRef-" in found else str(found)


def is_identifier(text: str) -> bool:
    """Whether an expression in normal form is the identifier of one licence (`MIT`, no `Apache-2.0+`)."""
    return bool(text) and not any(sign in text for sign in " ()+")


def words(text: str) -> str:
    """The licence's own words on one line."""
    return " ".join(text.translate(_NO_CONTROL).split())


def reference(text: str) -> str:
    """`LicenseRef-…` for words that are no expression; the same words give the same."""
    return f"LicenseRef-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"


def spdx(licences: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """(one expression that joins all, reference -> words of those that had to be named); "" for none."""
    parts: list[str] = []
    named: dict[str, str] = {}
    for text in licences:
        found = expression(text)
        if not found and (said := words(text)):
            found = reference(said)
            named[found] = said
        if found and found not in parts:
            parts.append(found)
    if len(parts) == 1:
        return parts[0], named
    return " AND ".join(f"({part})" if " OR " in part else part for part in parts), named
