"""What YAML and JSON documents have in common: positions and edits, worked out when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from batten.formats.lines import lines_of
from batten.formats.tree import Tree, repeated
from batten.limits import YAML_PLACES
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer, Problem, pointer_text

_KEPT: Final = 8  # documents whose places are kept; findings come document by document
_KEPT_CHARACTERS: Final = 1 << 20  # of their texts together; a tree takes some ten times its text
_FORGOTTEN: Final[Any] = object()
_NOTES: Final = 20  # keys that stand twice in one document: more say nothing new


class TreeDocument:
    """A document of a file that consists of mappings, lists and scalars.

    `range` gives the document's characters in
    `file.text()`, which begin on line `line`.
    """

    __slots__ = ("_value", "file", "index", "line", "notes", "range", "size")

    def __init__(self, file: File, index: int, start: int, end: int, line: int) -> None:
        self.file = file
        self.index = index
        self.range = (start, end)
        self.line = line
        self._value: Any = _FORGOTTEN
        self.notes: tuple[Problem, ...] = ()
        self.size = 0
        """Its keys and values, at most."""

    @property
    def value(self) -> Any:
        """The document as plain Python values, not to be changed."""
        return _value_of(self) if self._value is _FORGOTTEN else self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = value

    def forget(self) -> None:
        """Gives the memory of the value back; it is read again from the text when somebody asks for it."""
        self._value = _FORGOTTEN

    def reread(self) -> Any:
        """The value, read anew from the document's text."""
        raise NotImplementedError

    def compose(self) -> Tree:
        """The tree of the document's text; built anew with every call."""
        raise NotImplementedError

    def span(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        """Range of the value at `pointer` in the file's text, as `Tree.span` has it."""
        return tree_of(self).span(pointer, key=key)

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value at `pointer`, or its key, stands; the nearest parent where there is nothing.

        Keys that stand twice: the last one. An alias stands where it is used, what lies below it where the
        anchor is; a key that comes from a merge stands in the mapping that is merged. A block collection
        begins with its first key or dash and ends with its last value. A value without text (`key:`) is
        given the place of its key. Of a document larger than `YAML_PLACES` the first line is told.
        """
        if self.size > YAML_PLACES:
            return Location(self.file.path, self.line, pointer=pointer_text(pointer))
        start, end = self.span(pointer, key=key)
        lines = lines_of(self.file)
        return Location(self.file.path, *lines.place(start), *lines.place(end), pointer_text(pointer))

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """`edits` as replacements of ranges of `file.text()`, sorted, none overlapping.

        Every pointer addresses the document as it was read, whatever the other edits do; edits of one place
        are combined in the order given. Raises `CannotEdit`.
        """
        from batten.formats.yaml.splice import splices

        if self.size > YAML_PLACES:
            raise CannotEdit(f"the document has more than {YAML_PLACES:,} values; part it into several files")
        return splices(self, tree_of(self), edits)

    def note_repeated_keys(self, words: str) -> None:
        """Adds notes for keys that stand twice in a mapping, the first few; `words` say what the platform does."""
        if self.size > YAML_PLACES:
            message = f"a key stands twice in a mapping of this document; {words}"
            self.notes += (Problem(self.file.path, message, self.line, severe=False),)
            return
        tree, lines = tree_of(self), lines_of(self.file)
        self.notes += tuple(
            Problem(
                self.file.path,
                f"key `{later.text[:80]}` stands twice in this mapping, on lines {first} and {second}; {words}",
                second,
                severe=False,
            )
            for earlier, later in islice(repeated(tree), _NOTES)
            for first, second in [(lines.line(earlier.start), lines.line(later.start))]
        )


D = TypeVar("D", bound=TreeDocument)
T = TypeVar("T")


class Recent(Generic[D, T]):
    """What `make` gives for a document, kept for the last few documents."""

    def __init__(self, make: Callable[[D], T]) -> None:
        self._make = make
        self._kept: dict[D, T] = {}  # in the order of their last use

    def __call__(self, document: D) -> T:
        kept = self._kept
        found: T = kept.pop(document, _FORGOTTEN)
        if found is _FORGOTTEN:
            size = sum(one.range[1] - one.range[0] for one in (document, *kept))
            while kept and (len(kept) >= _KEPT or size > _KEPT_CHARACTERS):
                oldest = next(iter(kept))
                kept.pop(oldest, None)
                size -= oldest.range[1] - oldest.range[0]
            found = self._make(document)
        kept[document] = found
        return found


tree_of: Final[Recent[TreeDocument, Tree]] = Recent(lambda document: document.compose())
"""The document's tree."""
_value_of: Final[Recent[TreeDocument, Any]] = Recent(lambda document: document.reread())
