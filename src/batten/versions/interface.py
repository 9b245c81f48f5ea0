"""What every scheme shares: its errors, and the bounds that a version's text passes first."""

from __future__ import annotations

from typing import Any, Protocol

from batten.limits import VERSION_CHARACTERS, VERSION_RANGE_CHARACTERS

Key = Any  # whatever compares with its like


class InvalidVersion(ValueError):
    """A text is no version of its scheme. `scheme` and `text` say which; `str()` is one line for a person."""

    what = "version"

    def __init__(self, scheme: str, text: str, why: str = "") -> None:
        self.scheme = scheme
        self.text = text
        shown = text if len(text) <= 80 else f"{text[:77]}..."
        super().__init__(f"not a {scheme} {self.what}: {shown!r}" + (f" ({why})" if why else ""))


class InvalidRange(InvalidVersion):
    """A text is no range of its scheme."""

    what = "version range"


class Scheme(Protocol):
    """What a module of this package offers."""

    def key(self, text: str) -> Key:
        """A comparable key; raises InvalidVersion."""


def checked(scheme: str, text: str) -> str:
    """`text` without blanks around it; raises InvalidVersion when it is empty or longer than any real version."""
    text = text.strip()
    if not text:
        raise InvalidVersion(scheme, text, "empty")
    if len(text) > VERSION_CHARACTERS:
        raise InvalidVersion(scheme, text, f"longer than {VERSION_CHARACTERS} characters")
    return text


def checked_range(scheme: str, text: str) -> str:
    """`text` without blanks around it; raises InvalidRange when it is longer than any real range."""
    text = text.strip()
    if len(text) > VERSION_RANGE_CHARACTERS:
        raise InvalidRange(scheme, text, f"longer than {VERSION_RANGE_CHARACTERS} characters")
    return text
