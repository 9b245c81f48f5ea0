"""Semantic versions, as npm, Cargo, Hex, Swift and others have them.

Source: semver.org 2.0.0, with what npm's loose mode takes besides: `v` or `=` before it, a pre-release without its
hyphen. Missing numbers are 0, as advisories write them. Judge: npm's `semver`. Ranges: batten.versions.npm.
"""

from __future__ import annotations

import re

from batten.versions.interface import InvalidVersion, Key, checked

_FORM = re.compile(
    r"[v=\s]*+([0-9]++)(?:\.([0-9]++)(?:\.([0-9]++))?)?"
    r"(?:-?([0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+))?(?:\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?",
).fullmatch


def labels(text: str) -> list[str | int]:
    """The identifiers of a pre-release, each behind its rank: numbers below words."""
    found: list[str | int] = []
    for label in text.split("."):
        if label.isdigit():
            found += (0, int(label))
        else:
            found += (1, label)
    return found


def key(text: str) -> Key:
    """(three numbers, 0 for a pre-release and 1 for a release, labels); raises InvalidVersion."""
    text = checked("semver", text)
    form = _FORM(text)
    if form is None:
        raise InvalidVersion("semver", text)
    major, minor, patch, before = form.groups()
    if before is None:
        return int(major), int(minor or 0), int(patch or 0), 1
    return int(major), int(minor or 0), int(patch or 0), 0, *labels(before)


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether npm's range takes `version`; a pre-release only if the range names one of the same three numbers."""
    from batten.versions import npm

    return npm.contains(key(version), text, prereleases)
