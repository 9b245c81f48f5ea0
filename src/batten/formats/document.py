"""What YAML and JSON documents have in common: positions and edits, worked out when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

from batten.formats.tree import Tree, repeated
from batten.model.edits import Edit, Splice
from batten.model.source import File, Location, Pointer, Problem, pointer_text

_KEPT_TREES = 8  # documents whose places are kept; findings come document by document
_NOTES = 20  # keys that stand twice in one document: more say nothing new
_KEPT_TEXTS = 4  # files whose decoded text is kept


class TreeDocument:
    """A document of a file that consists of mappings, lists and scalars.

    `value` holds plain Python values and is not to be changed. `range` gives the document's characters in
    `file.text()`, which begin on line `line`.
    """

    __slots__ = ("file", "index", "line", "notes", "range", "value")

    def __init__(self, file: File, index: int, start: int, end: int, line: int) -> None:
        self.file = file
        self.index = index
        self.range = (start, end)
        self.line = line
        self.value: Any = None
        self.notes: tuple[Problem, ...] = ()

    def compose(self) -> Tree:
        """The tree of the document's text; built anew with every call."""
        raise NotImplementedError

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value at `pointer`, or its key, stands; the nearest parent where there is nothing.

        Keys that stand twice: the last one. An alias stands where it is used, what lies below it where the
        anchor is; a key that comes from a merge stands in the mapping that is merged. A block collection
        begins with its first key or dash and ends with its last value. A value without text (`key:`) is
        given the place of its key.
        """
        tree = tree_of(self)
        start, end = tree.span(pointer, key=key)
        line, column = self._line_and_column(tree.text, start)
        end_line, end_column = self._line_and_column(tree.text, end)
        return Location(self.file.path, line, column, end_line, end_column, pointer_text(pointer))

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """`edits` as replacements of ranges of `file.text()`, sorted, none overlapping.

        Every pointer addresses the document as it was read, whatever the other edits do; edits of one place
        are combined in the order given. Raises `CannotEdit`.
        """
        from batten.formats.yaml.splice import splices

        return splices(self, tree_of(self), edits)

    def note_repeated_keys(self, words: str) -> None:
        """Adds notes for keys that stand twice in a mapping, the first few; `words` say what the platform does."""
        tree = tree_of(self)
        self.notes += tuple(
            Problem(
                self.file.path,
                f"key `{later.text[:80]}` stands twice in this mapping, on lines {first} and {second}; {words}",
                second,
                severe=False,
            )
            for earlier, later in islice(repeated(tree), _NOTES)
            for first, second in [(self._line(tree.text, earlier.start), self._line(tree.text, later.start))]
        )

    def _line(self, text: str, offset: int) -> int:
        return self.line + text.count("\n", self.range[0], offset)

    def _line_and_column(self, text: str, offset: int) -> tuple[int, int]:
        begin = text.rfind("\n", 0, offset) + 1
        if begin == 0 and text.startswith("\ufeff"):
            begin = 1
        return self._line(text, offset), offset - begin + 1


@lru_cache(_KEPT_TREES)
def tree_of(document: TreeDocument) -> Tree:
    """The document's tree, kept for the last few documents."""
    return document.compose()


@lru_cache(_KEPT_TEXTS)
def text_of(file: File) -> str:
    """The file's text, kept for the last few files."""
    return file.text()
