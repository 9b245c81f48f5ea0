"""YAML documents of pipelines: places inside of scalars, which is where scripts have their faults."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from batten.formats.lines import lines_of, text_of
from batten.formats.pipelines.scalars import offsets
from batten.formats.yaml import COMPOSE, Schema, YamlDocument, read_documents
from batten.model.edits import CannotEdit, Edit, ReplaceText, Splice
from batten.model.pipeline import RANGE, Text
from batten.model.source import Document, File, Files, Location, Pointer, Problem, pointer_text

_SCALARS: Final = 4  # whose places are kept: findings come script by script


class PipelineDocument(YamlDocument):
    """A YAML document in which a pointer may go on behind a scalar: `(…, "run", RANGE, 4, 9)` are the characters
    4 to 9 of its value, wherever block style, folding and quotes have put them."""

    __slots__ = ()

    def note_repeated_keys(self, words: str) -> None:
        super().note_repeated_keys("the last one was judged")

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """As `TreeDocument.locate`; of a range, the text that its characters are written with."""
        if len(pointer) < 3 or pointer[-3] != RANGE:
            return super().locate(pointer, key=key)
        start, end = self.range_of(pointer)
        lines = lines_of(self.file)
        last = max(start, end - 1)
        line, column = lines.place(last)
        return Location(self.file.path, *lines.place(start), line, column + 1, pointer_text(pointer[:-3]))

    def range_of(self, pointer: Pointer) -> tuple[int, int]:
        """Characters of the file's text that a range of a scalar is written with."""
        scalar, first, end = pointer[:-3], int(pointer[-2]), int(pointer[-1])
        start, stop, places = self._places_in(scalar)
        if not places:
            return start, stop
        begin = places[min(first, len(places) - 1)]
        return begin, max(begin, places[min(end, len(places)) - 1] + 1) if end > first else begin

    def _places_in(self, scalar: Pointer) -> tuple[int, int, array[int]]:
        """The range of a scalar, and where each character of its value stands."""
        found = _kept.pop((self, scalar), None)
        if found is None:
            while len(_kept) >= _SCALARS:
                _kept.pop(next(iter(_kept)))
            start, stop = self.span(scalar, key=False)
            places = array("I", offsets(text_of(self.file), start, stop, str(self._scalar(scalar))))
            found = (start, stop, places)
        _kept[self, scalar] = found
        return found

    def _scalar(self, pointer: Pointer) -> Any:
        found: Any = self.value
        for part in pointer:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return ""
        return found

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """As `TreeDocument.splices`; ranges of scalars are replaced as they stand."""
        own: list[Splice] = []
        others: list[Edit] = []
        for edit in edits:
            if not (isinstance(edit, ReplaceText) and len(edit.pointer) > 2 and edit.pointer[-3] == RANGE):
                others.append(edit)
                continue
            start, end = self.range_of(edit.pointer)
            if text_of(self.file)[start:end] != self._written(edit.pointer):
                raise CannotEdit("quotes or folding stand inside of the text; change it by hand")
            own.append(Splice(start, end, self._quoted(edit)))
        found = sorted([*dict.fromkeys(own), *(super().splices(others) if others else ())])
        for one, other in pairwise(found):
            if other.start < one.end:
                raise CannotEdit("two changes touch the same text; make one, then the other")
        return found

    def _quoted(self, edit: ReplaceText) -> str:
        """The new text as the scalar's own quotes want it."""
        opening = text_of(self.file)[self.span(edit.pointer[:-3], key=False)[0]]
        if opening == '"':
            return edit.text.replace("\\", "\\\\").replace('"', '\\"')
        return edit.text.replace("'", "''") if opening == "'" else edit.text

    def _written(self, pointer: Pointer) -> str:
        return str(self._scalar(pointer[:-3]))[int(pointer[-2]) : int(pointer[-1])]


_kept: Final[dict[tuple[PipelineDocument, Pointer], tuple[int, int, array[int]]]] = {}  # in the order of their last use


def read_pipeline(file: File, files: Files, schema: Schema = COMPOSE) -> Iterator[PipelineDocument | Problem]:
    """The documents of the file, which is one of `files`; what no YAML is because a template stands in it is told of
    its folder."""
    for document in read_documents(file, schema, kind=PipelineDocument):
        if isinstance(document, Problem) and document.message.startswith("template:"):
            from batten.formats.kubernetes.templates import template_problem

            yield template_problem(file, files)
            continue
        assert isinstance(document, PipelineDocument | Problem)
        yield document


def text_at(document: Document, pointer: Pointer, value: Any) -> Text:
    """A scalar as text with its place."""
    from batten.formats.part import as_text

    return Text(as_text(value), document, pointer)
