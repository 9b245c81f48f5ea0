"""Composer versions and constraints.

Source: getcomposer.org, "Versions and constraints"; PHP's version_compare. Judge: composer/semver.
A branch (`dev-main`) is no version: nothing can be said of its order.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from batten.versions.interface import InvalidVersion, Key, checked

# What may stand at one place, lowest first (PHP's version_compare).
_DEV, _ALPHA, _BETA, _RC, _END, _NUMBER, _PATCH = range(7)
_STABILITY = {
    "a": _ALPHA, "alpha": _ALPHA, "b": _BETA, "beta": _BETA, "rc": _RC, "p": _PATCH, "pl": _PATCH, "patch": _PATCH,
    "dev": _DEV,
}  # fmt: skip
MODIFIER = r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*+)?)?([.-]?dev)?"
_CLASSIC = re.compile(
    rf"v?([0-9]{{1,5}})((?:\.[0-9]++)?)((?:\.[0-9]++)?)((?:\.[0-9]++)?){MODIFIER}", re.I | re.A
).fullmatch
_DATE = re.compile(
    rf"v?([0-9]{{4}}(?:[.:-]?[0-9]{{2}}){{1,6}}(?:[.:-]?[0-9]{{1,3}})?){MODIFIER}", re.I | re.A
).fullmatch
_BRANCH = re.compile(
    r"v?([0-9]++)(\.(?:[0-9]++|[x*]))?(\.(?:[0-9]++|[x*]))?(\.(?:[0-9]++|[x*]))?", re.I | re.A
).fullmatch
_BRANCH_END = re.compile(r"(.*?)[.-]?dev", re.I | re.A).fullmatch
_ALIAS = re.compile(r"([^,\s]++) ++as ++[^,\s]++").fullmatch
_FLAG = re.compile(r"@(?:stable|rc|beta|alpha|dev)$", re.I | re.A)
_BUILD = re.compile(r"([^,\s+]++)\+\S++").fullmatch
_DIGITS = re.compile(r"[0-9]+").findall
_OPEN = 9_999_999  # Composer's number for the x of a branch 1.x-dev


class Parsed(NamedTuple):
    """A normalised version: numbers, then a stability (its rank, -1 for none) with numbers of its own, then `-dev`."""

    numbers: list[int]
    stability: int = -1
    counts: list[int] = []  # noqa: RUF012 (never changed)
    dev: bool = False

    @property
    def stable(self) -> bool:
        return not self.dev and self.stability in (-1, _PATCH)


def _modified(numbers: list[int], stability: str | None, counts: str | None, dev: str | None) -> Parsed:
    stability = (stability or "").lower()
    if stability == "stable":
        return Parsed(numbers)
    counted = [int(count) for count in _DIGITS(counts or "")]
    return Parsed(numbers, _STABILITY[stability] if stability else -1, counted, bool(dev))


def parse(text: str) -> Parsed:
    """As Composer normalises it; raises InvalidVersion, also for a branch."""
    text = checked("packagist", text)
    version = text
    alias = _ALIAS(version)
    if alias:
        version = alias[1]
    version = _FLAG.sub("", version)
    if version.lower().startswith("dev-") or version in ("master", "trunk", "default"):
        raise InvalidVersion("packagist", text, "a branch")
    build = _BUILD(version)
    if build:
        version = build[1]
    form = _CLASSIC(version)
    if form:
        numbers = [int(form[1]), *(int(form[place][1:] or 0) for place in (2, 3, 4))]
        return _modified(numbers, form[5], form[6], form[7])
    form = _DATE(version)
    if form:
        return _modified([int(number) for number in _DIGITS(form[1])], form[2], form[3], form[4])
    form = _BRANCH_END(version)
    form = form and _BRANCH(form[1].strip())
    if form is None:
        raise InvalidVersion("packagist", text)
    parts = [part.lstrip(".") if part else "x" for part in form.groups()]
    return Parsed([int(part) if part.isdigit() else _OPEN for part in parts], dev=True)


def key_of(version: Parsed, *suffixes: str) -> Key:
    """The key of a normalised version with stabilities behind it ("dev", "beta"), as constraints add them."""
    key = [value for number in version.numbers for value in (_NUMBER, number)]
    if version.stability >= 0:
        key.append(version.stability)
        key += [value for count in version.counts for value in (_NUMBER, count)]
    if version.dev:
        key.append(_DEV)
    key += [_STABILITY[suffix] for suffix in suffixes]
    key.append(_END)
    return key


def key(text: str) -> Key:
    """A flat list of ranks and numbers; raises InvalidVersion, also for a branch."""
    return key_of(parse(text))


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether Composer's constraint takes `version`; pre-releases are never left out. See batten.versions.composer."""
    from batten.versions import composer

    return composer.contains(key(version), text)
