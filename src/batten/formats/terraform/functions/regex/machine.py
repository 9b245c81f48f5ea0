"""Runs a program over a text: all that may still match goes on letter by letter, so each letter is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.functions.regex.program import Assertion, Letter, Match, Program, Save, Split

STEPS: Final = 100_000  # instructions that one call may take
Slots = tuple[int, ...]
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Machine:
    """`spend` is told of the instructions that a search took."""

    def __init__(self, program: Program, text: str, spend: Callable[[int], None]) -> None:
        self.program = program
        self.text = text
        self._spend = spend
        self._steps = 0
        self._none: Slots = (-1,) * (2 * program.groups + 2)

    def search(self, start: int) -> Slots | None:
        """Begin and end of the first match and of its groups, -1 where a group has none. Raises `Refused`."""
        before = self._steps
        try:
            return self._search(start)
        finally:
            self._spend(self._steps - before)

    def _search(self, start: int) -> Slots | None:
        instructions, text = self.program.instructions, self.text
        threads: list[tuple[int, Slots]] = []
        found: Slots | None = None
        for at in range(start, len(text) + 1):
            seen = {number for number, _ in threads}
            if found is None:
                self._follow(0, self._none, at, threads, seen)
            if not threads:
                if found is not None:
                    break
                continue
            letter = text[at] if at < len(text) else None
            following: list[tuple[int, Slots]] = []
            seen = set()
            for number, slots in threads:
                self._steps += 1
                one = instructions[number]
                if isinstance(one, Match):
                    found = slots
                    break
                if letter is not None and isinstance(one, Letter) and one.takes(letter):
                    self._follow(number + 1, slots, at + 1, following, seen)
            threads = following
            if self._steps > STEPS:
                raise Refused
        return found

    def _follow(self, number: int, slots: Slots, at: int, threads: list[tuple[int, Slots]], seen: set[int]) -> None:
        """Adds what can be reached from an instruction without a letter, what stands first first."""
        waiting = [(number, slots)]
        while waiting:
            number, slots = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            self._steps += 1
            one = self.program.instructions[number]
            if isinstance(one, Split):
                waiting += [(one.second, slots), (one.first, slots)]
            elif isinstance(one, Save):
                self._steps += len(slots) // 16
                waiting.append((number + 1, (*slots[: one.slot], at, *slots[one.slot + 1 :])))
            elif isinstance(one, Assertion):
                if self._holds(one.kind, at):
                    waiting.append((number + 1, slots))
            else:
                threads.append((number, slots))

    def _holds(self, kind: str, at: int) -> bool:
        text = self.text
        if kind == "^":
            return at == 0
        if kind == "$":
            return at == len(text)
        if kind == "<":
            return at == 0 or text[at - 1] == "\n"
        if kind == ">":
            return at == len(text) or text[at] == "\n"
        before = at > 0 and text[at - 1] in _WORD
        after = at < len(text) and text[at] in _WORD
        return (before != after) == (kind == "b")

    def every(self) -> Iterator[Slots]:
        """All matches as Go's `FindAll` has them: no empty one right after another."""
        at, last = 0, -1
        while at <= len(self.text):
            found = self.search(at)
            if found is None:
                return
            begin, end = found[:2]
            wanted = end != at or begin != last
            at = at + 1 if end == at else end
            last = end
            if wanted:
                yield found
