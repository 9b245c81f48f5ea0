"""The text of a regular expression -> its parts, in the syntax of Go's `regexp/syntax` with Perl's classes."""

from __future__ import annotations

from typing import Final

from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.functions.regex import classes
from batten.formats.terraform.functions.regex.classes import Source
from batten.formats.terraform.functions.regex.program import (
    EMPTY,
    Assertion,
    Choice,
    Group,
    Letter,
    Part,
    Program,
    Repeat,
    Sequence,
    compiled,
)
from batten.pattern import pattern

_LONGEST: Final = 1_000  # characters of an expression
_DEEPEST: Final = 50  # groups in one another
_MOST: Final = 1_000  # turns that can be asked for; Go's own limit
_COUNT: Final = pattern(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")
_NAMED: Final = pattern(r"\?P?<([A-Za-z0-9_]+)>")
_FLAGS: Final = pattern(r"\?([imsU]*)(?:-([imsU]+))?([:)])")


def parsed(expression: str) -> Program:
    """Raises `Refused` where Go would not compile it, or it is larger than real ones are."""
    if len(expression) > _LONGEST:
        raise Refused
    reading = _Reading(expression)
    part = reading.choice(0)
    if reading.source.at < len(expression):
        raise Refused
    return compiled(part, tuple(reading.names))


class _Reading:
    def __init__(self, expression: str) -> None:
        self.source = Source(expression)
        self.names: list[str | None] = []
        self.flags: frozenset[str] = frozenset()

    def choice(self, depth: int) -> Part:
        if depth > _DEEPEST:
            raise Refused
        choices = [self._sequence(depth)]
        while self.source.take("|"):
            choices.append(self._sequence(depth))
        return choices[0] if len(choices) == 1 else Choice(tuple(choices))

    def _sequence(self, depth: int) -> Part:
        parts: list[Part] = []
        source = self.source
        while source.more and source.next not in "|)":
            if source.take("\\Q"):
                parts += [self._literal(letter) for letter in source.until("\\E")]
            else:
                found = self._one(depth)
                if found is None:  # flags
                    continue
                parts.append(found)
            if parts:
                parts[-1] = self._repeated(parts[-1])
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _literal(self, letter: str) -> Letter:
        return Letter(classes.literal(letter, fold="i" in self.flags))

    def _one(self, depth: int) -> Part | None:
        source = self.source
        letter = source.letter()
        if letter == "(":
            return self._group(depth)
        if letter == "[":
            return Letter(classes.bracketed(source, fold="i" in self.flags))
        if letter == ".":
            return Letter(classes.ANY if "s" in self.flags else classes.NO_NEWLINE)
        if letter in "^$":
            lines = {"^": "<", "$": ">"}
            return Assertion(lines[letter] if "m" in self.flags else letter)
        if letter == "\\":
            return self._escape()
        if letter in "*+?":
            raise Refused
        return self._literal(letter)

    def _escape(self) -> Part:
        source = self.source
        if not source.more:
            raise Refused
        if source.next in "AzbB":
            return Assertion({"A": "^", "z": "$"}.get(letter := source.letter(), letter))
        known = classes.escaped_class(source, fold="i" in self.flags)
        return Letter(known) if known is not None else self._literal(source.escaped())

    def _group(self, depth: int) -> Part | None:
        source = self.source
        before = self.flags
        named = source.match(_NAMED)
        if named is not None:
            if named[1] in self.names:
                raise Refused
            self.names.append(named[1])
        elif source.more and source.next == "?":
            flags = source.match(_FLAGS)
            if flags is None:
                raise Refused
            self.flags = (before | set(flags[1])) - set(flags[2] or "")
            if flags[3] == ")":
                if not flags[1] and not flags[2]:
                    raise Refused
                return None
            return self._closed(self.choice(depth + 1), before)
        else:
            self.names.append(None)
        number = len(self.names)
        return Group(self._closed(self.choice(depth + 1), before), number)

    def _closed(self, part: Part, flags: frozenset[str]) -> Part:
        if not self.source.take(")"):
            raise Refused
        self.flags = flags
        return part

    def _repeated(self, part: Part) -> Part:
        found = self._count()
        if found is None:
            return part
        least, most = found
        lazy = self.source.take("?") != ("U" in self.flags)
        if self._count() is not None:  # one after the other is an error in Go
            raise Refused
        if most == 0:
            return EMPTY
        return Repeat(part, least, most, lazy)

    def _count(self) -> tuple[int, int | None] | None:
        source = self.source
        for sign, found in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if source.take(sign):
                return found
        counted = source.match(_COUNT)
        if counted is None:
            return None
        least = int(counted[1])
        most = least if counted[2] is None else int(counted[3]) if counted[3] else None
        if least > _MOST or (most is not None and (most > _MOST or most < least)):
            raise Refused
        return least, most
