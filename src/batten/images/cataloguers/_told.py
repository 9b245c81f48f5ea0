"""What cataloguers of package databases share: text that may be hostile, and what was lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from batten import limits
from batten.model.package_names import is_name, is_version
from batten.model.source import Unreadable

__all__ = ["Losses", "Room", "decoded", "is_name", "is_version", "one_line", "records", "shown", "whole_number"]

_SHOWN: Final = 60
_DIGITS: Final = 13
_BLANK: Final = re.compile(r"\n\n+")


class Losses:
    """What could not be read of one file: how much, and why for the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self._notes: dict[str, None] = {}
        self._remarks: dict[str, None] = {}

    def add(self, reason: str) -> None:
        """One record is lost. Raises Unreadable where so many are that the rest is not worth its time."""
        self.count += 1
        self.first = self.first or reason
        if self.count > limits.PACKAGES_PER_FILE:
            raise Unreadable(f"more than {limits.PACKAGES_PER_FILE:,} packages could not be read (the first: {reason})")

    def note(self, sentence: str) -> None:
        """Something that concerns the whole file."""
        self._notes.setdefault(sentence)

    def remark(self, sentence: str) -> None:
        """Worth knowing, although all that the file says was read."""
        self._remarks.setdefault(sentence)

    @property
    def severe(self) -> bool:
        """Whether anything was lost: for `Catalogue.severe`."""
        return bool(self.count or self._notes)

    def problem(self, read: int) -> str:
        """One line for `Catalogue.problem`, "" where there is nothing to tell; `read` records were."""
        parts = [*self._notes, *self._remarks]
        if self.count:
            kind = "package" if self.count == 1 else "packages"
            first = "" if self.count == 1 else "the first: "
            parts.insert(0, f"{self.count:,} {kind} could not be read ({first}{self.first}), {read:,} could")
        return "; ".join(parts)


class Room:
    """How many paths and names of dependencies one file may still bring."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._paths = limits.PACKAGE_PATHS
        self._characters = limits.PACKAGE_PATHS_CHARACTERS
        self._depends = limits.PACKAGE_DEPENDS_TOTAL
        self.names = limits.PACKAGE_PROVIDES_TOTAL
        """Names of what is provided or asked for that may still be looked at."""

    def path(self, path: str) -> bool:
        """May `path` be kept?"""
        self._paths -= 1
        self._characters -= len(path)
        if self._paths >= 0 and self._characters >= 0:
            return True
        self._losses.note(f"more than {limits.PACKAGE_PATHS:,} owned files or too long names; the rest is left out")
        return False

    def taken(self, names: list[str]) -> list[str]:
        """`names`, or as many as may be looked at; counted."""
        kept = names[: max(self.names, 0)]
        self.names -= len(kept)
        return kept

    def depends(self, names: Iterable[str]) -> tuple[str, ...]:
        """As many of `names` as may be kept, each once."""
        kept = tuple(dict.fromkeys(names))[: min(limits.PACKAGE_DEPENDS, max(self._depends, 0))]
        self._depends -= len(kept)
        return kept


def decoded(data: bytes | memoryview, bound: int, losses: Losses) -> str:
    """The first `bound` bytes as text; says where that is not all. Whole lines only."""
    if len(data) <= bound:
        return str(data, "utf-8", "replace")
    losses.note(f"larger than {bound // limits.MIB} MiB; what comes after is not read")
    return str(data[:bound], "utf-8", "replace").rpartition("\n")[0]


def records(text: str) -> Iterator[str]:
    """What stands between blank lines, one after the other."""
    text = text.replace("\r\n", "\n") if "\r\n" in text else text
    start = 0
    for blank in _BLANK.finditer(text):
        if blank.start() > start:
            yield text[start : blank.start()]
        start = blank.end()
    if start < len(text):
        yield text[start:]


def one_line(text: str) -> str:
    """A vendor or licence as it may be shown: no line breaks, no control characters, not endless."""
    text = " ".join(text[: limits.PACKAGE_FIELD].split())
    return text if text.isprintable() else "".join(one for one in text if one.isprintable())


def whole_number(text: str) -> int:
    """A number of bytes as a field has it, 0 for what is none, or more than a package has."""
    text = text.strip()
    return int(text) if 0 < len(text) <= _DIGITS and text.isascii() and text.isdigit() else 0


def shown(text: str) -> str:
    """`text` as it may stand in a message."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
