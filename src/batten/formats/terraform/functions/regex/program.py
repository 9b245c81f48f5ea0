"""What a regular expression is compiled to: instructions of a Pike machine (R. Cox, "Regular Expression Matching: the
Virtual Machine Approach"). Of several ways to match, the one that stands first is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from batten.formats.terraform.functions.convert import Refused

LARGEST: Final = 2_000  # instructions of one expression


class Letter(Struct, frozen=True):
    """One letter that `takes` holds for."""

    takes: Callable[[str], bool]


class Assertion(Struct, frozen=True):
    """A place in the text: `^ $ < > b B`, the last but one of lines and of words."""

    kind: str


class Group(Struct, frozen=True):
    """Both ends of what is captured; 0 is the whole match."""

    inner: Part
    number: int


class Sequence(Struct, frozen=True):
    parts: tuple[Part, ...]


class Choice(Struct, frozen=True):
    parts: tuple[Part, ...]


class Repeat(Struct, frozen=True):
    """`most` None: without end. `lazy`: as few as do."""

    inner: Part
    least: int
    most: int | None
    lazy: bool


Part = Letter | Assertion | Group | Sequence | Choice | Repeat
EMPTY: Final = Sequence(())


class Split(Struct):
    """Go on at one place, and where that fails at the other."""

    first: int
    second: int


class Save(Struct, frozen=True):
    slot: int


class Match(Struct, frozen=True):
    pass


Instruction = Letter | Assertion | Split | Save | Match


class Program(Struct, frozen=True):
    instructions: tuple[Instruction, ...]
    groups: int
    names: tuple[str | None, ...]
    """Of the groups from the first on."""


def compiled(part: Part, names: tuple[str | None, ...]) -> Program:
    """Raises `Refused` where it is too large."""
    made = _Compiler()
    made.put(Group(part, 0))
    made.add(Match())
    return Program(tuple(made.instructions), len(names), names)


def _may_be_empty(part: Part) -> bool:
    if isinstance(part, Letter):
        return False
    if isinstance(part, Group):
        return _may_be_empty(part.inner)
    if isinstance(part, Sequence):
        return all(_may_be_empty(one) for one in part.parts)
    if isinstance(part, Choice):
        return any(_may_be_empty(one) for one in part.parts)
    return isinstance(part, Assertion) or part.least == 0 or _may_be_empty(part.inner)


class _Compiler:
    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self._parts = 0

    def add(self, instruction: Instruction) -> int:
        if len(self.instructions) == LARGEST:
            raise Refused
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    @property
    def here(self) -> int:
        return len(self.instructions)

    def put(self, part: Part) -> None:
        self._parts += 1
        if self._parts > 2 * LARGEST:  # nothing, a thousand times, a thousand times
            raise Refused
        if isinstance(part, Group):
            self.add(Save(part.number * 2))
            self.put(part.inner)
            self.add(Save(part.number * 2 + 1))
        elif isinstance(part, Sequence):
            for one in part.parts:
                self.put(one)
        elif isinstance(part, Choice):
            self._choice(part)
        elif isinstance(part, Repeat):
            self._repeat(part)
        else:
            self.add(part)

    def _choice(self, part: Choice) -> None:
        ends = []
        for one in part.parts[:-1]:
            split = Split(self.here + 1, -1)
            self.add(split)
            self.put(one)
            ends.append(Split(-1, -1))
            self.add(ends[-1])
            split.second = self.here
        self.put(part.parts[-1])
        for end in ends:
            end.first = end.second = self.here

    def _repeat(self, part: Repeat) -> None:
        for _ in range(part.least - (part.most is None and part.least > 0)):
            self.put(part.inner)
        if part.most is None and part.least > 0:
            self._plus(part)
        elif part.most is None:
            self._star(part)
        else:
            self._options(part, part.most - part.least)

    def _plus(self, part: Repeat) -> None:
        start = self.here
        self.put(part.inner)
        self._fork(Split(-1, -1), start, self.here + 1, part.lazy)

    def _star(self, part: Repeat) -> None:
        if _may_be_empty(part.inner):  # as Go does it, lest an empty turn hide what stands first
            split = Split(-1, -1)
            self.add(split)
            start = self.here
            self._plus(part)
            _set(split, start, self.here, part.lazy)
            return
        split = Split(-1, -1)
        start = self.add(split)
        self.put(part.inner)
        self.add(Split(start, start))
        _set(split, start + 1, self.here, part.lazy)

    def _options(self, part: Repeat, count: int) -> None:
        splits = []
        for _ in range(count):
            split = Split(-1, -1)
            splits.append((split, self.add(split) + 1))
            self.put(part.inner)
        for split, inside in splits:
            _set(split, inside, self.here, part.lazy)

    def _fork(self, split: Split, inside: int, after: int, lazy: bool) -> None:
        _set(split, inside, after, lazy)
        self.add(split)


def _set(split: Split, inside: int, after: int, lazy: bool) -> None:
    split.first, split.second = (after, inside) if lazy else (inside, after)
