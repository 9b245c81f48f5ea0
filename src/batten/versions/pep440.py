"""Python versions and specifiers, by the standard's own implementation.

Source: PEP 440 (Version specifiers, packaging.python.org). What PyPI took before PEP 440 is no version here.
"""

from __future__ import annotations

import functools
from typing import Any

from batten.limits import VERSION_CHARACTERS
from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked, checked_range


@functools.cache
def _classes() -> tuple[Any, type[Exception], Any, type[Exception]]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion as Invalid
    from packaging.version import Version

    return Version, Invalid, SpecifierSet, InvalidSpecifier


def key(text: str) -> Key:
    """A `packaging` Version; raises InvalidVersion."""
    version, invalid, _, _ = _classes()
    text = checked("pep440", text)
    try:
        return version(text)
    except invalid:
        raise InvalidVersion("pep440", text) from None


def compare_bound(version: str, bound: str) -> int:
    """-1, 0 or 1, where the local part that a distributor added (`1.0+cu118`) counts only if the bound has one."""
    left, right = key(version), key(bound)
    if left.local is not None and right.local is None:
        left = key(left.public)
    return int(left > right) - int(left < right)


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether the specifier set `text` takes `version`; sets joined by `||` are alternatives, as gemnasium writes."""
    _, _, specifiers, invalid = _classes()
    parsed = key(version)
    text = checked_range("pep440", text)
    if any(len(part) > VERSION_CHARACTERS for part in text.replace("||", ",").split(",")):
        raise InvalidRange("pep440", text, "a specifier longer than any version")
    try:
        sets = [specifiers(part) for part in text.split("||")]
    except invalid:
        raise InvalidRange("pep440", text) from None
    # a set takes pre-releases when one of its own specifiers names one
    return any(each.contains(parsed, prereleases=prereleases or bool(each.prereleases)) for each in sets)
