"""Patterns of `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/text}`: `*`, `?` and escapes.

Matching walks the value once with the set of pattern positions as bits of an integer, so that no pattern
can make it slow. None where the pattern is not one that builds accept.
"""

from __future__ import annotations

from batten.limits import DOCKERFILE_PATTERN_VALUE

_ANY = "*"
_ONE = "?"


def _compile(pattern: str) -> list[tuple[str, str]] | None:
    """(kind, character) per position; kind is `*`, `?` or `=`."""
    items: list[tuple[str, str]] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char in (_ANY, _ONE):
            items.append((char, ""))
            continue
        if char == "\\":
            following = pattern[at : at + 1]
            if following in ("}", "/"):
                continue
            if not following or following not in "*?\\":
                return None
            char = following
            at += 1
        items.append(("=", char))
    return items


class _Matcher:
    def __init__(self, items: list[tuple[str, str]]) -> None:
        self.accept = 1 << len(items)
        self.stars = sum(1 << place for place, (kind, _) in enumerate(items) if kind == _ANY)
        self.ones = sum(1 << place for place, (kind, _) in enumerate(items) if kind == _ONE)
        self.literal: dict[str, int] = {}
        for place, (kind, char) in enumerate(items):
            if kind == "=":
                self.literal[char] = self.literal.get(char, 0) | 1 << place

    def _skip_stars(self, states: int) -> int:
        while True:
            wider = states | (states & self.stars) << 1
            if wider == states:
                return states
            states = wider

    def end(self, value: str, start: int, greedy: bool) -> int:
        """Where the shortest (longest if `greedy`) match that begins at `start` ends; -1 for none."""
        states = self._skip_stars(1)
        found = -1
        for at in range(start, len(value) + 1):
            if states & self.accept:
                found = at
                if not greedy:
                    break
            if at == len(value):
                break
            step = (states & (self.literal.get(value[at], 0) | self.ones)) << 1 | (states & self.stars)
            if not step:
                break
            states = self._skip_stars(step)
        return found


def remove_prefix(pattern: str, value: str, greedy: bool) -> str | None:
    items = _compile(pattern)
    if items is None:
        return None
    end = _Matcher(items).end(value, 0, greedy)
    return value if end < 0 else value[end:]


def remove_suffix(pattern: str, value: str, greedy: bool) -> str | None:
    items = _compile(pattern)
    if items is None:
        return None
    end = _Matcher(items[::-1]).end(value[::-1], 0, greedy)
    return value if end < 0 else value[: len(value) - end]


def replace(pattern: str, text: str, value: str, everywhere: bool) -> str | None:
    """The first (every) leftmost longest match of `pattern` in `value` becomes `text`.

    None as well where `text` or the pattern would be read in a way that depends on the builder: an empty
    match, or `$` and escapes in the replacement.
    """
    items = _compile(pattern)
    if (
        not items
        or all(kind == _ANY for kind, _ in items)
        or "$" in text
        or "\\" in text
        or len(value) > DOCKERFILE_PATTERN_VALUE
    ):
        return None
    matcher = _Matcher(items)
    out: list[str] = []
    at = 0
    while at < len(value):
        end = matcher.end(value, at, True)
        if end <= at:
            out.append(value[at])
            at += 1
            continue
        out.append(text)
        at = end
        if not everywhere:
            break
    return "".join(out) + value[at:]
