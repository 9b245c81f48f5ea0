"""npm's ranges: `^1.2.3 || ~2.1 || 1.x || 1.2 - 2.3 || >=1 <2`.

Source: the README of npm's `semver`. Judge: that package.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from batten.limits import VERSION_CHARACTERS
from batten.versions.interface import InvalidRange, Key, checked_range
from batten.versions.semver import labels

_NUMBER = r"(0|[1-9][0-9]*+|[xX*])"
_LABEL = r"(?:[0-9]*+[A-Za-z-][0-9A-Za-z-]*+|0|[1-9][0-9]*+)"
_PARTIAL = (
    rf"[v=]*+{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-({_LABEL}(?:\.{_LABEL})*+))?"
    r"(?:\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?)?)?"
)
_COMPARATOR = re.compile(rf"(<=|>=|<|>|=|~>|~|\^)?(?:{_PARTIAL})?").fullmatch
_HYPHEN = re.compile(rf"{_PARTIAL} - {_PARTIAL}").fullmatch
_BLANKS = re.compile(r"\s++")
_AFTER_OPERATOR = re.compile(r"(<=|>=|<|~>|>|~|\^|=) ")
_BUILD = re.compile(r"\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+")
_RELEASE = 1  # behind the three numbers of a key


class Bound(NamedTuple):
    """One comparison; a bound that says nothing has no operator."""

    operator: str
    key: tuple[str | int, ...] = ()

    def holds(self, version: Key) -> bool:
        match self.operator:
            case "":
                return True
            case ">=":
                return bool(version >= self.key)
            case ">":
                return bool(version > self.key)
            case "<":
                return bool(version < self.key)
            case "<=":
                return bool(version <= self.key)
            case _:
                return bool(version == self.key)


_ANY = Bound("")
_NONE = Bound("<", (0, 0, 0, 0, 0, 0))  # below 0.0.0-0, which is the lowest version


class Partial(NamedTuple):
    """Up to three numbers, -1 where there is none or a wildcard, and the labels of a pre-release."""

    major: int
    minor: int
    patch: int
    labels: str

    @property
    def level(self) -> int:
        """How many numbers are given."""
        return 0 if self.major < 0 else 1 if self.minor < 0 else 2 if self.patch < 0 else 3

    def key(self, prereleases: bool = False) -> Key:
        """The key of the version that it spells, 0 for what is missing and then, if wanted, its lowest pre-release."""
        numbers = tuple(max(number, 0) for number in (self.major, self.minor, self.patch))
        if self.level == 3 and self.labels:
            return (*numbers, 0, *labels(self.labels))
        return (*numbers, 0, 0, 0) if prereleases and self.level < 3 else (*numbers, _RELEASE)

    def above(self, place: int) -> Key:
        """The lowest pre-release of the next version that differs at `place` (0 is major)."""
        numbers = [max(number, 0) for number in (self.major, self.minor, self.patch)[: place + 1]]
        numbers[place] += 1
        return (*numbers, *(0,) * (2 - place), 0, 0, 0)


def _partial(groups: tuple[str | None, ...]) -> Partial:
    numbers = [-1 if group is None or group in "xX*" else int(group) for group in groups[:3]]
    given = numbers.index(-1) if -1 in numbers else 3  # what follows a wildcard says nothing
    major, minor, patch = (number if place < given else -1 for place, number in enumerate(numbers))
    return Partial(major, minor, patch, groups[3] or "")


def _comparator(text: str, part: str, prereleases: bool) -> list[Bound]:
    form = _COMPARATOR(part) if len(part) <= VERSION_CHARACTERS else None
    if form is None:
        raise InvalidRange("semver", text)
    operator = form[1] or ""
    if form[2] is None:
        if operator:
            raise InvalidRange("semver", text, "an operator without a version")
        return [_ANY]
    version = _partial(form.groups()[1:])
    if operator in ("^", "~", "~>"):
        return _compatible(operator, version, prereleases)
    level = version.level
    if any(group and group.isdigit() for group in form.groups()[1 + level : 4]):
        raise InvalidRange("semver", text, "a number behind a wildcard")
    if level == 3:
        return [Bound(operator or "=", version.key())]
    if level == 0:
        return [_NONE] if operator in ("<", ">") else [_ANY]
    match operator:
        case ">":
            above = version.above(level - 1)
            return [Bound(">=", above if prereleases else (*above[:3], _RELEASE))]
        case ">=":
            return [Bound(">=", version.key(prereleases))]
        case "<":
            return [Bound("<", (*version.key()[:3], 0, 0, 0))]
        case "<=":
            return [Bound("<", version.above(level - 1))]
        case _:
            return [Bound(">=", version.key(prereleases)), Bound("<", version.above(level - 1))]


def _compatible(operator: str, version: Partial, prereleases: bool) -> list[Bound]:
    level = version.level
    if level == 0:
        return [_ANY]
    if operator == "^":  # up to the next change of the first number that is not 0, among those given
        place = next((place for place in range(level) if version[place] != 0), level - 1)
        if level == 1:
            place = 0
    else:
        place = 0 if level == 1 else 1
    return [Bound(">=", version.key(prereleases)), Bound("<", version.above(place))]


def _hyphen(lower: Partial, upper: Partial, prereleases: bool) -> list[Bound]:
    bounds = []
    if lower.level:
        low = lower.key(prereleases)
        if prereleases and lower.level == 3 and not lower.labels:
            low = (*low[:3], 0, 0, 0)
        bounds.append(Bound(">=", low))
    if upper.level == 3:
        if prereleases and not upper.labels:
            bounds.append(Bound("<", upper.above(2)))
        else:
            bounds.append(Bound("<=", upper.key()))
    elif upper.level:
        bounds.append(Bound("<", upper.above(upper.level - 1)))
    return bounds or [_ANY]


def parse(text: str, prereleases: bool) -> list[list[Bound]]:
    """Alternatives, each a list of bounds that must all hold; raises InvalidRange."""
    text = _BLANKS.sub(" ", checked_range("semver", text))
    options = []
    lowest = (0, 0, 0, 0, 0, 0) if prereleases else (0, 0, 0, _RELEASE)
    for option in text.split("||"):
        option = _BUILD.sub("", option.strip())
        hyphen = _HYPHEN(option) if len(option) <= 2 * VERSION_CHARACTERS else None
        if hyphen:
            groups = hyphen.groups()
            bounds = _hyphen(_partial(groups[:4]), _partial(groups[4:]), prereleases)
        else:
            parts = _AFTER_OPERATOR.sub(lambda found: found[1], option).split(" ")
            bounds = [bound for part in parts for bound in _comparator(text, part, prereleases)]
        bounds = [_ANY if bound == (">=", lowest) else bound for bound in bounds]
        options.append([bound for bound in bounds if bound.operator] or [_ANY])
    return [[_ANY]] if [_ANY] in options else options


def contains(version: Key, text: str, prereleases: bool) -> bool:
    """Whether a version, as its key, satisfies the range; see batten.versions.semver."""
    for bounds in parse(text, prereleases):
        if not all(bound.holds(version) for bound in bounds):
            continue
        if prereleases or version[3] == _RELEASE:
            return True
        if any(bound.key[3:] not in ((_RELEASE,), ()) and bound.key[:3] == version[:3] for bound in bounds):
            return True
    return False
