"""Edits of a unit file as splices. Nothing outside the edited words and lines changes."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from typing import Any

from batten.formats.quadlet.document import BOM, Assignment, Line, UnitDocument
from batten.formats.quadlet.options import takes_next
from batten.model.edits import (
    Append,
    CannotEdit,
    Edit,
    InsertAfter,
    InsertBefore,
    Remove,
    ReplaceText,
    Set,
    Splice,
)
from batten.model.source import Pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MEET = "two edits meet in one place; apply one, scan, then the other"
_CONTINUED = "the file ends in a continued line (a backslash); end it first"


def splices(document: UnitDocument, edits: Iterable[Edit]) -> list[Splice]:
    """`edits` as replacements in the unit's own file, in order; raises `CannotEdit`."""
    work = _Work(document)
    for edit in edits:
        if isinstance(edit, Set):
            work.set(edit.pointer, edit.value)
        elif isinstance(edit, Append):
            work.append(edit.pointer, edit.value)
        elif isinstance(edit, Remove):
            work.remove(edit.pointer)
        elif isinstance(edit, ReplaceText):
            work.replace(edit.pointer, edit.text)
        elif isinstance(edit, InsertBefore | InsertAfter):
            work.insert_text(edit)
    return work.finish()


class _Work:
    """Collects what the edits ask for; lines that go to one place become one splice."""

    def __init__(self, document: UnitDocument) -> None:
        self.document = document
        self.own = document.texts[0]
        self.text = self.own.text
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.replaced: dict[tuple[int, int], str] = {}
        self.inserted: dict[int, list[str]] = {}
        self.added: dict[str, list[str]] = {}
        self.removed: dict[Pointer, set[int] | None] = {}
        """Assignment -> indexes of its words, or None for all of it."""
        self.removed_parts: dict[Pointer, dict[int, set[int]]] = {}
        """Assignment -> word -> indexes of the parts between its commas."""

    def set(self, pointer: Pointer, value: Any) -> None:
        if len(pointer) < 2:
            raise CannotEdit("a section has no value of its own")
        assignment = self.document.find(pointer)
        if assignment is None:
            self._insert(str(pointer[0]), str(pointer[1]), _written(value))
        else:
            self._replace(assignment, pointer, _written(value))

    def append(self, pointer: Pointer, value: Any) -> None:
        section, key, text = str(pointer[0]), str(pointer[1]), _written(value)
        for assignment in self.document.all(section, key):
            if assignment.value == text or any(word.text == text for word in self.document.words(assignment)):
                return
        if text not in [line.partition("=")[2] for line in self._lines_for(section, key)]:
            self._insert(section, key, text)

    def remove(self, pointer: Pointer) -> None:
        if len(pointer) == 2:
            found = self.document.every(str(pointer[0]), str(pointer[1]))
            if not found:
                raise CannotEdit(f"there is no {pointer[1]}= to take away")
            for assignment in found:
                self._require_own(assignment)
                self.removed[assignment.pointer] = None
            return
        one = self.document.find(pointer)
        if one is None:
            raise CannotEdit("there is nothing to take away")
        self._require_own(one)
        if len(pointer) == 3:
            self.removed[one.pointer] = None
        elif len(pointer) > 4 and isinstance(pointer[3], int) and isinstance(pointer[4], int):
            of_word = self.removed_parts.setdefault(one.pointer, {})
            of_word.setdefault(pointer[3], set()).add(pointer[4])
        else:
            words = self.removed.setdefault(one.pointer, set())
            if words is not None and isinstance(pointer[3], int):
                words.add(pointer[3])

    def replace(self, pointer: Pointer, text: str) -> None:
        assignment = self.document.find(pointer)
        if assignment is None:
            raise CannotEdit("there is nothing to replace")
        self._replace(assignment, pointer, _written(text))

    def insert_text(self, edit: InsertBefore | InsertAfter) -> None:
        assignment = self.document.find(edit.pointer)
        if assignment is None:
            raise CannotEdit("there is no such line to stand beside")
        self._require_own(assignment)
        at = assignment.lines[0].start if isinstance(edit, InsertBefore) else self._after(assignment)
        self.inserted.setdefault(at, []).extend(edit.text.splitlines())

    def finish(self) -> list[Splice]:
        self._remove_parts()
        ranges = dict(self.replaced)
        for pointer, words in self.removed.items():
            assignment = self.document.find(pointer)
            if assignment is not None and words != set():
                for start, end in _removal(self.document, assignment, words):
                    if (start, end) in self.replaced:
                        raise CannotEdit(_MEET)
                    ranges[start, end] = ""
        self._check_apart(sorted(ranges))
        result = [Splice(start, end, text) for (start, end), text in ranges.items()]
        end = len(self.text)
        if self.added or end in self.inserted:
            if self.own.ends_continued:
                raise CannotEdit(_CONTINUED)
            result.append(Splice(end, end, self._tail(self.inserted.pop(end, []))))
        for at, lines in self.inserted.items():
            result.append(Splice(at, at, "".join(line + self.newline for line in lines)))
        return sorted(result)

    def _remove_parts(self) -> None:
        """Parts of words go with their comma; a word that loses all of them goes with the option it belongs to."""
        for pointer, by_word in self.removed_parts.items():
            assignment = self.document.find(pointer)
            if assignment is None or self.removed.get(pointer, ()) is None:
                continue
            words = self.document.words(assignment)
            for number, parts in by_word.items():
                if not 0 <= number < len(words):
                    raise CannotEdit("there is no such word")
                ranges = self.document.parts(assignment, words[number])
                if len(ranges) == 1 and "," in words[number].text:
                    raise CannotEdit(f"a list in quotes of {assignment.key}= is not taken apart; change it by hand")
                kept = [ranges[n] for n in range(len(ranges)) if n not in parts]
                gone = self.removed.setdefault(pointer, set())
                if gone is None or number in gone:
                    continue
                if any(assignment.value[start:end] for start, end in kept):
                    text = ",".join(assignment.value[start:end] for start, end in kept)
                    self._put(assignment.span(ranges[0][0], ranges[-1][1]), text)
                else:
                    gone.add(number)
                    if number and assignment.key == "PodmanArgs" and takes_next(words[number - 1].text):
                        gone.add(number - 1)

    def _put(self, span: tuple[int, int], text: str) -> None:
        if self.replaced.get(span, text) != text:
            raise CannotEdit(_MEET)
        self.replaced[span] = text

    def _check_apart(self, ranges: list[tuple[int, int]]) -> None:
        for (_, end), (start, _) in itertools.pairwise(ranges):
            if start < end:
                raise CannotEdit(_MEET)

    def _require_own(self, assignment: Assignment) -> None:
        if assignment.unit is self.own:
            return
        there = assignment.unit.file.path
        if any(pointer[1] == "PodmanArgs" for pointer in self.removed):
            message = f"PodmanArgs= decides, and behind it {assignment.key}= of the drop-in {there} would: change both"
            raise CannotEdit(message)
        raise CannotEdit(f"{assignment.key}= is set in the drop-in {there}; change it there")

    def _replace(self, assignment: Assignment, pointer: Pointer, text: str) -> None:
        self._require_own(assignment)
        start, end = 0, len(assignment.value)
        if len(pointer) > 3 and isinstance(pointer[3], int):
            words = self.document.words(assignment)
            if not 0 <= pointer[3] < len(words):
                raise CannotEdit("there is no such word")
            start, end = words[pointer[3]].start, words[pointer[3]].end
        span = assignment.span(start, end)
        if "\n" in self.text[span[0] : span[1]] and len(assignment.lines) > 1:
            raise CannotEdit(f"{assignment.key}= goes over several lines; change it by hand")
        self._put(span, text)

    def _lines_for(self, section: str, key: str) -> list[str]:
        """Lines that other edits put in already."""
        lines = [line for block in self.inserted.values() for line in block] + self.added.get(section, [])
        return [line for line in lines if line.startswith(f"{key}=")]

    def _insert(self, section: str, key: str, text: str) -> None:
        """A new line after the last one of its key, else at the end of its section, else in a new one."""
        last = None
        for assignment in self.own.assignments:
            if assignment.section == section and (last is None or assignment.key == key or last.key != key):
                last = assignment
        if last is not None:
            self.inserted.setdefault(self._after(last), []).append(f"{key}={text}")
            return
        for name, start, _ in self.own.sections:
            if name == section:
                end = self.text.find("\n", start)
                if self.text[start : end if end > 0 else None].rstrip().endswith("\\"):
                    raise CannotEdit("a section header goes over several lines; write it in one")
                at = len(self.text) if end < 0 else end + 1
                self.inserted.setdefault(at, []).append(f"{key}={text}")
                return
        self.added.setdefault(section, []).append(f"{key}={text}")

    def _after(self, assignment: Assignment) -> int:
        line = assignment.lines[-1]
        if self.text[line.last : line.last + 1] == "\\":
            raise CannotEdit(_CONTINUED)
        return line.end

    def _tail(self, lines: list[str]) -> str:
        """What comes at the end of the file; its last line has a newline if it had one before."""
        for section, added in self.added.items():
            lines = [*lines, *([""] if lines or self.text.strip(BOM) else []), f"[{section}]", *added]
        block = "".join(line + self.newline for line in lines)
        if not self.text.strip(BOM) or self.text.endswith("\n"):
            return block
        return self.newline + block.removesuffix(self.newline)


def _written(value: Any) -> str:
    """The value as a unit file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = " ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    if "\n" in text or "\r" in text or text.endswith("\\"):
        raise CannotEdit("a unit file cannot hold this value on one line")
    return text


def _removal(document: UnitDocument, assignment: Assignment, words: set[int] | None) -> list[tuple[int, int]]:
    """The ranges that go so that the words (None: the assignment) are gone."""
    found = document.words(assignment)
    if words is None or len(words) >= len(found):
        return _merged([(line.start, line.end) for line in assignment.lines])
    text = assignment.unit.text
    spans = [assignment.span(word.start, word.end) for word in found]
    if any("\n" in text[spans[index][0] : spans[index][1]] for index in words):
        raise CannotEdit(f"a quoted word of {assignment.key}= goes over several lines; change it by hand")
    ends = [line.end for line in assignment.lines]
    kept_lines = {0, *(_line_of(ends, spans[i][0]) for i in range(len(found)) if i not in words)}
    last_kept = max(kept_lines)
    emptied = {_line_of(ends, spans[index][0]) for index in words} - kept_lines
    # a blank line where a continued one ended would swallow the next assignment
    emptied |= set(range(last_kept + 1, len(assignment.lines)))
    ranges = [(assignment.lines[number].start, assignment.lines[number].end) for number in emptied]
    for index in words:
        number = _line_of(ends, spans[index][0])
        if number not in emptied:
            line = assignment.lines[number]
            follows = any(i not in words and spans[i][0] < line.end for i in range(index + 1, len(spans)))
            ranges.append(_with_space(line, spans, index, follows))
    if last_kept < len(assignment.lines) - 1:
        ranges.append(_backslash(text, assignment, last_kept))
    return _merged(ranges)


def _line_of(ends: list[int], position: int) -> int:
    return min(bisect_right(ends, position), len(ends) - 1)


def _with_space(line: Line, spans: list[tuple[int, int]], index: int, follows: bool) -> tuple[int, int]:
    """The word and the blanks that part it from its neighbour on the same line.

    `follows`: a word that stays comes after it there.
    """
    start, end = spans[index]
    if follows:
        return start, spans[index + 1][0]
    if index and spans[index - 1][1] > line.start:
        return spans[index - 1][1], end
    return start, end


def _backslash(text: str, assignment: Assignment, number: int) -> tuple[int, int]:
    """The continuation mark of a line, with the blanks before it."""
    line = assignment.lines[number]
    start = line.first + len(text[line.first : line.last].rstrip())
    return start, line.last + 1


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
