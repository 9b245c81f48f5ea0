"""Changes of block collections, and of values that stand in them, as splices."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from msgspec import Struct

from batten.formats.tree import MAP, SEQ, Node, Tree
from batten.formats.yaml.emit import Style, is_block
from batten.formats.yaml.lines import Lines
from batten.formats.yaml.style import quote_of, style_at
from batten.model.edits import CannotEdit, Splice
from batten.pattern import pattern

_COLON = pattern(r"[ \t]*:")
_BLOCK_HEADER = pattern(r"[|>][-+0-9]*")


class Slot(Struct, frozen=True):
    """Where a value stands: behind the colon or dash at `lead` - 1 of an entry in `column`.

    `parent` None: it is the root, or what stands in flow style.
    """

    parent: Node | None
    lead: int
    column: int


class Block:
    """The block collections of one document."""

    def __init__(self, tree: Tree, usual: Style) -> None:
        self.tree = tree
        self.text = tree.text
        self.lines = Lines(tree.text)
        self.usual = usual

    # ----------------------------------------------------------------------------------- slots

    def slot(self, parent: Node, index: int) -> Slot:
        """The slot of the value at `index` of a block collection."""
        if parent.kind == SEQ:
            dash = self.dash(parent, index)
            return Slot(parent, dash + 1, self.lines.column(dash))
        key = parent.items[index - 1]
        colon = _COLON.match(self.text, key.end)
        if colon is None:
            raise CannotEdit("its key is written with `?`")
        return Slot(parent, colon.end(), self.lines.column(parent.body))

    def dash(self, sequence: Node, index: int) -> int:
        """Offset of the dash of an item."""
        if index == 0:
            return sequence.body
        column = self.lines.column(sequence.body)
        item = sequence.items[index]
        begin = self.lines.next(sequence.items[index - 1].end)
        while begin <= item.start:
            dash = begin + column
            if self.text[dash : dash + 1] == "-" and not self.text[begin:dash].strip(" "):
                return dash
            begin = self.lines.next(begin)
        raise CannotEdit("the dash of the item was not found")

    def spans(self, node: Node) -> list[tuple[int, int]]:
        """Start and end of every entry, keys and dashes included."""
        if node.kind == SEQ:
            return [(self.dash(node, n), max(item.end, self.dash(node, n) + 1)) for n, item in enumerate(node.items)]
        return [(node.items[n].start, node.items[n + 1].end) for n in range(0, len(node.items), 2)]

    # --------------------------------------------------------------------------------- replace

    def replace(self, slot: Slot, node: Node, value: Any) -> list[Splice]:
        """The value in `slot` becomes another one; a comment behind it stays on its line."""
        if node.block and (node.tag is not None or node.anchor is not None):
            raise CannotEdit("the collection has a tag or an anchor of its own; remove that first")
        _refuse_key_without_text(node)
        if (
            node.style in ("|", ">")
            and self.lines.is_first(node.start)
            and self.lines.column(node.start) <= slot.column
        ):
            raise CannotEdit("a block of text begins left of its key; indent it first")
        if not is_block(value):
            return self._inline(slot, node, value)
        style = self._style_in(slot, node)
        begins_line = self.lines.is_first(node.start)
        if node.block and begins_line and slot.parent is not None:
            lines = style.block(value, self._column_below(slot, node, value, style))
            return [Splice(self.lines.begin(node.body), self.lines.end(node.end), style.newline.join(lines))]
        if slot.parent is None or slot.parent.kind == SEQ or (begins_line and not node.empty):
            return self._compact(slot, node, value, style)
        lines = style.block(value, slot.column + (style.step if isinstance(value, dict) else style.dash))
        return self._below(slot.lead, node, style.newline.join(lines), style)

    def _style_in(self, slot: Slot, node: Node) -> Style:
        return style_at(self.tree, node, slot.parent, self.usual)

    def _column_below(self, slot: Slot, node: Node, value: Any, style: Style) -> int:
        """The column of a collection that takes the lines of another one."""
        if (node.kind == MAP) == isinstance(value, dict):
            return self.lines.column(node.body)
        if slot.parent is not None and slot.parent.kind == SEQ:
            return max(self.lines.column(node.body), slot.column + 2)
        return slot.column + (style.step if isinstance(value, dict) else style.dash)

    def _inline(self, slot: Slot, node: Node, value: Any) -> list[Splice]:
        """Any value becomes one that stands on one line."""
        text = self.usual.scalar(value, quote=node.style if node.style in ("'", '"') else "")
        start = node.body if node.tag is None else node.start
        if node.block:
            if slot.parent is None or not self.lines.is_first(node.body):
                return [Splice(node.body, node.end, text)]
            return [
                Splice(slot.lead, slot.lead, " " + text),
                Splice(self.lines.end(slot.lead), self.lines.end(node.end), ""),
            ]
        if node.style in ("|", ">"):
            header = self._header_end(node)
            return [Splice(start, header, text), Splice(self.lines.end(header), node.end, "")]
        if start == node.end:
            return [Splice(start, start, text if self.text[start - 1] in " \t" else " " + text)]
        return [Splice(start, node.end, text)]

    def _header_end(self, node: Node) -> int:
        """Where `|` or `>` and their indicators end."""
        header = _BLOCK_HEADER.match(self.text, node.body)
        return header.end() if header is not None else node.body + 1

    def _below(self, lead: int, node: Node, lines: str, style: Style) -> list[Splice]:
        """What stands behind a colon becomes a block on the lines below it."""
        if node.style in ("|", ">"):
            header = self._header_end(node)
            line_end = self.lines.end(header)
            return [Splice(lead, header, ""), Splice(line_end, max(line_end, node.end), style.newline + lines)]
        end = max(lead, node.end)
        line_end = self.lines.end(end)
        if not self.lines.rest(end):
            return [Splice(lead, line_end, style.newline + lines)]
        return [Splice(lead, end, ""), Splice(line_end, line_end, style.newline + lines)]

    def _compact(self, slot: Slot, node: Node, value: Any, style: Style) -> list[Splice]:
        """A block that begins where the old value did: behind a dash, or at the root."""
        if slot.parent is None and not node.block and not self.lines.is_first(node.start):
            return self._below(slot.lead, node, style.newline.join(style.block(value, 0)), style)
        start = node.body if node.block else node.start
        empty = node.empty and slot.parent is not None  # the root has text: a tag or an anchor
        column = slot.column + 2 if empty else self.lines.column(start)
        first, *others = style.block(value, column)
        first = first[column:]
        rest = "".join(style.newline + line for line in others)
        if empty:
            end = max(slot.lead, node.end)  # with a tag or an anchor that nobody uses
            line_end = self.lines.end(end)
            if not self.lines.rest(end):
                return [Splice(slot.lead, line_end, " " + first + rest)]
            return [Splice(slot.lead, end, " " + first), *_some(line_end, None, rest)]
        if node.block:
            return [Splice(start, node.end, first + rest)]
        if node.style in ("|", ">"):
            header = self._header_end(node)
            line_end = self.lines.end(header)
            return [Splice(start, header, first), *_some(line_end, max(line_end, node.end), rest)]
        return [Splice(start, node.end, first), *_some(self.lines.end(node.end), None, rest)]

    # ------------------------------------------------------------------------------------- add

    def add(self, node: Node, parent: Node | None, added: dict[str, Any], appended: list[Any]) -> list[Splice]:
        """New keys or items behind the last one, in the column of the others."""
        style = style_at(self.tree, node, parent, self.usual)
        column = self.lines.column(node.body)
        lines = [line for key, value in added.items() for line in style.pair(key, value, column)]
        if appended:
            quote, width = quote_of(node.items), self._width(node)
            lines += [line for item in appended for line in style.item(item, column, quote=quote, width=width)]
        end = self.spans(node)[-1][1]
        # comments that are indented deeper are of what stands above them
        at = self._comments_below(self.lines.next(end), column)
        if at < len(self.text) or self.text[end:at].endswith("\n"):
            return [Splice(at, at, "".join(line + style.newline for line in lines))]
        if _last(node).style in ("|", ">"):
            raise CannotEdit("the file ends in a block of text without a line end; a new line would add one to it")
        return [Splice(at, at, "".join(style.newline + line for line in lines))]

    def _width(self, node: Node) -> int:
        """How far an item's value stands from its dash."""
        item = node.items[0]
        width = self.lines.column(item.start) - self.lines.column(node.body)
        return width if not item.empty and self.lines.begin(item.start) == self.lines.begin(node.body) else 2

    # ---------------------------------------------------------------------------------- remove

    def remove(self, node: Node, removed: Collection[int]) -> list[Splice]:
        """Entries go with their lines, comments behind them on the same line, and the comment lines right below
        that are indented deeper. Comments above stay. At least one entry is left."""
        step = 2 if node.kind == MAP else 1
        gone = {n // step for n in removed}
        spans = self.spans(node)
        found: list[Splice] = []
        number = 0
        if node.kind == MAP and any(_COLON.match(self.text, key.end) is None for key in node.items[::2]):
            raise CannotEdit("a key beside it is written with `?`")
        if not self.lines.is_first(spans[0][0]) and 0 in gone:
            number = next(n for n in range(len(spans)) if n not in gone)
            found.append(self._first_entries(spans, number))
        for n in range(number, len(spans)):
            if n in gone:
                _refuse_key_without_text(node.items[step * n + step - 1])
                found.append(self._whole_lines(*spans[n]))
        if self.lines.next(spans[-1][1]) == len(self.text) and not self.text.endswith("\n"):
            self._keep_file_without_line_end(node, spans, gone, found)
        return found

    def _keep_file_without_line_end(
        self, node: Node, spans: list[tuple[int, int]], gone: Collection[int], found: list[Splice]
    ) -> None:
        """Where the last lines of a file go that has no final line break, the break before them goes, too."""
        first = len(spans)
        while first - 1 in gone and (
            first == len(spans) or not self.text[self.lines.end(spans[first - 1][1]) : spans[first][0]].strip()
        ):
            first -= 1
        if first == len(spans) or not self.lines.is_first(spans[first][0]):
            return
        del found[first - len(spans) :]
        begin = self.lines.begin(spans[first][0])
        step = 2 if node.kind == MAP else 1
        if first == 0 or _last(node.items[step * first - 1]).style not in ("|", ">"):
            begin = self.lines.end(len(self.text[:begin].rstrip()))
        found.append(Splice(begin, len(self.text), ""))  # the break behind a block of text is part of that text

    def _first_entries(self, spans: list[tuple[int, int]], number: int) -> Splice:
        """The first entries stand on a line with the dash of an item: the next one moves there, and so do
        comments that stand between them."""
        start = spans[0][0]
        newline_and_indent = self.usual.newline + " " * self.lines.column(start)
        comments = []
        for (_, end), (following, _) in pairwise(spans[: number + 1]):
            between = self.text[self.lines.end(end) : following].split("\n")
            comments += [line.strip() for line in between if line.strip()]
        return Splice(start, spans[number][0], "".join(line + newline_and_indent for line in comments))

    def _whole_lines(self, start: int, end: int) -> Splice:
        if not self.lines.is_first(start):
            raise CannotEdit("it shares its line with something else")
        rest = self.lines.rest(end)
        if rest and not rest.startswith("#"):
            raise CannotEdit("something else stands on its last line")
        begin, following = self.lines.begin(start), self.lines.next(end)
        return Splice(begin, self._comments_below(following, self.lines.column(start)), "")

    def _comments_below(self, begin: int, column: int) -> int:
        """Past the comment lines from `begin` on that are indented deeper than `column`."""
        while True:
            line = self.text[begin : self.lines.next(begin)]
            content = line.lstrip(" ")
            if not content.startswith("#") or len(line) - len(content) <= column or not line.endswith("\n"):
                return begin
            begin += len(line)


def _some(start: int, end: int | None, text: str) -> list[Splice]:
    """The splice where it does anything; `end` None: an insertion."""
    end = start if end is None else end
    return [Splice(start, end, text)] if text or end > start else []


def _refuse_key_without_text(node: Node) -> None:
    """The `?` of an empty key has no place in the tree; at the end of a collection it would be left behind."""
    while node.block and node.items:
        if node.kind == MAP and node.items[-2].empty and node.items[-1].empty:
            raise CannotEdit("a key without text is written with `?`")
        node = node.items[-1]


def _last(node: Node) -> Node:
    while node.block and node.items:
        node = node.items[-1]
    return node
