"""An HCL file as a document: where its parts stand, and edits of them."""

from __future__ import annotations

from collections.abc import Iterable

from batten.formats.hcl.embedded import json_tree
from batten.formats.hcl.nodes import Body
from batten.formats.hcl.places import find, json_within
from batten.formats.lines import lines_of, text_of
from batten.formats.tree import Tree
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import File, Location, Pointer, pointer_text


class HclDocument:
    """Implements `batten.model.source.Document`; pointers are those of `batten.formats.hcl.places`."""

    __slots__ = ("_tree", "body", "file", "json")

    def __init__(self, file: File, body: Body, *, json: bool = False) -> None:
        """`json`: it is written in the JSON syntax."""
        self.file = file
        self.body = body
        self.json = json
        self._tree: tuple[int, Tree | None] = (-1, None)
        """Of the heredoc that was asked about last: findings come resource by resource."""

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Of a block its type and labels are told, not all that stands in it."""
        start, end = self._span(pointer, key=key)
        lines = lines_of(self.file)
        return Location(self.file.path, *lines.place(start), *lines.place(end), pointer_text(pointer))

    def _span(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        found = find(self.body, pointer)
        heredoc = json_within(found) if found.rest else None
        if heredoc is not None and not self.json:
            if self._tree[0] != heredoc.start:
                read = json_tree(text_of(self.file), heredoc)
                self._tree = (heredoc.start, None if read is None else read[0])
            if self._tree[1] is not None:
                return self._tree[1].span(found.rest, key=key)
        if key and not found.rest and found.key is not None:
            return found.key
        text = text_of(self.file)
        start, end = found.start, found.end
        return start, start + len(text[start:end].rstrip())

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        from batten.formats.hcl.edits import splices

        if self.json:
            raise CannotEdit("the JSON syntax of Terraform is not edited: set it where the finding stands")
        return splices(self, edits)
