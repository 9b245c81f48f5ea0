"""Go module versions and Go toolchains.

Source: go.dev/ref/mod (versions, pseudo-versions, +incompatible), go.dev/doc/toolchain.
Judges: golang.org/x/mod/semver, go/version. The `v` may be missing, as in OSV records; `go1.21rc2` is
1.21.0-rc.2 there, and so it is here.
"""

from __future__ import annotations

import re

from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked, checked_range
from batten.versions.semver import labels

_N = r"(0|[1-9][0-9]*+)"
_LABEL = r"(?:[0-9]*+[A-Za-z-][0-9A-Za-z-]*+|0|[1-9][0-9]*+)"
_MODULE = re.compile(
    rf"v?{_N}(?:\.{_N}(?:\.{_N}(?:-({_LABEL}(?:\.{_LABEL})*+))?(?:\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?)?)?"
).fullmatch
_TOOLCHAIN = re.compile(rf"(go)?{_N}(?:\.{_N}(?:\.{_N}|([a-z]++)(?:{_N})?)?)?(?:[- ].*+)?", re.DOTALL).fullmatch


def key(text: str) -> Key:
    """(three numbers, 0 for a pre-release and 1 for a release, labels); raises InvalidVersion."""
    text = checked("golang", text)
    module = _MODULE(text)
    if module:
        major, minor, patch, before = module.groups()
        if before is None:
            return int(major), int(minor or 0), int(patch or 0), 1
        return int(major), int(minor or 0), int(patch or 0), 0, *labels(before)
    toolchain = _TOOLCHAIN(text)
    if toolchain is None or not (toolchain[1] or toolchain[5]):
        raise InvalidVersion("golang", text)
    _, major, minor, patch, kind, number = toolchain.groups()
    numbers = int(major), int(minor or 0), int(patch or 0)
    if kind:
        return (*numbers, 0, 1, kind) if number is None else (*numbers, 0, 1, kind, 0, int(number))
    if minor and not patch and numbers[1] >= 21:
        return (*numbers, 0)  # the language version, which is below every release candidate
    return (*numbers, 1)


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether `version` is at least `text`, as a `require` line of go.mod asks."""
    text = checked_range("golang", text)
    try:
        return bool(key(version) >= key(text))
    except InvalidVersion as error:
        if error.text == text:
            raise InvalidRange("golang", text) from None
        raise
