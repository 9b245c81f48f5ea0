"""Characters of HCL: blanks, comments, names, and what is wrong where."""

from __future__ import annotations

import re
from typing import NoReturn

from batten.limits import HCL_DEPTH, HCL_PARTS
from batten.model.source import Unreadable
from batten.pattern import pattern

_BLANK = pattern(r"(?:[ \t\r]+|/\*.*?\*/)+", re.DOTALL)
_SPACE = pattern(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_COMMENT = pattern(r"(?:#|//)[^\n]*")
_BEGINS = frozenset(" \t\r\n#/")
_MARKS = frozenset("#/")
NAME = pattern(r"[^\W\d][\w-]*")
NUMBER = pattern(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DIGITS = 40  # of a number; what has more is none that anything counts


class Scanner:
    """A text and how far it is read. Newlines end what stands in a body, and are blanks within brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1 if text.startswith("\ufeff") else 0
        self.limit = len(text)
        self._depth = 0
        self._parts = 0

    def fail(self, expected: str, at: int | None = None) -> NoReturn:
        """Raises `Unreadable` with what was found there."""
        at = self.at if at is None else at
        found = self.text[at : at + 1]
        shown = "the end" if at >= self.limit else "a new line" if found == "\n" else repr(found)
        raise Unreadable(f"expected {expected}, found {shown}", self.text.count("\n", 0, at) + 1)

    def enter(self) -> None:
        """One level deeper, one part more; raises `Unreadable` where no real file is like that."""
        self._depth += 1
        self._parts += 1
        if self._depth > HCL_DEPTH or self._parts > HCL_PARTS:
            many = f"at most {HCL_PARTS:,} expressions" if self._parts > HCL_PARTS else f"at most {HCL_DEPTH} levels"
            raise Unreadable(f"expected {many}, found more", self.text.count("\n", 0, self.at) + 1)

    def leave(self) -> None:
        self._depth -= 1

    def blanks(self, *, lines: bool) -> None:
        """Goes over blanks and comments; over line ends, too, where they mean nothing (`lines`)."""
        text, at = self.text, self.at
        if text[at : at + 1] not in _BEGINS:
            return
        found = (_SPACE if lines else _BLANK).match(text, at, self.limit)
        if found is not None:
            self.at = at = found.end()
        if not lines and text[at : at + 1] in _MARKS:
            found = _COMMENT.match(text, at, self.limit)
            if found is not None:
                self.at = found.end()

    def peek(self, *words: str) -> str:
        """The first of these that comes next; "" where none does."""
        text, at = self.text, self.at
        for word in words:
            if text.startswith(word, at) and at + len(word) <= self.limit:
                return word
        return ""

    def take(self, *words: str) -> str:
        """As `peek`, and goes over it."""
        found = self.peek(*words)
        self.at += len(found)
        return found

    def name(self) -> str:
        """A name that stands here, "" where there is none."""
        found = NAME.match(self.text, self.at, self.limit)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def number(self) -> int | float | None:
        found = NUMBER.match(self.text, self.at, self.limit)
        if found is None:
            return None
        if len(found[0]) > _DIGITS:
            self.fail("a number that can be counted with")
        self.at = found.end()
        word = found[0]
        return int(word) if word.isdigit() else _finite(word)


def _finite(word: str) -> float:
    value = float(word)
    return value if value < float("inf") else 0.0
