"""Composer's constraints: `^1.2 || ~2.1.3, !=2.1.5 | 1.0 - 2.0 | 3.*@beta`.

Source: getcomposer.org, "Versions and constraints". Judge: composer/semver.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from batten.limits import VERSION_CHARACTERS
from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked_range
from batten.versions.packagist import MODIFIER, Parsed, key_of, parse

_VERSION = (
    r"v?([0-9]++)(?:\.([0-9]++))?(?:\.([0-9]++))?(?:\.([0-9]++))?"
    rf"(?:{MODIFIER}|\.([x*][.-]?dev))(?:\+\S+)?"
)
_FLAGS = re.I | re.A
_OR = re.compile(r"\s*+\|\|?\s*+")
_PART = re.compile(
    r"[^\s,]++ ++- ++[^\s,]++|[^\s,]++ ++as ++[^\s,]++|(?:<>|!=|>=|<=|==|[<>=])?\s*+[^\s,]++", re.A
).match
_SEPARATOR = re.compile(r" ++,? *+|, *+").match
_ALIAS = re.compile(r"([^,\s]++) ++as ++[^,\s]++").fullmatch
_STABILITY_FLAG = re.compile(r"([^,\s]*?)@(stable|rc|beta|alpha|dev)", _FLAGS).fullmatch
_REFERENCE = re.compile(r"(dev-[^,\s@]+?|[^,\s@]+?\.x-dev)#.+", _FLAGS).fullmatch
_WILDCARD = re.compile(r"v?[x*](?:\.[x*])*+", _FLAGS).fullmatch
_TILDE = re.compile(rf"~{_VERSION}", _FLAGS).fullmatch
_CARET = re.compile(rf"\^{_VERSION}", _FLAGS).fullmatch
_X_RANGE = re.compile(r"v?([0-9]++)(?:\.([0-9]++))?(?:\.([0-9]++))?(?:\.[x*])++", _FLAGS).fullmatch
_HYPHEN = re.compile(rf"({_VERSION}) +- +({_VERSION})", _FLAGS).fullmatch
_BASIC = re.compile(r"(<>|!=|>=|<=|==|[<>=])?\s*+(.*)", _FLAGS | re.S).fullmatch
_ENDS_MODIFIED = re.compile(rf"-{MODIFIER}$", _FLAGS).search


class Bound(NamedTuple):
    """One comparison with a version, by its key."""

    operator: str
    key: Key

    def holds(self, version: Key) -> bool:
        match self.operator:
            case "<":
                return bool(version < self.key)
            case "<=":
                return bool(version <= self.key)
            case ">":
                return bool(version > self.key)
            case ">=":
                return bool(version >= self.key)
            case "!=" | "<>":
                return bool(version != self.key)
            case _:
                return bool(version == self.key)


class _Never(Bound):
    """A constraint on a branch, which no version meets."""

    def holds(self, version: Key) -> bool:
        return False


def _below(numbers: tuple[str | None, ...], position: int, increment: int = 1) -> Key:
    """The lowest version (`-dev`) of the one that counts one more at `position` (1 is the first)."""
    found = [int(number or 0) if place < position else 0 for place, number in enumerate(numbers[:4])]
    found += [0] * (4 - len(found))
    found[position - 1] += increment
    return key_of(Parsed(found), "dev")


def _compatible(text: str, groups: tuple[str | None, ...], position: int) -> list[Bound]:
    """From the version (its `-dev`, unless it names a stability) to the next at `position`."""
    plain = not (groups[4] or groups[6] or groups[7])
    low = key_of(parse(text + ("-dev" if plain else "")))
    return [Bound(">=", low), Bound("<", _below(groups, position))]


def _last_given(groups: tuple[str | None, ...]) -> int:
    return max(place for place in (1, 2, 3, 4) if place == 1 or groups[place - 1])


def _hyphen(groups: tuple[str | None, ...]) -> list[Bound]:
    low, to = groups[:9], groups[9:]
    plain = not (low[5] or low[7] or low[8])
    bounds = [Bound(">=", key_of(parse(low[0] or ""), *(["dev"] if plain else [])))]
    high = parse(to[0] or "")
    if (to[2] and to[3]) or to[5] or to[7] or to[8]:
        return [*bounds, Bound("<=", key_of(high))]
    return [*bounds, Bound("<", _below(to[1:5], 2 if to[2] else 1))]


def _basic(text: str, stability: str) -> list[Bound]:
    form = _BASIC(text)
    operator, version = (form[1] or "=", form[2]) if form else ("=", text)
    if version.lower().startswith("dev-") or version in ("master", "trunk", "default"):
        return [] if operator in ("!=", "<>") else [_Never("", [])]
    try:
        parsed = parse(version)
    except InvalidVersion:
        if version.endswith("-dev") and re.fullmatch(r"[0-9a-zA-Z./-]+", version):
            return [] if operator in ("!=", "<>") else [_Never("", [])]  # a branch written the wrong way round
        raise
    if operator not in ("=", "==") and stability and parsed.stable:
        return [Bound(operator, key_of(parsed, stability))]
    if operator in ("<", ">=") and not _ENDS_MODIFIED(version):
        return [Bound(operator, key_of(parsed, "dev"))]
    return [Bound(operator, key_of(parsed))]


def _bounds(text: str) -> list[Bound]:
    alias = _ALIAS(text)
    if alias:
        text = alias[1]
    stability = ""
    flag = _STABILITY_FLAG(text)
    if flag:
        text = flag[1] or "*"
        stability = "" if flag[2].lower() == "stable" else flag[2].lower()
    reference = _REFERENCE(text)
    if reference:
        text = reference[1]
    if _WILDCARD(text):
        return []
    form = _TILDE(text)
    if form:
        groups = form.groups()
        position = _last_given(groups) + bool(groups[7])
        return _compatible(text[1:], groups, max(1, position - 1))
    form = _CARET(text)
    if form:
        groups = form.groups()
        if groups[0] != "0" or not groups[1]:
            return _compatible(text[1:], groups, 1)
        return _compatible(text[1:], groups, 2 if groups[1] != "0" or not groups[2] else 3)
    form = _X_RANGE(text)
    if form:
        position = _last_given((*form.groups(), None))
        return [
            Bound(">=", _below(form.groups(), position, increment=0)),
            Bound("<", _below(form.groups(), position)),
        ]
    form = _HYPHEN(text)
    if form:
        return _hyphen(form.groups())
    return _basic(text, stability)


def _split(text: str, option: str) -> list[str]:
    """The constraints of one alternative; blanks or one comma stand between them."""
    parts = []
    place = 0
    while True:
        part = _PART(option, place)
        if part is None:
            raise InvalidRange("packagist", text)
        if len(part[0]) > 2 * VERSION_CHARACTERS:  # two versions and a hyphen at most
            raise InvalidRange("packagist", text)
        parts.append(part[0])
        place = part.end()
        if place == len(option):
            return parts
        separator = _SEPARATOR(option, place)
        if separator is None:
            raise InvalidRange("packagist", text)
        place = separator.end()


def contains(version: Key, text: str) -> bool:
    """Whether a version, as its key, meets the constraint. Raises InvalidRange."""
    text = checked_range("packagist", text)
    try:
        options = [[bound for part in _split(text, option) for bound in _bounds(part)] for option in _OR.split(text)]
    except InvalidVersion:
        raise InvalidRange("packagist", text) from None
    return any(all(bound.holds(version) for bound in bounds) for bounds in options)
