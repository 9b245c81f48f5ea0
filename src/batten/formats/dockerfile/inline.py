"""Dockerfiles that stand as a text in another document (Compose's `dockerfile_inline`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from batten.formats.dockerfile.nodes import Dockerfile
from batten.formats.dockerfile.parser import parse
from batten.formats.dockerfile.places import locate
from batten.formats.literal import lines_below
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import Document, File, Location, Pointer, pointer_text


class InlineDockerfile(Dockerfile, frozen=True, eq=False, kw_only=True):
    """Its places are those of the document around it, in whose `file` they are."""

    around: Location
    """The text as a whole."""
    lines: tuple[tuple[int, int], ...] = ()
    """Where each line of the text stands: its line, and the columns before it (-1: not known, as where a variable
    was put in). Empty where the text is not written line by line (quoted, folded)."""

    not_edited: ClassVar[str] = "the Dockerfile is a text inside another file: change it there by hand"

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        found = locate(self, pointer, key=key)
        if not 0 < found.line <= found.end_line <= len(self.lines):
            return replace(self.around, pointer=pointer_text(pointer))
        (line, before), (end_line, end_before) = self.lines[found.line - 1], self.lines[found.end_line - 1]
        return replace(
            found,
            line=line,
            column=found.column + before if before >= 0 else 1,
            end_line=end_line,
            end_column=found.end_column + end_before if before >= 0 and end_before >= 0 else 0,
        )

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit(self.not_edited)


def parse_inline(document: Document, pointer: Pointer, written: str, text: str) -> InlineDockerfile:
    """The Dockerfile `text` (variables put in) that is the scalar `written` at `pointer`.

    Raises `batten.model.source.Unreadable`, without a line, as `parse`.
    """
    file = document.file
    parsed = parse(File(file.path, text.encode("utf-8", "surrogatepass"), file.directory))
    around = document.locate(pointer)
    lines = lines_below(file.text().split("\n"), around.line, written.split("\n"), text.split("\n"))

    def line_of(number: int | None) -> int:
        return lines[number - 1][0] if number is not None and 0 < number <= len(lines) else around.line

    fields = {**{name: getattr(parsed, name) for name in Dockerfile.__struct_fields__}, "file": file, "cache": {}}
    fields["problems"] = tuple(replace(one, line=line_of(one.line)) for one in parsed.problems)
    return InlineDockerfile(**fields, around=around, lines=lines)
