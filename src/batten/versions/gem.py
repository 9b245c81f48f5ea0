"""RubyGems versions and requirements.

Source: RubyGems Guides, "Patterns" (versioning), Gem::Version, Gem::Requirement. Judge: Gem::Version itself.
"""

from __future__ import annotations

import re

from batten.versions.interface import InvalidRange, InvalidVersion, Key, checked, checked_range

_FORM = re.compile(r"[0-9]++(?:\.[0-9a-zA-Z]++)*+(?:-[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?").fullmatch
_SEGMENTS = re.compile(r"[0-9]+|[a-zA-Z]+").findall
_WORD, _END, _NUMBER = range(3)
_REQUIREMENT = re.compile(r"\s*+(>=|<=|!=|~>|=|>|<)?\s*+(\S++)\s*+").fullmatch


def segments(text: str) -> list[str | int]:
    """Numbers and words in turn, `-` standing for `.pre.`; raises InvalidVersion."""
    text = checked("gem", text)
    if not _FORM(text):
        raise InvalidVersion("gem", text)
    return [int(found) if found[0] <= "9" else found for found in _SEGMENTS(text.replace("-", ".pre."))]


def _key(found: list[str | int]) -> Key:
    """The order of the segments followed by endless zeros, words below numbers.

    A run of zeros cannot be told from the end until something follows: a word makes the version lower, the sooner
    the lower; a number makes it higher, the sooner the higher. So each segment carries the zeros before it.
    """
    first_word = next((place for place, segment in enumerate(found) if isinstance(segment, str)), len(found))
    while first_word and found[first_word - 1] == 0:  # 1.0.a is 1.a
        first_word -= 1
        del found[first_word]
    key: list[str | int] = []
    zeros = 0
    for segment in found:
        if segment == 0:
            zeros += 1
        elif isinstance(segment, str):
            key += (_WORD, zeros, segment)
            zeros = 0
        else:
            key += (_NUMBER, -zeros, segment)
            zeros = 0
    key.append(_END)
    return key


def key(text: str) -> Key:
    """A flat list of ranks and values; raises InvalidVersion."""
    return _key(segments(text))


def contains(version: str, text: str, prereleases: bool) -> bool:
    """Whether the requirement takes `version`: comma-separated, all must hold; `||` separates alternatives."""
    found = segments(version)
    text = checked_range("gem", text)
    # every part is read, whatever the others say: a range that is half right is none
    options = [[_holds(found, text, part) for part in option.split(",")] for option in text.split("||")]
    return any(map(all, options))


def _holds(version: list[str | int], text: str, part: str) -> bool:
    requirement = _REQUIREMENT(part)
    if requirement is None:
        raise InvalidRange("gem", text)
    operator, bound_text = requirement.groups()
    try:
        bound = segments(bound_text)
    except InvalidVersion:
        raise InvalidRange("gem", text) from None
    left, right = _key([*version]), _key([*bound])
    match operator:
        case ">=":
            return bool(left >= right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case "<":
            return bool(left < right)
        case "!=":
            return bool(left != right)
        case "~>":
            return bool(left >= right and _key(_release(version)) < _key(_bump(bound)))
        case _:
            return bool(left == right)


def bumped(text: str) -> list[int]:
    """The numbers before which `~> text` ends: 5.3.1 -> 5.4, 5 -> 6. Raises InvalidVersion."""
    return [int(number) for number in _bump(segments(text))]


def _release(found: list[str | int]) -> list[str | int]:
    """The segments before the first word."""
    first_word = next((place for place, segment in enumerate(found) if isinstance(segment, str)), len(found))
    return found[:first_word]


def _bump(found: list[str | int]) -> list[str | int]:
    """The next version but for its last number: 5.3.1 -> 5.4, 5 -> 6."""
    numbers = [int(number) for number in _release(found)]
    if len(numbers) > 1:
        numbers.pop()
    numbers[-1] += 1
    return [*numbers]
