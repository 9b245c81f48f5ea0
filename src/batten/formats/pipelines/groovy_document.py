"""A Jenkinsfile as a document: places are ranges of its text, and ranges of what its strings mean."""

from __future__ import annotations

from collections.abc import Iterable

from batten.formats.lines import lines_of, text_of
from batten.formats.pipelines.groovy_lex import GroovyString, string_at
from batten.model.edits import CannotEdit, Edit, ReplaceText, Splice
from batten.model.pipeline import RANGE
from batten.model.source import File, Location, Pointer


class GroovyDocument:
    """Implements `batten.model.source.Document`. A pointer is `(start, end)` in characters of the text, of a string's
    token followed by `(RANGE, first, last)` in characters of what it means."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._last: tuple[int, GroovyString] | None = None  # findings come string by string

    def string(self, start: int, end: int) -> GroovyString:
        """What the string token from `start` to `end` means."""
        if self._last is None or self._last[0] != start:
            self._last = (start, string_at(text_of(self.file), start, end))
        return self._last[1]

    def range_of(self, pointer: Pointer) -> tuple[int, int]:
        """The characters of the file that a pointer means; the first line for an empty one."""
        if len(pointer) < 2:
            text = text_of(self.file)
            end = text.find("\n")
            return 0, len(text) if end < 0 else end
        start, end = int(pointer[0]), int(pointer[1])
        if len(pointer) < 5 or pointer[2] != RANGE:
            return start, end
        first, last = int(pointer[3]), int(pointer[4])
        if text_of(self.file)[start] not in "'\"/$":  # a name: it is its own text
            return start + first, start + last
        places = self.string(start, end).places
        if not places:
            return start, end
        begin = places[min(first, len(places) - 1)]
        return begin, places[min(last, len(places)) - 1] + 1 if last > first else begin

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The range in lines and columns."""
        lines = lines_of(self.file)
        start, end = self.range_of(pointer)
        line, column = lines.place(max(start, end - 1))
        return Location(self.file.path, *lines.place(start), line, column + 1)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """Texts are replaced as they stand; nothing else can be edited."""
        found = []
        for edit in edits:
            if not isinstance(edit, ReplaceText):
                raise CannotEdit("a Jenkinsfile is a program; change it by hand")
            found.append(Splice(*self.range_of(edit.pointer), edit.text))
        return sorted(found)
