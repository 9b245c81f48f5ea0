"""A text that is parsed, where its characters stand, and what its commands inherit from around it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Source:
    """A text that is parsed, and where its characters stand in the script that was given."""

    def __init__(self, text: str, places: int | list[int]) -> None:
        self.text = text
        self.places = places
        self.bytes: list[int] | None = None
        if not text.isascii():
            self.bytes = []
            for offset, char in enumerate(text):
                self.bytes += [offset] * len(char.encode("utf-8", "replace"))
            self.bytes.append(len(text))

    def offset(self, byte: int) -> int:
        """The character of `text` at `byte` of its UTF-8 form."""
        return byte if self.bytes is None else self.bytes[min(byte, len(self.bytes) - 1)]

    def place(self, offset: int) -> int:
        """Where the character at `offset` stands in the script that was given."""
        if isinstance(self.places, int):
            return self.places + offset
        if offset < len(self.places):
            return self.places[offset]
        return self.places[-1] + 1 if self.places else 0

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.place(start), self.place(end - 1) + 1 if end > start else self.place(start)


class State(Struct, frozen=True, eq=False):
    """What a node inherits from those around it."""

    pipes: tuple[tuple[int, int], ...] = ()
    connector: str = ""
    context: str = ""
    parent: int | None = None
    slot: int | None = None

    def with_(self, **changes: Any) -> State:
        return State(**{name: changes.get(name, getattr(self, name)) for name in self.__struct_fields__})
