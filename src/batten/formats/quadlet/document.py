"""Unit files: sections of `Key=value` lines (systemd.syntax(7)), read with positions and edited in place.

A unit is its own file and the drop-ins that are merged into it, in the order in which they apply.

Pointers: `("Container",)` is a section; `("Container", "AddCapability", 1)` its second assignment of that
key, counted over all files of the unit and over empty ones; `("Container", "AddCapability", 1, 0)` the
first word of that assignment, and a further number one of the parts of that word between commas (of
`--cap-add=A,B` those after the `=`). Without a number the last assignment is meant, which is the one that
counts for a single value. What a drop-in says can be located but not edited through the unit.
"""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct

from batten.formats.quadlet.words import Word, split
from batten.limits import UNIT_ASSIGNMENTS, UNIT_BYTES
from batten.model.source import File, Location, Place, Pointer, Unreadable, pointer_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from batten.model.edits import Edit, Splice

BOM = "\ufeff"


class Line(Struct, frozen=True):
    """A physical line of an assignment. Offsets into the file's text.

    `start` to `end` is all of it with its newline; `first` to `last` what it adds to the logical line.
    """

    start: int
    end: int
    first: int
    last: int


class Assignment(Struct, frozen=True, eq=False):
    """`key=value`. The value is the logical one: continued lines joined, outer whitespace gone."""

    unit: UnitText
    section: str
    key: str
    value: str
    lines: tuple[Line, ...]
    starts: tuple[int, ...]
    """Where each physical line begins in the logical line."""
    offset: int
    """Where the value begins in the logical line."""
    index: int = 0
    """Which assignment of this key in this section it is, over the whole unit."""

    @property
    def pointer(self) -> Pointer:
        return (self.section, self.key, self.index)

    @property
    def text(self) -> str:
        """What it says, on one line and with its section."""
        return f"[{self.section}] {self.key}={self.value}"

    def position(self, index: int) -> int:
        """The offset in the file's text of character `index` of the value."""
        logical = self.offset + index
        part = max(bisect_right(self.starts, logical) - 1, 0)
        line = self.lines[part]
        return min(line.first + logical - self.starts[part], line.last)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the file's text that `value[start:end]` stands in."""
        if start >= end:
            return self.position(start), self.position(start)
        return self.position(start), self.position(end - 1) + 1

    @property
    def key_span(self) -> tuple[int, int]:
        start = self.lines[0].first
        return start, start + len(self.key)


class UnitText(Struct, frozen=True, eq=False):
    """One file of a unit."""

    file: File
    text: str
    sections: list[tuple[str, int, int]]
    """Name and range of every section header."""
    assignments: list[Assignment]
    faults: list[tuple[int, str]]
    """Lines that are nothing (line, text): Podman refuses a unit that has one."""

    @property
    def ends_continued(self) -> bool:
        """The last line that says something asks for another one: nothing can be put after it."""
        said = [line for line in self.text.lstrip(BOM).split("\n") if line.strip() and line.lstrip()[0] not in "#;"]
        return bool(said) and said[-1].rstrip().endswith("\\")


def parse(file: File) -> UnitText:
    """The sections and assignments of `file`; raises `Unreadable` where it is no text or too much."""
    if len(file.data) > UNIT_BYTES:
        raise Unreadable(f"expected a unit file of at most {UNIT_BYTES:,} bytes, found {len(file.data):,}")
    text = file.text()
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable("expected a unit file, found a NUL byte: this is a binary file", line)
    unit = UnitText(file, text, [], [], [])
    section = None
    for lines in _logical_lines(text):
        logical = "".join(text[line.first : line.last] for line in lines)
        name = _section_name(logical)
        equals = logical.find("=")
        if name is not None:
            section = name
            unit.sections.append((name, lines[0].first, lines[-1].last))
        elif equals > 0 and section is not None:
            unit.assignments.append(_assignment(unit, section, logical, equals, lines))
            if len(unit.assignments) > UNIT_ASSIGNMENTS:
                raise Unreadable(f"expected at most {UNIT_ASSIGNMENTS:,} assignments in a unit file, found more")
        else:
            unit.faults.append((text.count("\n", 0, lines[0].start) + 1, logical[:80]))
            if len(unit.faults) > 100:
                raise Unreadable("expected a unit file: sections `[Name]` and `Key=value` lines", unit.faults[0][0])
    return unit


def _logical_lines(text: str) -> Iterable[list[Line]]:
    """Lines that say something, continued ones (a backslash at the end) together.

    Comments and blank lines between continued lines are skipped, as Podman and systemd do.
    """
    pending: list[Line] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        raw = text[start:end]
        first = start + len(raw) - len(raw.lstrip(BOM + " \t\r\n\v\f") if start == 0 else raw.lstrip())
        last = start + len(raw.rstrip())
        if first < last and text[first] not in "#;":
            continued = text[last - 1] == "\\"
            pending.append(Line(start, end, first, last - continued))
            if not continued:
                yield pending
                pending = []
        start = end
    if pending:
        yield pending


def _section_name(logical: str) -> str | None:
    close = logical.find("]")
    if logical[:1] != "[" or close < 2 or logical[close + 1 :].strip(" \t"):
        return None
    return logical[1:close]


def _assignment(unit: UnitText, section: str, logical: str, equals: int, lines: list[Line]) -> Assignment:
    starts, total = [], 0
    for line in lines:
        starts.append(total)
        total += line.last - line.first
    value = logical[equals + 1 :]
    offset = equals + 1 + len(value) - len(value.lstrip())
    return Assignment(unit, section, logical[:equals].rstrip(), value.strip(), tuple(lines), tuple(starts), offset)


class UnitDocument:
    """A unit with its drop-ins. `command_keys`: keys whose values have C escapes (`Exec`)."""

    one_scope = True
    """What its drop-ins say is the unit's."""
    deployed = ()
    """No drop-in gives the unit another name (`batten.engine.judge.as_written`)."""

    def __init__(self, texts: Iterable[UnitText], command_keys: frozenset[str] = frozenset()) -> None:
        self.texts = tuple(texts)
        self.file = self.texts[0].file
        self.instructions: list[Assignment] = []
        """All assignments of the unit, in order."""
        self.command_keys = command_keys
        self._assignments: dict[tuple[str, str], list[Assignment]] = {}
        self._line_starts: dict[int, list[int]] = {}
        self._words: dict[Pointer, list[Word]] = {}
        self._dropins: dict[int, _DropIn] = {}
        for unit in self.texts:
            for read in unit.assignments:
                same = self._assignments.setdefault((read.section, read.key), [])
                numbered = Assignment(
                    unit, read.section, read.key, read.value, read.lines, read.starts, read.offset, len(same)
                )
                same.append(numbered)
                self.instructions.append(numbered)

    def has_section(self, section: str) -> bool:
        return any(name == section for unit in self.texts for name, _, _ in unit.sections)

    def keys(self, section: str) -> list[str]:
        """The keys that are assigned in `section`, in order of appearance."""
        return [key for name, key in self._assignments if name == section]

    def every(self, section: str, key: str) -> list[Assignment]:
        """All assignments of the key, empty ones too."""
        return self._assignments.get((section, key), [])

    def all(self, section: str, key: str) -> list[Assignment]:
        """The assignments that count: an empty one takes back those before it."""
        kept: list[Assignment] = []
        for assignment in self.every(section, key):
            if assignment.value:
                kept.append(assignment)
            else:
                kept = []
        return kept

    def last(self, section: str, key: str) -> Assignment | None:
        """The assignment that counts where one value is meant."""
        found = self.every(section, key)
        return found[-1] if found else None

    def words(self, assignment: Assignment) -> list[Word]:
        """The words of the value; `Word.start` counts in the value."""
        words = self._words.get(assignment.pointer)
        if words is None:
            words = split(assignment.value, escapes=assignment.key in self.command_keys)
            self._words[assignment.pointer] = words
        return words

    def parts(self, assignment: Assignment, word: Word) -> list[tuple[int, int]]:
        """Ranges in the value of what stands between the word's commas; of a quoted word the whole word."""
        written = assignment.value[word.start : word.end]
        if any(character in written for character in "\"'\\"):
            return [(word.start, word.end)]
        start = word.start + (written.find("=") + 1 if written.startswith("-") else 0)
        ranges = []
        for part in assignment.value[start : word.end].split(","):
            ranges.append((start, start + len(part)))
            start += len(part) + 1
        return ranges

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The value (or word, key, section header) at `pointer`; the section or the file where there is none."""
        unit, start, end = self._range(pointer, key)
        starts = self._starts(unit)
        line, end_line = bisect_right(starts, start) - 1, bisect_right(starts, max(end - 1, start)) - 1
        return Location(
            unit.file.path,
            line + 1,
            start - starts[line] + 1,
            end_line + 1,
            end - starts[end_line] + 1,
            pointer_text(pointer),
        )

    def find(self, pointer: Pointer) -> Assignment | None:
        """The assignment that `pointer` leads to or into."""
        if len(pointer) < 2:
            return None
        same = self._assignments.get((str(pointer[0]), str(pointer[1])), [])
        index = pointer[2] if len(pointer) > 2 else len(same) - 1
        return same[index] if isinstance(index, int) and 0 <= index < len(same) else None

    def _range(self, pointer: Pointer, key: bool) -> tuple[UnitText, int, int]:
        assignment = self.find(pointer)
        if assignment is not None:
            if key:
                return (assignment.unit, *assignment.key_span)
            start, end = 0, len(assignment.value)
            if len(pointer) > 3 and isinstance(pointer[3], int):
                words = self.words(assignment)
                if 0 <= pointer[3] < len(words):
                    start, end = self._word_range(assignment, words[pointer[3]], pointer[4:])
            return (assignment.unit, *assignment.span(start, end))
        for unit in self.texts:
            for name, start, end in unit.sections:
                if pointer and name == pointer[0]:
                    return unit, start, end
        start = len(self.texts[0].text) - len(self.texts[0].text.lstrip(BOM))
        return self.texts[0], start, start

    def _word_range(self, assignment: Assignment, word: Word, part: Pointer) -> tuple[int, int]:
        if part and isinstance(part[0], int):
            parts = self.parts(assignment, word)
            if 0 <= part[0] < len(parts):
                return parts[part[0]]
        return word.start, word.end

    def _starts(self, unit: UnitText) -> list[int]:
        starts = self._line_starts.get(id(unit))
        if starts is None:
            starts, at = [0], unit.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = unit.text.find("\n", at + 1)
            self._line_starts[id(unit)] = starts
        return starts

    def written(self, pointer: Pointer, *, key: bool) -> Place:
        """The place itself, or that in the drop-in that says it."""
        unit = self._range(pointer, key)[0]
        if unit is self.texts[0]:
            return Place(self, pointer, key)
        return Place(self._dropins.setdefault(id(unit), _DropIn(self, unit.file)), pointer, key)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """The edits as replacements in the unit's own file; raises `CannotEdit`."""
        from batten.formats.quadlet.edit import splices

        return splices(self, edits)


class _DropIn:
    """A unit seen from one of its drop-ins (`batten.model.source.Document`)."""

    one_scope = True

    def __init__(self, unit: UnitDocument, file: File) -> None:
        self.unit = unit
        self.file = file

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self.unit.locate(pointer, key=key)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        return self.unit.splices(edits)
